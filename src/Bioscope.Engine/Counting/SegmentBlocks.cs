using Bioscope.Engine.Columns;
using Bioscope.Engine.Segments;

namespace Bioscope.Engine.Counting;

/// <summary>
/// The blocks of a page's segments that a question looks at. Their columns are read a portion at a time, and dropped before the next one, so
/// what counting takes does not grow with the page.
/// </summary>
internal sealed class SegmentBlocks
{
    private readonly CountQuery _query;
    private readonly QueryNeeds _needs;
    private readonly PageValues _values;
    private readonly SegmentReader _reader;
    private readonly List<Segment> _segments; // all of the page
    private readonly int _maxRows;
    private readonly Dictionary<object, Segment> _scanned = [];
    private readonly HashSet<int> _ofLater;
    private readonly Dictionary<int, RowBlock> _blocks = []; // by number of its segment
    private bool _areFew; // and thus read at once

    /// <param name="query">The question.</param>
    /// <param name="values">Numbers the values of the page.</param>
    /// <param name="reader">Reads columns; it is this object's alone.</param>
    /// <param name="segments">All segments of the page.</param>
    /// <param name="ofLater">The numbers of those whose sessions later page views are of.</param>
    /// <param name="maxRows">How many rows a portion has at most, but for one of a single segment.</param>
    public SegmentBlocks(CountQuery query, PageValues values, SegmentReader reader, List<Segment> segments, HashSet<int> ofLater, int maxRows) =>
        (_query, _needs, _values, _reader, _segments, _ofLater, _maxRows) = (query, QueryNeeds.Of(query), values, reader, segments, ofLater, maxRows);

    /// <summary>The blocks, in the order of their sessions' numbers.</summary>
    public IEnumerable<RowBlock> Blocks => _blocks.OrderBy(block => block.Key).Select(block => block.Value);

    private bool Joins => _query.Naming.LooksAtReferrers && _needs.Sets.Contains(FactSet.Origin) && _needs.Sets.Contains(FactSet.Referrer);

    /// <summary>Finds which blocks there are, and numbers their values. All columns are read, unless they are many.</summary>
    /// <param name="inRange">The segments with rows in the range.</param>
    /// <param name="scanned">Those of them that are to be counted: of the others it is known what they come to.</param>
    public async Task OpenAsync(List<Segment> inRange, List<Segment> scanned)
    {
        foreach (var segment in scanned)
        {
            _scanned.Add(segment.Key, segment);
        }

        _areFew = scanned.Sum(segment => (long)segment.Rows) <= _maxRows;
        List<Segment> all = [.. scanned, .. _needs.PageViews ? await EarlierAsync(scanned, _ofLater) : []];
        foreach (var segment in all.Concat(inRange))
        {
            BlockOf(segment);
        }

        await new SegmentValues(_reader, _values).NumberAsync(_query.Used, _query.Naming, Joins, all);
        if (_needs.PageViews)
        {
            await new SegmentValues(_reader, _values).NumberLinksAsync(_query.Naming, scanned);
        }

        if (_areFew)
        {
            await AddSessionsAsync(all);
            await AddViewsAsync(scanned);
        }
    }

    /// <summary>Divides blocks into portions: each is to be read, counted and dropped before the next one.</summary>
    public IEnumerable<List<RowBlock>> Portions(IReadOnlyList<RowBlock> blocks)
    {
        var (portion, rows) = (new List<RowBlock>(), 0L);
        foreach (var block in blocks)
        {
            var more = !_areFew && _scanned.TryGetValue(block.Key, out var segment) ? segment.Rows : 0;
            if (rows > 0 && rows + more > _maxRows)
            {
                yield return portion;
                (portion, rows) = ([], 0);
            }

            portion.Add(block);
            rows += more;
        }

        if (portion.Count > 0)
        {
            yield return portion;
        }
    }

    /// <summary>Reads the columns of a portion, and those of earlier sessions that its page views are of.</summary>
    public async Task ReadAsync(List<RowBlock> portion)
    {
        if (!_areFew)
        {
            var scanned = ScannedOf(portion);
            await AddSessionsAsync(_needs.PageViews ? [.. scanned, .. await EarlierAsync(scanned, [])] : scanned);
            await AddViewsAsync(scanned);
        }
    }

    /// <summary>Reads of a portion only what tells which sessions had a click.</summary>
    public Task ReadClicksAsync(List<RowBlock> portion) => _areFew ? Task.CompletedTask : AddViewsAsync(ScannedOf(portion));

