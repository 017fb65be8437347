using System.Data.Common;
using Bioscope.Core;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Ingest;

/// <summary>
/// Finds the stored sessions and page views that a batch of events names. Most ids say where their row is; those that find nothing there are
/// looked up once more among the foreign ids. What is left may be a page view or else a session, and an id says which: that is where it is looked
/// for first, and nothing else is concluded from it.
/// </summary>
/// <param name="dialect">The engine's.</param>
/// <param name="transaction">The batch's.</param>
/// <param name="pages">The pages that ids may be of.</param>
/// <param name="findsForeignIds">Whether it looks for each id wherever it may be, and not only where it says.</param>
internal sealed class EventRows(SqlDialect dialect, DbTransaction transaction, PageNumbers pages, bool findsForeignIds)
{
    private const string ViewsSql = $"""
        -- page views of events
        SELECT "bioPageId", "id", "sessionId", "enteredAt" FROM "AnalyticsPageView" WHERE {RowsById.IsPageView}
        LIMIT 1
        """;

    // A session's own id is answered here, so that it is not looked for among foreign ids.
    private const string LeftSql = $"""
        -- page views or sessions of events
        SELECT "bioPageId", "id", "sessionId", "enteredAt" FROM "AnalyticsPageView" WHERE {RowsById.IsPageView} AND NOT "foreignId"
        UNION ALL
        SELECT "bioPageId", "id", NULL, "startedAt" FROM "AnalyticsSession" WHERE {RowsById.IsSession}
        LIMIT 1
        """;

    private const string ForeignPageViewsSql = """
        -- foreign page views of events
        SELECT "bioPageId", "id", "sessionId", "enteredAt" FROM "AnalyticsPageView"
        WHERE "id" {isAnyOfIds} AND "foreignId" AND {enteredAtIsInstant}
        """;

    // Includes closed sessions, because drops are counted on their page. The rows are locked in a fixed order, those with foreign ids last, so
    // that two servers neither update the same counter from a stale value nor deadlock.
    private const string SessionSql = $$"""
        -- session of event
        SELECT "bioPageId", "id", "lastPageViewId", "startedAt", "pageViews", "duration", "lastActivityAt" FROM "AnalyticsSession"
        WHERE {{RowsById.IsSession}} {forUpdate}
        """;

    private const string ForeignSessionsSql = """
        -- foreign sessions of events
        SELECT "bioPageId", "id", "startedAt" FROM "AnalyticsSession"
        WHERE "id" {isAnyOfIds} AND "foreignId" AND {startedAtIsInstant}
        ORDER BY "bioPageId", "startedAt", "id"
        """;

    private const string OpenVisitsSql = """
        -- open visits
        SELECT "bioPageId", "visitorId", "sessionId" FROM "AnonymousVisit" WHERE "bioPageId" = @page AND "visitorId" {isAnyOfTexts}
        """;

    /// <summary>The page views that events name.</summary>
    public Dictionary<Guid, StoredView> Views { get; } = [];

    /// <summary>The session that an anonymous visitor's next event on a page may continue.</summary>
    public Dictionary<(Guid Page, string Visitor), Guid> Visits { get; } = [];

    /// <summary>The pages that the events' ids may be of, and those of the sessions that start.</summary>
    public static Task<PageNumbers> PagesOfAsync(
        IReadOnlyList<IngestEvent> events, NumberedPages pages, CancellationToken cancellationToken) => pages.FindAsync(
            events.Select(IdOf).OfType<Guid>(), events.OfType<SessionStarted>().Select(started => started.Session.BioPageId), cancellationToken);

    /// <summary>The page of an event, by what its id says the one that its session would be of; null where no page or several may be it.</summary>
    public static Guid? PageOf(IngestEvent happened, PageNumbers pages) => happened is SessionStarted started
        ? started.Session.BioPageId
        : IdOf(happened) is { } id && pages.OfId(id) is [var page] ? page : null;

    /// <summary>Whether each id says a place where its row may be.</summary>
    public static bool HavePlaces(IEnumerable<IngestEvent> events, PageNumbers pages) =>
        events.Select(IdOf).OfType<Guid>().All(id => pages.OfId(id).Count > 0);

    /// <summary>Holds the fence; then finds and locks the sessions that the events are about.</summary>
    public async Task<(HeldFence Fence, List<StoredSession> Sessions)> FindAsync(
        IReadOnlyList<IngestEvent> events, CancellationToken cancellationToken)
    {
        Guid[] left = [.. events.OfType<PageLeft>().Select(view => view.Id).Distinct()];
        var views = ViewsOf(left);
        var visits = VisitsOf(events.OfType<SessionStarted>().Where(started => started.ContinuesOpenVisit));

        // Where nothing has to be known before, all is asked at once. All sessions are locked by one statement, in one order.
        var knowsSessions = views.Values.Count == 0 && visits.Values.Count == 0 && !(findsForeignIds && left.Length > 0);
        var sessions = knowsSessions ? SessionsOf(events) : null;
        var fence = await dialect.HoldFenceAsync(transaction, sessions is null ? [views, visits] : [sessions], cancellationToken);
        await TakeViewsAsync(left, views.Rows, cancellationToken);
        foreach (var (page, visitor, session) in visits.Rows)
        {
            Visits[(page, visitor)] = session;
            pages.AddWithRows(page);
        }

        if (sessions is null)
        {
            sessions = SessionsOf(events);
            await sessions.RunAsync(dialect, transaction, cancellationToken);
        }

        await FindForeignSessionsAsync(events, sessions.Rows, cancellationToken);
        return (fence, sessions.Rows);
    }

