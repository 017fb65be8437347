using Bioscope.Core;
using Bioscope.Server.Configuration;
using Bioscope.Server.Storage;

namespace Bioscope.Server.Reports;

/// <summary>
/// <c>GET /api/v1/creators/analytics/traffic</c>: where the visits of the caller's page come from. A visit is one session; its
/// source is the referrer domain that was decided when it was created, or <c>direct</c>. At most 15 sources, most visits
/// first, equal visits by source; percentages are of the visits shown, rounded half up. No traffic: an empty list.
/// </summary>
internal sealed record TrafficSources(IReadOnlyList<TrafficSource> Sources)
{
    public static void Map(IEndpointRouteBuilder reports, Settings settings) =>
        ReportScope.MapReport(reports, "traffic", settings, ReadAsync);

    private const string Sql = """
        SELECT COALESCE(NULLIF("referrerDomain", ''), 'direct') AS source, COUNT(*) AS visits
        FROM "AnalyticsSession"
        WHERE "bioPageId" = @page AND "startedAt" >= @since
        GROUP BY COALESCE(NULLIF("referrerDomain", ''), 'direct')
        ORDER BY visits DESC, COALESCE(NULLIF("referrerDomain", ''), 'direct') COLLATE {ordinal}
        LIMIT 15
        """;

    public static async Task<TrafficSources> ReadAsync(AnalyticsDatabase analytics, ReportScope scope, CancellationToken cancellation)
    {
        var rows = await analytics.QueryAsync(
            Sql,
            row => (Source: row.GetString(0), Visits: row.GetInt64(1)),
            cancellation,
            ("@page", scope.BioPageId),
            ("@since", scope.Since));
        var total = rows.Sum(row => row.Visits);
        return new TrafficSources(rows.ConvertAll(row => new TrafficSource(row.Source, row.Visits, Percentage.Of(row.Visits, total))));
    }
}

/// <summary>One row of the report: visits in sessions, percentage as a whole number of the visits shown.</summary>
internal sealed record TrafficSource(string Source, long Visits, int Percentage);
