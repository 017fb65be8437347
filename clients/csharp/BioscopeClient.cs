using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Bioscope.Client;

/// <summary>
/// Reads the figures of a creator's page from a Bioscope server. One instance may be used by many threads at once. Every call throws
/// <see cref="BioscopeException"/> when the server refuses it, and <see cref="HttpRequestException"/> when the server is not reached.
/// </summary>
public sealed class BioscopeClient
{
    private const string Reports = "api/v1/creators/analytics/";

    private readonly HttpClient _http;
    private readonly Uri _server;
    private readonly Func<CancellationToken, ValueTask<string>> _accessToken;

    /// <summary>A client for one creator.</summary>
    /// <param name="http">Yours, as it is: the client changes nothing of it and does not dispose it.</param>
    /// <param name="server">Where the server is, such as <c>https://stats.example</c>, with its base path if it has one.</param>
    /// <param name="accessToken">
    /// Asked before each call, because a token works for 15 minutes. It may return the same one until that has expired.
    /// </param>
    public BioscopeClient(HttpClient http, Uri server, Func<CancellationToken, ValueTask<string>> accessToken)
    {
        ArgumentNullException.ThrowIfNull(http);
        ArgumentNullException.ThrowIfNull(server);
        ArgumentNullException.ThrowIfNull(accessToken);
        if (!server.IsAbsoluteUri || server.Scheme is not ("http" or "https"))
        {
            throw new ArgumentException("The server's address must begin with http:// or https://.", nameof(server));
        }

        _http = http;
        _server = new Uri(server.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/");
        _accessToken = accessToken;
    }

    /// <summary>A client with a token that it has for as long as it lives.</summary>
    /// <param name="http">As in the other constructor.</param>
    /// <param name="server">As in the other constructor.</param>
    /// <param name="accessToken">The bearer token of the creator.</param>
    public BioscopeClient(HttpClient http, Uri server, string accessToken)
        : this(http, server, _ => ValueTask.FromResult(accessToken)) => ArgumentException.ThrowIfNullOrEmpty(accessToken);

    /// <summary>The up to 15 referrer domains that sent most visits, most first; <c>direct</c> stands for none.</summary>
    /// <param name="days">How many days back from now; the server uses 1 to 365.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<TrafficSources> GetTrafficAsync(int days = 30, CancellationToken cancellationToken = default)
    {
        var address = string.Create(CultureInfo.InvariantCulture, $"traffic?days={days}");
        return SendAsync(HttpMethod.Get, address, body: null, ClientJson.Default.SuccessTrafficSources, cancellationToken);
    }

    /// <summary>Counts metrics by dimensions over a range of time, with filters.</summary>
    /// <param name="query">What to count; at least one metric.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<QueryResponse> QueryAsync(Query query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        var body = JsonSerializer.SerializeToUtf8Bytes(query, ClientJson.Default.Query);
        return SendAsync(HttpMethod.Post, "query", body, ClientJson.Default.SuccessQueryResponse, cancellationToken);
    }

    /// <summary>The sources of visits under the names that people know, with their share and how they were found.</summary>
    /// <param name="options">Range, filters and which rows; by default 30 days and the first 15.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<SourcesResponse> GetSourcesAsync(SourcesOptions? options = null, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Get, "sources" + options?.ToQueryString(), body: null, ClientJson.Default.SuccessSourcesResponse, cancellationToken);

    private async Task<T> SendAsync<T>(
        HttpMethod method, string address, byte[]? body, JsonTypeInfo<Success<T>> type, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, new Uri(_server, Reports + address));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await _accessToken(cancellationToken).ConfigureAwait(false));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        }

        using var response = await _http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        var answer = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
        {
            throw BioscopeException.Of(response, answer);
        }

        try
        {
            return JsonSerializer.Deserialize(answer, type) is { Data: { } data }
                ? data
                : throw BioscopeException.Of(response, answer);
        }
        catch (JsonException)
        {
            throw BioscopeException.Of(response, answer); // something before the server answered, such as a sign-in page
        }
    }
}
