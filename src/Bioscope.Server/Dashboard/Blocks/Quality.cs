using Bioscope.Engine.Counting;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Blocks;

/// <summary>The quality of visits, each figure with its meaning.</summary>
internal static class Quality
{
    public static Html Render(View view)
    {
        var (totals, texts, metrics) = (view.Figures.Totals, new VisitFiguresWords(view.Words), view.Metrics);
        return view.Block("visits", metrics.Head(Metric.Visits), "overview", Html.Of($"""
            <dl class="quality">
            <div data-figure="Visits"><dt>{metrics.Head(Metric.Visits)}</dt><dd>{view.Number(totals.Visits)}</dd><dd class="what">{(view.IsShared ? texts.VisitsShared : texts.Visits)}</dd></div>
            <div data-figure="Bounce rate"><dt>{metrics.Head(Metric.BounceRate)}</dt><dd>{view.Percent(totals.BounceRate)}</dd><dd class="what">{texts.Bounces}</dd></div>
            <div data-figure="Time on page"><dt>{metrics.Head(Metric.VisitDuration)}</dt><dd>{Duration(view, totals.VisitDuration)}</dd><dd class="what">{texts.Time}</dd></div>
            <div data-figure="Actions per visit"><dt>{metrics.Head(Metric.ViewsPerVisit)}</dt><dd>{view.Language.Number(totals.ViewsPerVisit, 1)}</dd><dd class="what">{texts.Actions}</dd></div>
            </dl>
            """));
    }

    private static Html Duration(View view, long seconds)
    {
        var texts = new VisitFiguresWords(view.Words);
        return seconds < 60 ? With(seconds, texts.Seconds)
            : seconds % 60 == 0 ? With(seconds / 60, texts.Minutes)
            : Html.Of($"{With(seconds / 60, texts.Minutes)} {With(seconds % 60, texts.Seconds)}");

        Html With(long number, string unit) => Html.Of($"{view.Number(number)}<small> {unit}</small>");
    }
}
