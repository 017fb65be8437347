using Bioscope.Engine.Counting;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Storage;
using Bioscope.Server.Api.Bio;
using Bioscope.Server.Api.Reports;

namespace Bioscope.Server.Dashboard;

/// <summary>The dashboard's figures for a period, all as of one instant, and the headline figures of the compared period.</summary>
/// <param name="Range">The period; for all time it is known only after the query.</param>
/// <param name="Totals">The totals.</param>
/// <param name="Before">The totals of the comparison; null where there is none.</param>
/// <param name="Trend">By <see cref="Timeframe.Grain"/>, one for each in the period.</param>
/// <param name="Leaders">The sources with the most visits, whatever the block of sources shows.</param>
/// <param name="Sources">By source; by channel where that is asked for; by domain when a single source is shown.</param>
/// <param name="Coverage">How many visits have a known source.</param>
/// <param name="Countries">By country.</param>
/// <param name="Devices">By device class.</param>
/// <param name="Links">Clicks by link.</param>
/// <param name="Hidden">The visits that are in none of them.</param>
internal sealed record Figures(
    InstantRange Range, Counted Totals, Counted? Before, IReadOnlyList<AnswerRow> Trend, TopValues Leaders, TopValues Sources,
    Coverage Coverage, TopValues Countries, TopValues Devices, PageLinks Links, HiddenVisits Hidden)
{
    private const string FirstSession = """
        -- first session
        SELECT MIN("startedAt") FROM "AnalyticsSession" WHERE "bioPageId" = @page
        """;

    private static readonly Dimension Source = Dimension.Named("source")!, Channel = Dimension.Named("channel")!;
    private static readonly Dimension Domain = Dimension.Named("referrerDomain")!, Rung = Dimension.Named("rung")!;
    private static readonly Dimension Link = Dimension.Named("link")!;
    private static readonly Dimension Country = Dimension.Named("country")!, Device = Dimension.Named("device")!;

    /// <summary>The maximum of sources and devices listed, and of countries, which the map also shows.</summary>
    public const int MaxSources = 10, MaxDevices = 6, MaxCountries = 100;

    /// <summary>The one link whose clicks these are; null for all links.</summary>
    public Guid? OnlyLink { get; private init; }

    /// <summary>What other tools counted on days of the period, imported as sums; the chart shows it apart.</summary>
    public IReadOnlyList<ImportedDay> Imported { get; init; } = [];

    /// <summary>Asks the engine for everything in one call.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="desk">The page, the period and the filters.</param>
    /// <param name="onlyLink">The one link whose clicks are counted; all else is not restricted to it. Null for all links.</param>
    /// <param name="cancellationToken">Cancels reading.</param>
    public static async Task<Figures> ReadAsync(QueryEngine engine, Desk desk, Guid? onlyLink, CancellationToken cancellationToken)
    {
        var (page, timeframe, address) = (desk.Page, desk.Timeframe, desk.Address);
        var questions = new Questions(timeframe, address);
        var source = SourcesOf(address);
        QueryRequest[] requests =
        [
            questions.Totals(),
            questions.Trend(),
            questions.Top(source, Metric.Visits, MaxSources),
            questions.Top(Country, Metric.Visits, MaxCountries),
            questions.Top(Device, Metric.Visits, MaxDevices),
            PageLinks.Question(questions),
            questions.Top(Rung, Metric.Visits, Questions.All),
            // Asked only where there may be any.
            .. desk.Naming.Hides ? [questions.Hidden()] : (QueryRequest[])[],
            // The headline is about sources, whatever the block of sources shows.
            .. source == Source ? (QueryRequest[])[] : [questions.Top(Source, Metric.Visits, MaxSources)],
        ];
        var clicks = onlyLink is { } link ? ClicksOn(link, timeframe, address) : [];
        var all = await engine.AnswerAsync(page.Id, [.. requests, .. clicks], timeframe.Zone, desk.Naming, cancellationToken);
        var answers = all.Take(requests.Length).ToArray();
        var totals = answers[0].Answer;
        var figures = new Figures(
            answers[0].Query.Range,
            Counted.Of(totals.Totals),
            IsComparable(desk) && totals.ComparisonTotals is { } before ? Counted.Of(before) : null,
            answers[1].Answer.Rows,
            TopValues.Of(Source, (source == Source ? answers[2] : answers[^1]).Answer, desk.Dimensions, page.Links),
            TopValues.Of(source, answers[2].Answer, desk.Dimensions, page.Links),
            Coverage.Of(answers[6].Answer),
            TopValues.Of(Country, answers[3].Answer, desk.Dimensions, page.Links),
            TopValues.Of(Device, answers[4].Answer, desk.Dimensions, page.Links),
            PageLinks.Of(page.Links, answers[5].Answer, (long)totals.Totals[0]),
            desk.Naming.Hides ? HiddenVisits.Of(answers[7].Answer) : new HiddenVisits(0, 0));
        return onlyLink is { } one ? figures.WithClicksOn(one, all[^2].Answer, all[^1].Answer) : figures;
    }

    /// <summary>The questions for the clicks on one link: in total and over time.</summary>
    private static QueryRequest[] ClicksOn(Guid link, Timeframe timeframe, Address address)
    {
        var only = address with { Filters = [.. address.Filters, new Filter(FilterOperator.Is, Link, [link.ToString("D")])] };
        var questions = new Questions(timeframe, only);
        return [questions.Totals(), questions.Trend()];
    }

    private Figures WithClicksOn(Guid link, QueryAnswer totals, QueryAnswer trend) => this with
    {
        OnlyLink = link,
        Totals = Totals.WithClicks(Counted.Of(totals.Totals).Clicks),
        Before = Before?.WithClicks(Counted.Of(totals.ComparisonTotals!).Clicks),
        // Both have one row for each of the same units of time: views of the first, clicks of the second.
        Trend = [.. Trend.Zip(trend.Rows, (views, clicks) => views with { Metrics = [views.Metrics[0], clicks.Metrics[1]] })],
        Links = Links with { Clicked = [.. Links.Clicked.Where(clicked => clicked.Link.Id == link)], GoneLinks = 0, GoneClicks = 0 },
    };

    /// <summary>What the block of sources shows: of a single channel its sources, of a single source its domains.</summary>
    private static Dimension SourcesOf(Address address) =>
        address.ShowsChannels && address.Single("channel") is null ? Channel
        : address.Single("source") is null ? Source
        : Domain;

    // A page whose first visit came after the start of the compared period would seem to grow.
    private static bool IsComparable(Desk desk) =>
        desk.FirstVisit is { } first && desk.Timeframe.Comparison is { } compared && first.ToUnixTimeMilliseconds() <= compared.From;

    /// <summary>The first visit to the page; null when there was none.</summary>
    public static async Task<DateTimeOffset?> FirstVisitAsync(AnalyticsDatabase analytics, Guid page, CancellationToken cancellationToken)
    {
        var first = await analytics.QueryAsync(
            FirstSession, row =>
                row.IsDBNull(0) ? (DateTimeOffset?)null : analytics.Dialect.ReadInstant(row, 0), cancellationToken, ("@page", page));
        return first[0];
    }
}

