using System.Runtime.InteropServices;
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
    private readonly CountQuery _query;
    private readonly PageRows _rows;
    private readonly QueryNeeds _needs;
    private readonly RowFilters _filters;
    private readonly RowGroups _groups;
    private readonly DistinctVisitors _visitors, _clickers;
    private readonly DistinctPairs _visitsByLink = new();
    private readonly Scratch _scratch = new();
    private readonly Dictionary<RowBlock, SessionSide> _sides = [];
    private readonly List<Tally> _tallies = [];
    private Tally _totals;

    private CountScan(CountQuery query, PageRows rows)
    {
        (_query, _rows, _needs) = (query, rows, QueryNeeds.Of(query));
        (_filters, _groups) = (new RowFilters(query, rows), new RowGroups(query, rows));
        (_visitors, _clickers) = (new DistinctVisitors(rows.VisitorCount), new DistinctVisitors(rows.VisitorCount));
    }

    /// <summary>Answers the question from rows that hold all that it needs.</summary>
    public static CountResult Run(CountQuery query, PageRows rows)
    {
        using var scan = new CountScan(query, rows);
        foreach (var block in rows.Blocks.Where(block => block.From < query.Range.Until && block.Until > query.Range.From))
        {
            if (scan._needs.Visits)
            {
                scan.CountVisits(block);
            }

            if (scan._needs.PageViews && block.Has(BlockColumn.Link))
            {
                using var scratch = new Scratch();
                new ViewScan(scan, block, scratch).Count();
            }
        }

        return scan.Result();
    }

    /// <inheritdoc />
    public void Dispose() => _scratch.Dispose();

    private CountResult Result()
    {
        var rows = new List<CountRow>(_tallies.Count);
        for (var group = 0; group < _tallies.Count; group++)
        {
            if (_query.Metrics.Any(_tallies[group].Has))
            {
                rows.Add(new CountRow(_groups.ValuesOf(group), _tallies[group]));
            }
        }

        return new CountResult(_query.Dimensions.Count == 0 ? [new CountRow([], _totals)] : rows, _totals);
    }

    private void CountVisits(RowBlock block)
    {
        using var scratch = new Scratch();
        var side = SideOf(block);
        var groups = default(Span<int>); // with links, visits are in the totals here, and in groups by their clicks
        if (!_groups.ByLink && _groups.Parts.Count > 0)
        {
            groups = scratch.Span<int>(block.SessionCount);
            var first = side.OwnCodesOf(0, _groups.Parts[0]);
            _groups.Number(first, _groups.Parts.Count > 1 ? side.OwnCodesOf(1, _groups.Parts[1]) : [], side.Counts, groups);
        }

        var outcomes = _needs.Outcomes
            ? new SessionOutcomes(scratch.Copy(block[BlockColumn.PageViews]), scratch.Copy(block[BlockColumn.Duration]))
            : default;
        var counts = side.Counts;
        var visitors = _needs.Visitors ? side.Visitors : null;
        for (var i = 0; i < block.SessionCount; i++)
        {
            if (counts is not null && !counts[i])
            {
                continue;
            }

            outcomes.AddTo(ref _totals, i);
            _totals.Visitors += visitors is not null && _visitors.Add(0, visitors[i]) ? 1 : 0;
            if (!groups.IsEmpty)
            {
                ref var tally = ref TallyOf(groups[i]);
                outcomes.AddTo(ref tally, i);
                tally.Visitors += visitors is not null && _visitors.Add(groups[i] + 1, visitors[i]) ? 1 : 0;
            }
        }
    }

    private SessionSide SideOf(RowBlock block)
    {
        if (!_sides.TryGetValue(block, out var side))
        {
            _sides[block] = side = new SessionSide(block, _query, _rows, _filters, _scratch);
        }

        return side;
    }

    private ref Tally TallyOf(int group)
    {
        while (_tallies.Count <= group)
        {
            _tallies.Add(default);
        }

        return ref CollectionsMarshal.AsSpan(_tallies)[group];
    }

    /// <summary>How sessions went; none where it is not asked for.</summary>
    private readonly ref struct SessionOutcomes(ReadOnlySpan<int> pageViews, ReadOnlySpan<int> durations)
    {
        private readonly ReadOnlySpan<int> _pageViews = pageViews;
        private readonly ReadOnlySpan<int> _durations = durations;

        public void AddTo(ref Tally tally, int session)
        {
            tally.Visits++;
            if (_pageViews.IsEmpty)
            {
                return;
            }

            if (_pageViews[session] is >= 0 and var pageViews)
            {
                tally.PageViews += pageViews;
                tally.Bounces += pageViews < 2 ? 1 : 0;
            }

            if (_durations[session] is > 0 and var seconds)
            {
                tally.Timed++;
                tally.Seconds += seconds;
            }
        }
    }

    /// <summary>Counts the page views of one block.</summary>
    private readonly ref struct ViewScan
    {
        private readonly CountScan _scan;
        private readonly RowBlock _block;
        private readonly SessionSide _side;
        private readonly Scratch _own;
        private readonly Span<int> _links, _sessions;
        private readonly Span<long> _times; // empty where they do not matter
        private readonly Span<bool> _counts;

        public ViewScan(CountScan scan, RowBlock block, Scratch own)
        {
            (_scan, _block, _side, _own) = (scan, block, scan.SideOf(block), own);
            _links = _own.Span<int>(block.ViewCount);
            block[BlockColumn.Link].CopyTo<int>(_links, scan._rows.LinksOf(block));
            _sessions = _own.Copy(block[BlockColumn.Session]);
            if (!_side.IsInRange || scan._filters.FiltersTimes || scan._groups.ByTime)
            {
                _times = _own.Span<long>(block.ViewCount);
                block[BlockColumn.EnteredAt].CopyTo(_times);
            }

            _counts = _own.Span<bool>(block.ViewCount);
        }

        public void Count()
        {
            if (_scan._groups.ByLink && _scan._needs.Visits)
            {
                CountVisitsByLink();
            }

            _counts.Fill(true);
            if (!_side.IsInRange || _scan._filters.FiltersTimes)
            {
                _scan._filters.KeepTimes(_times, _counts);
            }

            if (_scan._filters.FiltersSessions)
            {
                KeepPassing();
            }

            var groups = default(Span<int>);
            if (_scan._groups.Parts.Count > 0)
            {
                groups = _own.Span<int>(_block.ViewCount);
                _scan._groups.Number(CodesOf(0), _scan._groups.Parts.Count > 1 ? CodesOf(1) : [], _counts, groups);
            }

            Add(groups);
        }

        private void Add(ReadOnlySpan<int> groups)
        {
            for (var i = 0; i < _links.Length; i++)
            {
                if (!_counts[i])
                {
                    continue;
                }

                var isClick = _links[i] != 0;
                var clicker = isClick && _scan._needs.Clickers ? VisitorOf(_sessions[i]) : RowBlock.Unknown;
                AddTo(ref _scan._totals, 0, isClick, clicker);
                if (!groups.IsEmpty && (isClick || !_scan._groups.ByLink))
                {
                    AddTo(ref _scan.TallyOf(groups[i]), groups[i] + 1, isClick, clicker);
                }
            }
        }

        private void AddTo(ref Tally tally, int group, bool isClick, int clicker)
        {
            tally.Views += isClick ? 0 : 1;
            tally.Clicks += isClick ? 1 : 0;
            tally.Clickers += clicker != RowBlock.Unknown && _scan._clickers.Add(group, clicker) ? 1 : 0;
        }

        /// <summary>A visit counts once for each link that was clicked in it, at the session's own time.</summary>
        private void CountVisitsByLink()
        {
            var parts = _scan._groups.Parts;
            var isFirst = parts[0].Dimension.Kind == DimensionKind.Link;
            for (var i = 0; i < _links.Length; i++)
            {
                var link = _links[i];
                if (link == 0 || _scan._filters.Links?[link] == false || !(_side.IsInRange || _scan.IsInRange(_times[i])))
                {
                    continue;
                }

                var side = SideOf(_sessions[i]);
                var session = _sessions[i] - side.First;
                if (side.Counts?[session] == false)
                {
                    continue;
                }

                var other = parts.Count < 2 ? 0 : side.OwnCodesOf(isFirst ? 1 : 0, parts[isFirst ? 1 : 0])[session];
                var group = isFirst ? _scan._groups.NumberOf(link, other) : _scan._groups.NumberOf(other, link);
                if (_scan._visitsByLink.Add(group, _sessions[i]))
                {
                    ref var tally = ref _scan.TallyOf(group);
                    tally.Visits++;
                    tally.Visitors += _scan._needs.Visitors && _scan._visitors.Add(group + 1, side.Visitors[session]) ? 1 : 0;
                }
            }
        }

        private void KeepPassing()
        {
            var links = _scan._filters.Links;
            for (var i = 0; i < _counts.Length; i++)
            {
                if (_counts[i])
                {
                    var side = SideOf(_sessions[i]);
                    _counts[i] = (links is null || links[_links[i]]) && side.Passes![_sessions[i] - side.First];
                }
            }
        }

        private ReadOnlySpan<int> CodesOf(int part)
        {
            var of = _scan._groups.Parts[part];
            if (of.Dimension.Kind == DimensionKind.Link)
            {
                return _links;
            }

            var codes = _own.Span<int>(_block.ViewCount);
            if (of.Buckets is { } buckets)
            {
                buckets.CopyTo(_times, _counts, codes);
                return codes;
            }

            for (var i = 0; i < codes.Length; i++)
            {
                var side = SideOf(_sessions[i]);
                codes[i] = side.CodesOf(part, of.Dimension)[_sessions[i] - side.First];
            }

            return codes;
        }

        private int VisitorOf(int session)
        {
            var side = SideOf(session);
            return side.Visitors[session - side.First];
        }

        // Nearly all are in the same block.
        private SessionSide SideOf(int session) =>
            session >= _side.First && session - _side.First < _side.Count ? _side : _scan.SideOf(_scan._rows.BlockOf(session));
    }

    private bool IsInRange(long time) => time >= _query.Range.From && time < _query.Range.Until;
}
