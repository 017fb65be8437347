using Bioscope.Core;
using Bioscope.Server.Api.Reports;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Blocks;

/// <summary>Countries with their flags, and where they are on the world.</summary>
internal static class CountriesMap
{
    private const int ShownAtOnce = 8;

    public static Html Render(View view)
    {
        var countries = view.Figures.Geo.Locations;
        if (countries.Count == 0)
        {
            return view.Block("countries", "Countries", "geo", view.Nobody("No visits"));
        }

        var most = countries.Max(country => country.Visits);
        var others = countries.Count < GeoLocations.MaxLocations ? 0 : view.Figures.Sessions.TotalSessions - countries.Sum(country => country.Visits);
        var beyond = view.Beyond(Marks.Flag(""), "All other countries", others, most);
        var note = beyond.IsNothing ? Html.Nothing : Html.Of($"""<p class="note">Shares are of the {GeoLocations.MaxLocations} countries with most visits.</p>""");
        return view.Block("countries", "Countries", "geo", Html.Of($"""
            <svg class="map" viewBox="0 0 1000 465" role="img" aria-label="A map of the world; the countries are listed below it"><use class="land" href="{DashboardAssets.World.Url}#world"/>{countries.Select(country => Place(view, country, most))}</svg>
            <div class="columns" aria-hidden="true"><span>Country</span><span>Visits</span><span>Share</span></div>
            {View.Rows(countries, ShownAtOnce, country => Row(view, country, most), beyond)}{note}
            """));
    }

    // Five steps of the same colour; by the root, or all but the first would look alike.
    private static Html Place(View view, GeoLocation country, long most) => CountryName.CodeOf(country.Country) is { } code
        ? Html.Of($"""<use class="s{1 + (int)(4 * Math.Sqrt((double)country.Visits / most))}" href="{DashboardAssets.World.Url}#{code}"><title>{ShownText.Of(country.Country)}: {view.Number(country.Visits)} visits, {view.Percent(country.Percentage)}</title></use>""")
        : Html.Nothing;

    private static Html Row(View view, GeoLocation country, long most) => Html.Of($"""
        <li data-country="{ShownText.Of(country.Country)}"><span class="row">{Marks.Flag(country.Country)}<span class="what"><b><bdi>{ShownText.Of(country.Country)}</bdi></b>{View.Bar(country.Visits, most)}</span>{view.Counted(country.Visits, "visits", view.Percent(country.Percentage))}</span></li>
        """);
}
