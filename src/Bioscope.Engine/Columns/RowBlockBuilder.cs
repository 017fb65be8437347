using System.Runtime.InteropServices;

namespace Bioscope.Engine.Columns;

/// <summary>Takes sessions and page views and makes a <see cref="RowBlock"/> of them.</summary>
internal sealed class RowBlockBuilder(IReadOnlyList<FactSet> sets, int firstSession = 0)
{
    private readonly FactTable[] _tables = [.. sets.Select(set => new FactTable(set))];
    private readonly List<int>[] _facts = [.. sets.Select(_ => new List<int>())];
    private readonly List<long> _startedAt = [], _enteredAt = [];
    private readonly List<int> _visitors = [], _pageViews = [], _durations = [], _sessions = [], _linkCodes = [];
    private readonly List<string?> _links = [null];
    private readonly Dictionary<string, int> _codeOfLink = new(StringComparer.Ordinal);

    /// <summary>How many sessions were added.</summary>
    public int SessionCount => _startedAt.Count;

    /// <summary>How many page views were added.</summary>
    public int ViewCount => _enteredAt.Count;

    /// <summary>When each session started.</summary>
    public ReadOnlySpan<long> StartedAt => CollectionsMarshal.AsSpan(_startedAt);

    /// <summary>How many page views and seconds each session has; may be changed until the block is built.</summary>
    public (List<int> PageViews, List<int> Durations) Outcomes => (_pageViews, _durations);

    /// <summary>Adds a session; its facts follow by <see cref="AddFacts"/>, once for each set.</summary>
    /// <returns>Its number.</returns>
    public int AddSession(long startedAt, int visitor, int pageViews, int duration)
    {
        _startedAt.Add(startedAt);
        _visitors.Add(visitor);
        _pageViews.Add(pageViews);
        _durations.Add(duration);
        return firstSession + _startedAt.Count - 1;
    }

    /// <summary>Adds the last session's facts of the set with that place in the list of sets.</summary>
    public void AddFacts(int set, string?[] values) => _facts[set].Add(_tables[set].CodeOf(values));

    /// <summary>Adds a session of which only page views tell: its facts are unknown.</summary>
    /// <returns>Its number.</returns>
    public int AddSessionNotStored()
    {
        for (var set = 0; set < sets.Count; set++)
        {
            _facts[set].Add(_tables[set].CodeOfNotStored());
        }

        return AddSession(RowBlock.NotStored, RowBlock.Unknown, RowBlock.Unknown, RowBlock.Unknown);
    }

    /// <summary>The place of a link in the block's links; 0 for none.</summary>
    public int CodeOfLink(string? link)
    {
        if (string.IsNullOrEmpty(link))
        {
            return 0;
        }

        ref var code = ref CollectionsMarshal.GetValueRefOrAddDefault(_codeOfLink, link, out var isKnown);
        if (!isKnown)
        {
            code = _links.Count;
            _links.Add(link);
        }

        return code;
    }

    /// <summary>Adds a page view.</summary>
    public void AddPageView(long enteredAt, int session, int link)
    {
        _enteredAt.Add(enteredAt);
        _sessions.Add(session);
        _linkCodes.Add(link);
    }

    /// <summary>The block of what was added.</summary>
    /// <param name="range">Where all its times are, in milliseconds; null where that was not looked at.</param>
    public RowBlock Build((long From, long Until)? range = null)
    {
        var block = new RowBlock
        {
            Key = new object(),
            From = range?.From ?? long.MinValue,
            Until = range?.Until ?? long.MaxValue,
            FirstSession = firstSession,
            SessionCount = SessionCount,
            ViewCount = ViewCount,
            Links = _links,
            [BlockColumn.StartedAt] = NumberColumn.Of(StartedAt),
            [BlockColumn.Visitor] = Column(_visitors),
            [BlockColumn.PageViews] = Column(_pageViews),
            [BlockColumn.Duration] = Column(_durations),
            [BlockColumn.EnteredAt] = NumberColumn.Of<long>(CollectionsMarshal.AsSpan(_enteredAt)),
            [BlockColumn.Session] = Column(_sessions),
            [BlockColumn.Link] = Column(_linkCodes),
        };
        for (var set = 0; set < sets.Count; set++)
        {
            block[sets[set].Column] = Column(_facts[set]);
            block.Facts[sets[set]] = _tables[set].Entries;
        }

        return block;

        static NumberColumn Column(List<int> numbers) => NumberColumn.Of<int>(CollectionsMarshal.AsSpan(numbers));
    }
}
