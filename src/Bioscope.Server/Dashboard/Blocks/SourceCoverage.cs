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

        var texts = new CoverageWords(view.Words);
        // Most visits first, and last those of which nothing is known.
        var parts = coverage.Rungs.Where(rung => rung.Value > 0).Select(rung => new Part(rung.Key, rung.Value))
            .OrderBy(part => part.Rung == Rung.None).ThenByDescending(part => part.Visits).ToList();
        return Html.Of($"""
            <section class="block" id="coverage" aria-labelledby="coverage-title"><header><h2 id="coverage-title">{Title(view, coverage.Known(), visits)}</h2>{view.Csv(Dimension.Name, view.Dimensions.Many(Dimension))}</header>
            {Words(view, parts, visits)}{Bar(parts, visits)}
            <details class="more"><summary>{(coverage.Known() == visits ? texts.How : texts.HowAndRest)}</summary>
            <ul class="rows">{parts.Select((part, i) => Row(view, part, visits, Colour(part.Rung, i)))}</ul></details></section>

            """);
    }

    private static string Title(View view, long known, long visits)
    {
        var texts = new CoverageWords(view.Words);
        return known == 0 ? texts.NoneKnown : texts.Known(view.Percent(Percentage.Of(known, visits)));
    }

    private static Html Words(View view, List<Part> parts, long visits)
    {
        var texts = new CoverageWords(view.Words);
        // A part below half a percent has only its row below.
        var words = parts.Where(part => part.Rung != Rung.None)
            .Select(part => (part.Rung, Percentage: Percentage.Of(part.Visits, visits))).Where(part => part.Percentage > 0)
            .Select(part => texts.Part(view.Percent(part.Percentage), view.Dimensions.RungInSentence(part.Rung)).Replace(' ', '\u00a0'))
            .ToList();
        return words.Count == 0 ? Html.Nothing : Html.Of(
            $"""<p data-coverage>{texts.Parts(new DashboardWords(view.Words).ListOf(words))}</p>""");
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
            <span class="key {colour}"></span><span class="what"><b>{view.Dimensions.RungOf(part.Rung)}</b></span>{view.CountedVisits(part.Visits, view.Percent(Percentage.Of(part.Visits, visits)))}
            """);
        return Html.Of($"""
            <li data-rung="{part.Rung}">{view.Filtering(Dimension, [part.Rung], "row", content)}{Meaning(view, part.Rung)}</li>
            """);
    }

    private static Html Meaning(View view, string rung)
    {
        var texts = new CoverageWords(view.Words);
        return rung switch
        {
            Rung.Placement => Says(texts.Placement),
            Rung.Tag => Says(texts.Tag),
            Rung.ClickId => Says(texts.ClickId),
            Rung.Referrer => Says(texts.Referrer),
            Rung.App => Says(texts.App),
            _ => Html.Of($"""<p class="why">{texts.Unknown(Tagged(view, "tiktok"), Tagged(view, "newsletter"))}</p>"""),
        };
    }

    private static Html Says(string sentence) => Html.Of($"""<p class="why">{sentence}</p>""");

    private static Html Tagged(View view, string source) => Html.Of(
        $"""<code dir="ltr">{(view.Page.Handle is { } handle ? $"{view.Origin}/@{handle}" : "")}?utm_source={source}</code>""");

    private static string Colour(string rung, int place) => rung == Rung.None ? "k5" : $"k{place}";

    /// <summary>The visits that a rung decided.</summary>
    private sealed record Part(string Rung, long Visits);
}
