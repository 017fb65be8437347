using System.Data.Common;
using Bioscope.Engine.Columns;
using Bioscope.Engine.Segments;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Counting;

/// <summary>
/// A page in one snapshot: its segments, the sealed rows after them, and those that are not sealed. What a question needs of them is a list of
/// blocks.
/// </summary>
internal sealed class PageSnapshot
{
    private readonly PageHistory _history;
    private readonly PageState _state;
    private readonly SqlDialect _dialect;
    private readonly DbTransaction _snapshot;
    private readonly CancellationToken _cancellationToken;
    private readonly List<Segment> _segments;
    private readonly SegmentReader _reader;
    private readonly SessionLocator _locator;
    private readonly MemoryLease _memory;
    private readonly PageValues _values;
    private List<OutcomeChange>? _changes;
    private RecentRows? _tail;
    private RecentVisitors? _tailVisitors;
    private (Naming Naming, bool WithRecent, bool WithTail, bool HidesAny)? _hiding;

    private PageSnapshot(
        PageHistory history, PageState state, SqlDialect dialect, DbTransaction snapshot, MemoryLease memory, List<Segment> segments, CancellationToken cancellationToken)
    {
        (_history, _state, _dialect, _snapshot, _memory, _segments, _cancellationToken) = (history, state, dialect, snapshot, memory, segments, cancellationToken);
        _reader = NewSegmentReader();
        _locator = new SessionLocator(dialect, snapshot, state.BioPageId, _reader, segments, cancellationToken);
        _values = history.Values(state.BioPageId);
    }

    private DateTimeOffset SealedUntil => _state.SealedUntil!.Value;

    private int NextSegmentSession => _segments is [.., var last] ? last.NextSession : 0;

    private int NextSegmentVisitor => _segments is [.., var last] ? last.NextVisitor : 0;

    /// <summary>Reads which segments there are.</summary>
    public static async Task<PageSnapshot> OpenAsync(
        PageHistory history, PageState state, SqlDialect dialect, DbTransaction snapshot, MemoryLease memory, CancellationToken cancellationToken)
    {
        var segments = await history.SegmentsAsync(state, () => Segment.ReadAsync(dialect, snapshot, state.BioPageId, cancellationToken));
        if ((segments is [.., var last] ? last.Until : null as DateTimeOffset?) != state.SegmentedUntil)
        {
            throw new FormatException("the last segment does not end where the page's watermark of segments is");
        }

        return new PageSnapshot(history, state, dialect, snapshot, memory, segments, cancellationToken);
    }

    /// <summary>Answers the question; null where the raw rows must be read: what is kept is damaged, or too little is.</summary>
    public async Task<CountResult?> CountAsync(CountQuery query)
    {
        try
        {
            var inRange = _segments.FindAll(segment => Milliseconds(segment.From) < query.Range.Until && Milliseconds(segment.Until) > query.Range.From);
            var recent = IsOver(query, inRange) ? null : await _history.RecentAsync(_state, ReadRecentAsync);
            return recent is { Rows: null } ? null : await CountAsync(query, inRange, recent);
        }
        catch (Exception e) when (DamagedPages.IsDamage(e, _dialect))
        {
            _history.Damaged(_state.BioPageId, _state.Version, e);
            return null;
        }
    }

    /// <summary>Keeps what other questions may need.</summary>
    public void Keep() => _history.Keep(_state.BioPageId, _values);

    /// <summary>Whether the range ends within the segments, so that nothing after them matters.</summary>
    private bool IsOver(CountQuery query, List<Segment> inRange) =>
        _segments is [.., var last] && query.Range.Until <= Milliseconds(last.Until) && !(QueryNeeds.Of(query).PageViews && HasLoose(inRange));

    private static bool HasLoose(List<Segment> segments) => segments.Exists(segment => segment.LooseViews > 0);

