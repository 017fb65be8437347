using Bioscope.Core;
using Bioscope.Server.Http;
using Bioscope.Server.Reports;

namespace Bioscope.Server.Dashboard.Blocks;

/// <summary>The links that were clicked.</summary>
internal static class Links
{
    private const int ShownAtOnce = 10;

    public static Html Render(View view)
    {
        var links = view.Figures.Links.Links;
        if (links.Count == 0)
        {
            return view.Block("links", "Links", "links", view.Nobody(view.Page.Links.Count == 0 ? "Your page has no links yet, so nobody clicked one" : "Nobody clicked a link"));
        }

        var most = links.Max(link => link.Clicks);
        return view.Block("links", "Links", "links", Html.Of($"""
            <div class="columns" aria-hidden="true"><span>Link</span><span>Clicks</span><span>Click rate</span></div>
            {View.Rows(links, ShownAtOnce, link => Row(view, link, most))}
            <p class="note">Click rate: clicks on the link per hundred page views of your page.</p>
            """));
    }

    private static Html Row(View view, LinkClick link, long most)
    {
        // A link that was deleted since has neither; its clicks stay.
        var isDeleted = link is { Title: "Unknown", Url: "" };
        var host = OutboundUrl.IsAllowed(link.Url) ? OutboundUrl.HostOf(link.Url) : "";
        var name = isDeleted ? "A link that was deleted" : string.IsNullOrWhiteSpace(link.Title) ? host : link.Title;
        var title = host.Length == 0
            ? Html.Of($"<b><bdi>{name}</bdi></b>")
            : Html.Of($"""<a href="{link.Url}" rel="noopener noreferrer" target="_blank"><b><bdi>{name}</bdi></b> <small><bdi>{host}</bdi></small></a>""");
        return Html.Of($"""
            <li data-link="{link.Id}"><span class="row wide"><span class="what">{title}{View.Bar(link.Clicks, most)}</span>{view.Counted(link.Clicks, "clicks", view.Percent(link.Ctr, 2))}</span></li>
            """);
    }
}
