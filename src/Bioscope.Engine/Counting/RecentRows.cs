using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Bioscope.Engine.Columns;
using Bioscope.Engine.Segments;

namespace Bioscope.Engine.Counting;

/// <summary>
/// Rows of a page that come after its segments: those that are sealed, as of one version of the page, or those that are not. Sessions are numbered
/// on from the segments'.
/// </summary>
internal sealed class RecentRows
{
    private readonly IReadOnlyDictionary<Guid, int> _numbers;
    private readonly VisitorKey[] _visitors;
    private readonly List<int> _pageViews, _durations;

    private RecentRows(RowBlock block, RowReader reader, IReadOnlyList<Guid> looseViews, IReadOnlySet<int> earlierSegments)
    {
        (Block, LooseViews, EarlierSegments) = (block, looseViews, earlierSegments);
        (_numbers, _visitors) = (reader.Numbers, [.. reader.Visitors]);
        (_pageViews, _durations) = reader.Builder.Outcomes;
    }

    /// <summary>The rows; without visitors' numbers.</summary>
    public RowBlock Block { get; }

    /// <summary>Page views that are not in the block, since they are of no session up to its end.</summary>
    public IReadOnlyList<Guid> LooseViews { get; }

    /// <summary>The numbers of segments whose sessions its page views are of.</summary>
    public IReadOnlySet<int> EarlierSegments { get; }

    /// <summary>The next number of a session.</summary>
    public int NextSession => Block.FirstSession + Block.SessionCount;

    /// <summary>About how much memory it takes, in bytes.</summary>
    public long Bytes => 4_096 + (Block.SessionCount * 140L) + (Block.ViewCount * 24L);

    /// <summary>The number of a session that is one of these.</summary>
    public bool TryNumber(Guid session, out int number) => _numbers.TryGetValue(session, out number);

    /// <summary>Reads rows.</summary>
    /// <param name="reader">Reads all facts; its first session has the number after those before.</param>
    /// <param name="before">Rows that come before these, and are in no segment; null where there are none.</param>
    /// <param name="locator">Finds sessions in segments.</param>
    /// <param name="segments">The segments before.</param>
    /// <param name="range">From included, until not.</param>
    /// <param name="looseViews">Page views that rows before these could not take; null where a page view without a session is left over too.</param>
    public static async Task<RecentRows> ReadAsync(
        RowReader reader,
        RecentRows? before,
        SessionLocator locator,
        IReadOnlyList<Segment> segments,
        (DateTimeOffset From, DateTimeOffset Until) range,
        IReadOnlyList<Guid>? looseViews)
    {
        await reader.AddSessionsAsync(range.From, range.Until);
        var views = await reader.ReadViewsAsync(range.From, range.Until);
        if (looseViews is { Count: > 0 })
        {
            views.AddRange(await reader.ReadViewsAsync(looseViews));
        }

        var unknown = views.Where(view => !reader.Numbers.ContainsKey(view.Session) && before?.TryNumber(view.Session, out _) != true);
        var located = await locator.FindAsync(unknown.Select(view => view.Session));
        var (loose, earlier) = (new List<Guid>(), new HashSet<int>());
        foreach (var view in views)
        {
            if (located.TryGetValue(view.Session, out var number))
            {
                earlier.Add(SessionLocator.SegmentOf(segments, number).Number);
            }
            else if (!reader.Numbers.TryGetValue(view.Session, out number) && before?.TryNumber(view.Session, out number) != true)
            {
                if (looseViews is null)
                {
                    loose.Add(view.Id);
                    continue;
                }

                number = reader.NumberOf(view.Session);
            }

            reader.Builder.AddPageView(view.At, number, view.Link);
        }

        // Loose page views of rows before may be of any time.
        (long From, long Until)? times = looseViews is null ? (Milliseconds(range.From), Milliseconds(range.Until)) : null;
        return new RecentRows(reader.Builder.Build(times), reader, loose, earlier);

        static long Milliseconds(DateTimeOffset instant) => instant.ToUnixTimeMilliseconds();
    }

    /// <summary>Takes changes of sessions' outcomes away: what is left is what was sealed.</summary>
    public void TakeAway(IEnumerable<OutcomeChange> changes)
    {
        Apply(changes, _pageViews, _durations, sign: -1);
    }

