using Bioscope.Engine.Counting;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Blocks;

/// <summary>The active filters, each a link to the same page without it, and the problems of the address.</summary>
internal static class Chips
{
    // A bookmark may name many values.
    private const int MaxValues = 3;

    /// <param name="desk">The request.</param>
    /// <param name="path">The path of the page shown with fewer filters.</param>
    /// <param name="more">Further parts of its address.</param>
    public static Html Render(Desk desk, string path, params (string Name, string? Value)[] more)
    {
        var texts = new FilterWords(desk.Words);
        var problems = desk.Address.Problems.Select(problem => problem(texts)).Distinct().Take(5);
        return Html.Of($"""
            {problems.Select(problem => Html.Of($"""<p class="problem" role="status">{problem}</p>"""))}{(desk.Address.Filters.Count == 0 ? Html.Nothing : Html.Of($"""
            <ul class="chips" aria-label="{texts.Filters}">{desk.Address.Filters.Select(filter => Chip(desk, filter, path, more))}{(desk.IsShared || desk.Address.Filters.Count == 1 ? Html.Nothing : Html.Of($"""<li><a class="clear" href="{(desk.Address with { Filters = [] }).To(path, more)}">{texts.ClearAll}</a></li>"""))}</ul>

            """))}
            """);
    }

    private static Html Chip(Desk desk, Filter filter, string path, (string Name, string? Value)[] more)
    {
        var names = filter.Values.Select(value => desk.ValueOf(filter.Dimension, value)).Distinct().ToList();
        var texts = new FilterWords(desk.Words);
        var values = texts.AnyOf([.. names.Take(MaxValues).Select(name => Html.Of($"<bdi>{name}</bdi>"))], names.Count - MaxValues);
        var words = texts.Of(desk.Dimensions.One(filter.Dimension), filter.Operator, Html.Of($"<b>{values}</b>"));
        return desk.IsShared ? Html.Of($"""<li><span class="chip"><span>{words}</span></span></li>""") : Html.Of(
            $"""<li><a class="chip" href="{desk.Address.Without(filter).To(path, more)}"><span>{texts.Remove(Html.Trusted("<span class=\"sr\">"), Html.Trusted("</span>"), words)}</span><span class="x" aria-hidden="true">×</span></a></li>""");
    }
}