    /// <param name="query">The question.</param>
    /// <param name="inRange">The segments with rows in its range.</param>
    /// <param name="recent">The sealed rows after the segments; null where nothing after them matters.</param>
    private async Task<CountResult> CountAsync(CountQuery query, List<Segment> inRange, SealedRecent? recent)
    {
        var rows = recent?.Rows;
        var needsTail = rows is not null && (query.Range.Until > Milliseconds(recent!.Until)
            || (QueryNeeds.Of(query).PageViews && (HasLoose(inRange) || rows.LooseViews.Count > 0)));
        _tail ??= needsTail ? await ReadTailAsync(rows!, recent!.Until) : null;
        if ((query.Hides || query.WantsHidden) && !query.Naming.LooksAtReferrers && !await HidesAnyAsync(query.Naming, rows))
        {
            if (query.WantsHidden)
            {
                return await CountScan.RunAsync(query, new PageRows([], _values, 0));
            }

            query = query.WithoutHiding();
        }

        var ofLater = rows is null ? [] : new HashSet<int>(rows.EarlierSegments.Concat(_tail?.EarlierSegments ?? new HashSet<int>()));
        var segments = new SegmentBlocks(query, _values, NewSegmentReader(), _segments, ofLater, _history.MaxRowsAtOnce);
        try
        {
            return await CountScan.RunAsync(query, await ReadAsync(query, recent, segments, inRange, needsTail));
        }
        finally
        {
            segments.GiveBack();
        }
    }

    /// <summary>
    /// Whether the creator hides any visit of the page. Mostly she hides none, and then questions need not look at where each came from.
    /// </summary>
    private async Task<bool> HidesAnyAsync(Naming naming, RecentRows? rows)
    {
        if (_hiding is { } known && known.Naming.Equals(naming) && (known.WithRecent || rows is null) && (known.WithTail || _tail is null))
        {
            return known.HidesAny;
        }

        await new SegmentValues(_reader, _values).NumberAsync([Dimension.Hidden], naming, joined: false, _segments);
        var hidesAny = _values.Texts(Dimension.Hidden, naming).Length > 1 || HidesAnyOf(rows) || HidesAnyOf(_tail);
        _hiding = (naming, rows is not null, _tail is not null, hidesAny);
        return hidesAny;

        bool HidesAnyOf(RecentRows? recent) =>
            recent?.Block.Facts[FactSet.Origin].Any(entry => entry.Length > 0 && Dimension.Hidden.ValueOf(entry, naming) is not null) == true;
    }

    private async Task<PageRows> ReadAsync(
        CountQuery query, SealedRecent? recent, SegmentBlocks segments, List<Segment> inRange, bool needsTail)
    {
        var needs = QueryNeeds.Of(query);
        var (checkpoint, keep) = FindCheckpoint(query, inRange);
        var counted = checkpoint is null ? Counted(query, needs, inRange) : [];
        await segments.OpenAsync(inRange, inRange.FindAll(segment => checkpoint is null && !counted.ContainsKey(segment.Key)));
        var blocks = segments.Blocks.ToList();
        var visitors = recent is null ? NextSegmentVisitor : await AddRecentAsync(blocks, recent, needs, needsTail);
        return new PageRows(blocks, _values, visitors)
        {
            Segments = segments,
            Counted = counted,
            Take = _memory.Take,
            Checkpoint = checkpoint,
            KeepCheckpoint = keep,
        };
    }

    /// <summary>Adds the rows after the segments.</summary>
    /// <returns>One more than the highest number of a visitor; 0 where visitors are not told apart.</returns>
    private async Task<int> AddRecentAsync(List<RowBlock> blocks, SealedRecent recent, QueryNeeds needs, bool needsTail)
    {
        var rows = recent.Rows!;
        var visitors = needs.TellsVisitors ? await VisitorsAsync(recent, rows) : null;
        blocks.Add(rows.Block.With(NextSegmentVisitor, visitors?.Column));
        if (needs.Outcomes && await ChangesAsync() is { Count: > 0 } changes)
        {
            (blocks[^1][BlockColumn.PageViews], blocks[^1][BlockColumn.Duration]) = rows.Outcomes(changes);
        }

        if (needsTail)
        {
            var first = visitors?.Next ?? 0;
            visitors = visitors is null ? null : await TailVisitorsAsync(visitors);
            blocks.Add(_tail!.Block.With(first, visitors?.Column));
        }

        return visitors?.Next ?? 0;
    }

    private async Task<RecentVisitors> TailVisitorsAsync(RecentVisitors recent) => _tailVisitors ??= await _tail!.VisitorsAsync(
        unknown => recent.FindAsync(unknown, InSegmentsAsync), recent.Next);

