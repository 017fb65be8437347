using System.Runtime.CompilerServices;
using Bioscope.Engine.Columns;

namespace Bioscope.Engine.Counting;

/// <summary>A row of an answer: the value of each dimension, null where it is unknown, and what was counted.</summary>
public sealed record CountRow(EquatableList<DimensionValue> Values, Tally Tally);

/// <summary>A value of a dimension, or none.</summary>
/// <param name="Text">As it is answered.</param>
/// <param name="Bucket">Of a time dimension the number of the bucket in its range, see <see cref="TimeBuckets"/>; else 0.</param>
public readonly record struct DimensionValue(string? Text, int Bucket = 0);

/// <summary>What was counted: a row for each combination of values that something falls in, in no order, and all of it together.</summary>
public sealed record CountResult(IReadOnlyList<CountRow> Rows, Tally Totals);

/// <summary>
/// Counts the rows of a page by the question, a block at a time and column by column: which rows count, in which group each is, what is added
/// there. It knows nothing of where the rows came from.
/// </summary>
internal sealed class CountScan : IDisposable
{
    // Most page views are of sessions of the same block or the one before. A side takes about half a megabyte.
    private const int MaxSides = 4;

    private readonly PageRows _rows;
    private readonly Dictionary<RowBlock, SessionSide> _sides = [];
    private readonly Queue<RowBlock> _sidesInOrder = [];
    private readonly CountQuery? _kept; // what of the question is counted once for each block
    private readonly List<RowBlock> _inRange;
    private RowBlock? _current;
    private Tally[] _tallies = new Tally[16];
    private Tally _totals; // by link, where what is in no group counts too

    private CountScan(CountQuery query, PageRows rows)
    {
        (Query, _rows, Needs) = (query, rows, QueryNeeds.Of(query));
        _inRange = [.. rows.Blocks.Where(block => block.From < query.Range.Until && block.Until > query.Range.From)];
        _kept = BlockCounts.QuestionOf(query, Needs);
        (Filters, Groups) = (new RowFilters(query, rows), new RowGroups(query, rows));
        var known = rows.Checkpoint?.Members;
        Visitors = new DistinctMembers(Needs.Visitors ? rows.VisitorCount : 0, !Groups.ByLink && Groups.Parts.Count > 0, known?[0], rows.Take);
        Clickers = new DistinctMembers(Needs.Clickers ? rows.VisitorCount : 0, Groups.Parts.Count > 0, known?[1], rows.Take);
        VisitsByLink = new DistinctMembers(Groups.ByLink && Needs.Visits ? SessionCount : 0, isGrouped: true, known?[2], rows.Take);
    }

    /// <summary>The question.</summary>
    public CountQuery Query { get; }

    /// <summary>What it looks at.</summary>
    public QueryNeeds Needs { get; }

    /// <summary>Which rows count.</summary>
    public RowFilters Filters { get; }

    /// <summary>What rows are counted by.</summary>
    public RowGroups Groups { get; }

    /// <summary>The number of the first session that may have started in the range.</summary>
    public int FirstSession => _inRange is [var first, ..] ? first.FirstSession : 0;

    /// <summary>The visitors of visits.</summary>
    public DistinctMembers Visitors { get; }

    /// <summary>The visitors of clicks.</summary>
    public DistinctMembers Clickers { get; }

    /// <summary>The visits of each group where links are grouped by.</summary>
    public DistinctMembers VisitsByLink { get; }

    private int SessionCount => _inRange is [.., var last] ? last.FirstSession + last.SessionCount - FirstSession : 0;

    /// <summary>Answers the question from rows that hold all that it needs, or read it.</summary>
    public static async Task<CountResult> RunAsync(CountQuery query, PageRows rows)
    {
        using var scan = new CountScan(query, rows with
        {
            Naming = query.Naming,
            // Those that are not read yet are joined when they are.
            Blocks = query.Naming.LooksAtReferrers ? [.. rows.Blocks.Select(block => block.IsLasting && rows.Segments is not null ? block : OriginWithReferrer.Join(block))] : rows.Blocks,
        });
        await scan.RunAsync();
        return scan.Result();
    }

    private async Task RunAsync()
    {
        var lasting = _inRange.FindAll(block => block.IsLasting);
        var later = _inRange[lasting.Count..];
        var clicked = _rows.Checkpoint?.Clicked;
        if (_rows.Checkpoint is { } checkpoint)
        {
            Restore(checkpoint);
        }
        else
        {
            await FindClicksAsync(lasting);
            clicked = _rows.KeepCheckpoint is not null && Filters.FiltersLinks ? new ClickedSessions(Filters.ClickedOf(lasting)) : null;
            AddClicks(clicked is null ? later : []);
            await EachPortionAsync(lasting, static (segments, portion) => segments.ReadAsync(portion), Count);
            KeepCheckpoint(lasting, clicked);
        }

        if (_rows.Segments is { } segments)
        {
            await segments.ReadOfLaterAsync();
        }

        if (clicked is not null)
        {
            CountClickedLater(lasting, later, clicked);
        }

        Count(later);
    }

