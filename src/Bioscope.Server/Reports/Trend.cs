using System.Globalization;
using Bioscope.Server.Configuration;

namespace Bioscope.Server.Reports;

/// <summary>
/// <c>GET /api/v1/creators/analytics/trend</c>: page views and clicks of the caller's page by UTC day, oldest first. Days without
/// page views are absent; the first day is cut where the window starts.
/// </summary>
internal sealed record Trend(int Days, IReadOnlyList<TrendDay> Daily)
{
    public static void Map(IEndpointRouteBuilder reports, Settings settings) =>
        ReportScope.MapReport(reports, "trend", settings, ReadAsync);

    private const string Sql = """
        -- trend
        SELECT day, COUNT(*), COUNT("linkClicked")
        FROM (
          SELECT {dayOfEnteredAt} AS day, "linkClicked"
          FROM "AnalyticsPageView"
          WHERE "bioPageId" = @page AND "enteredAt" >= @since
        ) AS view
        GROUP BY day
        ORDER BY day
        """;

    public static async Task<Trend> ReadAsync(ReportScope scope, CancellationToken cancellation)
    {
        var daily = await scope.Analytics.QueryAsync(
            Sql,
            row => new TrendDay(Midnight(row.GetInt64(0)), row.GetInt64(1), row.GetInt64(2)),
            cancellation,
            ("@page", scope.BioPageId),
            ("@since", scope.Since));
        return new Trend(scope.Days, daily);
    }

    private static string Midnight(long day) =>
        DateTimeOffset.UnixEpoch.AddDays(day).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}

/// <summary>One row of the report: <c>day</c> is its midnight, UTC.</summary>
internal sealed record TrendDay(string Day, long Views, long Clicks);
