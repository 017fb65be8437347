using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Bioscope.Engine.Columns;

namespace Bioscope.Engine.Counting;

/// <summary>Decides which rows of a page count, by the filters of a question. The range is not looked at, but where it says so.</summary>
internal sealed class RowFilters
{
    private readonly CountQuery _query;
    private readonly PageRows _rows;
    private readonly List<(Filter Filter, bool[] Allowed)> _sessions = [];
    private readonly List<LinkFilter> _links = [];
    private readonly List<TimeFilter> _times = [];

    public RowFilters(CountQuery query, PageRows rows)
    {
        (_query, _rows) = (query, rows);
        foreach (var filter in query.Filters)
        {
            switch (filter.Dimension.Kind)
            {
                case DimensionKind.Session or DimensionKind.VisitorKind:
                    if (Allowed(filter, SessionCodes.TextsOf(filter.Dimension, rows)) is var allowed && !allowed.All(passes => passes))
                    {
                        _sessions.Add((filter, allowed));
                    }

                    break;
                case DimensionKind.Time:
                    _times.Add(new TimeFilter(filter, TimeBuckets.Of(filter.Dimension, query.Range, query.Zone)));
                    break;
                case DimensionKind.Link:
                    AddLinkFilter(filter);
                    break;
                default:
                    throw new ArgumentOutOfRangeException(nameof(query), filter.Dimension.Kind, null);
            }
        }
    }

    /// <summary>Whether sessions are filtered by more than their own time: then page views need their sessions.</summary>
    public bool FiltersSessions => _sessions.Count > 0 || _links.Count > 0;

    /// <summary>Whether sessions are filtered by what was clicked in them, see <see cref="AddClicks"/>.</summary>
    public bool FiltersLinks => _links.Count > 0;

    /// <summary>Whether rows are filtered by their own time.</summary>
    public bool FiltersTimes => _times.Count > 0;

    /// <summary>By number of a link on the page, whether a click on it passes; null where all do.</summary>
    public bool[]? Links { get; private set; }

    /// <summary>Whether all rows of the block are in the range.</summary>
    public bool Covers(RowBlock block) => _query.Range.Covers(block.From, block.Until);

    /// <summary>By session of the block, whether it passes: facts, kind of visitor, links; null where all do.</summary>
    public bool[]? PassesOf(RowBlock block, Scratch scratch)
    {
        if (!FiltersSessions)
        {
            return null;
        }

        var passes = scratch.Array<bool>(block.SessionCount);
        var kept = passes.AsSpan(0, block.SessionCount);
        kept.Fill(true);
        using var own = new Scratch();
        var allowed = own.Span<bool>(block.SessionCount);
        foreach (var (filter, byCode) in _sessions)
        {
            SessionCodes.Copy(filter.Dimension, block, _rows, byCode, allowed);
            And(allowed, kept);
        }

        foreach (var link in _links)
        {
            if (link.Clicked.TryGetValue(block, out var hasClick))
            {
                And(hasClick, kept, inverted: link.AsksForNone);
            }
            else if (!link.AsksForNone)
            {
                kept.Clear();
            }
        }

        return passes;
    }

    /// <summary>Leaves of the rows those that are in the range.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void KeepRange(ReadOnlySpan<long> times, Span<bool> counts)
    {
        var (from, until) = (_query.Range.From, _query.Range.Until);
        for (var i = 0; i < times.Length; i++)
        {
            counts[i] &= (times[i] >= from) & (times[i] < until);
        }
    }

    /// <summary>Leaves of the rows those that count at their own time: in the range, and where filters on times hold.</summary>
    public void KeepTimes(ReadOnlySpan<long> times, Span<bool> counts)
    {
        KeepRange(times, counts);
        foreach (var filter in _times)
        {
            for (var i = 0; i < times.Length; i++)
            {
                counts[i] = counts[i] && filter.Holds(times[i]);
            }
        }
    }

    /// <summary>Notes which sessions page views of a block have clicked what a filter asks for. To be done of all blocks before sessions pass.</summary>
    public void AddClicks(RowBlock block)
    {
        foreach (var link in _links)
        {
            var sessions = block.IsLasting && Covers(block)
                ? _rows.Values.SessionsOf(block.Key, link.Filter, () => SessionsOfClicks(block, link))
                : SessionsOfClicks(block, link);
            Mark(block, sessions, link.Clicked);
        }
    }

