using Bioscope.Core;
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
        var (texts, title) = (new SourceFiguresWords(view.Words), view.Dimensions.Many(sources.Dimension));
        var byLink = Dimension.Named(sources.Dimension.Name == "channel" ? "channel" : "source")!;
        if (sources.Rows.Count == 0)
        {
            return view.Block(
                "sources", title, sources.Dimension.Name, Html.Of($"{View.Nobody(texts.NoVisits(view.FilteredPeriod))}{Hidden(view)}"));
        }

        var most = sources.Rows.Max(row => row.Visits);
        var (all, others) = sources.Dimension.Name switch
        {
            "source" => (texts.AllSources, texts.OtherSources),
            "channel" => (texts.AllChannels, texts.OtherChannels),
            _ => (texts.AllDomains, texts.OtherDomains),
        };
        var beyond = view.Beyond(Others, others, sources, sources.Others, most);
        var beside = sources.Dimension.Name == "source" && !view.IsShared ? " beside" : "";
        return view.Block("sources", title, sources.Dimension.Name, Html.Of($"""
            {Switch(view, sources.Dimension)}
            {view.Columns(sources.Dimension, "columns" + beside)}
            <ul class="rows{beside}">{sources.Rows.Select(row => Row(view, sources.Dimension, row, most))}{beyond}</ul>
            {Hidden(view)}<p class="alls">{view.All(sources.Dimension, all)} {view.All(byLink, byLink.Name == "channel" ? texts.ByChannelAndLink : texts.BySourceAndLink, "link")} {Rules(view)}</p>
            """));
    }

    private static Html Hidden(View view)
    {
        var (byRules, asSpam) = (view.Figures.Hidden.ByRules, view.Figures.Hidden.AsSpam);
        var texts = new SourceFiguresWords(view.Words);
        var why = (asSpam == 0, byRules == 0) switch
        {
            (true, _) => view.IsShared ? texts.ByTheRules : texts.ByYourRules,
            (_, true) => texts.AsSpam,
            _ => view.IsShared ? texts.ByTheRulesOrSpam : texts.ByYourRulesOrSpam,
        };
        var said = texts.Hidden(byRules + asSpam, why);
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
        ? Html.Of($"""<a class="all" href="{page}">{new RuleLinkWords(view.Words).RenameOrHideIt(view.Dimensions.OfSource(source))}</a>""")
        : Html.Of($"""<a class="all" href="{RulesPage.Path}">{new SourceFiguresWords(view.Words).Rules}</a>""");

    /// <summary>Links that show sources or channels in this block. A single channel has nothing to choose from.</summary>
    private static Html Switch(View view, Dimension shown)
    {
        if (view.IsShared || view.Address.Single("channel") is not null)
        {
            return Html.Nothing;
        }

        var texts = new SourceFiguresWords(view.Words);
        var others = view.Address.Single("source") is null ? texts.Sources : texts.Domains;
        return Html.Of($"""
            <nav class="switch" aria-label="{texts.ShownBy}"><ul>{Choice(false, others)}{Choice(true, texts.Channels)}</ul></nav>
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
            {Mark(dimension, row.Value)}<span class="what"><b><bdi>{row.Name}</bdi></b>{View.Bar(row.Visits, most)}</span>{view.CountedVisits(row.Visits, view.Percent(row.Percentage))}
            """);
        var isDirect = row.Value == (dimension.Name switch { "source" => AttributionLadder.NoSource, "channel" => Channel.Direct, _ => null });
        var why = isDirect ? Html.Of($"""<p class="why">{new SourceFiguresWords(view.Words).DirectMeaning}</p>""") : Html.Nothing;
        var attribute = Html.Trusted(dimension.Name switch { "source" => "data-source", "channel" => "data-channel", _ => "data-domain" });
        var shown = view.Filtering(dimension, row.Values, "row", content);
        return dimension.Name == "source"
            ? Html.Of($"""<li {attribute}="{row.Name}"><div class="linked">{shown}{(!view.MayEdit ? Html.Nothing : RuleLink.Mark(view.Words, row.Values, row.Name))}</div>{why}</li>""")
            : Html.Of($"""<li {attribute}="{row.Name}">{shown}{why}</li>""");
    }
}
