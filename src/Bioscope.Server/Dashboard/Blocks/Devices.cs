using Bioscope.Core;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Blocks;

/// <summary>Visits by device class, and links to the other dimensions.</summary>
internal static class Devices
{
    // Dimensions with a block on the page.
    private static readonly string[] Shown = ["source", "link", "country", "device"];

    public static Html Render(View view)
    {
        var devices = view.Figures.Devices;
        return view.Block("devices", view.Dimensions.Many(devices.Dimension), "device", devices.Rows.Count == 0 ? View.Nobody(new HeadlineWords(view.Words).NoVisits(view.FilteredPeriod)) : Html.Of($"""
            {Strip(devices)}
            <ul class="rows">{devices.Rows.Select((row, i) => Row(view, row, i))}{Others(view, devices)}</ul>
            """));
    }

    /// <summary>Links to all rows of the dimensions without a block on the page.</summary>
    public static Html More(View view) => Html.Of($"""
        <nav class="further" aria-labelledby="further-title"><h2 id="further-title">{new VisitFiguresWords(view.Words).More}</h2><ul>{DimensionWords.Listed.Where(dimension => !Shown.Contains(dimension.Name)).Select(dimension => Html.Of($"<li>{view.All(dimension, view.Dimensions.Many(dimension))}</li>"))}</ul></nav>

        """);

    /// <summary>One bar divided by share; values that are not listed make up its end.</summary>
    private static Html Strip(TopValues devices)
    {
        var start = 0.0;
        return Html.Of($"""
            <svg class="strip" aria-hidden="true">{devices.Rows.Select((row, i) =>
            {
                var (x, width) = (start, 100.0 * row.Visits / devices.Total);
                start += width;
                return Html.Of($"""<rect class="d{Colour(i)}" x="{x}%" width="{width}%" height="100%"/>""");
            })}</svg>
            """);
    }

    private static Html Row(View view, TopValue row, int place)
    {
        var content = Html.Of($"""
            <span class="key d{Colour(place)}">{Marks.Device(row.Value)}</span><span class="what"><b>{row.Name}</b></span>{view.CountedVisits(row.Visits, view.Percent(row.Percentage))}
            """);
        return Html.Of(
            $"""<li data-device="{row.Name}">{view.Filtering(view.Figures.Devices.Dimension, row.Values, "row", content)}</li>""");
    }

    private static Html Others(View view, TopValues devices) => devices.Others <= 0 ? Html.Nothing : Html.Of($"""
        <li data-beyond><span class="row"><span class="key d3">{Marks.Device("")}</span><span class="what">{(view.IsShared ? Html.Of($"<b>{new VisitFiguresWords(view.Words).Others}</b>") : view.All(devices.Dimension, new VisitFiguresWords(view.Words).MoreDevices(devices.RowCount - devices.Rows.Sum(row => row.Values.Count))))}</span>{view.CountedVisits(devices.Others, view.Percent(Percentage.Of(devices.Others, devices.Total)))}</span></li>
        """);

    private static int Colour(int place) => Math.Min(place, 3);
}
