using Bioscope.Server.Api.Bio;
using Bioscope.Server.Api.Reports;

namespace Bioscope.Server.Dashboard;

/// <summary>
/// The clicks of a window by link: each link of the page that was clicked, most clicks first, equal ones by id; and what the page does not
/// have (any more) together. Anybody could once make up ids of links, and imports still may: each has a row in the published report, none here.
/// </summary>
/// <param name="Clicked">Links of the page, in their order.</param>
/// <param name="GoneLinks">How many others were clicked.</param>
/// <param name="GoneClicks">The clicks on those.</param>
/// <param name="Totals">All views and clicks of the window, read at the same instant.</param>
internal sealed record PageLinks(IReadOnlyList<PageLink> Clicked, int GoneLinks, long GoneClicks, ViewsAndClicks Totals)
{
    public static async Task<PageLinks> ReadAsync(ReportScope scope, IReadOnlyList<BioLink> links, CancellationToken cancellationToken)
    {
        var (clicks, pageViews) = await LinkClicks.CountAsync(scope, cancellationToken);
        var clicked = links
            .Select(link => new PageLink(link.Id, link.Title, link.Url, clicks[link.Id.ToString("D")]))
            .Where(link => link.Clicks > 0)
            .OrderByDescending(link => link.Clicks).ThenBy(link => link.Id.ToString("D"), StringComparer.Ordinal)
            .ToList();
        var total = clicks.Total;
        return new PageLinks(
            clicked, clicks.ByValue.Count - clicked.Count, total - clicked.Sum(link => link.Clicks), ViewsAndClicks.OfPageViews(pageViews, total));
    }

    /// <summary>Clicks per hundred views of the page, with two decimals.</summary>
    public double RateOf(long clicks) => (Totals with { Clicks = clicks }).ClickRate;

    /// <summary>What stands for links that the page does not have.</summary>
    public static string GoneName(string number, int links) =>
        links == 1 ? "A link that is no longer on the page" : $"{number} links that are no longer on the page";
}

/// <summary>A link of the page, and how often it was clicked.</summary>
internal sealed record PageLink(Guid Id, string Title, string Url, long Clicks);
