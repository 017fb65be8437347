using Bioscope.Engine.Counting;
using Bioscope.Engine.Storage;
using Bioscope.Server.Api.Bio;
using Bioscope.Server.Web;
using NodaTime;

namespace Bioscope.Server.Dashboard.Mails;

/// <summary>The figures of a report, all as of one instant.</summary>
/// <param name="Page">The page.</param>
/// <param name="Period">The week or month.</param>
/// <param name="Totals">The totals.</param>
/// <param name="Before">Those of the period before; null where the page was not visited yet when that began.</param>
/// <param name="Sources">Visits by source, most first.</param>
/// <param name="Links">Clicks by link, most first.</param>
internal sealed record Report(
    BioPage Page, ReportPeriod Period, Counted Totals, Counted? Before, IReadOnlyList<ReportRow> Sources, IReadOnlyList<ReportRow> Links)
{
    private static readonly Dimension Source = Dimension.Named("source")!, Link = Dimension.Named("link")!;

    /// <summary>Asks the engine, with the names of values in the reader's language; null when there is no such page.</summary>
    public static async Task<Report?> ReadAsync(
        IServiceProvider services, Guid pageId, ReportPeriod period, DateTimeZone zone, DimensionWords words, CancellationToken cancellationToken)
    {
        if (await BioPage.OfIdAsync(services.GetRequiredService<MainDatabase>(), pageId, cancellationToken) is not { } page)
        {
            return null;
        }

        QueryRequest[] requests =
        [
            Asking(period.Range, Counted.Metrics, []), Asking(period.Before, Counted.Metrics, []),
            Asking(period.Range, [Metric.Visits], [Source]), Asking(period.Before, [Metric.Visits], [Source]),
            Asking(period.Range, [Metric.Clicks], [Link]), Asking(period.Before, [Metric.Clicks], [Link]),
        ];
        var naming = await services.GetRequiredService<PageNaming>().ReadAsync(pageId, cancellationToken);
        var answers = await services.GetRequiredService<QueryEngine>().AnswerAsync(pageId, requests, zone, naming, cancellationToken);
        var first = await Figures.FirstVisitAsync(services.GetRequiredService<AnalyticsDatabase>(), pageId, cancellationToken);
        var isComparable = first is { } visit && visit.ToUnixTimeMilliseconds() <= answers[1].Query.Range.From;
        return new Report(
            page,
            period,
            Counted.Of(answers[0].Answer.Totals),
            isComparable ? Counted.Of(answers[1].Answer.Totals) : null,
            Rows(words, Source, answers[2].Answer, answers[3].Answer, page.Links, isComparable),
            Rows(words, Link, answers[4].Answer, answers[5].Answer, page.Links, isComparable));
    }

    /// <summary>A question without filters about a range.</summary>
    public static QueryRequest Asking(RangeRequest range, EquatableList<Metric> metrics, EquatableList<Dimension> dimensions) => new(
        range, null, metrics, dimensions, [], null, SortKey.DefaultOf(metrics, dimensions), Questions.All, 0, false);

    private static List<ReportRow> Rows(
        DimensionWords words, Dimension dimension, QueryAnswer answer, QueryAnswer before, IReadOnlyList<BioLink> links, bool isComparable)
    {
        var known = CountsOf(before);
        return
        [
            .. CountsOf(answer).Where(row => row.Value > 0).OrderByDescending(row => row.Value).ThenBy(row => row.Key, StringComparer.Ordinal)
                .Select(row => new ReportRow(row.Key, row.Value, isComparable ? known.GetValueOrDefault(row.Key) : null)),
        ];

        Dictionary<string, long> CountsOf(QueryAnswer counts) => counts.Rows
            .GroupBy(row => words.ValueOf(dimension, row.Dimensions[0], links))
            .ToDictionary(group => group.Key, group => group.Sum(row => (long)row.Metrics[0]));
    }
}

/// <summary>A source or link with its visits or clicks, and those of the period before; null where there is nothing to compare with.</summary>
internal sealed record ReportRow(string Name, long Count, long? Before);
