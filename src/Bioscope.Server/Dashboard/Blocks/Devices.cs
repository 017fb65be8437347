using Bioscope.Core;
using Bioscope.Server.Api.Reports;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Blocks;

/// <summary>What visitors hold in their hands, or have on their desks.</summary>
internal static class Devices
{
    // Browsers are of four classes; an import may bring any words.
    private const int MaxShown = 6;

    public static Html Render(View view)
    {
        var segments = view.Figures.Devices.Segments;
        var rows = Folded<DeviceSegment>.Of(segments, MaxShown, segment => segment.Count);
        var total = segments.Sum(segment => segment.Count);
        return view.Block("devices", "Devices", "devices", segments.Count == 0 ? view.Nobody("No visits") : Html.Of($"""
            {Strip(rows.Shown, total)}
            <ul class="rows">{rows.Shown.Select((segment, i) => Row(view, segment, i))}{Others(view, rows, total)}</ul>
            """));
    }

    /// <summary>One line, in which each has its part; what is not shown has the end of it.</summary>
    private static Html Strip(IReadOnlyList<DeviceSegment> segments, double total)
    {
        var start = 0.0;
        return Html.Of($"""
            <svg class="strip" aria-hidden="true">{segments.Select((segment, i) =>
            {
                var (x, width) = (start, 100 * segment.Count / total);
                start += width;
                return Html.Of($"""<rect class="d{Colour(i)}" x="{x}%" width="{width}%" height="100%"/>""");
            })}</svg>
            """);
    }

    private static Html Row(View view, DeviceSegment segment, int place) => Html.Of($"""
        <li data-device="{ShownText.Of(segment.Name)}"><span class="row"><span class="key d{Colour(place)}">{Marks.Device(segment.Name)}</span><span class="what"><b>{Name(segment.Name)}</b></span>{view.Counted(segment.Count, "visits", view.Percent(segment.Percentage))}</span></li>
        """);

    private static Html Others(View view, Folded<DeviceSegment> rows, long total) => rows.OtherItems == 0 ? Html.Nothing : Html.Of($"""
        <li data-beyond><span class="row"><span class="key d3">{Marks.Device("")}</span><span class="what"><b>{view.Number(rows.OtherItems)} more</b></span>{view.Counted(rows.OtherCount, "visits", view.Percent(Percentage.Of(rows.OtherCount, total)))}</span></li>
        """);

    private static int Colour(int place) => Math.Min(place, 3);

    public static string Name(string device) => device switch
    {
        "mobile" => "Phone",
        "tablet" => "Tablet",
        "desktop" => "Computer",
        "unknown" => "Unknown",
        _ => ShownText.Of(device),
    };
}