    /// <summary>The session that an event is about; null when it starts one.</summary>
    public Guid? SessionOf(IngestEvent happened) =>
        happened is PageLeft left && Views.TryGetValue(left.Id, out var view) ? view.Session : IdOf(happened);

    private static Guid? IdOf(IngestEvent happened) => happened switch
    {
        PageViewed viewed => viewed.SessionId,
        HeartbeatReceived heartbeat => heartbeat.SessionId,
        VisitorIdentified identified => identified.SessionId,
        PageLeft left => left.Id,
        _ => null,
    };

    private EachQuery<(Guid Page, Guid Id, Guid? Session, DateTimeOffset At)> ViewsOf(Guid[] left) => new(
        findsForeignIds ? LeftSql : ViewsSql,
        Keys(findsForeignIds ? left : left.Where(PagedId.SaysPageView)),
        row => (dialect.ReadGuid(row, 0), dialect.ReadGuid(row, 1), row.IsDBNull(2) ? null : dialect.ReadGuid(row, 2), dialect.ReadInstant(row, 3)));

    private EachQuery<(Guid Page, string Visitor, Guid Session)> VisitsOf(IEnumerable<SessionStarted> visits) => new(
        OpenVisitsSql,
        StatementValues.Of(
            visits.GroupBy(visit => visit.Session.BioPageId, visit => visit.Session.VisitorId),
            visitors => [("@page", visitors.Key), ("@texts", visitors.Distinct().ToArray())]),
        row => (dialect.ReadGuid(row, 0), row.GetString(1), dialect.ReadGuid(row, 2)));

    // Includes sessions of page views that were left, because every change needs its session locked.
    private EachQuery<StoredSession> SessionsOf(IReadOnlyList<IngestEvent> events) => new(SessionSql, Keys(SessionIdsOf(events)), Session);

    private IEnumerable<Guid> SessionIdsOf(IReadOnlyList<IngestEvent> events) => events.Select(SessionOf).OfType<Guid>().Concat(Visits.Values).Distinct();

    private async Task TakeViewsAsync(
        Guid[] left, List<(Guid Page, Guid Id, Guid? Session, DateTimeOffset At)> found, CancellationToken cancellationToken)
    {
        Guid[] others = findsForeignIds ? [.. left.Except(found.Select(one => one.Id))] : [];
        if (others.Length > 0)
        {
            found.AddRange(await dialect.QueryAsync(
                transaction, ForeignPageViewsSql,
                row => (dialect.ReadGuid(row, 0), dialect.ReadGuid(row, 1), (Guid?)dialect.ReadGuid(row, 2), dialect.ReadInstant(row, 3)),
                cancellationToken, ("@ids", others)));
        }

        foreach (var (page, id, session, at) in found)
        {
            if (session is { } one)
            {
                Views[id] = new StoredView(page, one, at);
                pages.AddWithRows(page);
            }
        }
    }

    private async Task FindForeignSessionsAsync(
        IReadOnlyList<IngestEvent> events, List<StoredSession> sessions, CancellationToken cancellationToken)
    {
        Guid[] others = findsForeignIds ? [.. SessionIdsOf(events).Except(sessions.Select(session => session.Id))] : [];
        if (others.Length == 0)
        {
            return;
        }

        var keys = await dialect.QueryAsync(
            transaction, ForeignSessionsSql,
            row => new RowKey(dialect.ReadGuid(row, 0), dialect.ReadInstant(row, 2), dialect.ReadGuid(row, 1)),
            cancellationToken, ("@ids", others));
        sessions.AddRange(await dialect.QueryEachAsync(
            transaction, SessionSql, StatementValues.Of(keys, key => key.Values), Session, cancellationToken));
    }

    private StatementValues Keys(IEnumerable<Guid> ids) => StatementValues.Of(RowKey.Of(ids, pages), key => key.Values);

    private StoredSession Session(DbDataReader row) => new(
        dialect.ReadGuid(row, 0), dialect.ReadGuid(row, 1), row.IsDBNull(2) ? null : dialect.ReadGuid(row, 2), dialect.ReadInstant(row, 3),
        row.GetInt32(4), row.GetInt32(5), dialect.ReadInstant(row, 6));
}

/// <summary>A page view as stored.</summary>
internal sealed record StoredView(Guid Page, Guid Session, DateTimeOffset At);

/// <summary>What ingestion needs of a session as stored.</summary>
internal sealed record StoredSession(
    Guid BioPageId, Guid Id, Guid? LastPageViewId, DateTimeOffset StartedAt, int PageViews, int Duration, DateTimeOffset LastActivityAt);
