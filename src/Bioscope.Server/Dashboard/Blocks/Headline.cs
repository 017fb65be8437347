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
        var texts = new HeadlineWords(view.Words);
        var visits = view.Figures.Totals.Visits;
        if (visits == 0)
        {
            return Lead(Html.Of($"{(view.IsFiltered ? texts.NoVisits(view.FilteredPeriod) : texts.Nobody(view.Period))}"), null);
        }

        if (view.IsFiltered)
        {
            return Lead(Html.Of($"{texts.Visits(visits, view.Period)}"), texts.OnlyMatching);
        }

        var sources = view.Figures.Leaders.Rows;
        var direct = sources.FirstOrDefault(row => row.Value == AttributionLadder.NoSource)?.Visits ?? 0;
        var known = sources.Where(row => row.Value != AttributionLadder.NoSource).ToList();
        if (known is not [var best, ..])
        {
            return Lead(Html.Of($"{texts.NothingKnown}"), texts.AllDirect(visits, view.Period));
        }

        // True as it stands: neither the visits of which nothing is known nor a second source may have as many.
        var isTied = known is [_, var second, ..] && second.Visits == best.Visits;
        var name = Html.Of($"<bdi>{best.Name}</bdi>");
        var title = isTied ? texts.Tied(name) : direct >= best.Visits ? texts.LargestKnown(name) : texts.SendsMost(name);
        var rest = direct == 0 ? ""
            : direct > best.Visits ? texts.MoreDirect(direct)
            : direct == best.Visits ? texts.AsManyDirect
            : texts.SomeDirect(direct);
        return Lead(
            Html.Of($"{Marks.OfSource(best.Value)}{title}"), $"{texts.Of(visits, view.Number(best.Visits), view.Period)} {rest}".TrimEnd());
    }

    private static Html Lead(Html title, string? text) => Html.Of(
        $"""<div class="lead"><h1>{title}</h1>{(text is null ? Html.Nothing : Html.Of($"<p>{text}</p>"))}</div>""");

    public static Html Figures(View view)
    {
        var (totals, before) = (view.Figures.Totals, view.Figures.Before);
        var (texts, names) = (new HeadlineWords(view.Words), view.Metrics);
        var (first, clicks, meaning) = view.Figures.OnlyLink is { } link
            ? (Figure(view, names.Head(Metric.Visits), totals.Visits, before?.Visits),
                texts.ClicksOn(view.ValueOf(Link, link.ToString("D"))), texts.MeaningOneLink)
            : (Figure(view, names.Head(Metric.Views), totals.Views, before?.Views), names.Head(Metric.Clicks),
                view.IsShared ? texts.MeaningShared : texts.Meaning);
        return Html.Of($"""
            <dl class="figures">{first}{Figure(view, names.Head(Metric.Visitors), totals.Visitors, before?.Visitors)}{Figure(view, clicks, totals.Clicks, before?.Clicks)}{Rate(view)}</dl>
            <p class="against"><span>{Against(view)}</span> {view.Csv("overview", texts.Figures)}</p>
            <p class="note">{meaning}</p>
            {(view.IsFiltered ? Html.Nothing : NotCounted.Render(view))}

            """);
    }

    private static Html Figure(View view, string name, long value, long? before) => Html.Of($"""
        <div data-figure="{name}"><dt>{name}</dt><dd>{view.Number(value)}{(before is { } earlier ? Change(view, value, earlier) : Html.Nothing)}</dd></div>
        """);

    private static Html Rate(View view)
    {
        var texts = new HeadlineWords(view.Words);
        var (value, name) = (view.Figures.Totals.ClickRate, view.Metrics.Head(Metric.ClickRate));
        var change = Html.Nothing;
        if (view.Figures.Before is { } before)
        {
            var points = value - before.ClickRate;
            change = Tendency(
                texts, Math.Sign(points), texts.Points(view.Language.Number(Math.Abs(points), 1)),
                texts.Before(view.Percent(before.ClickRate, 2)));
        }

        return Html.Of(
            $"""<div data-figure="Click rate"><dt><abbr title="{texts.RateMeaning}">{name}</abbr></dt><dd>{view.Percent(value, 2)}{change}</dd></div>""");
    }

    private static Html Change(View view, long value, long before)
    {
        var texts = new HeadlineWords(view.Words);
        if (before == 0)
        {
            return value == 0
                ? Tendency(texts, 0, view.Percent(0), texts.Before(view.Number(0)))
                : Tendency(texts, 1, texts.New, texts.Before(view.Number(0)));
        }

        var change = 100.0 * (value - before) / before;
        return Tendency(
            texts, Math.Sign(change), view.Percent(Math.Abs(change), Math.Abs(change) < 10 ? 1 : 0), texts.Before(view.Number(before)));
    }

    private static Html Tendency(HeadlineWords texts, int sign, string amount, string before) => Html.Of($"""
        <small class="{(sign > 0 ? "up" : sign < 0 ? "down" : "same")}" title="{before}"><span aria-hidden="true">{(sign > 0 ? "▲" : sign < 0 ? "▼" : "=")}</span><span class="sr">{(sign > 0 ? texts.Up : sign < 0 ? texts.Down : texts.Unchanged)}</span> <bdi>{amount}</bdi><span class="sr">, {before}</span></small>
        """);

    private static string Against(View view)
    {
        var texts = new HeadlineWords(view.Words);
        if (view.Timeframe.Comparison is not { } compared)
        {
            return texts.NotCompared;
        }

        if (view.Figures.Before is null)
        {
            return texts.NothingBefore;
        }

        var periods = new PeriodWords(view.Words);
        var (from, until) = (view.Timeframe.Local(compared.From), view.Timeframe.Local(compared.Until));
        if (view.Timeframe.Days is null)
        {
            return texts.ComparedWith(periods.Span(view.At(from), view.At(until)));
        }

        var last = view.Timeframe.Local(compared.Until - 1).Date;
        var days = from.Date == last ? view.Day(last) : periods.Span(view.Day(from.Date), view.Day(last));
        return view.Timeframe.IsRunning ? texts.ComparedUntil(days, view.Time(until)) : texts.ComparedWith(days);
    }
}
