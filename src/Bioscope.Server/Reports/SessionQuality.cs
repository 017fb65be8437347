using Bioscope.Core;
using Bioscope.Server.Configuration;

namespace Bioscope.Server.Reports;

/// <summary>
/// <c>GET /api/v1/creators/analytics/sessions</c>: how the sessions of the caller's page went. A bounce is a session with fewer
/// than two page views; <c>bounceRate</c> is in whole percent, <c>avgDuration</c> in whole seconds over the sessions that have a
/// duration, <c>pagesPerSession</c> over all with one decimal. Zeros when there are no sessions.
/// </summary>
internal sealed record SessionQuality(long TotalSessions, int BounceRate, long AvgDuration, double PagesPerSession)
{
    public static void Map(IEndpointRouteBuilder reports, Settings settings) =>
        ReportScope.MapReport(reports, "sessions", settings, ReadAsync);

    private const string Sql = """
        -- sessions
        SELECT
          COUNT(*),
          COUNT(CASE WHEN "pageViews" < 2 THEN 1 END),
          COUNT(CASE WHEN "duration" > 0 THEN 1 END),
          CAST(COALESCE(SUM(CASE WHEN "duration" > 0 THEN "duration" END), 0) AS bigint),
          CAST(COALESCE(SUM("pageViews"), 0) AS bigint)
        FROM "AnalyticsSession"
        WHERE "bioPageId" = @page AND "startedAt" >= @since
        """;

    public static async Task<SessionQuality> ReadAsync(ReportScope scope, CancellationToken cancellation)
    {
        var rows = await scope.Analytics.QueryAsync(
            Sql,
            row => (Sessions: row.GetInt64(0), Bounces: row.GetInt64(1), Timed: row.GetInt64(2), Seconds: row.GetInt64(3), Views: row.GetInt64(4)),
            cancellation,
            ("@page", scope.BioPageId),
            ("@since", scope.Since));
        var (sessions, bounces, timed, seconds, views) = rows.Single();
        return new SessionQuality(
            sessions, Percentage.Of(bounces, sessions), (long)Average.Of(seconds, timed, decimals: 0), Average.Of(views, sessions, decimals: 1));
    }
}
