using Bioscope.Server.Http;
using Bioscope.Server.Reports;

namespace Bioscope.Server.Dashboard.Blocks;

/// <summary>What visitors hold in their hands, or have on their desks.</summary>
internal static class Devices
{
    public static Html Render(View view)
    {
        var segments = view.Figures.Devices.Segments;
        return view.Block("devices", "Devices", "devices", segments.Count == 0 ? view.Nobody("No visits") : Html.Of($"""
            {Strip(segments)}
            <ul class="rows">{segments.Select((segment, i) => Row(view, segment, i))}</ul>
            """));
    }

    /// <summary>One line, in which each has its part.</summary>
    private static Html Strip(IReadOnlyList<DeviceSegment> segments)
    {
        var total = (double)segments.Sum(segment => segment.Count);
        var start = 0.0;
        return Html.Of($"""
            <svg class="strip" aria-hidden="true">{segments.Select((segment, i) =>
            {
                var (x, width) = (start, 100 * segment.Count / total);
                start += width;
                return Html.Of($"""<rect class="d{i}" x="{x}%" width="{width}%" height="100%"/>""");
            })}</svg>
            """);
    }

    private static Html Row(View view, DeviceSegment segment, int place) => Html.Of($"""
        <li data-device="{segment.Name}"><span class="row"><span class="key d{place}">{Marks.Device(segment.Name)}</span><span class="what"><b>{Name(segment.Name)}</b></span>{view.Counted(segment.Count, "visits", view.Percent(segment.Percentage))}</span></li>
        """);

    public static string Name(string device) => device switch
    {
        "mobile" => "Phone",
        "tablet" => "Tablet",
        "desktop" => "Computer",
        "unknown" => "Unknown",
        _ => device,
    };
}
