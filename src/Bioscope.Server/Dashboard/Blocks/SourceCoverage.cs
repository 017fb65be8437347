using Bioscope.Core;
using Bioscope.Engine.Counting;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Blocks;

/// <summary>
/// How many visits have a known source, and by what it is known: a sentence, a bar with the same parts, and an explanation of each that
/// unfolds, with what a creator can do about the rest.
/// </summary>
internal static class SourceCoverage
{
    private static readonly Dimension Dimension = Dimension.Named("rung")!;

    public static Html Render(View view)
    {
        var coverage = view.Figures.Coverage;
        var visits = coverage.Rungs.Values.Sum();
        if (visits == 0)
        {
            return Html.Nothing;
        }

        // Most visits first, and last those of which nothing is known.
        var parts = coverage.Rungs.Where(rung => rung.Value > 0).Select(rung => new Part(rung.Key, rung.Value))
            .OrderBy(part => part.Rung == Rung.None).ThenByDescending(part => part.Visits).ToList();
        return Html.Of($"""
            <section class="block" id="coverage" aria-labelledby="coverage-title"><header><h2 id="coverage-title">{Title(view, coverage.Known(), visits)}</h2>{view.Csv(Dimension.Name, DimensionWords.Of(Dimension).Many)}</header>
            {Words(view, parts, visits)}{Bar(parts, visits)}
            <details class="more"><summary>How they are known{(coverage.Known() == visits ? "" : ", and what to do about the rest")}</summary>
            <ul class="rows">{parts.Select((part, i) => Row(view, part, visits, Colour(part.Rung, i)))}</ul></details></section>

            """);
    }

    private static string Title(View view, long known, long visits) =>
        known == 0 ? "No visit has a known source" : $"{view.Percent(Percentage.Of(known, visits))} of visits have a known source";

    private static Html Words(View view, List<Part> parts, long visits)
    {
        // A part below half a percent has only its row below.
        var words = parts.Where(part => part.Rung != Rung.None)
            .Select(part => (part.Rung, Percentage: Percentage.Of(part.Visits, visits))).Where(part => part.Percentage > 0)
            .Select(part => $"{view.Percent(part.Percentage)} {DimensionWords.RungOf(part.Rung).ToLowerInvariant()}".Replace(' ', '\u00a0'))
            .ToList();
        return words.Count == 0 ? Html.Nothing : Html.Of($"""<p data-coverage>{string.Join(", ", words)}.</p>""");
    }

    private static Html Bar(List<Part> parts, long visits)
    {
        var start = 0.0;
        return Html.Of($"""
            <svg class="strip" aria-hidden="true">{parts.Select((part, i) =>
            {
                var (x, width) = (start, 100.0 * part.Visits / visits);
                start += width;
                return Html.Of($"""<rect class="{Colour(part.Rung, i)}" x="{x}%" width="{width}%" height="100%"/>""");
            })}</svg>
            """);
    }

    private static Html Row(View view, Part part, long visits, string colour)
    {
        var content = Html.Of($"""
            <span class="key {colour}"></span><span class="what"><b>{DimensionWords.RungOf(part.Rung)}</b></span>{view.Counted(part.Visits, "visits", view.Percent(Percentage.Of(part.Visits, visits)))}
            """);
        return Html.Of($"""
            <li data-rung="{part.Rung}">{view.Filtering(Dimension, [part.Rung], "row", content)}{Meaning(view, part.Rung)}</li>
            """);
    }

    private static Html Meaning(View view, string rung) => rung switch
    {
        Rung.Placement => Says("They came by a placement link, which you made for one place. No app can hide it."),
        Rung.Tag => Says(
            "The address that they opened had a tag, such as ?utm_source=newsletter. Instagram and many newsletters add one themselves."),
        Rung.ClickId => Says(
            "The address had a mark that only one network adds, for example to its advertisements. Its kind is kept, never the mark itself."),
        Rung.Referrer => Says("Their browser named the site that they came from."),
        Rung.App => Says("They opened your page inside an app, and the app names itself."),
        _ => Html.Of($"""
            <p class="why">Nothing says where they came from. To learn more, give every place an address of its own: a placement link, or your address with a tag. In your bio on TikTok, for example: <code>{Tagged(view, "tiktok")}</code>, in a newsletter: <code>{Tagged(view, "newsletter")}</code>.</p>
            """),
    };

    private static Html Says(string sentence) => Html.Of($"""<p class="why">{sentence}</p>""");

    private static string Tagged(View view, string source) =>
        $"{(view.Page.Handle is { } handle ? $"{view.Origin}/@{handle}" : "")}?utm_source={source}";

    private static string Colour(string rung, int place) => rung == Rung.None ? "k5" : $"k{place}";

    /// <summary>The visits that a rung decided.</summary>
    private sealed record Part(string Rung, long Visits);
}
