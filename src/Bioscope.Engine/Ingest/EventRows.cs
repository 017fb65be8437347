using System.Data.Common;
using Bioscope.Core;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Ingest;

/// <summary>
/// Finds the stored sessions and page views that a batch of events names. Most ids say where their row is; those that find nothing there are
/// looked up once more among the foreign ids.
/// </summary>
/// <param name="dialect">The engine's.</param>
/// <param name="transaction">The batch's.</param>
/// <param name="pages">The pages that ids may be of.</param>
/// <param name="findsForeignIds">Whether it looks among the foreign ids, of all pages.</param>
internal sealed class EventRows(SqlDialect dialect, DbTransaction transaction, PageNumbers pages, bool findsForeignIds = true)
{
    // What was left may be a page view or else a session; a session's own id is answered here, so that it is not looked for among foreign ids.
    private const string LeftSql = $"""
        -- page views of events
        SELECT "bioPageId", "id", "sessionId", "enteredAt" FROM "AnalyticsPageView" WHERE {RowsById.IsPageView}
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
        ORDER BY "bioPageId", "id"
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
        : IdOf(happened) is { } id && PagedId.TimeOf(id) is not null && pages.Of(PagedId.NumberOf(id)) is [var page] ? page : null;

    /// <summary>Finds and locks the sessions that the events are about.</summary>
    public async Task<List<StoredSession>> FindAsync(IReadOnlyList<IngestEvent> events, CancellationToken cancellationToken)
    {
        await FindViewsAsync([.. events.OfType<PageLeft>().Select(view => view.Id).Distinct()], cancellationToken);
        await FindVisitsAsync([.. events.OfType<SessionStarted>().Where(started => started.ContinuesOpenVisit)], cancellationToken);

        // Includes sessions of page views that were left, because every change needs its session locked.
        return await FindSessionsAsync([.. events.Select(SessionOf).OfType<Guid>().Concat(Visits.Values).Distinct()], cancellationToken);
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

    private async Task FindViewsAsync(Guid[] left, CancellationToken cancellationToken)
    {
        var known = new HashSet<Guid>();
        foreach (var (page, id, session, at) in await dialect.QueryEachAsync(
            transaction, LeftSql, Keys(left),
            row => (
                dialect.ReadGuid(row, 0), Id: dialect.ReadGuid(row, 1), row.IsDBNull(2) ? null as Guid? : dialect.ReadGuid(row, 2),
                dialect.ReadInstant(row, 3)),
            cancellationToken))
        {
            known.Add(id);
            if (session is { } one)
            {
                Views[id] = new StoredView(page, one, at);
                pages.AddWithRows(page);
            }
        }

        var others = findsForeignIds ? left.Where(id => !known.Contains(id)).ToArray() : [];
        foreach (var (id, view) in others.Length == 0 ? [] : await dialect.QueryAsync(
            transaction, ForeignPageViewsSql,
            row => (dialect.ReadGuid(row, 1), new StoredView(dialect.ReadGuid(row, 0), dialect.ReadGuid(row, 2), dialect.ReadInstant(row, 3))),
            cancellationToken, ("@ids", others)))
        {
            Views[id] = view;
            pages.AddWithRows(view.Page);
        }
    }

    private async Task FindVisitsAsync(IReadOnlyList<SessionStarted> visits, CancellationToken cancellationToken)
    {
        foreach (var (page, visitor, session) in await dialect.QueryEachAsync(
            transaction,
            OpenVisitsSql,
            StatementValues.Of(
                visits.GroupBy(visit => visit.Session.BioPageId, visit => visit.Session.VisitorId),
                visitors => [("@page", visitors.Key), ("@texts", visitors.Distinct().ToArray())]),
            row => (dialect.ReadGuid(row, 0), row.GetString(1), dialect.ReadGuid(row, 2)),
            cancellationToken))
        {
            Visits[(page, visitor)] = session;
            pages.AddWithRows(page);
        }
    }

    private async Task<List<StoredSession>> FindSessionsAsync(Guid[] ids, CancellationToken cancellationToken)
    {
        var sessions = await dialect.QueryEachAsync(transaction, SessionSql, Keys(ids), Session, cancellationToken);
        var others = findsForeignIds ? ids.Except(sessions.Select(session => session.Id)).ToArray() : [];
        if (others.Length > 0)
        {
            var keys = await dialect.QueryAsync(
                transaction, ForeignSessionsSql,
                row => new RowKey(dialect.ReadGuid(row, 0), dialect.ReadInstant(row, 2), dialect.ReadGuid(row, 1)),
                cancellationToken, ("@ids", others));
            sessions.AddRange(await dialect.QueryEachAsync(
                transaction, SessionSql, StatementValues.Of(keys, key => key.Values), Session, cancellationToken));
        }

        return sessions;
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
