using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Bioscope.Core;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Ingest;
using Bioscope.Engine.Retention;
using Bioscope.Engine.Storage;
using Bioscope.Server.Api.Bio;
using Bioscope.Server.Api.Reports;
using Bioscope.Server.Web;

namespace Bioscope.Server.Mcp;

/// <summary>
/// What the tools answer: the figures of the API, without what only a page needs, and in the space that a conversation has.
/// </summary>
internal static class McpAnswers
{
    // Enough to see which addresses a source has.
    private const int MaxDomains = 3;

    private const int MaxDays = 31;

    private const string NamesLinks = """{"metrics":["clicks","clickers"],"dimensions":["link"]}""";

    public static async Task<McpAnswer> QueryAsync(McpCall call)
    {
        var (request, refusal) = Read(call, "{}");
        if (request is null)
        {
            return refusal!;
        }

        var answer = await QueryEndpoint.ReadAsync(call.Services, call.Page, request, call.CancellationToken);
        return McpAnswer.Of(
            answer.Rows, answer.RowCount, request.Offset, rows => Json(answer with { Rows = rows }, QueryJson.Default.QueryResponse));
    }

    public static async Task<McpAnswer> SourcesAsync(McpCall call)
    {
        var (request, refusal) = Read(call, NamedSources.Question);
        if (request is null)
        {
            return refusal!;
        }

        var naming = await call.Services.GetRequiredService<PageNaming>().ReadAsync(call.Page, call.CancellationToken);
        // Addresses of icons are left out.
        var answer = await NamedSources.ReadAsync(call.Services, call.Page, request, naming, publicUrl: null, call.CancellationToken);
        var sources = answer.Sources.Select(source => new ToldSource(
            source.Name, source.Channel, source.Visits, source.Visitors, source.Clicks, source.ClickRate, source.Share,
            [.. source.Domains.Take(MaxDomains)])).ToArray();
        return McpAnswer.Of(sources, answer.SourceCount, request.Offset, rows => Json(
            new ToldSources(answer.Range, answer.Totals, answer.Coverage, rows, answer.SourceCount), McpJson.Default.ToldSources));
    }

    public static async Task<McpAnswer> LinksAsync(McpCall call)
    {
        var (request, refusal) = Read(call, NamesLinks);
        if (request is null)
        {
            return refusal!;
        }

        var services = call.Services;
        var totals = request with
        {
            Metrics = [Metric.Visits, Metric.Views, Metric.Clicks],
            Dimensions = [],
            Order = [new SortKey(Metric.Visits, null, Descending: true)],
            Limit = 1,
            Offset = 0,
        };
        var zone = request.Zone ?? await services.GetRequiredService<PageZone>().FindAsync(call.Page, call.CancellationToken);
        var naming = await services.GetRequiredService<PageNaming>().ReadAsync(call.Page, call.CancellationToken);
        var page = await BioPage.OfIdAsync(services.GetRequiredService<MainDatabase>(), call.Page, call.CancellationToken);
        var answers = await services.GetRequiredService<KeptVisits>().AnswerAsync(
            call.Page, [request, totals], zone, naming, call.CancellationToken);
        var (answer, all) = (answers[0].Answer, answers[1].Answer.Totals);
        var links = (page?.Links ?? []).ToDictionary(link => link.Id.ToString("D"));
        // One that was deleted keeps its clicks. Visits without a click have no link.
        var clicked = answer.Rows.Where(row => row.Dimensions[0] is not null).Select(row => new ToldLink(
            row.Dimensions[0]!, links.GetValueOrDefault(row.Dimensions[0]!)?.Title, links.GetValueOrDefault(row.Dimensions[0]!)?.Url,
            (long)row.Metrics[0], (long)row.Metrics[1], Percentage.WithTwoDecimals((long)row.Metrics[0], (long)all[1]))).ToArray();
        var isWhole = request.Offset == 0 && answer.RowCount == answer.Rows.Count;
        var others = isWhole
            ? links.Values.Where(link => link is { Active: true, Url.Length: > 0 })
                .ExceptBy(clicked.Select(link => link.Id), link => link.Id.ToString("D")).Select(link => link.Title).ToArray()
            : null;
        var (range, sums) = (RangeShown.Of(answers[0].Query), new ToldTotals((long)all[0], (long)all[1], (long)all[2]));
        return McpAnswer.Of(clicked, answer.RowCount, request.Offset, rows => Json(
            new ToldLinks(range, sums, rows, answer.RowCount, others), McpJson.Default.ToldLinks));
    }