/// <summary>Visits that are in no figure: hidden by the creator's rules, or as known referrer spam.</summary>
internal sealed record HiddenVisits(long ByRules, long AsSpam)
{
    /// <summary>From the engine's result by rule: what no rule hides is spam.</summary>
    public static HiddenVisits Of(QueryAnswer byRule)
    {
        var spam = byRule.Rows.Where(row => row.Dimensions[0] is null).Sum(row => (long)row.Metrics[0]);
        return new HiddenVisits((long)byRule.Totals[0] - spam, spam);
    }
}

/// <summary>The values of a dimension with the most visits.</summary>
/// <param name="Dimension">The dimension of the values.</param>
/// <param name="Rows">Most visits first; values with the same display name are merged.</param>
/// <param name="RowCount">The total number of values as the engine distinguishes them.</param>
/// <param name="Total">All visits.</param>
internal sealed record TopValues(Dimension Dimension, IReadOnlyList<TopValue> Rows, int RowCount, long Total)
{
    /// <summary>The visits of the values that are not listed.</summary>
    public long Others => Total - Rows.Sum(row => row.Visits);

    public static TopValues Of(Dimension dimension, QueryAnswer answer, DimensionWords words, IReadOnlyList<BioLink> links)
    {
        var total = (long)answer.Totals[0];
        var rows = answer.Rows
            .Select(row => (Value: row.Dimensions[0], Visits: (long)row.Metrics[0]))
            .GroupBy(row => words.ValueOf(dimension, row.Value, links))
            .Select(group => new TopValue(group.Key, [.. group.Select(row => row.Value)], group.Sum(row => row.Visits), total))
            .OrderByDescending(row => row.Visits);
        return new TopValues(dimension, [.. rows], answer.RowCount, total);
    }
}

/// <summary>A value's display name, its values in the engine, and its visits.</summary>
internal sealed record TopValue(string Name, IReadOnlyList<string?> Values, long Visits, long Total)
{
    /// <summary>The share of all visits in whole percent.</summary>
    public int Percentage => Core.Percentage.Of(Visits, Total);

    /// <summary>The first value, for its picture.</summary>
    public string Value => Values[0] ?? "";
}
