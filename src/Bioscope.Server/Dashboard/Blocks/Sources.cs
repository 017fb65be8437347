using Bioscope.Core;
using Bioscope.Engine.Counting;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Blocks;

/// <summary>Traffic sources by their common names; for a single source, its domains.</summary>
internal static class Sources
{
    private static Html Others { get; } = Html.Trusted("""<span class="tile letter" aria-hidden="true">…</span>""");

    public static Html Render(View view)
    {
        var sources = view.Figures.Sources;
        var words = DimensionWords.Of(sources.Dimension);
        if (sources.Rows.Count == 0)
        {
            return view.Block("sources", words.Many, sources.Dimension.Name, view.Nobody("No visits"));
        }

        var most = sources.Rows.Max(row => row.Visits);
        var beyond = view.Beyond(
            Others, sources.Dimension.Name == "source" ? "All other sources" : "All other domains", sources, sources.Others, most);
        return view.Block("sources", words.Many, sources.Dimension.Name, Html.Of($"""
            <div class="columns" aria-hidden="true"><span>{words.One}</span><span>Visits</span><span>Share</span></div>
            <ul class="rows">{sources.Rows.Select(row => Row(view, sources.Dimension, row, most))}{beyond}</ul>
            <p class="alls">{view.All(sources.Dimension, "All " + words.Many.ToLowerInvariant())} {view.All(Dimension.Named("source")!, "Clicks by source and link", "link")}</p>
            """));
    }

    /// <summary>The mark of a source or domain.</summary>
    public static Html Mark(Dimension dimension, TopValue row) => row.Name == DimensionWords.Direct
        ? Marks.Direct
        : Marks.Source(row.Name, (dimension.Name == "source" ? SourceName.Named(row.Value) : SourceName.Of(row.Value))?.Mark);

    private static Html Row(View view, Dimension dimension, TopValue row, long most)
    {
        var content = Html.Of($"""
            {Mark(dimension, row)}<span class="what"><b><bdi>{row.Name}</bdi></b>{View.Bar(row.Visits, most)}</span>{view.Counted(row.Visits, "visits", view.Percent(row.Percentage))}
            """);
        var why = row.Name == DimensionWords.Direct
            ? Html.Of(
                $"""<p class="why">No site was named: the address was typed, scanned or bookmarked, or opened in an app that does not say where visitors come from.</p>""")
            : Html.Nothing;
        var attribute = Html.Trusted(dimension.Name == "source" ? "data-source" : "data-domain");
        return Html.Of($"""<li {attribute}="{row.Name}">{view.Filtering(dimension, row.Values, "row", content)}{why}</li>""");
    }
}
