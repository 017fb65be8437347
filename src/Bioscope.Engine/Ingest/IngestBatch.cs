using System.Data.Common;
using Bioscope.Core;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Ingest;

/// <summary>
/// Writes a batch of events in one transaction: each event takes effect exactly once, or not at all when the transaction fails. Every
/// statement names one page; on PostgreSQL there is one of a kind for the batch, and all are sent together. Rows are stamped here, never before
/// the fence.
/// </summary>
/// <param name="dialect">The engine's.</param>
/// <param name="transaction">In which it is written.</param>
/// <param name="pages">The pages of the events.</param>
/// <param name="clockNow">The time of this server.</param>
/// <param name="findsForeignIds">Whether rows are looked for where their ids do not say it; else their events are left alone.</param>
internal sealed class IngestBatch(
    SqlDialect dialect, DbTransaction transaction, PageNumbers pages, DateTimeOffset clockNow, bool findsForeignIds = true)
{
    /// <summary>How long after its last activity a visit continues at the next page load.</summary>
    public static readonly TimeSpan VisitPause = TimeSpan.FromMinutes(30);

    /// <summary>The maximum of page views and clicks in one session: twice what an import may bring, so that no sum overflows.</summary>
    public const int MaxPageViews = 2 * SessionRow.MaxImportedPageViews;

    private const int HeartbeatSeconds = 30;

    private const string SaveVisitSql = """
        -- save open visit
        INSERT INTO "AnonymousVisit" ("bioPageId", "visitorId", "sessionId", "startedAt") VALUES (@page, @visitor, @session, @now)
        ON CONFLICT ("bioPageId", "visitorId") DO UPDATE SET "sessionId" = excluded."sessionId", "startedAt" = excluded."startedAt"
        """;

    private const string UpdateSessionSql = $"""
        -- update session
        UPDATE "AnalyticsSession"
        SET "pageViews" = "pageViews" + @pageViews, "bounced" = "pageViews" + @pageViews < 2,
          "lastPageViewId" = COALESCE(@lastPageView, "lastPageViewId"), "duration" = "duration" + @seconds, "lastActivityAt" = @now
        WHERE {RowsById.IsSession}
        """;

    private const string IdentifySql = $"""
        -- identify session
        UPDATE "AnalyticsSession" SET "userId" = @user WHERE {RowsById.IsSession}
        """;

    private const string EndPageViewSql = $$"""
        -- end page view
        UPDATE "AnalyticsPageView" SET "duration" = {secondsSinceEnteredAt}
        WHERE {{RowsById.IsPageView}} AND {secondsSinceEnteredAt} BETWEEN 0 AND 3600
        """;

    private const string EndForeignPageViewSql = $$"""
        -- end foreign page view
        UPDATE "AnalyticsPageView" SET "duration" = {secondsSinceEnteredAt}
        WHERE {{RowsById.IsForeign}} AND {secondsSinceEnteredAt} BETWEEN 0 AND 3600
        """;

    private const string LeavePageViewSql = $"""
        -- leave page view
        UPDATE "AnalyticsPageView" SET "duration" = @duration, "scrollDepth" = COALESCE(@scrollDepth, "scrollDepth") WHERE {RowsById.IsPageView}
        """;

    private const string LeaveForeignPageViewSql = $"""
        -- leave foreign page view
        UPDATE "AnalyticsPageView" SET "duration" = @duration, "scrollDepth" = COALESCE(@scrollDepth, "scrollDepth") WHERE {RowsById.IsForeign}
        """;

    private readonly List<OpenSession> _started = [];
    private readonly List<PageViewRow> _pageViews = [];
    private readonly Dictionary<Guid, ViewLeft> _leaves = [];
    private readonly Dictionary<Guid, (OpenSession Session, Guid User)> _identities = [];
    private readonly Dictionary<Guid, OpenSession> _open = [];

    // Pages of sessions that are closed.
    private readonly Dictionary<Guid, Guid> _closed = [];
    private readonly EventRows _stored = new(dialect, transaction, pages, findsForeignIds);
    private readonly HashSet<IngestEvent> _notFound = new(ReferenceEqualityComparer.Instance);
    private readonly SortedDictionary<(Guid Page, string Visitor), Guid> _newVisits = [];

    private DateTimeOffset? _fence;
    private DateTimeOffset _now;

    // Views ended by a later one, by id, each with its page.
    private readonly Dictionary<Guid, Guid> _ended = [];

    /// <summary>Events of which nothing was written: their session is not where its id says. Empty where foreign ids are found.</summary>
    public IReadOnlySet<IngestEvent> NotFound => _notFound;

    /// <returns>For each event, the id of the row it became or changed; null when its session or page view is unknown or closed.</returns>
    public async Task<Guid?[]> WriteAsync(IReadOnlyList<IngestEvent> events, CancellationToken cancellationToken)
    {
        var ((fence, serverTime), sessions) = await _stored.FindAsync(events, cancellationToken);
        var now = AgreedTime.Of(clockNow, serverTime);
        (_fence, _now) = (fence, fence > now ? fence.Value : now);
        sessions.ForEach(Take);
        var stored = new Guid?[events.Count];
        for (var i = 0; i < stored.Length; i++)
        {
            stored[i] = Apply(events[i]);
        }

        await StoreAsync(cancellationToken);
        return stored;
    }

    /// <summary>
    /// Writes what the events came to. Every session that is changed is locked, and its page views are changed only by those who have locked it;
    /// so in which order rows are written does not matter to other servers, but for open visits.
    /// </summary>
    private async Task StoreAsync(CancellationToken cancellationToken)
    {
        Column<ViewLeft>[] left =
        [
            new("page", ColumnType.Uuid, view => view.Page), new("at", ColumnType.Instant, view => view.At),
            new("id", ColumnType.Uuid, view => view.Id), new("duration", ColumnType.Integer, view => view.Duration),
            new("scrollDepth", ColumnType.Integer, view => view.ScrollDepth),
        ];
        Column<KeyValuePair<Guid, Guid>>[] ended =
        [
            new("page", ColumnType.Uuid, view => view.Value), new("at", ColumnType.Instant, view => PagedId.TimeOf(view.Key)),
            new("id", ColumnType.Uuid, view => view.Key), new("now", ColumnType.Instant, _ => _now),
        ];
        var writes = dialect.StartWrites(transaction);
        writes.Insert(SessionRow.Table, _started.ConvertAll(session => session.NewRow()));
        writes.Insert(PageViewRow.Table, _pageViews);
        UpdateSessions(writes);
        writes.Insert(OutcomeChange.Table, OutcomeChanges());
        var leaves = writes.ForEach(LeavePageViewSql, [.. _leaves.Values], left);
        var ends = writes.ForEach(EndPageViewSql, [.. _ended], ended);
        SaveVisits(writes);
        var changed = await writes.RunAsync(cancellationToken);

        // By the time that the id carries; where that finds less, what is left has foreign ids.
        if (changed[leaves] < _leaves.Count)
        {
            await dialect.ExecuteEachAsync(transaction, LeaveForeignPageViewSql, StatementValues.Of(_leaves.Values, left), cancellationToken);
        }

        if (changed[ends] < _ended.Count)
        {
            await dialect.ExecuteEachAsync(transaction, EndForeignPageViewSql, StatementValues.Of(_ended, ended), cancellationToken);
        }
    }

    private void Take(StoredSession session)
    {
        if (session.StartedAt > _now - SessionRow.Life)
        {
            _open[session.Id] = new OpenSession(session.BioPageId, session.Id, session.StartedAt, session.PageViews, session.Duration)
            {
                LastPageView = session.LastPageViewId,
                LastActivityAt = session.LastActivityAt,
            };
        }
        else
        {
            _closed[session.Id] = session.BioPageId;
        }
    }

    private Guid? Apply(IngestEvent happened)
    {
        if (happened is SessionStarted started)
        {
            return Start(started);
        }

        var id = _stored.SessionOf(happened)!.Value;
        if (IsMissing(id))
        {
            _notFound.Add(happened);
            return null;
        }

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

    private bool IsMissing(Guid session) => !findsForeignIds && !_open.ContainsKey(session) && !_closed.ContainsKey(session);

    private Guid? Start(SessionStarted started)
    {
        var visitor = (started.Session.BioPageId, started.Session.VisitorId);
        if (started.ContinuesOpenVisit && _stored.Visits.TryGetValue(visitor, out var visit) && IsMissing(visit))
        {
            _notFound.Add(started);
            return null;
        }

        var session = started.ContinuesOpenVisit ? OpenVisit(started.Session) : null;
        started.IsOpened = session is null;
        if (session is null)
        {
            var row = started.Session with { Id = NewId(started.Session.BioPageId, PagedId.NewSession), StartedAt = _now };
            session = new OpenSession(row.BioPageId, row.Id, _now, row.PageViews, row.Duration) { Row = row, LastActivityAt = _now };
            _started.Add(session);
            if (started.ContinuesOpenVisit)
            {
                // The visitor's next visit in this batch continues it too.
                _open[row.Id] = session;
                _stored.Visits[(row.BioPageId, row.VisitorId)] = _newVisits[(row.BioPageId, row.VisitorId)] = row.Id;
            }
        }

        started.SessionId = session.Id;
        started.ViewId = started.View is { } view
            && session.PageViews < MaxPageViews ? View(session, view.Path, view.Title, link: null) : null;
        session.IsAlive = true;
        return session.Id;
    }

    private OpenSession? OpenVisit(SessionRow visit) =>
        _stored.Visits.TryGetValue((visit.BioPageId, visit.VisitorId), out var id)
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
        var id = NewId(session.BioPageId, PagedId.NewPageView);
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
        var stored = _stored.Views.TryGetValue(left.Id, out var found) ? found : null;
        if ((stored is null ? session.LastPageView : left.Id) is not { } view)
        {
            return null;
        }

        // The last report of a page view's end wins, however events are divided into batches.
        _ended.Remove(view);
        var earlier = _leaves.GetValueOrDefault(view);
        _leaves[view] = new ViewLeft(
            session.BioPageId, stored?.At ?? earlier?.At ?? PagedId.TimeOf(view), view, left.Duration, left.ScrollDepth ?? earlier?.ScrollDepth);
        return view;
    }

    // A page that the main database does not have is not found by its number.
    private Guid NewId(Guid page, Func<Guid, DateTimeOffset, Guid> ofPage) => pages.Exists(page) ? ofPage(page, _now) : Guid.CreateVersion7(_now);

    private void UpdateSessions(Writes writes)
    {
        writes.ForEach(
            UpdateSessionSql, [.. _open.Values.Where(session => session is { Row: null, IsChanged: true })],
            new("page", ColumnType.Uuid, session => session.BioPageId), new("at", ColumnType.Instant, session => session.StartedAt),
            new("id", ColumnType.Uuid, session => session.Id), new("pageViews", ColumnType.Integer, session => session.NewPageViews),
            new("lastPageView", ColumnType.Uuid, session => session.NewPageViews > 0 ? session.LastPageView : null),
            new("seconds", ColumnType.Integer, session => session.NewSeconds), new("now", ColumnType.Instant, _ => _now));
        writes.ForEach(
            IdentifySql, [.. _identities.Values],
            new("page", ColumnType.Uuid, one => one.Session.BioPageId), new("at", ColumnType.Instant, one => one.Session.StartedAt),
            new("id", ColumnType.Uuid, one => one.Session.Id), new("user", ColumnType.Uuid, one => one.User));
    }

    // Sessions before the fence may be sealed.
    private List<OutcomeChange> OutcomeChanges() =>
        [.. _open.Values.Where(session => session is { Row: null, HasNewCounts: true } && session.StartedAt < _fence).Select(session => session.Change(Guid.CreateVersion7(_now)))];

    // In a fixed order, so that two servers do not deadlock.
    private void SaveVisits(Writes writes) => writes.ForEach(
        SaveVisitSql, [.. _newVisits],
        new("page", ColumnType.Uuid, visit => visit.Key.Page), new("visitor", ColumnType.Text, visit => visit.Key.Visitor),
        new("session", ColumnType.Uuid, visit => visit.Value), new("now", ColumnType.Instant, _ => _now));

    private Guid Identify(OpenSession session, Guid user)
    {
        _identities[session.Id] = (session, user);
        return session.Id;
    }

    /// <summary>How a page view ended; its time is null where neither its row nor its id say it.</summary>
    private sealed record ViewLeft(Guid Page, DateTimeOffset? At, Guid Id, int Duration, int? ScrollDepth);

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
