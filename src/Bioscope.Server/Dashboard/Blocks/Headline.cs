using Bioscope.Core;
using Bioscope.Engine.Counting;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Blocks;

/// <summary>The main result in one sentence, and the headline figures with their change against the comparison.</summary>
internal static class Headline
{
    private static readonly Dimension Link = Dimension.Named("link")!;

    public static Html Sentence(View view)
    {
        var visits = view.Figures.Totals.Visits;
        if (visits == 0)
        {
            return Html.Of(
                $"""<div class="lead"><h1>{(view.IsFiltered ? "No visits" : "Nobody came by")} {view.PeriodWords}{(view.IsFiltered ? " with these filters" : "")}.</h1></div>""");
        }

        if (view.IsFiltered)
        {
            return Html.Of(
                $"""<div class="lead"><h1>{view.Number(visits)} {Visits(visits)} {view.PeriodWords}.</h1><p>Every figure below counts only what matches your filters.</p></div>""");
        }

        var sources = view.Figures.Leaders.Rows;
        var direct = sources.FirstOrDefault(row => row.Value == AttributionLadder.NoSource)?.Visits ?? 0;
        var known = sources.Where(row => row.Value != AttributionLadder.NoSource).ToList();
        if (known is not [var best, ..])
        {
            return Html.Of(
                $"""<div class="lead"><h1>Nothing says where your visitors come from.</h1><p>{view.Number(visits)} {Visits(visits)} {view.PeriodWords}, all direct.</p></div>""");
        }

        // True as it stands: neither the visits of which nothing is known nor a second source may have as many.
        var isTied = known is [_, var second, ..] && second.Visits == best.Visits;
        var name = Html.Of($"<bdi>{best.Name}</bdi>");
        var title = isTied ? Html.Of($"No known source sends you more visits than {name}.")
            : direct >= best.Visits ? Html.Of($"{name} is your largest known source.")
            : Html.Of($"{name} sends you the most visits.");
        var rest = direct == 0 ? ""
            : direct > best.Visits ? $" More came direct: {view.Number(direct)}, of which nothing says from where."
            : direct == best.Visits ? " As many came direct: nothing says from where."
            : $" {view.Number(direct)} came direct.";
        return Html.Of(
            $"""<div class="lead"><h1>{Marks.OfSource(best.Value)}{title}</h1><p>{view.Number(best.Visits)} of {view.Number(visits)} {Visits(visits)} {view.PeriodWords}.{rest}</p></div>""");
    }

    public static Html Figures(View view)
    {
        var (totals, before) = (view.Figures.Totals, view.Figures.Before);
        var (first, clicks) = view.Figures.OnlyLink is { } link
            ? (Figure(view, "Visits", totals.Visits, before?.Visits), $"Clicks on {view.ValueOf(Link, link.ToString("D"))}")
            : (Figure(view, "Views", totals.Views, before?.Views), "Clicks");
        return Html.Of($"""
            <dl class="figures">{first}{Figure(view, "Visitors", totals.Visitors, before?.Visitors)}{Figure(view, clicks, totals.Clicks, before?.Clicks)}{Rate(view)}</dl>
            <p class="against"><span>{Against(view)}</span> {view.Csv("overview", "Headline figures")}</p>
            <p class="note">A view counts each time {view.Your} page is opened, a click each time {(view.Figures.OnlyLink is null ? "a link on it" : "the link")} is clicked. Click rate: clicks per hundred views.</p>
            {(view.IsFiltered ? Html.Nothing : NotCounted.Render(view))}

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
            var points = value - before.ClickRate;
            change = Tendency(
                Math.Sign(points), $"{view.Language.Number(Math.Abs(points), 1)} points", $"{view.Percent(before.ClickRate, 2)} before");
        }

        return Html.Of(
            $"""<div data-figure="Click rate"><dt><abbr title="clicks per hundred views">Click rate</abbr></dt><dd>{view.Percent(value, 2)}{change}</dd></div>""");
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
        if (view.Timeframe.Comparison is not { } compared)
        {
            return "Not compared.";
        }

        if (view.Figures.Before is null)
        {
            return "Nothing to compare with yet: the first visit to the page was after that period began.";
        }

        var (from, until) = (view.Timeframe.Local(compared.From), view.Timeframe.Local(compared.Until));
        if (view.Timeframe.Days is null)
        {
            return $"Compared with {view.Day(from.Date)}, {view.Time(from)} to {view.Day(until.Date)}, {view.Time(until)}.";
        }

        var last = view.Timeframe.Local(compared.Until - 1).Date;
        var days = from.Date == last ? view.Day(last) : $"{view.Day(from.Date)} to {view.Day(last)}";
        return view.Timeframe.IsRunning ? $"Compared with {days}, until {view.Time(until)} as today." : $"Compared with {days}.";
    }

    private static string Visits(long count) => count == 1 ? "visit" : "visits";
}
