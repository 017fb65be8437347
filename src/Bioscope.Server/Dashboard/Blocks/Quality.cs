using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Blocks;

/// <summary>The quality of visits, each figure with its meaning.</summary>
internal static class Quality
{
    public static Html Render(View view)
    {
        var totals = view.Figures.Totals;
        return view.Block("visits", "Visits", "overview", Html.Of($"""
            <dl class="quality">
            <div data-figure="Visits"><dt>Visits</dt><dd>{view.Number(totals.Visits)}</dd><dd class="what">How often someone came to {view.Your} page.</dd></div>
            <div data-figure="Bounce rate"><dt>Bounce rate</dt><dd>{view.Percent(totals.BounceRate)}</dd><dd class="what">One view and no click.</dd></div>
            <div data-figure="Time on page"><dt>Time on page</dt><dd>{Duration(view, totals.VisitDuration)}</dd><dd class="what">On average, where it is known.</dd></div>
            <div data-figure="Actions per visit"><dt>Actions per visit</dt><dd>{view.Language.Number(totals.ViewsPerVisit, 1)}</dd><dd class="what">Views and clicks together, on average.</dd></div>
            </dl>
            """));
    }

    private static Html Duration(View view, long seconds) => seconds < 60
        ? Html.Of($"{view.Number(seconds)}<small> s</small>")
        : Html.Of(
            $"{view.Number(seconds / 60)}<small> " +
            $"min</small>{(seconds % 60 == 0 ? Html.Nothing : Html.Of($" {view.Number(seconds % 60)}<small> s</small>"))}");
}
