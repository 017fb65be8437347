namespace Bioscope.Engine.Counting;

/// <summary>Decides which rows of a page count, by the range and the filters of a question.</summary>
internal sealed class RowFilters
{
    private readonly InstantRange _range;
    private readonly PageRows _rows;
    private readonly bool[] _passes; // by session: facts, kind of visitor, links
    private readonly bool[] _clicks; // by code of link: whether a click on it passes
    private readonly List<TimeFilter> _times = [];

    public RowFilters(CountQuery query, PageRows rows)
    {
        (_range, _rows) = (query.Range, rows);
        _passes = new bool[rows.StartedAt.Length];
        Array.Fill(_passes, true);
        _clicks = new bool[rows.Links.Values.Count];
        Array.Fill(_clicks, true);
        foreach (var filter in query.Filters)
        {
            switch (filter.Dimension.Kind)
            {
                case DimensionKind.Session:
                    var fact = rows.Fact(filter.Dimension);
                    Keep(filter, fact.Codes, fact.Values);
                    break;
                case DimensionKind.VisitorKind:
                    Keep(filter, VisitorKinds.Codes(rows), VisitorKinds.Values);
                    break;
                case DimensionKind.Time:
                    _times.Add(new TimeFilter(filter, TimeBuckets.Of(filter.Dimension, query.Range, query.Zone)));
                    break;
                case DimensionKind.Link:
                    KeepByLink(filter);
                    break;
                default:
                    throw new ArgumentOutOfRangeException(nameof(query), filter.Dimension.Kind, null);
            }
        }
    }

    /// <summary>Whether the session is a visit that counts.</summary>
    public bool CountsVisit(int session) => _passes[session] && CountsAt(_rows.StartedAt[session]);

    /// <summary>Whether the page view counts.</summary>
    public bool CountsView(int view) => _passes[_rows.Sessions[view]] && _clicks[_rows.Links.Codes[view]] && CountsAt(_rows.EnteredAt[view]);

    /// <summary>Whether the click is in the range and on a link that passes, whatever its session.</summary>
    public bool KeepsClick(int view) => _clicks[_rows.Links.Codes[view]] && IsInRange(_rows.EnteredAt[view]);

    private bool IsInRange(long at) => at >= _range.From && at < _range.Until;

    private bool CountsAt(long at)
    {
        if (!IsInRange(at))
        {
            return false;
        }

        foreach (var filter in _times)
        {
            if (!filter.Holds(at))
            {
                return false;
            }
        }

        return true;
    }

    private void Keep(Filter filter, ReadOnlySpan<int> codes, IReadOnlyList<string?> values)
    {
        var allowed = Allowed(filter, values);
        for (var session = 0; session < codes.Length; session++)
        {
            _passes[session] &= allowed[codes[session]];
        }
    }

    /// <summary>
    /// What asks for a link keeps sessions with such a click in the range, and of their clicks those that pass. What asks for none keeps
    /// sessions without a click that fails.
    /// </summary>
    private void KeepByLink(Filter filter)
    {
        var allowed = Allowed(filter, _rows.Links.Values);
        var asksForNone = allowed[0]; // without a link it holds
        var hasClick = new bool[_passes.Length];
        for (var view = 0; view < _rows.EnteredAt.Length; view++)
        {
            var link = _rows.Links.Codes[view];
            if (link != 0 && allowed[link] != asksForNone && IsInRange(_rows.EnteredAt[view]))
            {
                hasClick[_rows.Sessions[view]] = true;
            }
        }

        for (var session = 0; session < _passes.Length; session++)
        {
            _passes[session] &= hasClick[session] != asksForNone;
        }

        for (var link = 1; link < _clicks.Length; link++)
        {
            _clicks[link] &= allowed[link];
        }
    }

    private static bool[] Allowed(Filter filter, IReadOnlyList<string?> values)
    {
        var match = new FilterMatch(filter);
        return [.. values.Select(match.Holds)];
    }

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
