using System.Data.Common;
using Bioscope.Server.Rollups;
using Bioscope.Server.Storage;

namespace Bioscope.Server.Ingest;

/// <summary>
/// Writes what arrived together in one transaction: every event has its effect exactly once or, when the transaction fails, not
/// at all. However many events there are, each kind is one step to the database. Rows are stamped here, never before the <see cref="Fence"/>.
/// </summary>
internal sealed class IngestBatch(SqlDialect dialect, DbTransaction transaction, DateTimeOffset clockNow)
{
    /// <summary>How long after its start a session takes page views, heartbeats and the rest.</summary>
    public static readonly TimeSpan SessionLife = TimeSpan.FromHours(24);

    private const int HeartbeatSeconds = 30;

    // The rows are locked, in one order, so that two servers neither count from the same figure nor wait for each other in a circle.
    private const string OpenSessionsSql = """
        -- open sessions
        SELECT "bioPageId", "id", "lastPageViewId", "startedAt", "pageViews", "duration" FROM "AnalyticsSession"
        WHERE "id" {isAnyOfIds} AND "startedAt" > @since
        ORDER BY "bioPageId", "id" {forUpdate}
        """;

    private const string PageViewsSql = """
        SELECT "bioPageId", "id", "sessionId" FROM "AnalyticsPageView" WHERE "id" {isAnyOfIds}
        """;

    private const string UpdateSessionSql = """
        UPDATE "AnalyticsSession"
        SET "pageViews" = "pageViews" + @pageViews, "bounced" = "pageViews" + @pageViews < 2, "lastPageViewId" = @lastPageView,
          "duration" = "duration" + @seconds, "lastActivityAt" = @now
        WHERE "bioPageId" = @page AND "id" = @id
        """;

    private const string EndPageViewSql = """
        UPDATE "AnalyticsPageView" SET "duration" = {secondsSinceEnteredAt}
        WHERE "bioPageId" = @page AND "id" = @id AND {secondsSinceEnteredAt} BETWEEN 0 AND 3600
        """;

    private const string LeavePageViewSql = """
        UPDATE "AnalyticsPageView" SET "duration" = @duration, "scrollDepth" = COALESCE(@scrollDepth, "scrollDepth")
        WHERE "bioPageId" = @page AND "id" = @id
        """;

    private const string IdentifySql = """
        UPDATE "AnalyticsSession" SET "userId" = @user WHERE "bioPageId" = @page AND "id" = @id
        """;

    private readonly List<SessionRow> _sessions = [];
    private readonly List<PageViewRow> _pageViews = [];
    private readonly StatementValues _leaves = [], _identities = [];
    private readonly Dictionary<Guid, OpenSession> _open = [];
    private readonly Dictionary<Guid, (Guid Page, Guid Session)> _views = [];

    private DateTimeOffset? _fence;
    private DateTimeOffset _now;

    // Views that a later one ended, by id; each with its page.
    private readonly Dictionary<Guid, Guid> _ended = [];

    /// <returns>For each event the id of the row that it became or changed; null when its session or page view is unknown or closed.</returns>
    public async Task<Guid?[]> WriteAsync(IReadOnlyList<IngestEvent> events, CancellationToken cancellation)
    {
        (_fence, var serverTime) = await dialect.HoldFenceAsync(transaction, cancellation);
        var now = AgreedTime.Of(clockNow, serverTime);
        _now = _fence > now ? _fence.Value : now;
        await FindAsync(events, cancellation);
        var stored = new Guid?[events.Count];
        for (var i = 0; i < stored.Length; i++)
        {
            stored[i] = Apply(events[i]);
        }

        await dialect.InsertAsync(transaction, SessionRow.Table, _sessions, cancellation);
        await dialect.InsertAsync(transaction, PageViewRow.Table, _pageViews, cancellation);
        await dialect.ExecuteEachAsync(transaction, UpdateSessionSql, Updates(), cancellation);
        await dialect.InsertAsync(transaction, OutcomeChange.Table, OutcomeChanges(), cancellation);
        await dialect.ExecuteEachAsync(transaction, LeavePageViewSql, _leaves, cancellation);
        await dialect.ExecuteEachAsync(transaction, EndPageViewSql, Ends(), cancellation);
        await dialect.ExecuteEachAsync(transaction, IdentifySql, _identities, cancellation);
        return stored;
    }

