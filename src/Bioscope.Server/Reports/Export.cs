using System.Globalization;
using System.Text;
using Bioscope.Server.Configuration;
using Bioscope.Server.Http;

namespace Bioscope.Server.Reports;

/// <summary>
/// <c>GET /api/v1/creators/analytics/export?type=overview|traffic|links</c>: the figures of that report as a CSV file (RFC 4180,
/// UTF-8, header row). Another type, or none, is a 400.
/// </summary>
internal static class Export
{
    private static readonly string[] ApiTypes = ["overview", "traffic", "links"];

    public static void Map(IEndpointRouteBuilder reports, Settings settings) => ReportScope.Map(reports, "export", settings, (http, scope) =>
    {
        var type = ReportScope.FirstOf(http.Request.QueryString, "type") ?? "";
        return ApiTypes.Contains(type) ? WriteAsync(http, scope, type) : Errors.WriteAsync(http, ApiError.Invalid("type must be overview, traffic or links"));
    });

    /// <summary>Sends the figures of any report, which is named as its route is.</summary>
    public static async Task WriteAsync(HttpContext http, ReportScope scope, string type)
    {
        if (await TableAsync(type, scope, http.RequestAborted) is not { } table)
        {
            await Errors.WriteAsync(http, ApiError.ForStatus(StatusCodes.Status404NotFound));
            return;
        }

        var today = http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
        var name = string.Create(CultureInfo.InvariantCulture, $"bioscope-analytics-{type}-{today:yyyy-MM-dd}.csv");
        var body = Encoding.UTF8.GetBytes(Csv(table));
        http.Response.ContentType = "text/csv; charset=utf-8";
        http.Response.ContentLength = body.Length;
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"{name}\"";
        http.Response.Headers.CacheControl = "no-store";
        await http.Response.Body.WriteAsync(body, http.RequestAborted);
    }

    /// <summary>The header and the rows, or null when there is no such type.</summary>
    private static async Task<IReadOnlyList<object[]>?> TableAsync(string type, ReportScope scope, CancellationToken cancellation)
    {
        switch (type)
        {
            case "overview":
                var overview = await Overview.ReadAsync(scope, cancellation);
                return
                [
                    ["totalViews", "uniqueVisitors", "totalClicks", "ctr", "days"],
                    [overview.TotalViews, overview.UniqueVisitors, overview.TotalClicks, overview.Ctr, overview.Days],
                ];
            case "traffic":
                var traffic = await TrafficSources.ReadAsync(scope, cancellation);
                return [["source", "visits", "percentage"], .. traffic.Sources.Select(row => (object[])[row.Source, row.Visits, row.Percentage])];
            case "trend":
                var trend = await Trend.ReadAsync(scope, cancellation);
                return [["day", "views", "clicks"], .. trend.Daily.Select(row => (object[])[row.Day, row.Views, row.Clicks])];
            case "geo":
                var geo = await GeoLocations.ReadAsync(scope, cancellation);
                return [["country", "visits", "percentage"], .. geo.Locations.Select(row => (object[])[row.Country, row.Visits, row.Percentage])];
            case "devices":
                var devices = await DeviceSegments.ReadAsync(scope, cancellation);
                return [["name", "count", "percentage"], .. devices.Segments.Select(row => (object[])[row.Name, row.Count, row.Percentage])];
            case "sessions":
                var sessions = await SessionQuality.ReadAsync(scope, cancellation);
                return
                [
                    ["totalSessions", "bounceRate", "avgDuration", "pagesPerSession"],
                    [sessions.TotalSessions, sessions.BounceRate, sessions.AvgDuration, sessions.PagesPerSession],
                ];
            case "links":
                var links = await LinkClicks.ReadAsync(scope, cancellation);
                return [["id", "title", "url", "clicks", "ctr"], .. links.Links.Select(row => (object[])[row.Id, row.Title, row.Url, row.Clicks, row.Ctr])];
            default:
                return null;
        }
    }

    private static string Csv(IReadOnlyList<object[]> table)
    {
        var csv = new StringBuilder();
        foreach (var row in table)
        {
            csv.AppendJoin(',', row.Select(Cell)).Append("\r\n");
        }

        return csv.ToString();
    }

    private static string Cell(object value)
    {
        var cell = Convert.ToString(value, CultureInfo.InvariantCulture)!;
        // Spreadsheets would run such a cell as a formula; the apostrophe makes it text.
        if (cell is ['=' or '+' or '-' or '@' or '\t' or '\r', ..])
        {
            cell = "'" + cell;
        }

        return cell.AsSpan().ContainsAny(",\"\r\n") ? $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : cell;
    }
}