    /// <summary>The outcomes of sessions with what has changed since they were sealed.</summary>
    public (NumberColumn PageViews, NumberColumn Durations) Outcomes(IReadOnlyCollection<OutcomeChange> changes)
    {
        var (pageViews, durations) = (new List<int>(_pageViews), new List<int>(_durations));
        Apply(changes, pageViews, durations, sign: 1);
        return (NumberColumn.Of<int>(CollectionsMarshal.AsSpan(pageViews)), NumberColumn.Of<int>(CollectionsMarshal.AsSpan(durations)));
    }

    private void Apply(IEnumerable<OutcomeChange> changes, List<int> pageViews, List<int> durations, int sign)
    {
        foreach (var change in changes)
        {
            if (_numbers.TryGetValue(change.SessionId, out var number))
            {
                var session = number - Block.FirstSession;
                pageViews[session] += pageViews[session] == RowBlock.Unknown ? 0 : sign * change.PageViews;
                durations[session] += durations[session] == RowBlock.Unknown ? 0 : sign * change.Seconds;
            }
        }
    }

    /// <summary>The visitors of the sessions by number: known ones have theirs, others the next ones.</summary>
    /// <param name="known">Knows visitors of rows before these.</param>
    /// <param name="first">The first number of a visitor that is not known.</param>
    public async Task<RecentVisitors> VisitorsAsync(Func<IReadOnlyCollection<VisitorKey>, Task<IReadOnlyDictionary<VisitorKey, int>>> known, int first)
    {
        var before = await known([.. _visitors.Distinct()]);
        var (own, next) = (new Dictionary<VisitorKey, int>(), first);
        var numbers = new int[Block.SessionCount];
        Array.Fill(numbers, RowBlock.Unknown); // of sessions that are not stored, which come last
        for (var i = 0; i < _visitors.Length; i++)
        {
            if (!before.TryGetValue(_visitors[i], out numbers[i]))
            {
                ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(own, _visitors[i], out var isKnown);
                numbers[i] = number = isKnown ? number : next++;
            }
        }

        return new RecentVisitors(NumberColumn.Of<int>(numbers), before, own, next);
    }
}

/// <summary>The visitors of <see cref="RecentRows"/>, by number; and what is known of visitors before them.</summary>
internal sealed class RecentVisitors(NumberColumn column, IReadOnlyDictionary<VisitorKey, int> before, IReadOnlyDictionary<VisitorKey, int> own, int next)
{
    // Visitors of later rows that were looked up before; null: there was none.
    private readonly ConcurrentDictionary<VisitorKey, int?> _lookedUp = [];

    /// <summary>The visitor of each session.</summary>
    public NumberColumn Column => column;

    /// <summary>The next number of a visitor.</summary>
    public int Next => next;

    /// <summary>Those of the visitors that came first in these rows, in the order of their numbers.</summary>
    public IEnumerable<VisitorKey> Own => own.OrderBy(visitor => visitor.Value).Select(visitor => visitor.Key);

    /// <summary>The numbers of those of these visitors that were there before.</summary>
    /// <param name="visitors">Visitors of later rows.</param>
    /// <param name="lookUp">Looks them up among those of segments.</param>
    public async Task<IReadOnlyDictionary<VisitorKey, int>> FindAsync(
        IReadOnlyCollection<VisitorKey> visitors, Func<IReadOnlyCollection<VisitorKey>, Task<IReadOnlyDictionary<VisitorKey, int>>> lookUp)
    {
        var found = new Dictionary<VisitorKey, int>();
        var unknown = new List<VisitorKey>();
        foreach (var visitor in visitors)
        {
            if (own.TryGetValue(visitor, out var number) || before.TryGetValue(visitor, out number))
            {
                found[visitor] = number;
            }
            else if (!_lookedUp.TryGetValue(visitor, out var known))
            {
                unknown.Add(visitor);
            }
            else if (known is { } lookedUp)
            {
                found[visitor] = lookedUp;
            }
        }

        var inSegments = await lookUp(unknown);
        foreach (var visitor in unknown)
        {
            _lookedUp[visitor] = inSegments.TryGetValue(visitor, out var number) ? found[visitor] = number : null;
        }

        return found;
    }
}
