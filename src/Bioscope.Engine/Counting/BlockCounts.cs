namespace Bioscope.Engine.Counting;

/// <summary>
/// What was counted of all rows of a block, for any question whose range has all of the block: as blocks that last never change, it can be added
/// up instead of counted again.
/// </summary>
/// <param name="Keys">
/// By group, the page's number of its value in each dimension (0 where there is none); of a time a millisecond of the block at which it has that
/// value.
/// </param>
/// <param name="Tallies">By group, what was counted.</param>
/// <param name="Ungrouped">What is in no group.</param>
internal sealed record BlockCounts(IReadOnlyList<(long First, long Second)> Keys, IReadOnlyList<Tally> Tallies, Tally Ungrouped)
{
    /// <summary>About how much memory it takes, in bytes.</summary>
    public long Bytes => 400 + (Keys.Count * 90L);

    /// <summary>
    /// What of a question is counted once for each block: all but its range, visitors and clickers, who come again. Null where it cannot be added
    /// up: a visit may have clicks on a link in several blocks.
    /// </summary>
    public static CountQuery? QuestionOf(CountQuery query, QueryNeeds needs)
    {
        var links = query.Used.Any(dimension => dimension.Kind == DimensionKind.Link);
        if (links && (needs.Visits || query.Filters.Any(filter => filter.Dimension.Kind == DimensionKind.Link)))
        {
            return null;
        }

        (bool Counts, Metric Metric)[] counted =
            [(needs.Visits, Metric.Visits), (needs.Outcomes, Metric.BounceRate), (needs.Views, Metric.Views), (needs.Clicks, Metric.Clicks)];
        return query with { Range = default, Metrics = [.. counted.Where(item => item.Counts).Select(item => item.Metric)] };
    }
}
