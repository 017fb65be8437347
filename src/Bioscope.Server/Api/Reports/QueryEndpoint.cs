using System.Text;
using System.Text.Json.Serialization;
using Bioscope.Core;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Json;
using Bioscope.Engine.Retention;
using Bioscope.Server.Configuration;
using Bioscope.Server.Web;

namespace Bioscope.Server.Api.Reports;

/// <summary>
/// <c>POST /api/v1/creators/analytics/query</c>, and <c>GET</c> with the same JSON in <c>?q=</c>: any question about the caller's own
/// page, answered exactly as of one instant. <see cref="QueryReader"/> reads the query; 400 has one detail for each invalid field, 503
/// means that the query needs more memory than is free.
/// </summary>
internal static class QueryEndpoint
{
    public static void Map(IEndpointRouteBuilder reports, Settings settings)
    {
        var limit = new ThrottlePolicy("query", settings.QueriesPerMinute, TimeSpan.FromMinutes(1));
        reports.MapPost("query", http => AnswerAsync(http, ReadBodyAsync)).RequireAuthorization().WithMetadata(limit, PageAccess.Viewers);
        reports.MapRead("query", http => AnswerAsync(http, ReadAddress)).RequireAuthorization().WithMetadata(limit, PageAccess.Viewers);
    }

    private static async Task AnswerAsync(HttpContext http, Func<HttpContext, Task<(QueryRequest? Request, ApiError? Refusal)>> read)
    {
        var (page, refusal) = await CallerPage.OfCallerAsync(http);
        if (page is not { } id)
        {
            await Errors.WriteAsync(http, refusal!);
            return;
        }

        (var request, refusal) = await read(http);
        if (request is null)
        {
            await Errors.WriteAsync(http, refusal!);
            return;
        }

        await ApiResponse.OkAsync(
            http, await ReadAsync(http.RequestServices, id, request, http.RequestAborted), QueryJson.Default.SuccessQueryResponse);
    }

    private static async Task<(QueryRequest?, ApiError?)> ReadBodyAsync(HttpContext http)
    {
        var (body, refusal) = await JsonRequest.ReadAsync(http);
        using (body)
        {
            return body is null ? (null, refusal) : Read(body);
        }
    }

    private static Task<(QueryRequest?, ApiError?)> ReadAddress(HttpContext http)
    {
        if (ReportScope.FirstOf(http.Request.QueryString, "q") is not { Length: > 0 } text)
        {
            return Task.FromResult<(QueryRequest?, ApiError?)>((null, ApiError.Invalid("q must be the query as JSON, URL-encoded.")));
        }

        var (body, problem) = JsonBody.Parse(Encoding.UTF8.GetBytes(text), "q");
        using (body)
        {
            return Task.FromResult(body is null ? (null, ApiError.Invalid(problem!)) : Read(body));
        }
    }

    private static (QueryRequest?, ApiError?) Read(JsonBody body)
    {
        var (request, details) = QueryReader.Read(body.Root);
        return request is null ? (null, ApiError.Invalid(details)) : (request, null);
    }

    /// <summary>Runs a query about a page; both ranges are read in one snapshot.</summary>
    public static async Task<QueryResponse> ReadAsync(
        IServiceProvider services, Guid page, QueryRequest request, CancellationToken cancellationToken)
    {
        var zone = request.Zone ?? await services.GetRequiredService<PageZone>().FindAsync(page, cancellationToken);
        var naming = await services.GetRequiredService<PageNaming>().ReadAsync(page, cancellationToken);
        var answers = await services.GetRequiredService<KeptVisits>().AnswerAsync(page, [request], zone, naming, cancellationToken);
        var (query, compared, answer) = answers.Single();
        return new QueryResponse(
            RangeShown.Of(query),
            compared is null ? null : RangeShown.Of(compared),
            answer.Rows,
            answer.RowCount,
            answer.Totals,
            answer.ComparisonTotals);
    }
}

/// <summary>The response to a query: see <see cref="QueryAnswer"/>; metrics in the requested order.</summary>
internal sealed record QueryResponse(
    RangeShown Range,
    RangeShown? ComparisonRange,
    IReadOnlyList<AnswerRow> Rows,
    int RowCount,
    IReadOnlyList<double> Totals,
    IReadOnlyList<double>? ComparisonTotals);

/// <summary>A range as instants in UTC, from inclusive, until exclusive, and the zone of its days.</summary>
internal sealed record RangeShown(string From, string Until, string TimeZone)
{
    public static RangeShown Of(CountQuery query) => new(TextOf(query.Range.From), TextOf(query.Range.Until), query.Zone.Id);

    private static string TextOf(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).ToText();
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Success<QueryResponse>))]
internal sealed partial class QueryJson : JsonSerializerContext;
