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
    public static Html Render(Desk desk, string path, params (string Name, string? Value)[] more) => Html.Of($"""
        {desk.Address.Problems.Distinct().Take(5).Select(problem => Html.Of($"""<p class="problem" role="status">{problem}</p>"""))}{(desk.Address.Filters.Count == 0 ? Html.Nothing : Html.Of($"""
        <ul class="chips" aria-label="Filters">{desk.Address.Filters.Select(filter => Chip(desk, filter, path, more))}{(desk.IsShared || desk.Address.Filters.Count == 1 ? Html.Nothing : Html.Of($"""<li><a class="clear" href="{(desk.Address with { Filters = [] }).To(path, more)}">Clear all</a></li>"""))}</ul>

        """))}
        """);

    private static Html Chip(Desk desk, Filter filter, string path, (string Name, string? Value)[] more)
    {
        var names = filter.Values.Select(value => desk.ValueOf(filter.Dimension, value)).Distinct().ToList();
        var values = string.Join(" or ", names.Take(MaxValues)) + (names.Count > MaxValues ? $" or {names.Count - MaxValues} more" : "");
        var words = Html.Of($"""{DimensionWords.Of(filter.Dimension).One} {FilterText.Words(filter.Operator)} <b><bdi>{values}</bdi></b>""");
        return desk.IsShared ? Html.Of($"""<li><span class="chip">{words}</span></li>""") : Html.Of(
            $"""<li><a class="chip" href="{desk.Address.Without(filter).To(path, more)}"><span class="sr">Remove the filter </span>{words}<span class="x" aria-hidden="true">×</span></a></li>""");
    }
}
