using Bioscope.Core;
using Bioscope.Server.Configuration;

namespace Bioscope.Server.Reports;

/// <summary>
/// <c>GET /api/v1/creators/analytics/overview</c>: the headline figures of the caller's page. Views are page views, clicks those
/// with a link, by when they were entered; visitors are distinct hashed visitor ids among the sessions started in the window.
/// <c>ctr</c> is clicks per hundred views with two decimals, 0 without views; <c>days</c> is the window that was used.
/// </summary>
internal sealed record Overview(long TotalViews, long UniqueVisitors, long TotalClicks, double Ctr, int Days)
{
    public static void Map(IEndpointRouteBuilder reports, Settings settings) =>
        ReportScope.MapReport(reports, "overview", settings, ReadAsync);

    private const string Sql = """
        -- overview
        SELECT
          (SELECT COUNT(*) FROM "AnalyticsPageView" WHERE "bioPageId" = @page AND "enteredAt" >= @since),
          (SELECT COUNT(DISTINCT "visitorId") FROM "AnalyticsSession" WHERE "bioPageId" = @page AND "startedAt" >= @since),
          (SELECT COUNT("linkClicked") FROM "AnalyticsPageView" WHERE "bioPageId" = @page AND "enteredAt" >= @since)
        """;

    public static async Task<Overview> ReadAsync(ReportScope scope, CancellationToken cancellation)
    {
        var rows = await scope.Analytics.QueryAsync(
            Sql,
            row => (Views: row.GetInt64(0), Visitors: row.GetInt64(1), Clicks: row.GetInt64(2)),
            cancellation,
            ("@page", scope.BioPageId),
            ("@since", scope.Since));
        var (views, visitors, clicks) = rows.Single();
        return new Overview(views, visitors, clicks, Percentage.WithTwoDecimals(clicks, views), scope.Days);
    }
}
