using System.Runtime.CompilerServices;
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
    /// <param name="tallies">Whether to count what can be added up.</param>
    /// <param name="distinct">Whether to count clickers.</param>
    /// <param name="totals">By link, views are in no group: they are added here.</param>
    public void Count(bool tallies, bool distinct, ref Tally totals)
    {
        var rows = Rows(withViews: tallies && _scan.Needs.Views);
        var clicks = Groups.ByLink || _scan.Needs.Clickers ? RowNumbers.WithNumber(rows, _links, _scratch) : default;
        if (Groups.ByLink)
        {
            totals.Views += tallies ? rows.Length - clicks.Length : 0;
            totals.Clicks += tallies ? clicks.Length : 0;
            rows = clicks;
        }

        var groups = GroupsOf(rows, ofVisits: false);
        if (tallies)
        {
            AddTallies(rows, groups);
        }

        if (_scan.Needs.Clickers && distinct)
        {
            AddVisitors(_scan.Clickers, clicks, groups);
        }

        if (Groups.ByLink && _scan.Needs.Visits)
        {
            CountVisitsByLink(groups);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddTallies(ReadOnlySpan<int> rows, ReadOnlySpan<int> groups)
    {
        var tallies = _scan.Tallies();
        if (groups.IsEmpty)
        {
            var views = Zeros(rows, _links);
            tallies[0].Views += views;
            tallies[0].Clicks += rows.Length - views;
            return;
        }

        foreach (var row in rows)
        {
            ref var tally = ref tallies[groups[row]];
            var click = _links[row] != 0 ? 1 : 0;
            tally.Clicks += click;
            tally.Views += 1 - click;
        }
    }

    /// <summary>A visit counts once for each link that was clicked in it, at the session's own time.</summary>
    private void CountVisitsByLink(ReadOnlySpan<int> groupsOfClicks)
    {
        var clicks = RowNumbers.WithNumber(RowNumbers.All(_count), _links, _scratch);
        var counts = _scratch.Span<bool>(_count);
        CopyOfSessions(clicks, static side => side.Counts, counts);
        if (!_side.IsInRange)
        {
            _scan.Filters.KeepRange(_times, counts);
        }

        KeepLinks(counts);
        var visits = RowNumbers.Where(clicks, counts, _scratch);
        // By its own time a visit may be in another group than its click, or count where the click does not.
        var isAlike = !Groups.ByTime && !_scan.Filters.FiltersTimes;
        var groups = isAlike ? groupsOfClicks : GroupsOf(visits, ofVisits: true);
        var sessions = _scratch.Span<int>(_count);
        foreach (var row in visits)
        {
            sessions[row] = _sessions[row] - _scan.FirstSession;
        }

        _scan.VisitsByLink.Add(visits, groups, sessions, Groups.Count);
    }

    private void AddVisitors(DistinctMembers to, ReadOnlySpan<int> rows, ReadOnlySpan<int> groups)
    {
        var visitors = _scratch.Span<int>(_count);
        CopyOfSessions(rows, static side => side.Visitors, visitors);
        to.Add(rows, groups, visitors, Groups.Count);
    }

    /// <summary>The page views that count; only clicks where views are not asked for.</summary>
    private ReadOnlySpan<int> Rows(bool withViews)
    {
        var filters = _scan.Filters;
        var rows = RowNumbers.All(_count);
        rows = withViews ? rows : RowNumbers.WithNumber(rows, _links, _scratch);
        var filtersTimes = !_side.IsInRange || filters.FiltersTimes;
        if (!filtersTimes && !filters.FiltersSessions)
        {
            return rows;
        }

        var counts = _scratch.Span<bool>(_count);
        if (filters.FiltersSessions)
        {
            CopyOfSessions(rows, static side => side.Passes!, counts);
        }
        else
        {
            counts.Fill(true);
        }

        if (filtersTimes)
        {
            filters.KeepTimes(_times, counts);
        }

        KeepLinks(counts);
        return RowNumbers.Where(rows, counts, _scratch);
    }

    private void KeepLinks(Span<bool> counts)
    {
        for (var row = 0; _scan.Filters.Links is { } links && row < _count; row++)
        {
            counts[row] &= links[_links[row]];
        }
    }

    /// <summary>The group of each of these page views, by page view; empty where there is one only.</summary>
    /// <param name="rows">The page views.</param>
    /// <param name="ofVisits">Whether the time is that of the session instead of the page view's own.</param>
    private ReadOnlySpan<int> GroupsOf(ReadOnlySpan<int> rows, bool ofVisits)
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
        else if (!Groups.ByTime || !Groups.TryNumber(_times, rows, groups))
        {
            Groups.Number(CodesOf(0, rows, ofVisits), Groups.Parts.Count > 1 ? CodesOf(1, rows, ofVisits) : default, rows, groups);
        }

        return groups;
    }

    private ReadOnlySpan<int> CodesOf(int part, ReadOnlySpan<int> rows, bool ofVisits)
    {
        var of = Groups.Parts[part];
        if (of.Dimension.Kind == DimensionKind.Link)
        {
            return _links;
        }

        var codes = _scratch.Span<int>(_count);
        if (of.Buckets is { } buckets && !ofVisits)
        {
            buckets.CopyTo(_times, rows, codes);
            return codes;
        }

        CopyOfSessions(rows, part == 0 ? static side => side.CodesOf(0) : static side => side.CodesOf(1), codes);
        return codes;
    }

    /// <summary>Copies what is known of the session of each of these page views.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void CopyOfSessions<T>(ReadOnlySpan<int> rows, Func<SessionSide, T[]> known, Span<T> to)
    {
        var own = known(_side).AsSpan(0, _side.Count);
        var sessions = _sessions;
        var first = _side.First;
        var others = default(Span<int>);
        var count = 0;
        foreach (var row in rows)
        {
            var session = sessions[row] - first;
            if (unchecked((uint)session) < (uint)own.Length)
            {
                to[row] = own[session];
                continue;
            }

            others = others.IsEmpty ? _scratch.Span<int>(rows.Length) : others;
            others[count++] = row;
        }

        CopyOfOthers(others[..count], known, to);
    }

    // Few are of other blocks. They are taken in the order of those, so that what is known of each is worked out once.
    private void CopyOfOthers<T>(Span<int> rows, Func<SessionSide, T[]> known, Span<T> to)
    {
        var sessions = _scratch.Span<int>(rows.Length);
        for (var i = 0; i < rows.Length; i++)
        {
            sessions[i] = _sessions[rows[i]];
        }

        sessions.Sort(rows);
        for (var i = 0; i < rows.Length;)
        {
            var side = _scan.SideOf(sessions[i]);
            var values = known(side);
            for (; i < rows.Length && sessions[i] - side.First < side.Count; i++)
            {
                to[rows[i]] = values[sessions[i] - side.First];
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Zeros(ReadOnlySpan<int> rows, ReadOnlySpan<int> numbers)
    {
        var zeros = 0;
        foreach (var row in rows)
        {
            zeros += numbers[row] == 0 ? 1 : 0;
        }

        return zeros;
    }
}
