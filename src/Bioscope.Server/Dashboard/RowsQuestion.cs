using Bioscope.Engine.Counting;

namespace Bioscope.Server.Dashboard;

/// <summary>
/// All values of a dimension, or of two combined: what <see cref="RowsPage"/> lists and <see cref="DashboardFiles"/> writes.
/// </summary>
internal sealed record RowsQuestion(Dimension First, Dimension? Second)
{
    private static readonly EquatableList<Metric> OfVisits = [Metric.Visits, Metric.Visitors, Metric.Views, Metric.Clicks, Metric.ClickRate,
        Metric.Share];

    // Views belong to the page, not to a link.
    private static readonly EquatableList<Metric> OfLinks = [Metric.Clicks, Metric.Clickers, Metric.Visits];

    /// <summary>The metrics; rows are ordered by the first one, highest first.</summary>
    public EquatableList<Metric> Metrics => Dimensions.Any(dimension => dimension.Kind == DimensionKind.Link) ? OfLinks : OfVisits;

    /// <summary>One or two dimensions.</summary>
    public EquatableList<Dimension> Dimensions => Second is null ? [First] : [First, Second];

    /// <returns>Null where there is no such list.</returns>
    public static RowsQuestion? Of(string first, string second)
    {
        var one = Listed(first);
        var other = Listed(second);
        return one is null || one == other || (other is null && second.Length > 0) ? null : new RowsQuestion(one, other);

        static Dimension? Listed(string name) => DimensionWords.IsListed(name) ? Dimension.Named(name) : null;
    }

    /// <summary>The question for the rows from an offset on.</summary>
    public QueryRequest Request(Desk desk, int limit, int offset) =>
        new Questions(desk.Timeframe, desk.Address).Of(Dimensions, Metrics, limit, offset);

    /// <summary>The rows from an offset on.</summary>
    public async Task<QueryAnswer> AskAsync(QueryEngine engine, Desk desk, int limit, int offset, CancellationToken cancellationToken) =>
        (await engine.AnswerAsync(
            desk.Page.Id, [Request(desk, limit, offset)], desk.Timeframe.Zone, desk.Naming, cancellationToken))[0].Answer;
}
