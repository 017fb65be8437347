using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Blocks;

/// <summary>The visits of the last half hour, for the page and for the live connection: one line without a line end.</summary>
internal static class Live
{
    public static Html Render(LiveVisits live, Words words) =>
        Html.Of($"""<h2>{Count(live, words)}</h2>{Minutes(live)}{Newest(live, words)}""");

    private static Html Count(LiveVisits live, Words words) => Html.Of($"""
        <span class="pulse{(live.Visits == 0 ? " quiet" : "")}" aria-hidden="true"></span>{new LiveWords(words).Visits(live.Visits, Html.Of($"<b>{words.Language.Number(live.Visits)}</b>"), Html.Of($"{words.Language.Number(LiveVisits.Length)}"))}
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

    private static Html Newest(LiveVisits live, Words words) => live.Newest.Count == 0
        ? Html.Of($"""<p class="none">{new LiveWords(words).Nobody}</p>""")
        : Html.Of($"""<ul>{live.Newest.Select(visit => Visit(visit, live.At, words))}</ul>""");

    private static Html Visit(LiveVisit visit, DateTimeOffset now, Words words)
    {
        var (texts, dimensions) = (new LiveWords(words), new DimensionWords(words));
        var country = visit.Country is null ? words.Capital(dimensions.Unknown) : ShownText.Of(dimensions.CountryOf(visit.Country));
        var where = texts.Where(
            Html.Of($"{Marks.Flag(visit.Country ?? "")}<bdi>{country}</bdi>"),
            Html.Of($"{ShownText.Of(dimensions.DeviceInSentence(visit.Device ?? "unknown"))}"));
        var minutes = (long)(now - visit.At).TotalMinutes;
        return Html.Of(
            $"""<li>{Marks.OfSource(visit.Source)}<span><b><bdi>{dimensions.OfSource(visit.Source)}</bdi></b><small>{where}</small></span><time datetime="{visit.At.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture)}">{(minutes < 1 ? texts.JustNow : texts.MinutesAgo(minutes))}</time></li>""");
    }
}
