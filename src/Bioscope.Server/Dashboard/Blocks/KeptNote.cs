using Bioscope.Server.Web;
using NodaTime;

namespace Bioscope.Server.Dashboard.Blocks;

/// <summary>Says that earlier visits are gone, where figures may lack them.</summary>
internal static class KeptNote
{
    public static Html Render(Desk desk) => desk.LacksVisits && desk.KeptSince is { } since
        ? Html.Of($"""<p class="note" id="kept">{new DashboardWords(desk.Words).NotKept(desk.Day(LocalDate.FromDateTime(since.UtcDateTime)))}</p>""")
        : Html.Nothing;
}
