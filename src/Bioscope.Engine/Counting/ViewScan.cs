using Bioscope.Engine.Columns;

namespace Bioscope.Engine.Counting;

/// <summary>Counts the page views of one block. What a question asks of their sessions is known of each block's <see cref="SessionSide"/>.</summary>
internal readonly ref struct ViewScan
{
    private readonly CountScan _scan;
    private readonly SessionSide _side;
    private readonly Scratch _scratch;
    private readonly Span<int> _links, _sessions;
    private readonly Span<long> _times; // empty where they do not matter
    private readonly int _count;

    public ViewScan(CountScan scan, RowBlock block, int[] links, Scratch scratch)
    {
        (_scan, _side, _scratch, _count) = (scan, scan.SideOf(block), scratch, block.ViewCount);
        _links = scratch.Span<int>(_count);
        block[BlockColumn.Link].CopyTo<int>(_links, links);
        _sessions = scratch.Copy(block[BlockColumn.Session]);
        if (!_side.IsInRange || scan.Filters.FiltersTimes || scan.Groups.ByTime)
        {
            _times = scratch.Span<long>(_count);
            block[BlockColumn.EnteredAt].CopyTo(_times);
        }
    }

    private RowGroups Groups => _scan.Groups;

    /// <summary>Adds them to what was counted so far.</summary>
    /// <param name="totals">By link, views are in no group: they are added here.</param>
    public void Count(ref Tally totals)
    {
        if (Groups.ByLink && _scan.Needs.Visits)
        {
            CountVisitsByLink();
        }

        var rows = RowNumbers.Where(Counts(), _count, _scratch);
        if (Groups.ByLink)
        {
            var clicks = RowNumbers.WithNumber(rows, _links, _scratch);
            totals.Views += rows.Length - clicks.Length;
            totals.Clicks += clicks.Length;
            rows = clicks;
        }

        var groups = GroupsOf(rows);
        var tallies = _scan.Tallies();
        if (groups.IsEmpty)
        {
            var clicks = rows.Length - Zeros(rows, _links);
            tallies[0].Clicks += clicks;
            tallies[0].Views += rows.Length - clicks;
        }
        else
        {
            foreach (var row in rows)
            {
                ref var tally = ref tallies[groups[row]];
                var click = _links[row] != 0 ? 1 : 0;
                tally.Clicks += click;
                tally.Views += 1 - click;
            }
        }

        if (_scan.Needs.Clickers)
        {
            CountClickers(Groups.ByLink ? rows : RowNumbers.WithNumber(rows, _links, _scratch), groups);
        }
    }

    private void CountClickers(ReadOnlySpan<int> clicks, ReadOnlySpan<int> groups)
    {
        var visitors = _scratch.Span<int>(_count);
        CopyOfSessions(clicks, static side => side.Visitors, visitors);
        _scan.Clickers.Add(clicks, groups, visitors, Groups.Count);
    }

    /// <summary>A visit counts once for each link that was clicked in it, at the session's own time.</summary>
    private void CountVisitsByLink()
    {
        var clicks = RowNumbers.WithNumber(RowNumbers.All(_count), _links, _scratch);
        var counts = _scratch.Span<bool>(_count);
        CopyOfSessions(clicks, static side => side.Counts, counts);
        if (!_side.IsInRange)
        {
            _scan.Filters.KeepRange(_times, counts);
        }

        var isFirst = Groups.Parts[0].Dimension.Kind == DimensionKind.Link;
        var others = default(Span<int>);
        if (Groups.Parts.Count > 1)
        {
            others = _scratch.Span<int>(_count);
            CopyOfSessions(clicks, isFirst ? static side => side.OwnCodesOf(1) : static side => side.OwnCodesOf(0), others);
        }

        foreach (var row in clicks)
        {
            var link = _links[row];
            if (!counts[row] || _scan.Filters.Links?[link] == false)
            {
                continue;
            }

            var other = others.IsEmpty ? 0 : others[row];
            var group = isFirst ? Groups.NumberOf(link, other) : Groups.NumberOf(other, link);
            if (_scan.VisitsByLink.Add(group, _sessions[row] - _scan.FirstSession) && _scan.Needs.Visitors)
            {
                var side = SideOf(_sessions[row]);
                _scan.VisitorsByLink.Add(group, side.Visitors[_sessions[row] - side.First]);
            }
        }
    }

    /// <summary>By page view, whether it counts; null where all do.</summary>
    private bool[]? Counts()
    {
        var filters = _scan.Filters;
        var filtersTimes = !_side.IsInRange || filters.FiltersTimes;
        if (!filtersTimes && !filters.FiltersSessions)
        {
            return null;
        }

        var counts = _scratch.Array<bool>(_count);
        if (filters.FiltersSessions)
        {
            CopyOfSessions(RowNumbers.All(_count), static side => side.Passes!, counts);
        }
        else
        {
            counts.AsSpan(0, _count).Fill(true);
        }

        if (filtersTimes)
        {
            filters.KeepTimes(_times, counts.AsSpan(0, _count));
        }

        for (var row = 0; filters.Links is { } links && row < _count; row++)
        {
            counts[row] &= links[_links[row]];
        }

        return counts;
    }

    /// <summary>The group of each of these page views, by page view; empty where there is one only.</summary>
    private ReadOnlySpan<int> GroupsOf(ReadOnlySpan<int> rows)
    {
        if (Groups.Parts.Count == 0)
        {
            return default;
        }

        var groups = _scratch.Span<int>(_count);
        if (Groups.OfSessions)
        {
            CopyOfSessions(rows, static side => side.Groups!, groups);
        }
        else
        {
            Groups.Number(CodesOf(0, rows), Groups.Parts.Count > 1 ? CodesOf(1, rows) : default, rows, groups);
        }

        return groups;
    }

    private ReadOnlySpan<int> CodesOf(int part, ReadOnlySpan<int> rows)
    {
        var of = Groups.Parts[part];
        if (of.Dimension.Kind == DimensionKind.Link)
        {
            return _links;
        }

        var codes = _scratch.Span<int>(_count);
        if (of.Buckets is { } buckets)
        {
            buckets.CopyTo(_times, rows, codes);
            return codes;
        }

        CopyOfSessions(rows, part == 0 ? static side => side.CodesOf(0) : static side => side.CodesOf(1), codes);
        return codes;
    }

    /// <summary>Copies what is known of the session of each of these page views.</summary>
    private void CopyOfSessions<T>(ReadOnlySpan<int> rows, Func<SessionSide, T[]> known, Span<T> to)
    {
        var own = known(_side).AsSpan(0, _side.Count);
        var sessions = _sessions;
        var first = _side.First;
        foreach (var row in rows)
        {
            var session = sessions[row] - first;
            if (unchecked((uint)session) < (uint)own.Length)
            {
                to[row] = own[session];
                continue;
            }

            var side = _scan.SideOf(sessions[row]);
            to[row] = known(side)[sessions[row] - side.First];
        }
    }

    private static int Zeros(ReadOnlySpan<int> rows, ReadOnlySpan<int> numbers)
    {
        var zeros = 0;
        foreach (var row in rows)
        {
            zeros += numbers[row] == 0 ? 1 : 0;
        }

        return zeros;
    }

    // Nearly all are in the same block.
    private SessionSide SideOf(int session) =>
        session >= _side.First && session - _side.First < _side.Count ? _side : _scan.SideOf(session);
}
