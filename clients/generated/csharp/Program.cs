// Calls a real server by the client that Kiota makes of its document.
using Generated;
using Generated.Models;
using Microsoft.Kiota.Abstractions.Authentication;
using Microsoft.Kiota.Http.HttpClientLibrary;

static void Expect(bool isTrue, string what)
{
    if (!isTrue)
    {
        throw new InvalidOperationException($"Not as expected: {what}");
    }
}

var token = Environment.GetEnvironmentVariable("BIOSCOPE_TOKEN")!;
// The server's address is in the document.
var client = new GeneratedClient(new HttpClientRequestAdapter(new BaseBearerTokenAuthenticationProvider(new GivenToken(token))));
var reports = client.Api.V1.Creators.Analytics;

var traffic = (await reports.Traffic.GetAsTrafficGetResponseAsync(request => request.QueryParameters.Days = 30))!.Data!;
Expect(traffic.Sources is [{ Visits: > 0 }, ..], "traffic has sources");

var answer = await reports.Query.PostAsQueryPostResponseAsync(new Query
{
    Metrics = [Query_metrics.Visits, Query_metrics.Share],
    Dimensions = [Query_dimensions.Source],
    Range = new() { String = ["2026-01-01", "2026-12-31"] },
    Compare = new() { QueryCompareString = "previous" },
});
Expect(answer!.Success == true && answer.Data!.Rows!.Count > 1 && answer.Data.ComparisonRange!.From is not null, "query has rows and a comparison");

var named = await reports.Sources.GetAsSourcesGetResponseAsync(request =>
{
    request.QueryParameters.Range = "7d";
    request.QueryParameters.Limit = 2;
});
Expect(named!.Data!.Sources!.Count == 2, "sources has two");

try
{
    await reports.Sources.GetAsSourcesGetResponseAsync(request => request.QueryParameters.TimeZone = "Nowhere/None");
    Expect(false, "an unknown zone is refused");
}
catch (Failure failure)
{
    Expect(failure is { ResponseStatusCode: 400, Error.Code: FailureError_code.VALIDATION_ERROR }, "it says why");
}

Console.WriteLine("Kiota: traffic, query and sources answer; refusals are typed.");

internal sealed class GivenToken(string token) : IAccessTokenProvider
{
    public AllowedHostsValidator AllowedHostsValidator { get; } = new();

    public Task<string> GetAuthorizationTokenAsync(
        Uri uri, Dictionary<string, object>? additionalAuthenticationContext = null, CancellationToken cancellationToken = default) =>
        Task.FromResult(token);
}
