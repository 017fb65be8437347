using System.Globalization;
using Bioscope.Server.Configuration;
using OpenTelemetry.Exporter;

namespace Bioscope.Server.Operations;

/// <summary>
/// Sends to the receiver what the library exports, and finds out whether it was taken: the library says so to nobody. No redirect is
/// followed, because the headers may have a secret.
/// </summary>
internal sealed class OtlpSender : DelegatingHandler
{
    // What is answered is a few bytes: the library asks nobody for more.
    private const int MaxAnswer = 64 * 1024;

    private readonly Action<string?> _sent;

    /// <param name="sent">Called after each request with the reason why it was not taken, or null.</param>
    private OtlpSender(Action<string?> sent)
        : base(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ActivityHeadersPropagator = null,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        }) => _sent = sent;

    /// <summary>Gives the library the receiver's address, protocol and headers, and this sender.</summary>
    /// <param name="options">The library's.</param>
    /// <param name="receiver">The receiver.</param>
    /// <param name="path">What follows its address over HTTP, such as <c>v1/traces</c>.</param>
    /// <param name="sent">See the constructor.</param>
    public static void Apply(OtlpExporterOptions options, OtlpReceiver receiver, string path, Action<string?> sent)
    {
        options.Protocol = receiver.IsGrpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
        options.Endpoint = receiver.IsGrpc ? receiver.Endpoint : new Uri($"{receiver.Endpoint.AbsoluteUri.TrimEnd('/')}/{path}");
        options.Headers = receiver.Headers;
        options.HttpClientFactory = () => new HttpClient(new OtlpSender(sent))
        {
            Timeout = TimeSpan.FromMilliseconds(options.TimeoutMilliseconds),
            MaxResponseContentBufferSize = MaxAnswer,
        };
    }

    /// <summary>The library's way over HTTP.</summary>
    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            var response = base.Send(request, cancellationToken);
            _sent(ProblemOf(response));
            return response;
        }
        catch (Exception e)
        {
            _sent(ProblemOf(e));
            throw;
        }
    }

    /// <summary>The library's way over gRPC.</summary>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            var response = await base.SendAsync(request, cancellationToken);
            await response.Content.LoadIntoBufferAsync(MaxAnswer, cancellationToken); // its status comes last
            _sent(ProblemOf(response));
            return response;
        }
        catch (Exception e)
        {
            _sent(ProblemOf(e));
            throw;
        }
    }

    // The receiver's own words stay out of the log.
    private static string? ProblemOf(HttpResponseMessage response)
    {
        if (!response.IsSuccessStatusCode)
        {
            return string.Create(CultureInfo.InvariantCulture, $"it answered {(int)response.StatusCode}");
        }

        const string Status = "grpc-status";
        return (response.TrailingHeaders.TryGetValues(Status, out var values) || response.Headers.TryGetValues(Status, out values))
            && int.TryParse(values.First(), NumberStyles.None, CultureInfo.InvariantCulture, out var status) && status != 0
            ? string.Create(CultureInfo.InvariantCulture, $"it answered gRPC status {status}")
            : null;
    }

    private static string ProblemOf(Exception failure) =>
        failure is OperationCanceledException ? "it did not answer in time" : failure.GetBaseException().Message;
}