    private async Task FindAsync(IReadOnlyList<IngestEvent> events, CancellationToken cancellation)
    {
        var left = events.OfType<PageLeft>().Select(view => view.Id).Distinct().ToArray();
        if (left.Length > 0)
        {
            foreach (var (page, id, session) in await dialect.QueryAsync(
                transaction, PageViewsSql, row => (dialect.ReadGuid(row, 0), dialect.ReadGuid(row, 1), dialect.ReadGuid(row, 2)), cancellation, ("@ids", left)))
            {
                _views[id] = (page, session);
            }
        }

        // Also those of page views that are left: whatever is changed belongs to a session that is locked.
        var sessions = events.Select(SessionOf).OfType<Guid>().Distinct().ToArray();
        if (sessions.Length == 0)
        {
            return;
        }

        foreach (var session in await dialect.QueryAsync(
            transaction,
            OpenSessionsSql,
            row => new OpenSession(dialect.ReadGuid(row, 0), dialect.ReadGuid(row, 1), dialect.ReadInstant(row, 3), row.GetInt32(4), row.GetInt32(5))
            {
                LastPageView = row.IsDBNull(2) ? null : dialect.ReadGuid(row, 2),
            },
            cancellation,
            ("@ids", sessions),
            ("@since", _now - SessionLife)))
        {
            _open[session.Id] = session;
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

    private Guid? Apply(IngestEvent happened) => happened switch
    {
        SessionStarted started => Start(started.Session),
        PageViewed viewed => _open.TryGetValue(viewed.SessionId, out var session) ? View(session, viewed) : null,
        HeartbeatReceived heartbeat => _open.TryGetValue(heartbeat.SessionId, out var session) ? Beat(session) : null,
        PageLeft left => Leave(left),
        VisitorIdentified identified => _open.TryGetValue(identified.SessionId, out var session) ? Identify(session, identified.UserId) : null,
        _ => throw new ArgumentOutOfRangeException(nameof(happened), happened, null),
    };

    private Guid Start(SessionRow session)
    {
        var id = Guid.CreateVersion7(_now);
        _sessions.Add(session with { Id = id, StartedAt = _now });
        return id;
    }

    private Guid View(OpenSession session, PageViewed viewed)
    {
        var id = Guid.CreateVersion7(_now);
        _pageViews.Add(new PageViewRow
        {
            BioPageId = session.BioPageId,
            Id = id,
            SessionId = session.Id,
            Path = viewed.Path,
            Title = viewed.Title,
            EnteredAt = _now,
            LinkClicked = viewed.LinkClicked,
        });
        if (session.LastPageView is { } previous)
        {
            _ended[previous] = session.BioPageId;
        }

        session.LastPageView = id;
        session.NewPageViews++;
        return id;
    }

    private static Guid Beat(OpenSession session)
    {
        session.NewSeconds += HeartbeatSeconds;
        return session.Id;
    }

    private Guid? Leave(PageLeft left)
    {
        if (!_open.TryGetValue(SessionOf(left)!.Value, out var session) || (_views.ContainsKey(left.Id) ? left.Id : session.LastPageView) is not { } view)
        {
            return null;
        }

        // Of what ends a page view the last word counts, however the events fall into batches.
        _ended.Remove(view);
        _leaves.Add([("@page", session.BioPageId), ("@id", view), ("@duration", left.Duration), ("@scrollDepth", left.ScrollDepth)]);
        return view;
    }

    private StatementValues Updates() => StatementValues.Of(
        _open.Values.Where(session => session.IsChanged),
        session =>
        [
            ("@page", session.BioPageId), ("@id", session.Id), ("@pageViews", session.NewPageViews), ("@lastPageView", session.LastPageView),
            ("@seconds", session.NewSeconds), ("@now", _now),
        ]);

    // Sessions before the fence may be sealed.
    private List<OutcomeChange> OutcomeChanges() =>
        [.. _open.Values.Where(session => session.IsChanged && session.StartedAt < _fence).Select(session => session.Change(Guid.CreateVersion7(_now)))];

    private StatementValues Ends() => StatementValues.Of(_ended, view => [("@page", view.Value), ("@id", view.Key), ("@now", _now)]);

    private Guid Identify(OpenSession session, Guid user)
    {
        _identities.Add([("@page", session.BioPageId), ("@id", session.Id), ("@user", user)]);
        return session.Id;
    }

    /// <summary>A session that still takes something, and what this batch adds to it.</summary>
    private sealed class OpenSession(Guid bioPageId, Guid id, DateTimeOffset startedAt, int pageViews, int seconds)
    {
        public Guid BioPageId => bioPageId;

        public Guid Id => id;

        public Guid? LastPageView { get; set; }

        public int NewPageViews { get; set; }

        public int NewSeconds { get; set; }

        public DateTimeOffset StartedAt => startedAt;

        public bool IsChanged => NewPageViews > 0 || NewSeconds > 0;

        public OutcomeChange Change(Guid changeId) =>
            OutcomeChange.Of(bioPageId, changeId, id, startedAt, (pageViews, seconds), (pageViews + NewPageViews, seconds + NewSeconds));
    }
}
