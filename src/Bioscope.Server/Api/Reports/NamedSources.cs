using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Bioscope.Core;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Retention;
using Bioscope.Server.Configuration;
using Bioscope.Server.Web;
using NodaTime;
using NodaTime.Extensions;

namespace Bioscope.Server.Api.Reports;

/// <summary>
/// <c>GET /api/v1/creators/analytics/sources</c>: where the visits to the caller's page came from, by the ladder, ready to show. Parameters:
/// <c>days</c> as in the published reports, or <c>range</c>, <c>timeZone</c> and <c>filters</c> as in a query; <c>limit</c> (1 to 10,000, default
/// 15) and <c>offset</c>. All figures are of one instant, and what is shown and <c>rest</c> add up to <c>totals</c>.
/// </summary>
internal static class NamedSources
{
    private const string DefaultLimit = "15";

    /// <summary>The fields of the query that counts the sources, as JSON; what is asked comes on top.</summary>
    public const string Question = """
        {"metrics":["visits","visitors","clicks","clickRate","share"],"dimensions":["source"],"orderBy":[["visits","desc"],["source","asc"]]}
        """;

    // Of one parameter; a query that has it is one deeper, and 64 is what the parser takes.
    private const int MaxDepth = 32;

    private static readonly string[] Parameters = ["range", "timeZone", "filters", "limit", "offset"];

    public static void Map(IEndpointRouteBuilder reports, Settings settings)
    {
        reports.MapRead("sources", http => CallerPage.WithOwnAsync(http, page => AnswerAsync(http, page, naming => naming))).RequireAuthorization()
            .WithMetadata(PageAccess.Viewers, new ThrottlePolicy("report sources", settings.ReportsPerMinute, TimeSpan.FromMinutes(1)));
        SourceIcons.Map(reports);
    }

    /// <summary>Answers by the parameters of the address.</summary>
    /// <param name="http">The request.</param>
    /// <param name="page">The caller's page.</param>
    /// <param name="changed">What the creator says instead of what is stored.</param>
    public static async Task AnswerAsync(HttpContext http, Guid page, Func<Naming, Naming> changed)
    {
        var (request, details) = Read(http.Request.QueryString);
        if (request is null)
        {
            await Errors.WriteAsync(http, ApiError.Invalid(details));
            return;
        }

        var naming = changed(await http.RequestServices.GetRequiredService<PageNaming>().ReadAsync(page, http.RequestAborted));
        if (ReportScope.FirstOf(http.Request.QueryString, "range") is null)
        {
            var zone = request.Zone ?? await http.RequestServices.GetRequiredService<PageZone>().FindAsync(page, http.RequestAborted);
            request = request with { Range = DaysOf(http, zone) };
        }

        var services = http.RequestServices;
        var publicUrl = services.GetRequiredService<Settings>().PublicUrl ?? http.Request.PathBase.Value;
        await ApiResponse.OkAsync(
            http, await ReadAsync(services, page, request, naming, publicUrl, http.RequestAborted), SourcesJson.Default.SuccessSourcesResponse);
    }

