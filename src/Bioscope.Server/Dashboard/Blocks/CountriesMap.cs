using Bioscope.Core;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Blocks;

/// <summary>Countries with their flags, and a map of the world.</summary>
internal static class CountriesMap
{
    private const int MaxShown = 8;

    public static Html Render(View view)
    {
        var countries = view.Figures.Countries;
        if (countries.Rows.Count == 0)
        {
            return view.Block("countries", "Countries", "country", view.Nobody("No visits"));
        }

        var most = countries.Rows.Max(row => row.Visits);
        var shown = countries.Rows.Take(MaxShown).ToList();
        var beyond = view.Beyond(Marks.Flag(""), "All other countries", countries, countries.Total - shown.Sum(row => row.Visits), most);
        return view.Block("countries", "Countries", "country", Html.Of($"""
            <svg class="map" viewBox="0 0 1000 465" role="img" aria-label="A map of the world; the countries are listed below it"><use class="land" href="{DashboardAssets.World.Url}#world"/>{countries.Rows.Select(row => Place(view, row, most))}</svg>
            <div class="columns" aria-hidden="true"><span>Country</span><span>Visits</span><span>Share</span></div>
            <ul class="rows">{shown.Select(row => Row(view, row, most))}{beyond}</ul>
            <p class="alls">{view.All(countries.Dimension, "All countries")}</p>
            """));
    }

    // Five shades of one colour, by square root; otherwise all but the first would look alike.
    private static Html Place(View view, TopValue row, long most) => CountryName.CodeOf(row.Name) is { } code
        ? Html.Of(
            $"""<use class="s{1 + (int)(4 * Math.Sqrt((double)row.Visits / most))}" href="{DashboardAssets.World.Url}#{code}"><title>{row.Name}: {view.Number(row.Visits)} visits, {view.Percent(row.Percentage)}</title></use>""")
        : Html.Nothing;

    private static Html Row(View view, TopValue row, long most)
    {
        var content = Html.Of($"""
            {Marks.Flag(row.Name)}<span class="what"><b><bdi>{row.Name}</bdi></b>{View.Bar(row.Visits, most)}</span>{view.Counted(row.Visits, "visits", view.Percent(row.Percentage))}
            """);
        return Html.Of(
            $"""<li data-country="{row.Name}">{view.Filtering(view.Figures.Countries.Dimension, row.Values, "row", content)}</li>""");
    }
}
