using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Blocks;

/// <summary>Countries with their flags, and a map of the world.</summary>
internal static class CountriesMap
{
    private const int MaxShown = 8;

    public static Html Render(View view)
    {
        var countries = view.Figures.Countries;
        var (texts, title) = (new VisitFiguresWords(view.Words), view.Dimensions.Many(countries.Dimension));
        if (countries.Rows.Count == 0)
        {
            return view.Block("countries", title, "country", View.Nobody(new HeadlineWords(view.Words).NoVisits(view.FilteredPeriod)));
        }

        var most = countries.Rows.Max(row => row.Visits);
        var shown = countries.Rows.Take(MaxShown).ToList();
        var beyond = view.Beyond(Marks.Flag(""), texts.OtherCountries, countries, countries.Total - shown.Sum(row => row.Visits), most);
        return view.Block("countries", title, "country", Html.Of($"""
            <svg class="map" viewBox="0 0 1000 465" role="img" aria-label="{texts.Map}"><use class="land" href="{DashboardAssets.World.Url}#world"/>{countries.Rows.Select(row => Place(view, row, most))}</svg>
            {view.Columns(countries.Dimension)}
            <ul class="rows">{shown.Select(row => Row(view, row, most))}{beyond}</ul>
            <p class="alls">{view.All(countries.Dimension, texts.AllCountries)}</p>
            """));
    }

    // Five shades of one colour, by square root; otherwise all but the first would look alike.
    private static Html Place(View view, TopValue row, long most) => DimensionWords.CountryCodeOf(row.Value) is { } code
        ? Html.Of(
            $"""<use class="s{1 + (int)(4 * Math.Sqrt((double)row.Visits / most))}" href="{DashboardAssets.World.Url}#{code}"><title>{new VisitFiguresWords(view.Words).Country(row.Visits, row.Name, view.Percent(row.Percentage))}</title></use>""")
        : Html.Nothing;

    private static Html Row(View view, TopValue row, long most)
    {
        var content = Html.Of($"""
            {Marks.Flag(row.Value)}<span class="what"><b><bdi>{row.Name}</bdi></b>{View.Bar(row.Visits, most)}</span>{view.CountedVisits(row.Visits, view.Percent(row.Percentage))}
            """);
        return Html.Of(
            $"""<li data-country="{row.Name}">{view.Filtering(view.Figures.Countries.Dimension, row.Values, "row", content)}</li>""");
    }
}
