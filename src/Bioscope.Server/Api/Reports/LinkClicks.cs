using System.Text.Json.Serialization;
using Bioscope.Core;
using Bioscope.Engine.Counting;
using Bioscope.Server.Configuration;
using Bioscope.Server.Web;

namespace Bioscope.Server.Api.Reports;

/// <summary>
/// <c>GET /api/v1/creators/analytics/links</c>: every link with a click in the window, most clicks first, ties by id. <c>ctr</c> is
/// clicks per hundred page views of the page with two decimals. A link that has since been deleted keeps its row, as <c>Unknown</c> with
/// an empty address.
/// </summary>
internal sealed record LinkClicks(IReadOnlyList<LinkClick> Links)
{
    public static void Map(IEndpointRouteBuilder reports, Settings settings) =>
        ReportScope.MapReport(reports, "links", settings, LinkClicksJson.Default.SuccessLinkClicks, ReadAsync);

    private const string LinksSql = """
        -- links
        SELECT "id", "title", "url" FROM "BioLink" WHERE "bioPageId" = @page
        """;

    public static async Task<LinkClicks> ReadAsync(ReportScope scope, CancellationToken cancellationToken)
    {
        var counts = await scope.CountAsync(Dimension.Named("link"), [Metric.Clicks, Metric.Views], cancellationToken);
        var views = counts.Totals.Views + counts.Totals.Clicks;
        var links = await scope.Main.QueryAsync(
            LinksSql,
            row => (Id: scope.Main.Dialect.ReadGuid(row, 0), Title: row.GetString(1), Url: row.GetString(2)),
            cancellationToken,
            ("@page", scope.BioPageId));
        var known = links.ToDictionary(link => link.Id);
        return new LinkClicks(Ranking.Of(counts, tally => tally.Clicks).ConvertAll(row =>
        {
            var id = Guid.Parse(row.Value);
            var (_, title, url) = known.GetValueOrDefault(id, (id, "Unknown", ""));
            return new LinkClick(id, title, url, row.Count, Percentage.ClickThroughRate(row.Count, views));
        }));
    }
}

/// <summary>One row of the report.</summary>
internal sealed record LinkClick(Guid Id, string Title, string Url, long Clicks, double Ctr);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Success<LinkClicks>))]
internal sealed partial class LinkClicksJson : JsonSerializerContext;