    public static async Task<McpAnswer> DropsAsync(McpCall call)
    {
        var days = Days.Default;
        if (call.Arguments.TryGetProperty("days", out var given) && given.ValueKind != JsonValueKind.Null
            && !(given.ValueKind == JsonValueKind.Number && given.TryGetInt32(out days) && days is >= Days.Min and <= Days.Max))
        {
            return McpAnswer.Refused([FormattableString.Invariant($"days must be a whole number from {Days.Min} to {Days.Max}.")]);
        }

        var now = call.Services.GetRequiredService<TimeProvider>().GetUtcNow();
        await call.Services.GetRequiredService<DropCounter>().TryFlushAsync(call.Page);
        var scope = ReportScope.Of(call.Services, call.Page, days, Days.Since(now, days));
        var drops = await Drops.ReadAsync(scope, now, call.CancellationToken);
        var text = Json(drops with { Daily = [.. drops.Daily.TakeLast(MaxDays)] }, DropsJson.Default.Drops);
        return new McpAnswer(text, drops.Daily.Count <= MaxDays ? null : FormattableString.Invariant(
            $"Shown are the last {MaxDays} of {drops.Daily.Count} days with drops; total and reasons are of all."));
    }

    /// <summary>Reads the arguments as the fields of a query, with those that the tool adds.</summary>
    private static (QueryRequest? Request, McpAnswer? Refusal) Read(McpCall call, string question)
    {
        var query = JsonNode.Parse(question)!.AsObject();
        foreach (var argument in call.Arguments.EnumerateObject())
        {
            query[argument.Name] = JsonNode.Parse(argument.Value.GetRawText());
        }

        query["limit"] ??= McpSchema.DefaultRows;
        using var json = JsonDocument.Parse(query.ToJsonString());
        var (request, details) = QueryReader.Read(json.RootElement);
        return request is null ? (null, McpAnswer.Refused([.. details.Select(detail => detail.ToString())]))
            : request.Limit > McpSchema.MaxRows ? (null, McpAnswer.Refused(
                [$"limit must be at most {McpSchema.MaxRows} here, so that the answer stays small. Ask for the rest with offset."]))
            : (request, null);
    }

    private static string Json<T>(T value, JsonTypeInfo<T> json) => Encoding.UTF8.GetString(ApiJson.Utf8(value, json).Span);
}

/// <summary>A source, without icon and rungs.</summary>
internal sealed record ToldSource(
    string Name, string Channel, long Visits, long Visitors, long Clicks, double ClickRate, double Share,
    IReadOnlyList<SourceDomain> Domains);

/// <summary>Where visits came from.</summary>
internal sealed record ToldSources(
    RangeShown Range, SourceTotals Totals, Coverage Coverage, IReadOnlyList<ToldSource> Sources, int SourceCount);

/// <summary>A link with clicks; without title and address if it was deleted.</summary>
internal sealed record ToldLink(string Id, string? Title, string? Url, long Clicks, long Clickers, double ClicksPer100Views);

/// <summary>Of all visits in the range.</summary>
internal sealed record ToldTotals(long Visits, long Views, long Clicks);

/// <summary>Clicks on links, and the titles of the active links without one; null where not all rows are shown.</summary>
internal sealed record ToldLinks(
    RangeShown Range, ToldTotals Totals, IReadOnlyList<ToldLink> Links, int LinkCount, IReadOnlyList<string>? WithoutClicks);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ToldSources))]
[JsonSerializable(typeof(ToldLinks))]
internal sealed partial class McpJson : JsonSerializerContext;
