using System.Data.Common;
using Bioscope.Server.Storage;

namespace Bioscope.Server.Ingest;

/// <summary>
/// Writes what arrived together in one transaction: every event has its effect exactly once or, when the transaction fails, not
/// at all. However many events there are, each kind is one step to the database.
/// </summary>
internal sealed class IngestBatch(SqlDialect dialect, DbTransaction transaction, DateTimeOffset now)
{
    /// <summary>How long after its start a session takes page views, heartbeats and the rest.</summary>
    public static readonly TimeSpan SessionLife = TimeSpan.FromHours(24);

    private const int HeartbeatSeconds = 30;

    // The rows are locked, in one order, so that two servers neither count from the same figure nor wait for each other in a circle.
    private const string OpenSessionsSql = """
        SELECT "bioPageId", "id", "lastPageViewId" FROM "AnalyticsSession"
        WHERE "id" {isAnyOfIds} AND "startedAt" > @since
        ORDER BY "bioPageId", "id" {forUpdate}
        """;

    private const string PageViewsSql = """
        SELECT "bioPageId", "id" FROM "AnalyticsPageView" WHERE "id" {isAnyOfIds} AND "enteredAt" > @since
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
    private readonly StatementValues _updates = [], _ends = [], _leaves = [], _identities = [];
    private readonly Dictionary<Guid, OpenSession> _open = [];
    private readonly Dictionary<Guid, Guid> _pageOfView = [];

    /// <returns>For each event the id of the row that it became or changed; null when its session or page view is unknown or closed.</returns>
    public async Task<Guid?[]> WriteAsync(IReadOnlyList<IngestEvent> events, CancellationToken cancellation)
    {
        await FindAsync(events, cancellation);
        var stored = new Guid?[events.Count];
        for (var i = 0; i < stored.Length; i++)
        {
            stored[i] = Apply(events[i]);
        }

        foreach (var session in _open.Values.Where(session => session.IsChanged))
        {
            _updates.Add([
                ("@page", session.BioPageId), ("@id", session.Id), ("@pageViews", session.NewPageViews), ("@lastPageView", session.LastPageView),
                ("@seconds", session.NewSeconds), ("@now", now)]);
        }

        await dialect.InsertAsync(transaction, SessionRow.Table, _sessions, cancellation);
        await dialect.InsertAsync(transaction, PageViewRow.Table, _pageViews, cancellation);
        await dialect.ExecuteEachAsync(transaction, UpdateSessionSql, _updates, cancellation);
        await dialect.ExecuteEachAsync(transaction, EndPageViewSql, _ends, cancellation);
        await dialect.ExecuteEachAsync(transaction, LeavePageViewSql, _leaves, cancellation);
        await dialect.ExecuteEachAsync(transaction, IdentifySql, _identities, cancellation);
        return stored;
    }

    private async Task FindAsync(IReadOnlyList<IngestEvent> events, CancellationToken cancellation)
    {
        var sessions = events.Select(SessionOf).OfType<Guid>().Distinct().ToArray();
        if (sessions.Length == 0)
        {
            return;
        }

        (string, object?) since = ("@since", now - SessionLife);
        foreach (var session in await dialect.QueryAsync(
            transaction,
            OpenSessionsSql,
            row => new OpenSession(dialect.ReadGuid(row, 0), dialect.ReadGuid(row, 1)) { LastPageView = row.IsDBNull(2) ? null : dialect.ReadGuid(row, 2) },
            cancellation,
            ("@ids", sessions),
            since))
        {
            _open[session.Id] = session;
        }

        var views = events.OfType<PageLeft>().Select(left => left.Id).Where(id => !_open.ContainsKey(id)).Distinct().ToArray();
        if (views.Length == 0)
        {
            return;
        }

        foreach (var (page, id) in await dialect.QueryAsync(
            transaction, PageViewsSql, row => (dialect.ReadGuid(row, 0), dialect.ReadGuid(row, 1)), cancellation, ("@ids", views), since))
        {
            _pageOfView[id] = page;
        }
    }

    private static Guid? SessionOf(IngestEvent happened) => happened switch
    {
        PageViewed viewed => viewed.SessionId,
        HeartbeatReceived heartbeat => heartbeat.SessionId,
        VisitorIdentified identified => identified.SessionId,
        PageLeft left => left.Id,
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
        var id = Guid.CreateVersion7(now);
        _sessions.Add(session with { Id = id, StartedAt = now });
        return id;
    }

    private Guid View(OpenSession session, PageViewed viewed)
    {
        var id = Guid.CreateVersion7(now);
        _pageViews.Add(new PageViewRow
        {
            BioPageId = session.BioPageId,
            Id = id,
            SessionId = session.Id,
            Path = viewed.Path,
            Title = viewed.Title,
            EnteredAt = now,
            LinkClicked = viewed.LinkClicked,
        });
        if (session.LastPageView is { } previous)
        {
            _ends.Add([("@page", session.BioPageId), ("@id", previous), ("@now", now)]);
        }

        (session.LastPageView, session.IsChanged) = (id, true);
        session.NewPageViews++;
        return id;
    }

    private static Guid Beat(OpenSession session)
    {
        session.NewSeconds += HeartbeatSeconds;
        session.IsChanged = true;
        return session.Id;
    }

    private Guid? Leave(PageLeft left)
    {
        (Guid Page, Guid View)? target =
            _open.TryGetValue(left.Id, out var session) ? session.LastPageView is { } last ? (session.BioPageId, last) : null :
            _pageOfView.TryGetValue(left.Id, out var page) ? (page, left.Id) :
            null;
        if (target is not { } found)
        {
            return null;
        }

        _leaves.Add([("@page", found.Page), ("@id", found.View), ("@duration", left.Duration), ("@scrollDepth", left.ScrollDepth)]);
        return found.View;
    }

    private Guid Identify(OpenSession session, Guid user)
    {
        _identities.Add([("@page", session.BioPageId), ("@id", session.Id), ("@user", user)]);
        return session.Id;
    }

    /// <summary>A session that still takes something, and what this batch adds to it.</summary>
    private sealed class OpenSession(Guid bioPageId, Guid id)
    {
        public Guid BioPageId => bioPageId;

        public Guid Id => id;

        public Guid? LastPageView { get; set; }

        public int NewPageViews { get; set; }

        public int NewSeconds { get; set; }

        public bool IsChanged { get; set; }
    }
}
