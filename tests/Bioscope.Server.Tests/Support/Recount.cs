using System.Data.Common;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Bioscope.Core;
using Bioscope.Engine.Creators;

namespace Bioscope.Server.Tests.Support;

/// <summary>What the reports must show, counted from the raw rows by plain SQL over the whole window, as the published API does.</summary>
internal static class Recount
{
    public static readonly string[] Reports =
        ["overview", "trend", "traffic", "geo", "devices", "links", "sessions", "export?type=overview", "export?type=traffic",
            "export?type=links"];

    /// <summary>The data of a report as JSON, or the file of an export, where all links are deleted.</summary>
    public static async Task<string> ReportAsync(TestApp app, Creator creator, string report, int days) => report switch
    {
        "overview" => Json(await OverviewAsync(app, creator, days)),
        "trend" => Json(new { days, daily = await TrendAsync(app, creator, days) }),
        "traffic" => Json(
            new { sources = (await GroupAsync(app, creator, days, "referrerDomain", "direct", 15)).ConvertAll(row => new { source = row.Value, visits = row.Count, percentage = row.Share }) }),
        "geo" => Json(
            new { locations = (await GroupAsync(app, creator, days, "country", "Unknown", 20)).ConvertAll(row => new { country = row.Value, visits = row.Count, percentage = row.Share }) }),
        "devices" => Json(
            new { segments = (await GroupAsync(app, creator, days, "device", "unknown", 1_000)).ConvertAll(row => new { name = row.Value, count = row.Count, percentage = row.Share }) }),
        "links" => Json(new { links = await LinksAsync(app, creator, days) }),
        "sessions" => Json(await SessionsAsync(app, creator, days)),
        "export?type=overview" => Csv(await OverviewAsync(app, creator, days)),
        "export?type=traffic" => Csv(
            "source,visits,percentage",
            (await GroupAsync(app, creator, days, "referrerDomain", "direct", 15)).Select(row => $"{row.Value},{row.Count},{row.Share}")),
        "export?type=links" => Csv(
            "id,title,url,clicks,ctr",
            (await LinksAsync(app, creator, days)).Select(
                row => string.Create(CultureInfo.InvariantCulture, $"{row.Id},{row.Title},{row.Url},{row.Clicks},{row.Ctr}"))),
        _ => throw new ArgumentOutOfRangeException(nameof(report), report, null),
    };

    private static async Task<Overview> OverviewAsync(TestApp app, Creator creator, int days)
    {
        var (views, clicks) = (await QueryAsync(
            app, creator, days,
            """SELECT COUNT(*), COUNT("linkClicked") FROM "AnalyticsPageView" WHERE "bioPageId" = @page AND "enteredAt" >= @since""",
            row => (row.GetInt64(0), row.GetInt64(1)))).Single();
        var visitors = (await QueryAsync(
            app, creator, days,
            """SELECT COUNT(DISTINCT "visitorId") FROM "AnalyticsSession" WHERE "bioPageId" = @page AND "startedAt" >= @since""",
            row => row.GetInt64(0))).Single();
        return new Overview(views, visitors, clicks, Percentage.ClickThroughRate(clicks, views), days);
    }

    private static Task<List<TrendDay>> TrendAsync(TestApp app, Creator creator, int days) => QueryAsync(
        app,
        creator,
        days,
        """
        SELECT day, COUNT(*), COUNT("linkClicked")
        FROM (SELECT {dayOfEnteredAt} AS day, "linkClicked" FROM "AnalyticsPageView" WHERE "bioPageId" = @page AND "enteredAt" >= @since) AS view
        GROUP BY day ORDER BY day
        """,
        row => new TrendDay(
            DateTimeOffset.UnixEpoch.AddDays(row.GetInt64(0)).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
            row.GetInt64(1),
            row.GetInt64(2)));