    /// <summary>What is known of a block's sessions, until another block is counted.</summary>
    public SessionSide SideOf(RowBlock block)
    {
        if (_sides.TryGetValue(block, out var side))
        {
            return side;
        }

        if (_sides.Count >= MaxSides)
        {
            DropOldest();
        }

        _sidesInOrder.Enqueue(block);
        return _sides[block] = new SessionSide(block, _rows, Filters, Groups);
    }

    private void DropSides()
    {
        foreach (var side in _sides.Values)
        {
            side.Dispose();
        }

        _sides.Clear();
        _sidesInOrder.Clear();
    }

    private void DropOldest()
    {
        var oldest = _sidesInOrder.Dequeue();
        if (oldest == _current)
        {
            _sidesInOrder.Enqueue(oldest);
            oldest = _sidesInOrder.Dequeue();
        }

        _sides.Remove(oldest, out var side);
        side!.Dispose();
    }

    /// <summary>What is known of the sessions of the block that has the session of this number.</summary>
    public SessionSide SideOf(int session) => SideOf(_rows.BlockOf(session));

    /// <summary>What was counted in each group so far; without dimensions there is one.</summary>
    public Span<Tally> Tallies()
    {
        if (_tallies.Length < Groups.Count)
        {
            Array.Resize(ref _tallies, Math.Max(Groups.Count, _tallies.Length * 2));
        }

        return _tallies;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        DropSides();
        Visitors.Dispose();
        Clickers.Dispose();
        VisitsByLink.Dispose();
    }

    private CountResult Result()
    {
        var (rows, totals) = (new List<CountRow>(), _totals);
        for (var group = 0; group < Groups.Count; group++)
        {
            ref var tally = ref Tallies()[group];
            tally.Clickers = Clickers.CountOf(group);
            if (Groups.ByLink)
            {
                tally.Visits = VisitsByLink.CountOf(group);
            }
            else
            {
                tally.Visitors = Visitors.CountOf(group);
                totals.Add(tally);
            }

            if (Groups.Parts.Count == 0 || Query.Metrics.Any(tally.Has))
            {
                rows.Add(new CountRow(Groups.ValuesOf(group), tally));
            }
        }

        (totals.Visitors, totals.Clickers) = (Visitors.Total, Clickers.Total);
        return new CountResult(rows, totals);
    }

    private async Task FindClicksAsync(List<RowBlock> lasting)
    {
        if (Filters.FiltersLinks)
        {
            await EachPortionAsync(lasting, static (segments, portion) => segments.ReadClicksAsync(portion), AddClicks);
        }
    }

    /// <summary>Counts visits of blocks that were counted before, which count by later clicks only; a visit has them on any of its days.</summary>
    private void CountClickedLater(List<RowBlock> lasting, List<RowBlock> later, ClickedSessions clicked)
    {
        DropSides(); // they know of earlier clicks only
        Filters.ForgetClicks();
        AddClicks(later);
        foreach (var (block, _) in Filters.ClickedOf(lasting).ToList())
        {
            using var scratch = new Scratch();
            var side = SideOf(block);
            var rows = scratch.Span<int>(side.Count);
            var count = 0;
            foreach (var row in side.Rows)
            {
                rows[count] = row;
                count += clicked.Has(block, row) ? 0 : 1;
            }

            CountSessions(side, rows[..count], tallies: true, distinct: true);
        }
    }

    /// <summary>Does something with blocks that last, a portion of them at a time, which is read before and dropped after it.</summary>
    private async Task EachPortionAsync(List<RowBlock> lasting, Func<SegmentBlocks, List<RowBlock>, Task> read, Action<List<RowBlock>> look)
    {
        if (_rows.Segments is not { } segments)
        {
            look(lasting);
            return;
        }

        foreach (var portion in segments.Portions(lasting))
        {
            await read(segments, portion);
            look(portion);
            segments.Drop();
        }
    }

    private void AddClicks(List<RowBlock> blocks)
    {
        foreach (var block in blocks.Where(block => block.Has(BlockColumn.Link)))
        {
            Filters.AddClicks(block);
        }
    }

