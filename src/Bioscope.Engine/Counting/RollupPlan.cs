using System.Globalization;
using NodaTime;

namespace Bioscope.Engine.Counting;

/// <summary>
/// Questions that rollups answer, at a cost that does not grow with the page: all rows from an instant on, without filters, by what rollups
/// have columns of. All other questions are counted by <see cref="CountScan"/>.
/// </summary>
internal sealed class RollupPlan
{
    private static readonly RollupPlan[] All =
    [
        new("traffic", Dimension.Named("referrerDomain"), [Metric.Visits], [RollupColumn.Sources], Visits),
        new("geo", Dimension.CountryName, [Metric.Visits], [RollupColumn.Countries], Visits),
        new("devices", Dimension.DeviceClass, [Metric.Visits], [RollupColumn.Devices], Visits),
        new("trend", Dimension.Named("day"), [Metric.Views, Metric.Clicks], [RollupColumn.Views, RollupColumn.Clicks], PageViewsByDay),
        new("links", Dimension.Named("link"), [Metric.Clicks, Metric.Views], [RollupColumn.Links, RollupColumn.Views, RollupColumn.Clicks], ClicksByLink),
        new("overview", null, [Metric.Views, Metric.Clicks, Metric.Visitors], [RollupColumn.Views, RollupColumn.Clicks], Totals),
        new(
            "sessions", null, [Metric.Visits, Metric.BounceRate, Metric.VisitDuration, Metric.ViewsPerVisit], [RollupColumn.Outcomes],
            OutcomesOfVisits),
    ];

    private readonly Dimension? _dimension;
    private readonly Metric[] _metrics;

    private RollupPlan(string name, Dimension? dimension, Metric[] metrics, RollupColumn[] columns, Func<RollupCounts, CountResult> result)
    {
        (Name, _dimension, _metrics, Columns, Result) = (name, dimension, metrics, columns, result);
        CountsVisitors = metrics.Contains(Metric.Visitors);
        Sql = new RollupSql(this);
    }

    /// <summary>The published report that asks this: a label of its statements in logs and metrics, nothing else.</summary>
    public string Name { get; }

    /// <summary>The columns that are read.</summary>
    public IReadOnlyList<RollupColumn> Columns { get; }

    /// <summary>Whether distinct visitors are counted.</summary>
    public bool CountsVisitors { get; }

    /// <summary>Its statements.</summary>
    public RollupSql Sql { get; }

    /// <summary>The answer, from what was counted.</summary>
    public Func<RollupCounts, CountResult> Result { get; }

    /// <summary>How a question is answered from rollups; null when it cannot be.</summary>
    public static RollupPlan? Of(CountQuery query)
    {
        if (query.Filters.Count > 0 || query.Range.Until < QueryRange.Latest || query.Zone != DateTimeZone.Utc || query.Dimensions.Count > 1)
        {
            return null;
        }

        var dimension = query.Dimensions is [var only] ? only : null;
        return Array.Find(All, plan => plan._dimension == dimension && query.Metrics.All(metric => plan._metrics.Contains(metric)));
    }

    private static CountResult Visits(RollupCounts counts)
    {
        var column = counts.Columns[0];
        return new CountResult(
            [.. column.ByValue.Select(row => Row(row.Key, new Tally { Visits = row.Value }))], new Tally { Visits = column.Total });
    }

    private static CountResult PageViewsByDay(RollupCounts counts)
    {
        var (views, clicks) = (counts.Columns[0], counts.Columns[1]);
        var days = views.ByValue.Select(row =>
        {
            var day = DateTimeOffset.UnixEpoch.AddDays(int.Parse(row.Key, CultureInfo.InvariantCulture));
            return Row(day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), PageViews(row.Value, clicks[row.Key]));
        });
        return new CountResult([.. days], PageViews(views.Total, clicks.Total));
    }

    private static CountResult ClicksByLink(RollupCounts counts)
    {
        var links = counts.Columns[0].ByValue.Select(row => Row(row.Key, new Tally { Clicks = row.Value }));
        return new CountResult([.. links], PageViews(counts.Columns[1].Total, counts.Columns[2].Total));
    }

    private static CountResult Totals(RollupCounts counts) =>
        Alone(PageViews(counts.Columns[0].Total, counts.Columns[1].Total) with { Visitors = counts.UniqueVisitors });

    private static CountResult OutcomesOfVisits(RollupCounts counts)
    {
        var outcomes = counts.Columns[0];
        return Alone(new Tally
        {
            Visits = outcomes[Outcome.Sessions],
            Bounces = outcomes[Outcome.Bounces],
            Timed = outcomes[Outcome.Timed],
            Seconds = outcomes[Outcome.Seconds],
            PageViews = outcomes[Outcome.PageViews],
        });
    }

    private static CountResult Alone(Tally totals) => new([new CountRow([], totals)], totals);

    // Rollups count clicks among page views.
    private static Tally PageViews(long all, long clicks) => new() { Views = all - clicks, Clicks = clicks };

    private static CountRow Row(string value, Tally tally) => new([new DimensionValue(value)], tally);
}
