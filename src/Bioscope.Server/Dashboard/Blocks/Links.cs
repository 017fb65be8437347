using Bioscope.Engine.Counting;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Blocks;

/// <summary>The links that were clicked.</summary>
internal static class Links
{
    private const int ShownAtOnce = 10;

    // The maximum that the API adds to a page; an import may bring more.
    private const int MaxShown = 100;

    private static readonly Dimension Dimension = Dimension.Named("link")!;

    private static readonly Html Arrow = Html.Trusted(
        """<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="M5 3h8v8M13 3 3.5 12.5"/></svg>""");

    public static Html Render(View view)
    {
        var links = view.Figures.Links;
        var (texts, title) = (new LinkFiguresWords(view.Words), view.Dimensions.Many(Dimension));
        if (links.Clicked.Count + links.GoneLinks == 0)
        {
            return view.Block(
                "links",
                title,
                "link",
                View.Nobody(view.Page.Links.Count == 0 ? texts.NoLinks(view.FilteredPeriod) : texts.NoClicks(view.FilteredPeriod)));
        }

        var rows = Folded<PageLink>.Of(links.Clicked, MaxShown, link => link.Clicks);
        var most = Math.Max(links.GoneClicks, rows.Shown.Select(link => link.Clicks).Append(rows.OtherCount).Max());
        var beyond = Html.Join([
            Together(view, "more", texts.MoreLinks(rows.OtherItems), rows.OtherCount, most),
            Together(view, "gone", texts.GoneLinks(links.GoneLinks), links.GoneClicks, most),
        ]);
        return view.Block("links", title, "link", Html.Of($"""
            {Whose(view)}<div class="columns" aria-hidden="true"><span>{view.Dimensions.One(Dimension)}</span><span>{view.Metrics.Head(Metric.Clicks)}</span><span>{view.Metrics.Head(Metric.ClickRate)}</span></div>
            {Rows(view, rows.Shown, most, beyond)}
            <p class="note">{(view.IsShared ? texts.RateMeaningShared : texts.RateMeaning)}</p>
            <p class="alls">{view.All(Dimension, texts.AllLinks)}</p>
            """));
    }

    // With a filter by source or channel, says whose clicks these are, because the block otherwise looks the same.
    private static Html Whose(View view) =>
        view.Address.Filters.FirstOrDefault(filter => filter is { Operator: FilterOperator.Is, Dimension.Name: "source" or "channel" })
            is { } source
        ? Html.Of(
            $"""<p class="note">{new LinkFiguresWords(view.Words).ClicksFrom(new FilterWords(view.Words).AnyOf([.. source.Values.Select(value => Html.Of($"<bdi>{view.ValueOf(source.Dimension, value)}</bdi>"))]))}</p>""")
        : Html.Nothing;

    /// <summary>Rows, of which all but the first unfold, and one for the remainder, which is always visible.</summary>
    private static Html Rows(View view, IReadOnlyList<PageLink> links, long most, Html beyond)
    {
        var rest = links.Skip(ShownAtOnce).ToList();
        return Html.Of($"""
            <ul class="rows">{links.Take(ShownAtOnce).Select(link => Row(view, link, most))}</ul>
            {(rest.Count == 0 ? Html.Nothing : Html.Of($"""<details class="more"><summary>{new LinkFiguresWords(view.Words).More(rest.Count)}</summary><ul class="rows">{rest.Select(link => Row(view, link, most))}</ul></details>"""))}
            {(beyond.IsNothing ? Html.Nothing : Html.Of($"""<ul class="rows">{beyond}</ul>"""))}
            """);
    }

    private static Html Row(View view, PageLink clicked, long most)
    {
        var link = clicked.Link;
        var host = ShownText.Of(DimensionWords.HostOf(link));
        var name = ShownText.Of(DimensionWords.TitleOf(link));
        var content = Html.Of($"""
            <span class="what"><b><bdi>{name}</bdi></b>{(host.Length == 0 ? Html.Nothing : Html.Of($" <small><bdi>{host}</bdi></small>"))}{View.Bar(clicked.Clicks, most)}</span>{view.CountedClicks(clicked.Clicks, view.Percent(view.Figures.Links.RateOf(clicked.Clicks), 2))}
            """);
        var open = host.Length == 0
            ? Html.Of($"""<span class="out"></span>""")
            : Html.Of(
                $"""<a class="out" href="{link.Url}" rel="noopener noreferrer" target="_blank" aria-label="{new LinkFiguresWords(view.Words).Open(name)}">{Arrow}</a>""");
        // A viewer has no use for the id.
        var id = view.IsShared ? "" : link.Id.ToString("D");
        return Html.Of(
            $"""<li class="linked" data-link="{id}">{view.Filtering(Dimension, [link.Id.ToString("D")], "row wide", content)}{open}</li>""");
    }

    private static Html Together(View view, string key, string name, long clicks, long most) => clicks == 0 ? Html.Nothing : Html.Of($"""
        <li class="linked" data-link="{key}"><span class="row wide"><span class="what"><b>{name}</b>{View.Bar(clicks, most)}</span>{view.CountedClicks(clicks, view.Percent(view.Figures.Links.RateOf(clicks), 2))}</span><span class="out"></span></li>
        """);
}
