using System.Data.Common;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Ingest;

/// <summary>
/// Writes a batch of events in one transaction: each event takes effect exactly once, or not at all when the transaction fails. Each kind
/// of event takes one statement, however many events there are. Rows are stamped here, never before the fence.
/// </summary>
internal sealed class IngestBatch(SqlDialect dialect, DbTransaction transaction, DateTimeOffset clockNow)
{
    /// <summary>How long after its last activity a visit continues at the next page load.</summary>
    public static readonly TimeSpan VisitPause = TimeSpan.FromMinutes(30);

    /// <summary>The maximum of page views and clicks in one session: twice what an import may bring, so that no sum overflows.</summary>
    public const int MaxPageViews = 2 * SessionRow.MaxImportedPageViews;

    private const int HeartbeatSeconds = 30;

    // Includes closed sessions, because drops are counted on their page. The rows are locked in a fixed order, so that two servers
    // neither update the same counter from a stale value nor deadlock.
    private const string SessionsSql = $$"""
        -- sessions of events
        SELECT {{SessionColumns}} FROM "AnalyticsSession" WHERE "id" {isAnyOfIds} ORDER BY "bioPageId", "id" {forUpdate}
        """;

    private const string SessionColumns =
        "\"bioPageId\", \"id\", \"lastPageViewId\", \"startedAt\", \"pageViews\", \"duration\", \"lastActivityAt\"";

    // Where tables are distributed, only the rows of one page can be locked by a statement.
    private const string PagesOfSessionsSql = """
        -- pages of events
        SELECT "bioPageId", "id" FROM "AnalyticsSession" WHERE "id" {isAnyOfIds}
        """;

    private const string SessionsOfPageSql = $$"""
        -- sessions of events of a page
        SELECT {{SessionColumns}} FROM "AnalyticsSession" WHERE "bioPageId" = @page AND "id" {isAnyOfIds} ORDER BY "id" {forUpdate}
        """;

    private const string OpenVisitsSql = """
        -- open visits
        SELECT "bioPageId", "visitorId", "sessionId" FROM "AnonymousVisit" WHERE "bioPageId" {isAnyOfIds} AND "visitorId" {isAnyOfTexts}
        """;

    private const string SaveVisitSql = """
        -- save open visit
        INSERT INTO "AnonymousVisit" ("bioPageId", "visitorId", "sessionId", "startedAt") VALUES (@page, @visitor, @session, @now)
        ON CONFLICT ("bioPageId", "visitorId") DO UPDATE SET "sessionId" = excluded."sessionId", "startedAt" = excluded."startedAt"
        """;

    private const string PageViewsSql = """
        -- page views of events
        SELECT "bioPageId", "id", "sessionId" FROM "AnalyticsPageView" WHERE "id" {isAnyOfIds}
        """;

    private const string UpdateSessionSql = """
        -- update session
        UPDATE "AnalyticsSession"
        SET "pageViews" = "pageViews" + @pageViews, "bounced" = "pageViews" + @pageViews < 2, "lastPageViewId" = @lastPageView,
          "duration" = "duration" + @seconds, "lastActivityAt" = @now
        WHERE "bioPageId" = @page AND "id" = @id
        """;

    private const string EndPageViewSql = """
        -- end page view
        UPDATE "AnalyticsPageView" SET "duration" = {secondsSinceEnteredAt}
        WHERE "bioPageId" = @page AND "id" = @id AND {secondsSinceEnteredAt} BETWEEN 0 AND 3600
        """;

    private const string LeavePageViewSql = """
        -- leave page view
        UPDATE "AnalyticsPageView" SET "duration" = @duration, "scrollDepth" = COALESCE(@scrollDepth, "scrollDepth")
        WHERE "bioPageId" = @page AND "id" = @id
        """;

    private const string IdentifySql = """
        -- identify session
        UPDATE "AnalyticsSession" SET "userId" = @user WHERE "bioPageId" = @page AND "id" = @id
        """;

    private readonly List<OpenSession> _started = [];
    private readonly List<PageViewRow> _pageViews = [];
    private readonly StatementValues _leaves = [], _identities = [];
    private readonly Dictionary<Guid, OpenSession> _open = [];
    private readonly Dictionary<Guid, (Guid Page, Guid Session)> _views = [];