    /// <summary>Which sessions of these blocks had the clicks that were noted, where there is one filter by link.</summary>
    public IEnumerable<(RowBlock Block, bool[] Clicked)> ClickedOf(IReadOnlyList<RowBlock> blocks) =>
        blocks.Where(_links[0].Clicked.ContainsKey).Select(block => (block, _links[0].Clicked[block]));

    /// <summary>Forgets which sessions had clicks.</summary>
    public void ForgetClicks() => _links.ForEach(link => link.Clicked.Clear());

    /// <summary>
    /// What asks for a link keeps sessions with such a click in the range, and of their clicks those that pass. What asks for none keeps
    /// sessions without a click that fails.
    /// </summary>
    private void AddLinkFilter(Filter filter)
    {
        var allowed = Allowed(filter, _rows.LinkTexts());
        _links.Add(new LinkFilter(filter, allowed, AsksForNone: allowed[0], [])); // without a link it holds
        Links ??= [.. allowed.Select(_ => true)];
        for (var link = 1; link < allowed.Length; link++)
        {
            Links[link] &= allowed[link];
        }
    }

    /// <summary>The sessions of a block's clicks in the range that a filter of links looks for.</summary>
    private int[] SessionsOfClicks(RowBlock block, LinkFilter filter)
    {
        using var scratch = new Scratch();
        var marks = scratch.Array<bool>(block.ViewCount);
        block[BlockColumn.Link].CopyTo<bool>(marks, Array.ConvertAll(_rows.LinksOf(block), link => link != 0 && filter.Allowed[link] != filter.AsksForNone));
        if (!Covers(block))
        {
            var times = scratch.Span<long>(block.ViewCount);
            block[BlockColumn.EnteredAt].CopyTo(times);
            KeepRange(times, marks);
        }

        var sessions = scratch.Copy(block[BlockColumn.Session]);
        var views = RowNumbers.Where(RowNumbers.All(block.ViewCount), marks, scratch);
        var found = new int[views.Count];
        for (var i = 0; i < found.Length; i++)
        {
            found[i] = sessions[views[i]];
        }

        return found;
    }

    /// <summary>Marks sessions, which mostly are of the block whose page views named them.</summary>
    private void Mark(RowBlock block, int[] sessions, Dictionary<RowBlock, bool[]> clicked)
    {
        var (own, first) = (MarksOf(block), block.FirstSession);
        foreach (var number in sessions)
        {
            var session = number - first;
            if (unchecked((uint)session) < (uint)own.Length)
            {
                own[session] = true;
                continue;
            }

            var other = _rows.BlockOf(number);
            MarksOf(other)[number - other.FirstSession] = true;
        }

        bool[] MarksOf(RowBlock of) => clicked.TryGetValue(of, out var known) ? known : clicked[of] = new bool[of.SessionCount];
    }

    // A bool is a byte of 0 or 1, so many are taken at once.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void And(ReadOnlySpan<bool> allowed, Span<bool> kept, bool inverted = false)
    {
        var from = MemoryMarshal.AsBytes(allowed[..kept.Length]);
        var to = MemoryMarshal.AsBytes(kept);
        var mask = inverted ? Vector<byte>.One : Vector<byte>.Zero;
        var i = 0;
        for (; i <= to.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            ((new Vector<byte>(from[i..]) ^ mask) & new Vector<byte>(to[i..])).CopyTo(to[i..]);
        }

        for (; i < kept.Length; i++)
        {
            kept[i] &= allowed[i] != inverted;
        }
    }

    private static bool[] Allowed(Filter filter, IReadOnlyList<string?> values)
    {
        var match = new FilterMatch(filter);
        return [.. values.Select(match.Holds)];
    }

    private sealed record LinkFilter(Filter Filter, bool[] Allowed, bool AsksForNone, Dictionary<RowBlock, bool[]> Clicked);

    // A range may have millions of buckets, but rows lie side by side in few of them.
    private sealed class TimeFilter(Filter filter, TimeBuckets buckets)
    {
        private readonly FilterMatch _match = new(filter);
        private readonly Dictionary<int, bool> _known = [];
        private TimeBucketCursor _cursor = buckets.Cursor();

        public bool Holds(long at)
        {
            var bucket = _cursor.ValueAt(at);
            if (!_known.TryGetValue(bucket, out var holds))
            {
                _known[bucket] = holds = _match.Holds(buckets.Text(bucket));
            }

            return holds;
        }
    }
}
