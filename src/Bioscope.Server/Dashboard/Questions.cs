using Bioscope.Core;
using Bioscope.Engine.Counting;

namespace Bioscope.Server.Dashboard;

/// <summary>The questions that a page asks the engine, all with the same instants and filters.</summary>
internal sealed class Questions(Timeframe timeframe, Address address)
{
    /// <summary>All rows at once: the engine counts each of them anyway.</summary>
    public const int All = int.MaxValue;

    // All time begins with the page's first row, which the engine knows.
    private readonly RangeRequest _range =
        address.Range is RangeRequest.Named { Name: NamedRange.All } all && !timeframe.BeginsWithImportedDays ? all : new RangeRequest.Instants(timeframe.Range);

    /// <summary>The totals, without dimensions, together with the compared period's.</summary>
    public QueryRequest Totals() => Of([], Counted.Metrics, 1) with
    {
        Comparison = timeframe.Comparison is { } compared ? new ComparisonRequest(
            ComparisonKind.Range, new RangeRequest.Instants(compared)) : null,
    };

    /// <summary>Views and clicks over time, including periods without any.</summary>
    public QueryRequest Trend() => Of([timeframe.Grain], [Metric.Views, Metric.Clicks], All) with { Fill = true };

    /// <summary>The values of a dimension with the most of a metric.</summary>
    public QueryRequest Top(Dimension dimension, Metric metric, int limit) => Of([dimension], [metric], limit);

    /// <summary>The hidden visits, by the rule that hides them.</summary>
    public QueryRequest Hidden() => Of([Dimension.Rule], [Metric.Visits], All) with
    {
        Filters = [.. address.Filters, new Filter(FilterOperator.IsNotNull, Dimension.Hidden, [])],
    };

    /// <summary>Values of one or two dimensions with some metrics, ordered by the first metric.</summary>
    public QueryRequest Of(EquatableList<Dimension> dimensions, EquatableList<Metric> metrics, int limit, int offset = 0) =>
        new(
            _range,
            timeframe.Zone,
            metrics,
            dimensions,
            address.Filters,
            null,
            SortKey.DefaultOf(metrics, dimensions),
            limit,
            offset,
            false);
}

/// <summary>The totals of everything that matches the filters.</summary>
internal sealed record Counted(
    long Views, long Visitors, long Clicks, double ClickRate, long Visits, int BounceRate, long VisitDuration, double ViewsPerVisit)
{
    /// <summary>In the order of the members.</summary>
    public static EquatableList<Metric> Metrics { get; } =
    [
        Metric.Views, Metric.Visitors, Metric.Clicks, Metric.ClickRate, Metric.Visits, Metric.BounceRate, Metric.VisitDuration,
        Metric.ViewsPerVisit,
    ];

    /// <summary>The same with other clicks.</summary>
    public Counted WithClicks(long clicks) => this with { Clicks = clicks, ClickRate = Percentage.WithTwoDecimals(clicks, Views) };

    /// <summary>From the engine's result for <see cref="Metrics"/>.</summary>
    public static Counted Of(IReadOnlyList<double> metrics) => new(
        (long)metrics[0], (long)metrics[1], (long)metrics[2], metrics[3], (long)metrics[4], (int)metrics[5], (long)metrics[6], metrics[7]);
}
