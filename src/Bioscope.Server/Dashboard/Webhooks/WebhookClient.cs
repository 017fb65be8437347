using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Bioscope.Core;
using Bioscope.Server.Configuration;

namespace Bioscope.Server.Dashboard.Webhooks;

/// <summary>
/// Posts to addresses that creators choose. It connects only to public addresses, checked when it connects, so that a name which leads
/// somewhere else by then does not help; follows no redirect; and reads nothing of an answer but its status.
/// </summary>
internal sealed class WebhookClient : IDisposable
{
    // A receiver answers and works afterwards; others wait behind it.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly IReadOnlyList<IPNetwork> _allowed;
    private readonly HttpClient _http;

    public WebhookClient(Settings settings)
    {
        _allowed = settings.WebhooksAllowed;
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ConnectTimeout = Patience,
            MaxResponseHeadersLength = 16, // KB
            // Each post asks again where the name leads.
            PooledConnectionLifetime = TimeSpan.Zero,
            ActivityHeadersPropagator = null,
            ConnectCallback = ConnectAsync,
        })
        { Timeout = Patience };
    }

    /// <summary>Posts a body.</summary>
    /// <returns>The status of the answer, or why there was none.</returns>
    public async Task<(int? Status, string? Problem)> PostAsync(
        string url, string body, IEnumerable<(string Name, string Value)> headers, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("Bioscope", null));
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        try
        {
            using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            var status = (int)answer.StatusCode;
            return (status, answer.IsSuccessStatusCode ? null : status is >= 300 and < 400 ? "it redirects, which is not followed" : $"it answered {status}");
        }
        catch (HttpRequestException e)
        {
            return (null, e.InnerException is PrivateAddressException refused ? refused.Message : WordsOf(e));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, $"no answer in {Patience.TotalSeconds} seconds");
        }
    }

    public void Dispose() => _http.Dispose();

    // Nothing that tells a port that is open within our network from one that is not: those are never tried.
    private static string WordsOf(HttpRequestException failure) => failure.HttpRequestError switch
    {
        HttpRequestError.NameResolutionError => "no server has that name",
        HttpRequestError.ConnectionError => "no connection could be made",
        HttpRequestError.SecureConnectionError => "no trusted TLS connection could be made",
        _ => "what it answered is not HTTP",
    };

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await Dns.GetHostAddressesAsync(host, cancellationToken);
        if (Array.FindAll(addresses, IsAllowed) is not { Length: > 0 } allowed)
        {
            throw new PrivateAddressException();
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private bool IsAllowed(IPAddress address) => PublicAddress.IsPublic(address)
        || _allowed.Any(network => network.Contains(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address));

    private sealed class PrivateAddressException() : IOException("its address is not a public one; the operator can allow it by Webhooks:Allowed");
}
