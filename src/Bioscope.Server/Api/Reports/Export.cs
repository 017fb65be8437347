using System.Globalization;
using System.Text;
using Bioscope.Engine.Auditing;
using Bioscope.Server.Auditing;
using Bioscope.Server.Configuration;
using Bioscope.Server.Web;

namespace Bioscope.Server.Api.Reports;

/// <summary>
/// <c>GET /api/v1/creators/analytics/export?type=overview|traffic|links</c>: the figures of that report as a CSV file (RFC 4180, UTF-8,
/// header row). Another or a missing type gets 400.
/// </summary>
internal static class Export
{
    public static void Map(IEndpointRouteBuilder reports, Settings settings) => ReportScope.Map(
        reports, "export", settings, async (http, scope) =>
    {
        var type = ReportScope.FirstOf(http.Request.QueryString, "type") ?? "";
        if (await TableAsync(type, scope, http.RequestAborted) is { } table)
        {
            await Audit.WriteAsync(http, AuditKind.Figures, page: scope.BioPageId);
            await SendAsync(http, type, table);
        }
        else
        {
            await Errors.WriteAsync(http, ApiError.Invalid("type must be overview, traffic or links"));
        }
    });

    /// <summary>Sends a header and rows as a file with a descriptive name.</summary>
    public static async Task SendAsync(HttpContext http, string type, IReadOnlyList<object[]> table)
    {
        var today = http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
        var name = string.Create(CultureInfo.InvariantCulture, $"bioscope-analytics-{type}-{today:yyyy-MM-dd}.csv");
        var body = Encoding.UTF8.GetBytes(string.Concat(table.Select(CsvText.Line)));
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"{name}\"";
        http.Response.Headers.CacheControl = "no-store";
        await ApiResponse.SendAsync(http, body, "text/csv; charset=utf-8");
    }

    /// <summary>The sources of the traffic report.</summary>
    private static async Task<IReadOnlyList<object[]>> TrafficAsync(ReportScope scope, CancellationToken cancellationToken)
    {
        var traffic = await TrafficSources.ReadAsync(scope, cancellationToken);
        return [["source", "visits", "percentage"], .. traffic.Sources.Select(row => (object[])[row.Source, row.Visits, row.Percentage])];
    }

    /// <summary>The header and the rows, or null when there is no such type.</summary>
    private static async Task<IReadOnlyList<object[]>?> TableAsync(string type, ReportScope scope, CancellationToken cancellationToken)
    {
        switch (type)
        {
            case "overview":
                var overview = await Overview.ReadAsync(scope, cancellationToken);
                return
                [
                    ["totalViews", "uniqueVisitors", "totalClicks", "ctr", "days"],
                    [overview.TotalViews, overview.UniqueVisitors, overview.TotalClicks, overview.Ctr, overview.Days],
                ];
            case "traffic":
                return await TrafficAsync(scope, cancellationToken);
            case "links":
                var links = await LinkClicks.ReadAsync(scope, cancellationToken);
                return [["id", "title", "url", "clicks", "ctr"],
                    .. links.Links.Select(row => (object[])[row.Id, row.Title, row.Url, row.Clicks, row.Ctr])];
            default:
                return null;
        }
    }
}
