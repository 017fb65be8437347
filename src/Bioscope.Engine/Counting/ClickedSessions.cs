using Bioscope.Engine.Columns;

namespace Bioscope.Engine.Counting;

/// <summary>
/// Which sessions of a page's blocks that last had a click of a filter by link. A click of today can make a visit of yesterday count: as it
/// is known which visits counted before, only those others are looked at.
/// </summary>
internal sealed class ClickedSessions
{
    private readonly Dictionary<object, ulong[]> _clicked = []; // by key of the block a bit for each session

    /// <param name="clicked">By block, whether each of its sessions had a click.</param>
    public ClickedSessions(IEnumerable<(RowBlock Block, bool[] Clicked)> clicked)
    {
        foreach (var (block, marks) in clicked)
        {
            var bits = _clicked[block.Key] = new ulong[Bits.Words(block.SessionCount)];
            for (var session = 0; session < block.SessionCount; session++)
            {
                bits[session >> 6] |= marks[session] ? Bits.Of(session) : 0;
            }
        }
    }

    /// <summary>How much memory it takes, in bytes.</summary>
    public long Bytes => 100 + _clicked.Values.Sum(bits => 100 + (bits.Length * 8L));

    /// <summary>
    /// Whether a question can go on from what was counted before: it has one filter by link, which asks for a click, and no views, as those
    /// of earlier blocks would come again with their visit.
    /// </summary>
    public static bool AreEnoughFor(CountQuery query) =>
        query.Filters.Where(filter => filter.Dimension.Kind == DimensionKind.Link).ToList() is [var only]
        && !new FilterMatch(only).Holds(null)
        && !QueryNeeds.Of(query).Views;

    /// <summary>Whether a session of a block had a click.</summary>
    public bool Has(RowBlock block, int session) =>
        _clicked.TryGetValue(block.Key, out var bits) && Bits.Has(bits, session);
}