    /// <summary>Counts the sources of a page.</summary>
    /// <param name="services">The server's services.</param>
    /// <param name="page">The page.</param>
    /// <param name="request">The question by source; the others are made of it.</param>
    /// <param name="naming">What the creator says of where visits come from.</param>
    /// <param name="publicUrl">Where browsers reach this server.</param>
    /// <param name="cancellationToken">Cancels counting.</param>
    public static async Task<SourcesResponse> ReadAsync(
        IServiceProvider services, Guid page, QueryRequest request, Naming naming, string? publicUrl, CancellationToken cancellationToken)
    {
        var zone = request.Zone ?? await services.GetRequiredService<PageZone>().FindAsync(page, cancellationToken);
        QueryRequest[] requests =
        [
            request with { Limit = int.MaxValue, Offset = 0 },
            By([Metric.Visits], "rung"),
            By([Metric.Visits], "source", "rung"),
            By([Metric.Visits, Metric.Views, Metric.Clicks], "source", "channel"), // a source without visits may have views of earlier ones
            By([Metric.Visits], "source", "referrerDomain"),
        ];
        var answers = await services.GetRequiredService<KeptVisits>().AnswerAsync(page, requests, zone, naming, cancellationToken);
        return SourcesResponse.Of(answers, request, publicUrl);

        // Most visits first, equal ones by name.
        QueryRequest By(EquatableList<Metric> metrics, params string[] names)
        {
            var dimensions = names.Select(name => Dimension.Named(name)!).ToArray();
            return request with
            {
                Metrics = metrics,
                Dimensions = [.. dimensions],
                Order = [new SortKey(Metric.Visits, null, Descending: true), new SortKey(null, dimensions[^1], Descending: false)],
                Limit = int.MaxValue,
                Offset = 0,
            };
        }
    }

    /// <summary>The window of the published reports, up to the next local midnight.</summary>
    private static RangeRequest.Instants DaysOf(HttpContext http, DateTimeZone zone)
    {
        var now = http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
        var since = Days.Since(now, Days.Parse(ReportScope.FirstOf(http.Request.QueryString, "days")));
        var tomorrow = now.ToInstant().InZone(zone).Date.PlusDays(1);
        return new RangeRequest.Instants(new InstantRange(
            since.ToUnixTimeMilliseconds(), zone.AtStartOfDay(tomorrow).ToInstant().ToUnixTimeMilliseconds()));
    }

    /// <summary>Reads the parameters as the fields of a query, so that what is wrong with them is said in the same words.</summary>
    private static QueryReading Read(QueryString parameters)
    {
        var query = new StringBuilder(Question.TrimEnd('}'));
        foreach (var name in Parameters)
        {
            var text = ReportScope.FirstOf(parameters, name) ?? (name == "limit" ? DefaultLimit : null);
            query.Append(text is null ? "" : $",\"{name}\":{Json(text)}");
        }

        using var body = JsonDocument.Parse(query.Append('}').ToString());
        return QueryReader.Read(body.RootElement);
    }

    /// <summary>JSON as it is, or a text such as <c>30d</c> with its quotation marks.</summary>
    private static string Json(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = MaxDepth });
            if (json.RootElement.ValueKind != JsonValueKind.Null) // in a query it stands for what is absent, but this is there
            {
                return text;
            }
        }
        catch (JsonException)
        {
            // A text.
        }

        return $"\"{JsonEncodedText.Encode(text)}\"";
    }
}

/// <summary>The response.</summary>
/// <param name="Range">The range.</param>
/// <param name="Totals">Of all visits in it.</param>
/// <param name="Coverage">How many of them have a known source.</param>
/// <param name="Sources">Most visits first, equal ones by name.</param>
/// <param name="SourceCount">How many sources there are in all.</param>
/// <param name="Rest">What limit and offset leave out.</param>
internal sealed record SourcesResponse(
    RangeShown Range, SourceTotals Totals, Coverage Coverage, IReadOnlyList<NamedSource> Sources, int SourceCount, SourceRest Rest)
{
    /// <param name="answers">By source; by rung; by source and rung, channel, domain; all with all rows.</param>
    /// <param name="request">Which of the sources are shown.</param>
    /// <param name="publicUrl">Where browsers reach this server.</param>
    public static SourcesResponse Of(IReadOnlyList<AnsweredQuery> answers, QueryRequest request, string? publicUrl)
    {
        var (sources, totals) = (answers[0].Answer, answers[0].Answer.Totals);
        var (rungsOf, channelsOf, domainsOf) = (BySource(answers[2]), BySource(answers[3]), BySource(answers[4]));
        // Views and clicks of an unknown visit, which an import may bring, have no source.
        var known = sources.Rows.Where(row => row.Dimensions[0] is not null).ToArray();
        var shown = known.Skip(request.Offset).Take(request.Limit).Select(row => Source(row.Dimensions[0]!, row.Metrics)).ToArray();
        var visits = (long)totals[0];
        return new SourcesResponse(
            RangeShown.Of(answers[0].Query),
            new SourceTotals(visits, (long)totals[1], (long)totals[2]),
            Coverage.Of(answers[1].Answer),
            shown,
            known.Length,
            new SourceRest(visits - shown.Sum(source => source.Visits)));

        NamedSource Source(string name, IReadOnlyList<double> metrics) => new(
            SourceIcons.KeyOf(name),
            name,
            SourceIcons.AddressOf(name, publicUrl),
            channelsOf[name].Select(channel => channel.Value).FirstOrDefault() ?? Channel.Referral,
            (long)metrics[0],
            (long)metrics[1],
            (long)metrics[2],
            metrics[3],
            metrics[4],
            Coverage.All(rungsOf[name].ToDictionary(rung => rung.Value, rung => rung.Visits)),
            [.. domainsOf[name].Select(domain => new SourceDomain(domain.Value, domain.Visits))]);
    }

    private static ILookup<string, (string Value, long Visits)> BySource(AnsweredQuery answered) => answered.Answer.Rows.ToLookup(
        row => row.Dimensions[0]!, row => (row.Dimensions[1]!, (long)row.Metrics[0]));
}