    // Pages of sessions that are closed.
    private readonly Dictionary<Guid, Guid> _closed = [];

    // The session that an anonymous visitor's next event on a page may continue.
    private readonly Dictionary<(Guid Page, string Visitor), Guid> _visits = [];
    private readonly SortedDictionary<(Guid Page, string Visitor), Guid> _newVisits = [];

    private DateTimeOffset? _fence;
    private DateTimeOffset _now;

    // Views ended by a later one, by id, each with its page.
    private readonly Dictionary<Guid, Guid> _ended = [];

    /// <returns>For each event, the id of the row it became or changed; null when its session or page view is unknown or closed.</returns>
    public async Task<Guid?[]> WriteAsync(IReadOnlyList<IngestEvent> events, CancellationToken cancellationToken)
    {
        (_fence, var serverTime) = await dialect.HoldFenceAsync(transaction, cancellationToken);
        var now = AgreedTime.Of(clockNow, serverTime);
        _now = _fence > now ? _fence.Value : now;
        await FindAsync(events, cancellationToken);
        var stored = new Guid?[events.Count];
        for (var i = 0; i < stored.Length; i++)
        {
            stored[i] = Apply(events[i]);
        }

        await dialect.InsertAsync(transaction, SessionRow.Table, _started.ConvertAll(session => session.NewRow()), cancellationToken);
        await dialect.InsertAsync(transaction, PageViewRow.Table, _pageViews, cancellationToken);
        await dialect.ExecuteEachAsync(transaction, UpdateSessionSql, Updates(), cancellationToken);
        await dialect.InsertAsync(transaction, OutcomeChange.Table, OutcomeChanges(), cancellationToken);
        await dialect.ExecuteEachAsync(transaction, LeavePageViewSql, _leaves, cancellationToken);
        await dialect.ExecuteEachAsync(transaction, EndPageViewSql, Ends(), cancellationToken);
        await dialect.ExecuteEachAsync(transaction, IdentifySql, _identities, cancellationToken);
        await dialect.ExecuteEachAsync(transaction, SaveVisitSql, Visits(), cancellationToken);
        return stored;
    }

    private async Task FindAsync(IReadOnlyList<IngestEvent> events, CancellationToken cancellationToken)
    {
        var left = events.OfType<PageLeft>().Select(view => view.Id).Distinct().ToArray();
        if (left.Length > 0)
        {
            foreach (var (page, id, session) in await dialect.QueryAsync(
                transaction, PageViewsSql, row => (dialect.ReadGuid(row, 0), dialect.ReadGuid(row, 1), dialect.ReadGuid(row, 2)),
                cancellationToken, ("@ids", left)))
            {
                _views[id] = (page, session);
            }
        }

        await FindVisitsAsync([.. events.OfType<SessionStarted>().Where(started => started.ContinuesOpenVisit)], cancellationToken);

        // Includes sessions of page views that were left, because every change needs its session locked.
        var sessions = events.Select(SessionOf).OfType<Guid>().Concat(_visits.Values).Distinct().ToArray();
        if (sessions.Length == 0)
        {
            return;
        }

        foreach (var session in await SessionsAsync(sessions, cancellationToken))
        {
            if (session.StartedAt > _now - SessionRow.Life)
            {
                _open[session.Id] = session;
            }
            else
            {
                _closed[session.Id] = session.BioPageId;
            }
        }
    }

    private async Task<List<OpenSession>> SessionsAsync(Guid[] ids, CancellationToken cancellationToken)
    {
        if (!dialect.IsDistributed)
        {
            return await ReadAsync(SessionsSql, ("@ids", ids));
        }

        var found = new List<OpenSession>();
        var known = await dialect.QueryAsync(
            transaction, PagesOfSessionsSql, row => (Page: row.GetGuid(0), Id: row.GetGuid(1)), cancellationToken, ("@ids", ids));
        foreach (var page in known.GroupBy(session => session.Page, session => session.Id).OrderBy(page => page.Key, Pages.Order))
        {
            found.AddRange(await ReadAsync(SessionsOfPageSql, ("@page", page.Key), ("@ids", page.ToArray())));
        }

        return found;

        Task<List<OpenSession>> ReadAsync(string sql, params (string Name, object? Value)[] values) => dialect.QueryAsync(
            transaction, sql, row => new OpenSession(
                dialect.ReadGuid(row, 0), dialect.ReadGuid(row, 1), dialect.ReadInstant(row, 3), row.GetInt32(4), row.GetInt32(5))
            {
                LastPageView = row.IsDBNull(2) ? null : dialect.ReadGuid(row, 2),
                LastActivityAt = dialect.ReadInstant(row, 6),
            }, cancellationToken, values);
    }