    private static async Task<List<(string Value, long Count, int Share)>> GroupAsync(
        TestApp app, Creator creator, int days, string column, string none, int limit)
    {
        var rows = await QueryAsync(
            app,
            creator,
            days,
            $"""
            SELECT value, COUNT(*) FROM (
              SELECT COALESCE(NULLIF("{column}", ''), '{none}') AS value FROM "AnalyticsSession" WHERE "bioPageId" = @page AND "startedAt" >= @since
            ) AS session
            GROUP BY value ORDER BY COUNT(*) DESC, value COLLATE {"{ordinal}"} LIMIT {limit}
            """,
            row => (row.GetString(0), row.GetInt64(1)));
        var total = rows.Sum(row => row.Item2);
        return rows.ConvertAll(row => (row.Item1, row.Item2, Percentage.Of(row.Item2, total)));
    }

    private static async Task<List<LinkRow>> LinksAsync(TestApp app, Creator creator, int days)
    {
        var overview = await OverviewAsync(app, creator, days);
        return await QueryAsync(
            app,
            creator,
            days,
            """
            SELECT "linkClicked", COUNT(*) FROM "AnalyticsPageView"
            WHERE "bioPageId" = @page AND "enteredAt" >= @since AND "linkClicked" IS NOT NULL
            GROUP BY "linkClicked" ORDER BY COUNT(*) DESC, "linkClicked"
            """,
            row => new LinkRow(
                app.Analytics.Dialect.ReadGuid(row, 0),
                "Unknown",
                "",
                row.GetInt64(1),
                Percentage.ClickThroughRate(row.GetInt64(1), overview.TotalViews)));
    }

    private static async Task<SessionTotals> SessionsAsync(TestApp app, Creator creator, int days)
    {
        var (sessions, bounces, timed, seconds, views) = (await QueryAsync(
            app,
            creator,
            days,
            """
            SELECT COUNT(*), COUNT(CASE WHEN "bounced" = {true} THEN 1 END), COUNT(CASE WHEN "duration" > 0 THEN 1 END),
              CAST(COALESCE(SUM("duration"), 0) AS {bigint}), CAST(COALESCE(SUM("pageViews"), 0) AS {bigint})
            FROM "AnalyticsSession" WHERE "bioPageId" = @page AND "startedAt" >= @since
            """.Replace("{true}", app.Analytics.Dialect.Name == "SQLite" ? "1" : "TRUE", StringComparison.Ordinal),
            row => (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4)))).Single();
        return new SessionTotals(
            sessions, Percentage.Of(bounces, sessions), (long)Average.Of(seconds, timed, 0), Average.Of(views, sessions, 1));
    }

    private static Task<List<T>> QueryAsync<T>(TestApp app, Creator creator, int days, string sql, Func<DbDataReader, T> map) => app.Analytics.QueryAsync(
        sql, map, TestContext.Current.CancellationToken, ("@page", creator.BioPageId), ("@since", Days.Since(app.Clock.GetUtcNow(), days)));

    private static readonly JsonSerializerOptions CamelCase = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    private static string Json<T>(T data) => JsonSerializer.Serialize(data, CamelCase);

    private static string Csv(Overview row) => Csv(
        "totalViews,uniqueVisitors,totalClicks,ctr,days",
        [string.Create(CultureInfo.InvariantCulture, $"{row.TotalViews},{row.UniqueVisitors},{row.TotalClicks},{row.Ctr},{row.Days}")]);

    private static string Csv(string header, IEnumerable<string> rows) =>
        new StringBuilder().AppendJoin("", rows.Prepend(header).Select(row => row + "\r\n")).ToString();

    private sealed record Overview(long TotalViews, long UniqueVisitors, long TotalClicks, double Ctr, int Days);

    private sealed record TrendDay(string Day, long Views, long Clicks);

    private sealed record LinkRow(Guid Id, string Title, string Url, long Clicks, double Ctr);

    private sealed record SessionTotals(long TotalSessions, int BounceRate, long AvgDuration, double PagesPerSession);
}
