using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Blocks;

/// <summary>What the figures say in one sentence, and the headline figures with their change against the period before.</summary>
internal static class Headline
{
    public static Html Sentence(View view)
    {
        var visits = view.Figures.Sessions.TotalSessions;
        if (visits == 0)
        {
            return Html.Of($"""<div class="lead"><h1>Nobody came by {view.PeriodWords}.</h1></div>""");
        }

        var direct = view.Sources.FirstOrDefault(group => group.IsDirect);
        var best = view.Sources.FirstOrDefault(group => !group.IsDirect);
        var title = best is null
            ? Html.Of($"Everybody comes straight to you.")
            : Html.Of($"{Marks.Source(ShownText.Of(best.Name), best.Mark)}<bdi>{ShownText.Of(best.Name)}</bdi> sends you the most visitors.");
        var words = best is null
            ? Html.Of($"{view.Number(visits)} {Visits(visits)} {view.PeriodWords}, none of them sent by another site.")
            : Html.Of($"{view.Number(best.Visits)} of {view.Number(visits)} {Visits(visits)} {view.PeriodWords}.{(direct is null ? "" : $" {view.Number(direct.Visits)} came direct.")}");
        return Html.Of($"""<div class="lead"><h1>{title}</h1><p>{words}</p></div>""");
    }

    public static Html Figures(View view)
    {
        var (totals, before) = (view.Figures.Totals, view.Figures.Before);
        return Html.Of($"""
            <dl class="figures">{Figure(view, "Views", totals.Views, before?.Totals.Views)}{Figure(view, "Visitors", view.Figures.Visitors, before?.Visitors)}{Figure(view, "Clicks", totals.Clicks, before?.Totals.Clicks)}{Rate(view)}</dl>
            <p class="against"{(view.Figures.Before is { Visitors: null } ? Html.Trusted(" data-counting") : Html.Nothing)}>{Against(view)} {view.Csv("overview", "Headline figures")}</p>
            <p class="note">A view is your page being opened, a click is a link on it being pressed. Click rate: clicks per hundred views.</p>
            {NotCounted.Render(view)}

            """);
    }

    private static Html Figure(View view, string name, long value, long? before) => Html.Of($"""
        <div data-figure="{name}"><dt>{name}</dt><dd>{view.Number(value)}{(before is { } earlier ? Change(view, value, earlier) : Html.Nothing)}</dd></div>
        """);

    private static Html Rate(View view)
    {
        var value = view.Figures.Totals.ClickRate;
        var change = Html.Nothing;
        if (view.Figures.Before is { } before)
        {
            var points = value - before.Totals.ClickRate;
            change = Tendency(Math.Sign(points), $"{view.Language.Number(Math.Abs(points), 1)} points", $"{view.Percent(before.Totals.ClickRate, 2)} before");
        }

        return Html.Of($"""<div data-figure="Click rate"><dt><abbr title="clicks per hundred views">Click rate</abbr></dt><dd>{view.Percent(value, 2)}{change}</dd></div>""");
    }

    private static Html Change(View view, long value, long before)
    {
        if (before == 0)
        {
            return value == 0 ? Tendency(0, view.Percent(0), "0 before") : Tendency(1, "new", "0 before");
        }

        var change = 100.0 * (value - before) / before;
        return Tendency(Math.Sign(change), view.Percent(Math.Abs(change), Math.Abs(change) < 10 ? 1 : 0), $"{view.Number(before)} before");
    }

    private static Html Tendency(int sign, string amount, string before) => Html.Of($"""
        <small class="{(sign > 0 ? "up" : sign < 0 ? "down" : "same")}" title="{before}"><span aria-hidden="true">{(sign > 0 ? "▲" : sign < 0 ? "▼" : "=")}</span><span class="sr">{(sign > 0 ? "up" : sign < 0 ? "down" : "unchanged")}</span> <bdi>{amount}</bdi><span class="sr">, {before}</span></small>
        """);

    private static string Against(View view)
    {
        var (from, until) = view.Period.Before(view.Now);
        return view.Figures.Before switch
        {
            null => view.Period.IsToday ? "Nothing to compare with yet: your page was not there yesterday." : "Nothing to compare with yet: your page is younger than twice this period.",
            { Visitors: null } => "Compared with the period before; its visitors are still being counted, look again in a moment.",
            _ when view.Period.IsToday => "Compared with yesterday until this time of the day.",
            _ => $"Compared with {view.Day(from)} to {view.Day(until)}.",
        };
    }

    private static string Visits(long count) => count == 1 ? "visit" : "visits";
}