    /// <summary>What the question came to after the segments when it was asked before, or what keeps it when it is worth it.</summary>
    private (Checkpoint? Known, Action<Checkpoint>? Keep) FindCheckpoint(CountQuery query, List<Segment> inRange)
    {
        if (inRange.Sum(segment => segment.Sessions + segment.Views) < _history.MinCheckpointRows || Checkpoint.QuestionOf(query, Milliseconds(_segments[^1].Until)) is not { } question)
        {
            return (null, null);
        }

        var known = _history.Checkpoints.Find(question, out var isWorthKeeping);
        return known?.IsOf(_values, inRange.Select(segment => segment.Key)) == true ? (known, null)
            : (null, isWorthKeeping ? checkpoint => _history.Checkpoints.Keep(question, checkpoint) : null);
    }

    /// <summary>What is known of whole segments: their columns need not be read, unless for the visitors.</summary>
    private Dictionary<object, BlockCounts> Counted(CountQuery query, QueryNeeds needs, List<Segment> inRange)
    {
        var counted = new Dictionary<object, BlockCounts>();
        if (!needs.TellsVisitors && BlockCounts.QuestionOf(query, needs) is { } question)
        {
            foreach (var segment in inRange.Where(segment => IsInside(segment, query.Range)))
            {
                if (_values.CountsOf(segment.Key, question) is { } counts)
                {
                    counted.Add(segment.Key, counts);
                }
            }
        }

        return counted;
    }

    private async Task<SealedRecent> ReadRecentAsync()
    {
        var from = _state.SegmentedUntil ?? DateTimeOffset.MinValue;
        var until = SealedUntil;
        if (await RowCount.IsAtLeastAsync(_dialect, _snapshot, _state.BioPageId, from, until, _history.MaxRecentRows, _cancellationToken))
        {
            // Without segments a question reads only what it needs of the rows. After segments they are those of a viral day: some are kept, the others read.
            if (_segments.Count == 0)
            {
                return new SealedRecent(null, until);
            }

            until = await RowCount.TimeOfAsync(_dialect, _snapshot, _state.BioPageId, from, until, _history.MaxRecentRows / 2, _cancellationToken) ?? until;
        }

        var rows = await RecentRows.ReadAsync(NewReader(NextSegmentSession), null, _locator, _segments, (from, until), looseViews: null);
        rows.TakeAway(await ChangesAsync());
        return new SealedRecent(rows, until);
    }

    private async Task<RecentRows> ReadTailAsync(RecentRows recent, DateTimeOffset from)
    {
        var loose = new List<Guid>(recent.LooseViews);
        if (_segments.FindAll(segment => segment.LooseViews > 0) is { Count: > 0 } withLoose)
        {
            foreach (var bytes in await _reader.ReadAsync(SegmentPart.LooseViews, withLoose))
            {
                loose.AddRange(bytes.Chunk(16).Select(id => new Guid(id, bigEndian: true)));
            }
        }

        return await RecentRows.ReadAsync(NewReader(recent.NextSession), recent, _locator, _segments, (from, DateTimeOffset.MaxValue), loose);
    }

    private SegmentReader NewSegmentReader() => new(_dialect, _snapshot, _history.Segments, _memory.Take, _cancellationToken);

    private RowReader NewReader(int firstSession) =>
        new(_dialect, _snapshot, _state.BioPageId, FactSet.All, ReadNeeds.All, firstSession, _cancellationToken) { Take = _memory.Take };

    // Those of sessions that are not sealed are in the raw rows.
    private async Task<List<OutcomeChange>> ChangesAsync() => _changes ??=
        (await OutcomeChange.ReadAsync(_dialect, _snapshot, _state.BioPageId, _cancellationToken)).FindAll(change => change.StartedAt < SealedUntil);

    private async Task<RecentVisitors> VisitorsAsync(SealedRecent recent, RecentRows rows) =>
        recent.Visitors ??= await rows.VisitorsAsync(InSegmentsAsync, NextSegmentVisitor);

    private async Task<IReadOnlyDictionary<VisitorKey, int>> InSegmentsAsync(IReadOnlyCollection<VisitorKey> visitors) =>
        await VisitorLookup.FindAsync(_reader, _segments, visitors);

    private static bool IsInside(Segment segment, InstantRange range) =>
        range.Covers(Milliseconds(segment.From), Milliseconds(segment.Until));

    private static long Milliseconds(DateTimeOffset instant) => instant.ToUnixTimeMilliseconds();
}
