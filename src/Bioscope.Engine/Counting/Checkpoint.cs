namespace Bioscope.Engine.Counting;

/// <summary>
/// What a question came to after the blocks of a page that last: asked again, it goes on from there. Those blocks never change, and what comes
/// after them is counted as it is then.
/// </summary>
/// <param name="Values">What the numbers of values belong to.</param>
/// <param name="Blocks">The keys of the blocks that were counted.</param>
/// <param name="Groups">By group, what it stands for, see <see cref="RowGroups.Keys(long, long)"/>.</param>
/// <param name="Tallies">By group, what was counted.</param>
/// <param name="Totals">What is in no group.</param>
/// <param name="Members">The distinct members: visitors, clickers, visits by link.</param>
/// <param name="Clicked">Where links are filtered by, which visits had such a click, see <see cref="ClickedSessions"/>.</param>
internal sealed record Checkpoint(
    PageValues Values,
    IReadOnlyList<object> Blocks,
    IReadOnlyList<(long First, long Second)> Groups,
    IReadOnlyList<Tally> Tallies,
    Tally Totals,
    IReadOnlyList<KnownMembers> Members,
    ClickedSessions? Clicked = null)
{
    /// <summary>About how much memory it takes, in bytes.</summary>
    public long Bytes => 500 + (Groups.Count * 100L) + (Blocks.Count * 40L) + Members.Sum(members => members.Bytes) + (Clicked?.Bytes ?? 0);

    /// <summary>
    /// The key of a question's checkpoint: where the range goes on after the blocks that last, its end does not matter. Null where blocks can
    /// count for less, or their views for more, when later clicks come.
    /// </summary>
    /// <param name="query">The question.</param>
    /// <param name="until">Where the page's last block that lasts ends.</param>
    public static CountQuery? QuestionOf(CountQuery query, long until) =>
        query.Filters.Any(filter => filter.Dimension.Kind == DimensionKind.Link) && !ClickedSessions.AreEnoughFor(query) ? null
        : query.Range.Until < until ? query
        : query with { Range = query.Range with { Until = QueryRange.Latest } };

    /// <summary>Whether it is of these blocks, and its numbers of values are those.</summary>
    public bool IsOf(PageValues values, IEnumerable<object> blocks) => ReferenceEquals(Values, values) && Blocks.SequenceEqual(blocks);
}