    private async Task FindVisitsAsync(IReadOnlyList<SessionStarted> visits, CancellationToken cancellationToken)
    {
        if (visits.Count == 0)
        {
            return;
        }

        var pages = visits.Select(visit => visit.Session.BioPageId).Distinct().ToArray();
        var visitors = visits.Select(visit => visit.Session.VisitorId).Distinct().ToArray();
        foreach (var (page, visitor, session) in await dialect.QueryAsync(
            transaction,
            OpenVisitsSql,
            row => (dialect.ReadGuid(row, 0), row.GetString(1), dialect.ReadGuid(row, 2)),
            cancellationToken,
            ("@ids", pages),
            ("@texts", visitors)))
        {
            _visits[(page, visitor)] = session;
        }
    }

    private Guid? SessionOf(IngestEvent happened) => happened switch
    {
        PageViewed viewed => viewed.SessionId,
        HeartbeatReceived heartbeat => heartbeat.SessionId,
        VisitorIdentified identified => identified.SessionId,
        PageLeft left => _views.TryGetValue(left.Id, out var view) ? view.Session : left.Id,
        _ => null,
    };

    private Guid? Apply(IngestEvent happened)
    {
        if (happened is SessionStarted started)
        {
            return Start(started);
        }

        var id = SessionOf(happened)!.Value;
        if (!_open.TryGetValue(id, out var session))
        {
            happened.Page = _closed.TryGetValue(id, out var page) ? page : happened.Page;
            return null;
        }

        happened.Page = session.BioPageId;
        return happened switch
        {
            PageViewed viewed => View(session, viewed),
            HeartbeatReceived => Beat(session),
            PageLeft left => Leave(session, left),
            VisitorIdentified identified => Identify(session, identified.UserId),
            _ => throw new ArgumentOutOfRangeException(nameof(happened), happened, null),
        };
    }

    private Guid Start(SessionStarted started)
    {
        var session = started.ContinuesOpenVisit ? OpenVisit(started.Session) : null;
        started.IsOpened = session is null;
        if (session is null)
        {
            var row = started.Session with { Id = Guid.CreateVersion7(_now), StartedAt = _now };
            session = new OpenSession(row.BioPageId, row.Id, _now, row.PageViews, row.Duration) { Row = row, LastActivityAt = _now };
            _started.Add(session);
            if (started.ContinuesOpenVisit)
            {
                // The visitor's next visit in this batch continues it too.
                _open[row.Id] = session;
                _visits[(row.BioPageId, row.VisitorId)] = _newVisits[(row.BioPageId, row.VisitorId)] = row.Id;
            }
        }

        started.SessionId = session.Id;
        started.ViewId = started.View is { } view
            && session.PageViews < MaxPageViews ? View(session, view.Path, view.Title, link: null) : null;
        session.IsAlive = true;
        return session.Id;
    }

    private OpenSession? OpenVisit(SessionRow visit) =>
        _visits.TryGetValue((visit.BioPageId, visit.VisitorId), out var id)
        && _open.TryGetValue(id, out var session) && session.LastActivityAt > _now - VisitPause && session.BioPageId == visit.BioPageId
            ? session
            : null;

    // A click counts only for a link of the page.
    private Guid? View(OpenSession session, PageViewed viewed)
    {
        var isLink = viewed.Link is { } link && link.Page == session.BioPageId;
        if (viewed.Link is { OrPlainView: false } && !isLink)
        {
            viewed.Reason = DropReason.Link;
            return null;
        }

        if (session.PageViews >= MaxPageViews)
        {
            viewed.Reason = DropReason.Throttle;
            return null;
        }

        return View(session, viewed.Path, viewed.Title, isLink ? viewed.Link!.Id : null);
    }

