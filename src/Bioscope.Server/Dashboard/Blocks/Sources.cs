using Bioscope.Engine.Counting;
using Bioscope.Server.Dashboard.Rules;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Blocks;

/// <summary>Traffic sources by their common names, or the channels that they belong to; for a single source, its domains.</summary>
internal static class Sources
{
    private static Html Others { get; } = Html.Trusted("""<span class="tile letter" aria-hidden="true">…</span>""");

    public static Html Render(View view)
    {
        var sources = view.Figures.Sources;
        var words = DimensionWords.Of(sources.Dimension);
        var byLink = Dimension.Named(sources.Dimension.Name == "channel" ? "channel" : "source")!;
        if (sources.Rows.Count == 0)
        {
            return view.Block("sources", words.Many, sources.Dimension.Name, Html.Of($"{view.Nobody("No visits")}{Hidden(view)}"));
        }

        var most = sources.Rows.Max(row => row.Visits);
        var beyond = view.Beyond(Others, $"All other {words.Many.Split(' ')[^1].ToLowerInvariant()}", sources, sources.Others, most);
        var beside = Html.Trusted(sources.Dimension.Name == "source" && !view.IsShared ? " beside" : "");
        return view.Block("sources", words.Many, sources.Dimension.Name, Html.Of($"""
            {Switch(view, sources.Dimension)}
            <div class="columns{beside}" aria-hidden="true"><span>{words.One}</span><span>Visits</span><span>Share</span></div>
            <ul class="rows{beside}">{sources.Rows.Select(row => Row(view, sources.Dimension, row, most))}{beyond}</ul>
            {Hidden(view)}<p class="alls">{view.All(sources.Dimension, "All " + words.Many.ToLowerInvariant())} {view.All(byLink, $"Clicks by {byLink.Name} and link", "link")} {Rules(view)}</p>
            """));
    }

    private static Html Hidden(View view)
    {
        var (byRules, asSpam) = (view.Figures.Hidden.ByRules, view.Figures.Hidden.AsSpam);
        var why = asSpam == 0 ? $"by {view.Your} rules"
            : byRules == 0 ? "as known referrer spam"
            : $"by {view.Your} rules or as known referrer spam";
        var said = $"{view.Number(byRules + asSpam)} {(byRules + asSpam == 1 ? "visit is" : "visits are")} hidden {why}.";
        return byRules + asSpam == 0 ? Html.Nothing
            : !view.MayEdit ? Html.Of($"""<p class="note">{said}</p>""")
            : Html.Of($"""
            <p data-hidden><a class="all" href="{RulesPage.Path}">{said}</a></p>
            """);
    }

    /// <summary>A link to the rules; where a single source is shown, to the page that renames it.</summary>
    private static Html Rules(View view) => !view.MayEdit
        ? Html.Nothing
        : view.Address.Single("source") is { } source && RuleLink.For([source]) is { } page
        ? Html.Of($"""<a class="all" href="{page}">Rename or hide {DimensionWords.OfSource(source)}</a>""")
        : Html.Of($"""<a class="all" href="{RulesPage.Path}">Rules for sources</a>""");

    /// <summary>Links that show sources or channels in this block. A single channel has nothing to choose from.</summary>
    private static Html Switch(View view, Dimension shown)
    {
        if (view.IsShared || view.Address.Single("channel") is not null)
        {
            return Html.Nothing;
        }

        var others = view.Address.Single("source") is null ? "Sources" : "Domains";
        return Html.Of($"""
            <nav class="switch" aria-label="Shown by"><ul>{Choice(false, others)}{Choice(true, "Channels")}</ul></nav>
            """);

        Html Choice(bool channels, string text) => Html.Of(
            $"""<li><a href="{(view.Address with { ShowsChannels = channels }).Link}#sources"{(channels == (shown.Name == "channel") ? Html.Trusted(" aria-current=\"true\"") : Html.Nothing)}>{text}</a></li>""");
    }

    private static Html Mark(Dimension dimension, string value) => dimension.Name switch
    {
        "source" => Marks.OfSource(value),
        "channel" => Marks.OfChannel(value),
        _ => Marks.OfDomain(value),
    };

    private static Html Row(View view, Dimension dimension, TopValue row, long most)
    {
        var content = Html.Of($"""
            {Mark(dimension, row.Value)}<span class="what"><b><bdi>{row.Name}</bdi></b>{View.Bar(row.Visits, most)}</span>{view.Counted(row.Visits, "visits", view.Percent(row.Percentage))}
            """);
        var why = row.Name == DimensionWords.Direct
            ? Html.Of(
                $"""<p class="why">Nothing says where they come from: the address was typed, scanned or bookmarked, or opened from an app that names neither itself nor a site.</p>""")
            : Html.Nothing;
        var attribute = Html.Trusted(dimension.Name switch { "source" => "data-source", "channel" => "data-channel", _ => "data-domain" });
        var shown = view.Filtering(dimension, row.Values, "row", content);
        return dimension.Name == "source"
            ? Html.Of($"""<li {attribute}="{row.Name}"><div class="linked">{shown}{(!view.MayEdit ? Html.Nothing : RuleLink.Mark(row.Values, row.Name))}</div>{why}</li>""")
            : Html.Of($"""<li {attribute}="{row.Name}">{shown}{why}</li>""");
    }
}
