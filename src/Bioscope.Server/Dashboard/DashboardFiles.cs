using Bioscope.Core;
using Bioscope.Server.Api.Bio;
using Bioscope.Server.Api.Reports;

namespace Bioscope.Server.Dashboard;

/// <summary>
/// The figures of each block of the dashboard as the table of a CSV file: a header and rows. Views, clicks and click rates are those
/// of the dashboard (<see cref="ViewsAndClicks"/>); what the page folds is folded here too, with more room.
/// </summary>
internal static class DashboardFiles
{
    /// <summary>How many links of the page, or words for devices, a file holds; what is beyond is one row.</summary>
    internal const int MaxRows = 1_000;

    /// <summary>The header and the rows, or null when there is no such block.</summary>
    public static async Task<IReadOnlyList<object[]>?> TableAsync(
        string type, ReportScope scope, BioPage page, CancellationToken cancellationToken)
    {
        switch (type)
        {
            case "overview":
                var overview = await Overview.ReadAsync(scope, cancellationToken);
                var totals = ViewsAndClicks.Of(overview);
                return
                [
                    ["views", "visitors", "clicks", "clickRate", "days"],
                    [totals.Views, overview.UniqueVisitors, totals.Clicks, totals.ClickRate, overview.Days],
                ];
            case "trend":
                var trend = await Trend.ReadAsync(scope, cancellationToken);
                return
                [
                    ["day", "views", "clicks"],
                    .. trend.Daily.Select(row => (object[])[row.Day, ViewsAndClicks.OfPageViews(row.Views, row.Clicks).Views, row.Clicks]),
                ];
            case "traffic":
                return await Export.TrafficAsync(scope, cancellationToken);
            case "geo":
                var geo = await GeoLocations.ReadAsync(scope, cancellationToken);
                return
                [
                    ["country", "visits", "percentage"],
                    .. geo.Locations.Select(row => (object[])[row.Country, row.Visits, row.Percentage]),
                ];
            case "devices":
                return Devices(await DeviceSegments.ReadAsync(scope, cancellationToken));
            case "sessions":
                var sessions = await SessionQuality.ReadAsync(scope, cancellationToken);
                return
                [
                    ["totalSessions", "bounceRate", "avgDuration", "pagesPerSession"],
                    [sessions.TotalSessions, sessions.BounceRate, sessions.AvgDuration, sessions.PagesPerSession],
                ];
            case "links":
                return Links(await PageLinks.ReadAsync(scope, page.Links, cancellationToken));
            default:
                return null;
        }
    }

    private static List<object[]> Devices(DeviceSegments devices)
    {
        var folded = Folded<DeviceSegment>.Of(devices.Segments, MaxRows, segment => segment.Count);
        List<object[]> table =
        [
            ["name", "count", "percentage"],
            .. folded.Shown.Select(row => (object[])[row.Name, row.Count, row.Percentage]),
        ];
        if (folded.OtherItems > 0)
        {
            var total = devices.Segments.Sum(segment => segment.Count);
            table.Add([$"{folded.OtherItems} more", folded.OtherCount, Percentage.Of(folded.OtherCount, total)]);
        }

        return table;
    }

    private static List<object[]> Links(PageLinks links)
    {
        var folded = Folded<PageLink>.Of(links.Clicked, MaxRows, link => link.Clicks);
        List<object[]> table =
        [
            ["id", "title", "url", "clicks", "clickRate"],
            .. folded.Shown.Select(link => (object[])[link.Id, link.Title, link.Url, link.Clicks, links.RateOf(link.Clicks)]),
        ];
        if (folded.OtherItems > 0)
        {
            table.Add(["", $"{folded.OtherItems} more", "", folded.OtherCount, links.RateOf(folded.OtherCount)]);
        }

        if (links.GoneLinks > 0)
        {
            var name = PageLinks.GoneName(links.GoneLinks.ToString(System.Globalization.CultureInfo.InvariantCulture), links.GoneLinks);
            table.Add(["", name, "", links.GoneClicks, links.RateOf(links.GoneClicks)]);
        }

        return table;
    }
}