    private Guid View(OpenSession session, string? path, string? title, Guid? link)
    {
        var id = Guid.CreateVersion7(_now);
        _pageViews.Add(new PageViewRow
        {
            BioPageId = session.BioPageId,
            Id = id,
            SessionId = session.Id,
            Path = path,
            Title = title,
            EnteredAt = _now,
            LinkClicked = link,
        });
        if (session.LastPageView is { } previous)
        {
            _ended[previous] = session.BioPageId;
        }

        session.LastPageView = id;
        session.NewPageViews++;
        return id;
    }

    /// <summary>
    /// A heartbeat adds 30 seconds to the session, but its duration never exceeds the time since its start plus 30 seconds.
    /// </summary>
    private Guid Beat(OpenSession session)
    {
        var real = (long)(_now - session.StartedAt).TotalSeconds + HeartbeatSeconds;
        session.NewSeconds += (int)Math.Clamp(real - session.Seconds, 0, HeartbeatSeconds);
        session.IsAlive = true;
        return session.Id;
    }

    private Guid? Leave(OpenSession session, PageLeft left)
    {
        if ((_views.ContainsKey(left.Id) ? left.Id : session.LastPageView) is not { } view)
        {
            return null;
        }

        // The last report of a page view's end wins, however events are divided into batches.
        _ended.Remove(view);
        _leaves.Add([("@page", session.BioPageId), ("@id", view), ("@duration", left.Duration), ("@scrollDepth", left.ScrollDepth)]);
        return view;
    }

    private StatementValues Updates() => StatementValues.Of(
        _open.Values.Where(session => session is { Row: null, IsChanged: true }),
        session =>
        [
            ("@page", session.BioPageId), ("@id", session.Id), ("@pageViews", session.NewPageViews),
            ("@lastPageView", session.LastPageView),
            ("@seconds", session.NewSeconds), ("@now", _now),
        ]);

    // Sessions before the fence may be sealed.
    private List<OutcomeChange> OutcomeChanges() =>
        [.. _open.Values.Where(session => session is { Row: null, HasNewCounts: true } && session.StartedAt < _fence).Select(session => session.Change(Guid.CreateVersion7(_now)))];

    private StatementValues Ends() => StatementValues.Of(_ended, view => [("@page", view.Value), ("@id", view.Key), ("@now", _now)]);

    // In a fixed order, so that two servers do not deadlock.
    private StatementValues Visits() => StatementValues.Of(
        _newVisits, visit => [("@page", visit.Key.Page), ("@visitor", visit.Key.Visitor), ("@session", visit.Value), ("@now", _now)]);

    private Guid Identify(OpenSession session, Guid user)
    {
        _identities.Add([("@page", session.BioPageId), ("@id", session.Id), ("@user", user)]);
        return session.Id;
    }

    /// <summary>An open session, and what this batch adds to it.</summary>
    private sealed class OpenSession(Guid bioPageId, Guid id, DateTimeOffset startedAt, int pageViews, int seconds)
    {
        public Guid BioPageId => bioPageId;

        public Guid Id => id;

        public DateTimeOffset StartedAt => startedAt;

        /// <summary>The row to insert; null for a session that is stored already.</summary>
        public SessionRow? Row { get; init; }

        public DateTimeOffset LastActivityAt { get; init; }

        public Guid? LastPageView { get; set; }

        public int NewPageViews { get; set; }

        public int NewSeconds { get; set; }

        public bool IsAlive { get; set; }

        public long PageViews => (long)pageViews + NewPageViews;

        public long Seconds => (long)seconds + NewSeconds;

        public bool HasNewCounts => NewPageViews > 0 || NewSeconds > 0;

        public bool IsChanged => HasNewCounts || IsAlive;

        public SessionRow NewRow() => Row! with { PageViews = pageViews + NewPageViews, LastPageViewId = LastPageView };

        public OutcomeChange Change(Guid changeId) =>
            OutcomeChange.Of(bioPageId, changeId, id, startedAt, (pageViews, seconds), (pageViews + NewPageViews, seconds + NewSeconds));
    }
}
