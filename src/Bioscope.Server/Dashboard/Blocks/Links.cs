using Bioscope.Core;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Blocks;

/// <summary>The links that were clicked.</summary>
internal static class Links
{
    private const int ShownAtOnce = 10;

    // As many as a page takes by the API; an import may bring more.
    private const int MaxShown = 100;

    // What a link's address may have by the API. An import may bring a longer one, which is no link here.
    private const int MaxAddress = 2_048;

    public static Html Render(View view)
    {
        var links = view.Figures.Links;
        if (links.Clicked.Count + links.GoneLinks == 0)
        {
            return view.Block("links", "Links", "links", view.Nobody(view.Page.Links.Count == 0 ? "Your page has no links yet, so nobody clicked one" : "Nobody clicked a link"));
        }

        var rows = Folded<PageLink>.Of(links.Clicked, MaxShown, link => link.Clicks);
        var most = Math.Max(links.GoneClicks, rows.Shown.Select(link => link.Clicks).Append(rows.OtherCount).Max());
        var beyond = Html.Join([
            Together(view, "more", $"{view.Number(rows.OtherItems)} more links", rows.OtherCount, most),
            Together(view, "gone", PageLinks.GoneName(view.Number(links.GoneLinks), links.GoneLinks), links.GoneClicks, most),
        ]);
        return view.Block("links", "Links", "links", Html.Of($"""
            <div class="columns" aria-hidden="true"><span>Link</span><span>Clicks</span><span>Click rate</span></div>
            {View.Rows(rows.Shown, ShownAtOnce, link => Row(view, link, most), beyond)}
            <p class="note">Click rate: clicks on the link per hundred views of your page.</p>
            """));
    }

    private static Html Row(View view, PageLink link, long most)
    {
        var host = link.Url.Length <= MaxAddress && OutboundUrl.IsAllowed(link.Url) ? ShownText.Of(OutboundUrl.HostOf(link.Url)) : "";
        var name = string.IsNullOrWhiteSpace(link.Title) ? host : ShownText.Of(link.Title);
        var title = host.Length == 0
            ? Html.Of($"<b><bdi>{name}</bdi></b>")
            : Html.Of($"""<a href="{link.Url}" rel="noopener noreferrer" target="_blank"><b><bdi>{name}</bdi></b> <small><bdi>{host}</bdi></small></a>""");
        return Html.Of($"""
            <li data-link="{link.Id}"><span class="row wide"><span class="what">{title}{View.Bar(link.Clicks, most)}</span>{view.Counted(link.Clicks, "clicks", view.Percent(view.Figures.Links.RateOf(link.Clicks), 2))}</span></li>
            """);
    }

    private static Html Together(View view, string key, string name, long clicks, long most) => clicks == 0 ? Html.Nothing : Html.Of($"""
        <li data-link="{key}"><span class="row wide"><span class="what"><b>{name}</b>{View.Bar(clicks, most)}</span>{view.Counted(clicks, "clicks", view.Percent(view.Figures.Links.RateOf(clicks), 2))}</span></li>
        """);
}