    /// <summary>Reads the columns of sessions that page views after all segments are of.</summary>
    public Task ReadOfLaterAsync() => AddSessionsAsync(_segments.FindAll(segment => _ofLater.Contains(segment.Number)));

    /// <summary>Drops what was read of a portion; few blocks stay as they are.</summary>
    public void Drop()
    {
        if (!_areFew)
        {
            GiveBack();
        }
    }

    /// <summary>Drops everything that was read.</summary>
    public void GiveBack()
    {
        foreach (var block in _blocks.Values)
        {
            block.Drop();
        }

        _reader.GiveBack();
    }

    private List<Segment> ScannedOf(List<RowBlock> portion) =>
        [.. portion.Where(block => _scanned.ContainsKey(block.Key)).Select(block => _scanned[block.Key])];

    /// <summary>The others, counted or not in the range, whose sessions page views of these segments are of; and those that are asked for.</summary>
    private async Task<List<Segment>> EarlierAsync(List<Segment> scanned, HashSet<int> others)
    {
        var needed = new HashSet<int>(scanned.Select(segment => segment.Number).Concat(others));
        foreach (var portion in Portions([.. scanned.Select(BlockOf)]))
        {
            var segments = ScannedOf(portion);
            await AddAsync([(BlockColumn.Session, segments)]);
            foreach (var segment in segments)
            {
                AddEarlier(segment, BlockOf(segment)[BlockColumn.Session], needed);
            }

            if (segments.Count < scanned.Count)
            {
                Drop();
            }
        }

        needed.ExceptWith(scanned.Select(segment => segment.Number));
        return _segments.FindAll(segment => needed.Contains(segment.Number));
    }

    private void AddEarlier(Segment segment, NumberColumn sessions, HashSet<int> needed)
    {
        // Mostly the only one that is possible is needed anyway; then the numbers are not looked at.
        var first = sessions.Count == 0 ? segment.Number : SessionLocator.SegmentOf(_segments, (int)sessions.Min).Number;
        if (Enumerable.Range(first, segment.Number - first).All(needed.Contains))
        {
            return;
        }

        using var scratch = new Scratch();
        foreach (var session in scratch.Copy(sessions))
        {
            if (session < segment.FirstSession)
            {
                needed.Add(SessionLocator.SegmentOf(_segments, session).Number);
            }
        }
    }

    private async Task AddSessionsAsync(List<Segment> segments)
    {
        if (Joins)
        {
            await AddJoinedAsync(segments);
        }

        await AddAsync([
            .. _needs.Sets.Where(set => !Joins || (set != FactSet.Origin && set != FactSet.Referrer)).Select(set => (set.Column, segments)),
            .. _needs.Columns.Select(column => (column, segments)),
            (BlockColumn.StartedAt, _needs.Times ? segments : segments.FindAll(IsCut)),
        ]);
    }

    private async Task AddJoinedAsync(List<Segment> segments)
    {
        var missing = segments.FindAll(segment => !BlockOf(segment).Has(BlockColumn.Origin));
        await AddAsync([(BlockColumn.Origin, missing), (BlockColumn.Referrer, segments)]);
        foreach (var block in missing.Select(BlockOf))
        {
            block[BlockColumn.Origin] = OriginWithReferrer.Join(block)[BlockColumn.Origin];
        }
    }

    private async Task AddViewsAsync(List<Segment> segments)
    {
        if (_needs.PageViews)
        {
            await AddAsync([
                (BlockColumn.Session, segments),
                (BlockColumn.Link, segments),
                (BlockColumn.EnteredAt, _needs.Times ? segments : segments.FindAll(IsCut)),
            ]);
        }
    }

    private async Task AddAsync(IEnumerable<(BlockColumn Column, List<Segment> Segments)> wanted)
    {
        var missing = wanted.Select(some => (some.Column, Segments: (IReadOnlyList<Segment>)some.Segments.FindAll(segment => !BlockOf(segment).Has(some.Column))))
            .Where(some => some.Segments.Count > 0).ToList();
        var columns = await _reader.ReadAsync(missing);
        for (var i = 0; i < columns.Length; i++)
        {
            for (var place = 0; place < columns[i].Length; place++)
            {
                BlockOf(missing[i].Segments[place])[missing[i].Column] = columns[i][place];
            }
        }
    }

    private bool IsCut(Segment segment) => BlockOf(segment) is var block && !_query.Range.Covers(block.From, block.Until);

    private RowBlock BlockOf(Segment segment) =>
        _blocks.TryGetValue(segment.Number, out var block) ? block : _blocks[segment.Number] = segment.ToBlock();
}
