using Bioscope.Core;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Blocks;

/// <summary>The visits of the last half hour, for the page and for the live connection: one line without a line end.</summary>
internal static class Live
{
    public static Html Render(LiveVisits live, Language language) =>
        Html.Of($"""<h2>{Count(live, language)}</h2>{Minutes(live)}{Newest(live, language)}""");

    private static Html Count(LiveVisits live, Language language) => Html.Of($"""
        <span class="pulse{(live.Visits == 0 ? " quiet" : "")}" aria-hidden="true"></span><b>{language.Number(live.Visits)}</b> {(live.Visits == 1 ? "visit" : "visits")} in the last {language.Number(LiveVisits.Length)} minutes
        """);

    private static Html Minutes(LiveVisits live)
    {
        var most = Math.Max(1, live.Minutes.Max());
        return Html.Of(
            $"""<svg class="minutes" aria-hidden="true">{live.Minutes.Select((visits, i) => Minute(i, visits == 0 ? 4 : Math.Max(14, 100.0 * visits / most), visits == 0))}</svg>""");
    }

    private static Html Minute(int i, double height, bool isQuiet) =>
        Html.Of(
            $"""<rect x="{i * 100.0 / LiveVisits.Length}%" y="{100 - height}%" width="2.4%" height="{height}%" rx="1.5"{(isQuiet ? Html.Trusted(" class=\"quiet\"") : Html.Nothing)}/>""");

    private static Html Newest(LiveVisits live, Language language) => live.Newest.Count == 0
        ? Html.Of($"""<p class="none">Nobody right now. The newest visits show up here as they come.</p>""")
        : Html.Of($"""<ul>{live.Newest.Select(visit => Visit(visit, live.At, language))}</ul>""");

    private static Html Visit(LiveVisit visit, DateTimeOffset now, Language language)
    {
        var name = DimensionWords.OfSource(visit.Source);
        var where = Html.Of($"{Marks.Flag(visit.Country ?? "")}<bdi>{ShownText.Of(visit.Country ?? "Unknown")}</bdi>");
        var minutes = (long)(now - visit.At).TotalMinutes;
        return Html.Of(
            $"""<li>{Marks.OfSource(visit.Source)}<span><b><bdi>{name}</bdi></b><small>{where}, {ShownText.Of(DimensionWords.DeviceOf(visit.Device ?? "unknown")).ToLowerInvariant()}</small></span><time datetime="{visit.At.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture)}">{(minutes < 1 ? "just now" : language.Number(minutes) + " min ago")}</time></li>""");
    }
}
