using System.Runtime.InteropServices;

namespace Bioscope.Engine.Counting;

/// <summary>
/// The rows of a page that a query needs, as columns: sessions that started in the range, page views of the range, and the sessions of those
/// page views that began before it. Made by one reader in one snapshot, then only read.
/// </summary>
public sealed class PageRows
{
    /// <summary>The number of a visitor or the time of a session that is not known.</summary>
    public const int Unknown = -1;

    /// <summary>Stands for the start of a session that page views name but that is not stored: before every range.</summary>
    public const long NotStored = long.MinValue;

    private readonly List<long> _startedAt = [];
    private readonly List<int> _visitors = [];
    private readonly List<int> _pageViews = [];
    private readonly List<int> _durations = [];
    private readonly List<long> _enteredAt = [];
    private readonly List<int> _sessions = [];
    private readonly Dictionary<Dimension, CodedColumn> _facts;
    private byte[]? _isReturning;

    /// <param name="facts">The session dimensions that are read.</param>
    public PageRows(IEnumerable<Dimension> facts) => _facts = facts.ToDictionary(fact => fact, _ => new CodedColumn());

    /// <summary>When each session started, in milliseconds since 1970.</summary>
    public ReadOnlySpan<long> StartedAt => CollectionsMarshal.AsSpan(_startedAt);

    /// <summary>The visitor of each session by number, from 0, or <see cref="Unknown"/>.</summary>
    public ReadOnlySpan<int> Visitors => CollectionsMarshal.AsSpan(_visitors);

    /// <summary>How many page views each session has, or <see cref="Unknown"/>.</summary>
    public ReadOnlySpan<int> PageViews => CollectionsMarshal.AsSpan(_pageViews);

    /// <summary>How long each session took in seconds, or <see cref="Unknown"/>.</summary>
    public ReadOnlySpan<int> Durations => CollectionsMarshal.AsSpan(_durations);

    /// <summary>When each page view was entered, in milliseconds since 1970.</summary>
    public ReadOnlySpan<long> EnteredAt => CollectionsMarshal.AsSpan(_enteredAt);

    /// <summary>The session of each page view.</summary>
    public ReadOnlySpan<int> Sessions => CollectionsMarshal.AsSpan(_sessions);

    /// <summary>The link of each page view; null where none was clicked.</summary>
    public CodedColumn Links { get; } = new();

    /// <summary>One more than the highest number of a visitor.</summary>
    public int VisitorCount { get; private set; }

    /// <summary>By session, 1 where it is not the first one of its visitor on the page ever; empty unless it was asked for.</summary>
    public ReadOnlySpan<byte> IsReturning => _isReturning;

    /// <summary>A fact of the sessions.</summary>
    public CodedColumn Fact(Dimension dimension) => _facts[dimension];

    /// <summary>Adds a session; its facts follow by <see cref="Fact"/>, one for each dimension that is read.</summary>
    /// <returns>Its number.</returns>
    public int AddSession(long startedAt, int visitor, int pageViews, int duration)
    {
        _startedAt.Add(startedAt);
        _visitors.Add(visitor);
        _pageViews.Add(pageViews);
        _durations.Add(duration);
        VisitorCount = Math.Max(VisitorCount, visitor + 1);
        return _startedAt.Count - 1;
    }

    /// <summary>Adds a session of which only page views tell.</summary>
    /// <returns>Its number.</returns>
    public int AddSessionNotStored()
    {
        foreach (var fact in _facts.Values)
        {
            fact.Add(null);
        }

        return AddSession(NotStored, Unknown, Unknown, Unknown);
    }

    /// <summary>Adds a page view; the link is one of <see cref="Links"/>, by its code.</summary>
    public void AddPageView(long enteredAt, int session, int link)
    {
        _enteredAt.Add(enteredAt);
        _sessions.Add(session);
        Links.Add(link);
    }

    /// <summary>Says for every session whether it is a later one of its visitor.</summary>
    public void SetReturning(byte[] isReturning) => _isReturning = isReturning;
}

/// <summary>A column of texts as numbers: equal texts have one, and null and empty text are 0.</summary>
public sealed class CodedColumn
{
    private readonly List<int> _codes = [];
    private readonly List<string?> _values = [null];
    private readonly Dictionary<string, int> _codeOf = new(StringComparer.Ordinal);

    /// <summary>The code of each row.</summary>
    public ReadOnlySpan<int> Codes => CollectionsMarshal.AsSpan(_codes);

    /// <summary>The text of each code; null for 0.</summary>
    public IReadOnlyList<string?> Values => _values;

    /// <summary>Adds a row.</summary>
    public void Add(string? value) => Add(CodeOf(value));

    /// <summary>Adds a row by its code.</summary>
    public void Add(int code) => _codes.Add(code);

    /// <summary>The code of a text, which is a new one the first time.</summary>
    public int CodeOf(string? value)
    {
        if (string.IsNullOrEmpty(value))
        {
            return 0;
        }

        ref var code = ref CollectionsMarshal.GetValueRefOrAddDefault(_codeOf, value, out var isKnown);
        if (!isKnown)
        {
            code = _values.Count;
            _values.Add(value);
        }

        return code;
    }
}