    private void Count(List<RowBlock> blocks)
    {
        foreach (var block in blocks)
        {
            _current = block;
            if (_kept is { } kept && block.IsLasting && Filters.Covers(block))
            {
                Add(CountedOnce(block, kept));
                Count(block, tallies: false, distinct: true);
            }
            else
            {
                Count(block, tallies: true, distinct: true);
            }
        }
    }

    private void KeepCheckpoint(List<RowBlock> lasting, ClickedSessions? clicked)
    {
        if (_rows.KeepCheckpoint is { } keep && lasting.Count > 0)
        {
            var last = lasting[^1];
            var (from, until) = (Math.Max(Query.Range.From, lasting[0].From), Math.Min(Query.Range.Until, last.Until));
            var visitors = _rows.Blocks.SkipWhile(block => block != last).ElementAtOrDefault(1)?.FirstVisitor ?? _rows.VisitorCount;
            var sessions = last.FirstSession + last.SessionCount - FirstSession;
            keep(new Checkpoint(
                _rows.Values,
                [.. lasting.Select(block => block.Key)],
                Groups.Keys(from, until),
                [.. Tallies()[..Groups.Count]],
                _totals,
                [Visitors.Copied(visitors), Clickers.Copied(visitors), VisitsByLink.Copied(sessions)],
                clicked));
        }
    }

    private void Restore(Checkpoint checkpoint)
    {
        _totals = checkpoint.Totals;
        for (var i = 0; i < checkpoint.Groups.Count; i++)
        {
            var group = Groups.NumberOf(checkpoint.Groups[i]); // in the same order they get the same numbers
            Tallies()[group] = checkpoint.Tallies[i];
        }
    }

    /// <summary>Counts the rows of a block.</summary>
    /// <param name="block">The block.</param>
    /// <param name="tallies">Whether to count what can be added up.</param>
    /// <param name="distinct">Whether to count distinct visitors.</param>
    private void Count(RowBlock block, bool tallies, bool distinct)
    {
        if ((Needs.Visits && tallies) || (Needs.Visitors && distinct))
        {
            CountSessions(SideOf(block), SideOf(block).Rows, tallies, distinct);
        }

        if (((Needs.Clicks || Needs.Views) && tallies) || (Needs.Clickers && distinct))
        {
            CountViews(block, tallies, distinct);
        }
    }

    private void CountSessions(SessionSide side, ReadOnlySpan<int> rows, bool tallies, bool distinct)
    {
        if (Needs.Visits && tallies)
        {
            CountVisits(side, rows);
        }

        if (Needs.Visitors && distinct)
        {
            Visitors.Add(rows, Groups.ByLink ? default : side.Groups, side.Visitors, Groups.Count);
        }
    }

    private void CountViews(RowBlock block, bool tallies, bool distinct)
    {
        if (block.Has(BlockColumn.Link))
        {
            using var scratch = new Scratch();
            new ViewScan(this, block, _rows.LinksOf(block), scratch).Count(tallies, distinct, ref _totals);
        }
    }

    /// <summary>What the block comes to, from memory or by counting it.</summary>
    private BlockCounts CountedOnce(RowBlock block, CountQuery question)
    {
        if ((_rows.Counted.GetValueOrDefault(block.Key) ?? _rows.Values.CountsOf(block.Key, question)) is { } known)
        {
            return known;
        }

        var (tallies, totals) = (_tallies, _totals);
        (_tallies, _totals) = (new Tally[tallies.Length], default);
        Count(block, tallies: true, distinct: false);
        var counted = new BlockCounts([.. Groups.Keys(block, Tallies(), out var occurring)], occurring, _totals);
        (_tallies, _totals) = (tallies, totals);
        _rows.Values.Keep(block.Key, question, counted);
        return counted;
    }

    private void Add(BlockCounts counts)
    {
        _totals.Add(counts.Ungrouped);
        for (var i = 0; i < counts.Tallies.Count; i++)
        {
            var group = Groups.NumberOf(counts.Keys[i]);
            Tallies()[group].Add(counts.Tallies[i]);
        }
    }

    // By link, visits are in the totals here, and in groups by their clicks.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void CountVisits(SessionSide side, ReadOnlySpan<int> rows)
    {
        ReadOnlySpan<int> groups = Groups.ByLink ? default : side.Groups;
        var tallies = Groups.ByLink ? new Span<Tally>(ref _totals) : Tallies();
        if (groups.IsEmpty)
        {
            tallies[0].Visits += rows.Length;
        }
        else
        {
            foreach (var row in rows)
            {
                tallies[groups[row]].Visits++;
            }
        }

        if (Needs.Outcomes)
        {
            OutcomeSums.Add(side.Block, rows, groups, tallies);
        }
    }
}
