using Bioscope.Engine.Columns;

namespace Bioscope.Engine.Counting;

/// <summary>What a question looks at: the rest is not read.</summary>
/// <param name="Sets">The facts of sessions.</param>
/// <param name="Visits">Whether sessions are counted.</param>
/// <param name="PageViews">Whether page views are read.</param>
/// <param name="Views">Whether page views without a link are counted.</param>
/// <param name="Clicks">Whether clicks are counted, or what else there is by their links.</param>
/// <param name="VisitorKinds">Whether it matters which session of its visitor a session is.</param>
/// <param name="Visitors">Whether visitors are told apart among visits.</param>
/// <param name="Clickers">Whether visitors are told apart among clicks.</param>
/// <param name="Outcomes">Whether page views and durations of sessions are counted.</param>
/// <param name="Times">Whether rows are grouped or filtered by their own time.</param>
internal sealed record QueryNeeds(
    IReadOnlyList<FactSet> Sets, bool Visits, bool PageViews, bool Views, bool Clicks, bool VisitorKinds, bool Visitors, bool Clickers, bool Outcomes, bool Times)
{
    /// <summary>Whether sessions' visitors are needed.</summary>
    public bool TellsVisitors => Visitors || Clickers || VisitorKinds;

    /// <summary>The columns of sessions that are needed beside their facts and times.</summary>
    public IEnumerable<BlockColumn> Columns =>
        [.. TellsVisitors ? [BlockColumn.Visitor] : Array.Empty<BlockColumn>(), .. Outcomes ? [BlockColumn.PageViews, BlockColumn.Duration] : Array.Empty<BlockColumn>()];

    /// <summary>What a question needs.</summary>
    public static QueryNeeds Of(CountQuery query)
    {
        var used = query.Used.ToLookup(dimension => dimension.Kind);
        var metrics = query.Metrics;
        return new QueryNeeds(
            [.. FactSet.All.Where(set => used[DimensionKind.Session].Any(dimension => dimension.LooksAt(set, query.Naming)))],
            metrics.Any(metric => metric is Metric.Visits or Metric.Visitors or Metric.BounceRate or Metric.VisitDuration or Metric.ViewsPerVisit or Metric.Share),
            metrics.Any(metric => metric is Metric.Views or Metric.Clicks or Metric.Clickers or Metric.ClickRate) || used.Contains(DimensionKind.Link),
            metrics.Any(metric => metric is Metric.Views or Metric.ClickRate),
            metrics.Any(metric => metric is Metric.Clicks or Metric.Clickers or Metric.ClickRate) || query.Dimensions.Any(dimension => dimension.Kind == DimensionKind.Link),
            used.Contains(DimensionKind.VisitorKind),
            metrics.Contains(Metric.Visitors),
            metrics.Contains(Metric.Clickers),
            metrics.Any(metric => metric is Metric.BounceRate or Metric.VisitDuration or Metric.ViewsPerVisit),
            used.Contains(DimensionKind.Time));
    }
}
