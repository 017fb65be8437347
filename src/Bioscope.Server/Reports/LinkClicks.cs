using Bioscope.Core;
using Bioscope.Server.Configuration;

namespace Bioscope.Server.Reports;

/// <summary>
/// <c>GET /api/v1/creators/analytics/links</c>: every link with a click in the window, most clicks first, equal ones by id.
/// <c>ctr</c> is clicks per hundred page views of the page with two decimals. A link that was deleted since keeps its row, as
/// <c>Unknown</c> with an empty address.
/// </summary>
internal sealed record LinkClicks(IReadOnlyList<LinkClick> Links)
{
    public static void Map(IEndpointRouteBuilder reports, Settings settings) =>
        ReportScope.MapReport(reports, "links", settings, ReadAsync);

    // The views of the page stand in the same statement, so that both are of one snapshot.
    private const string ClicksSql = """
        -- links
        SELECT "linkClicked", COUNT(*) AS clicks,
          (SELECT COUNT(*) FROM "AnalyticsPageView" WHERE "bioPageId" = @page AND "enteredAt" >= @since)
        FROM "AnalyticsPageView"
        WHERE "bioPageId" = @page AND "enteredAt" >= @since AND "linkClicked" IS NOT NULL
        GROUP BY "linkClicked"
        ORDER BY clicks DESC, "linkClicked"
        """;

    private const string LinksSql = """
        -- links
        SELECT "id", "title", "url" FROM "BioLink" WHERE "bioPageId" = @page
        """;

    public static async Task<LinkClicks> ReadAsync(ReportScope scope, CancellationToken cancellation)
    {
        var clicks = await scope.Analytics.QueryAsync(
            ClicksSql,
            row => (Link: scope.Analytics.Dialect.ReadGuid(row, 0), Clicks: row.GetInt64(1), Views: row.GetInt64(2)),
            cancellation,
            ("@page", scope.BioPageId),
            ("@since", scope.Since));
        var links = await scope.Main.QueryAsync(
            LinksSql,
            row => (Id: scope.Main.Dialect.ReadGuid(row, 0), Title: row.GetString(1), Url: row.GetString(2)),
            cancellation,
            ("@page", scope.BioPageId));
        var known = links.ToDictionary(link => link.Id);
        return new LinkClicks(clicks.ConvertAll(click =>
        {
            var (_, title, url) = known.GetValueOrDefault(click.Link, (click.Link, "Unknown", ""));
            return new LinkClick(click.Link, title, url, click.Clicks, Percentage.WithTwoDecimals(click.Clicks, click.Views));
        }));
    }
}

/// <summary>One row of the report.</summary>
internal sealed record LinkClick(Guid Id, string Title, string Url, long Clicks, double Ctr);
