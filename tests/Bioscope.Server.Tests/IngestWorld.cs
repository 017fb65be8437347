using System.Globalization;
using Bioscope.Core;
using Bioscope.Engine.Ingest;
using Bioscope.Engine.Rows;

namespace Bioscope.Server.Tests;

/// <summary>
/// Pages, each with a session that is new, one before the fence, one that is closed, and ones whose id or whose page view's id is foreign; each
/// has a page view.
/// </summary>
internal sealed class IngestWorld(TestApp app)
{
    private const int SessionsOfPage = 6;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public List<Guid> Pages { get; } = [];

    public List<Guid> Sessions { get; } = [];

    public List<Guid> Open { get; } = [];

    public List<Guid> Views { get; } = [];

    public static SessionStarted Visit(Guid page, string visitor, bool continues) =>
        new(new SessionRow { BioPageId = page, Id = default, VisitorId = visitor, StartedAt = default }, new FirstView("/first", null))
        {
            ContinuesOpenVisit = continues,
        };

    /// <summary>Three pages.</summary>
    public static async Task<IngestWorld> AddAsync(TestApp app)
    {
        var world = new IngestWorld(app);
        for (var page = 0; page < 3; page++)
        {
            await world.AddPageAsync();
        }

        return world;
    }

    public async Task AddPageAsync()
    {
        var (page, now) = ((await app.AddCreatorAsync()).BioPageId, app.Clock.GetUtcNow());
        Pages.Add(page);
        foreach (var (minutes, isForeign, hasForeignView) in ((int, bool, bool)[])
            [(5, false, false), (30, false, false), (90, false, false), (25 * 60, false, false), (6, true, true), (40, false, true)])
        {
            await AddAsync(page, $"{Pages.Count - 1} {minutes}", now.AddMinutes(-minutes), isForeign, hasForeignView);
        }
    }

    /// <summary>The first session of a page, and its page view.</summary>
    public (Guid Session, Guid View) FirstOf(Guid page) => (Sessions[SessionsOfPage * Pages.IndexOf(page)], Views[SessionsOfPage * Pages.IndexOf(page)]);

    public async Task<List<string>> RowsAsync()
    {
        var rows = new List<string>();
        foreach (var (page, i) in Pages.Select((page, i) => (page, i)))
        {
            foreach (var (name, sql) in ((string, string)[])
            [
                ("session", """
                    SELECT s."visitorId", s."pageViews", s."duration", s."bounced", s."userId", s."lastActivityAt", v."path"
                    FROM "AnalyticsSession" s LEFT JOIN "AnalyticsPageView" v ON v."bioPageId" = s."bioPageId" AND v."id" = s."lastPageViewId"
                    WHERE s."bioPageId" = @page
                    """),
                ("view", """
                    SELECT s."visitorId", v."path", v."duration", v."scrollDepth"
                    FROM "AnalyticsSession" s JOIN "AnalyticsPageView" v ON v."bioPageId" = s."bioPageId" AND v."sessionId" = s."id" WHERE s."bioPageId" = @page
                    """),
                ("change", """
                    SELECT s."visitorId", SUM(o."bounces"), SUM(o."timed"), SUM(o."seconds"), SUM(o."pageViews")
                    FROM "AnalyticsSession" s JOIN "OutcomeChange" o ON o."bioPageId" = s."bioPageId" AND o."sessionId" = s."id" WHERE s."bioPageId" = @page
                    GROUP BY s."visitorId"
                    """),
                ("visit", """SELECT "visitorId" FROM "AnonymousVisit" WHERE "bioPageId" = @page"""),
            ])
            {
                rows.AddRange((await RowsAsync(sql, page)).Select(row => $"{name} {i} {row}"));
            }
        }

        rows.Sort(StringComparer.Ordinal);
        return rows;
    }

    /// <summary>The values of each row, with spaces between.</summary>
    public Task<List<string>> RowsAsync(string sql, Guid page, Guid id = default) => app.Analytics.QueryAsync(
        sql,
        row => string.Join(' ', Enumerable.Range(0, row.FieldCount).Select(column => Convert.ToString(row.GetValue(column), CultureInfo.InvariantCulture))),
        Cancelled, ("@page", page), ("@id", id));

    public async Task<long> CountAsync(string sql)
    {
        var sum = 0L;
        foreach (var page in Pages)
        {
            sum += (await app.Analytics.QueryAsync(sql, row => row.GetInt64(0), Cancelled, ("@page", page))).Single();
        }

        return sum;
    }

    public async Task InsertAsync(Guid page, Guid session, Guid view, string visitor, DateTimeOffset at)
    {
        await app.Analytics.InsertAsync(
            SessionRow.Table,
            [new SessionRow { BioPageId = page, Id = session, VisitorId = visitor, StartedAt = at, PageViews = 1, LastPageViewId = view }],
            Cancelled);
        await app.Analytics.InsertAsync(
            PageViewRow.Table, [new PageViewRow { BioPageId = page, Id = view, SessionId = session, Path = "/", EnteredAt = at }], Cancelled);
    }

    private async Task AddAsync(Guid page, string visitor, DateTimeOffset at, bool isForeign, bool hasForeignView)
    {
        var (session, view) = (isForeign ? Guid.NewGuid() : PagedId.NewSession(page, at), hasForeignView ? Guid.NewGuid() : PagedId.NewPageView(page, at));
        Sessions.Add(session);
        Views.Add(view);
        if (at > app.Clock.GetUtcNow().AddDays(-1))
        {
            Open.Add(session);
        }

        await InsertAsync(page, session, view, visitor, at);
    }
}