/// <summary>Of all visits in the range.</summary>
internal sealed record SourceTotals(long Visits, long Visitors, long Clicks);

/// <summary>How many visits have a known source.</summary>
/// <param name="Attributed">Those whose rung is not <c>none</c>, in percent with two decimals.</param>
/// <param name="Rungs">Visits by rung, all six.</param>
internal sealed record Coverage(double Attributed, IReadOnlyDictionary<string, long> Rungs)
{
    /// <summary>The visits whose rung is not <c>none</c>.</summary>
    public long Known() => Rungs.Values.Sum() - Rungs[Rung.None];

    /// <param name="byRung">Visits by rung.</param>
    public static Coverage Of(QueryAnswer byRung)
    {
        var rungs = All(byRung.Rows.ToDictionary(row => row.Dimensions[0]!, row => (long)row.Metrics[0]));
        var visits = (long)byRung.Totals[0];
        return new Coverage(Percentage.WithTwoDecimals(visits - rungs[Rung.None], visits), rungs);
    }

    /// <summary>Visits by rung, with zeros where there are none.</summary>
    public static Dictionary<string, long> All(Dictionary<string, long> visits) =>
        Rung.All.ToDictionary(rung => rung, rung => visits.GetValueOrDefault(rung));
}

/// <summary>A source.</summary>
/// <param name="Key">Its name in addresses.</param>
/// <param name="Name">Its name.</param>
/// <param name="Icon">The address of its mark; null where it has none.</param>
/// <param name="Channel">The channel with most of its visits.</param>
/// <param name="Visits">Its visits.</param>
/// <param name="Visitors">Their distinct visitors.</param>
/// <param name="Clicks">Clicks in the range.</param>
/// <param name="ClickRate">Clicks for each 100 views.</param>
/// <param name="Share">Its visits in percent of all.</param>
/// <param name="Rungs">Its visits by rung, all six.</param>
/// <param name="Domains">Its visits by referrer domain, <c>direct</c> included; most first.</param>
internal sealed record NamedSource(
    string Key,
    string Name,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Icon,
    string Channel,
    long Visits,
    long Visitors,
    long Clicks,
    double ClickRate,
    double Share,
    IReadOnlyDictionary<string, long> Rungs,
    IReadOnlyList<SourceDomain> Domains);

/// <summary>A referrer domain and its visits.</summary>
internal sealed record SourceDomain(string Domain, long Visits);

/// <summary>What is not shown.</summary>
internal sealed record SourceRest(long Visits);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Success<SourcesResponse>))]
internal sealed partial class SourcesJson : JsonSerializerContext;
