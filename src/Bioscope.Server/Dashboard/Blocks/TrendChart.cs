using System.Globalization;
using System.Text;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Import.From;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Blocks;

/// <summary>
/// Views and clicks over time as SVG: columns as long as each is wide enough to touch, then lines. A period that is still running is
/// drawn lighter, with a dashed edge. The table below has every value: it is the chart's text alternative and the script's data.
/// </summary>
internal static class TrendChart
{
    // The chart's dimensions in pixels: room for the first label above, and for the dates below.
    private const int Top = 20, Height = 190, Below = 26;

    // A period of 30 × 24 hours touches 31 days.
    private const int MaxColumns = 32;

    public static Html Render(View view)
    {
        var (points, texts) = (TrendPoint.Of(view), new TrendWords(view.Words));
        if (points.Count == 0)
        {
            // A day that the zone skipped.
            return view.Block("trend", texts.Title, "trend", View.Nobody(texts.NoViews(view.FilteredPeriod)));
        }

        var most = points.Max(point => Math.Max(point.Views + point.Imported, point.Clicks));
        var hasImported = view.Figures.Imported.Count > 0;
        var scale = RoundScale(most);
        var (unit, running) = UnitOf(view.Timeframe.Grain.Name, texts);
        var (views, clicks) = (view.Metrics.Head(Metric.Views), view.Metrics.Head(Metric.Clicks));
        var plot = points.Count <= MaxColumns ? Columns(points, scale.Max) : Lines(points, scale.Max);
        return view.Block("trend", texts.Title, "trend", Html.Of($"""
            <p class="legend"><span class="key views"></span>{views} <span class="key clicks"></span>{clicks}{(points.Any(point => point.IsRunning) ? Html.Of($""" <span class="key running"></span>{running}""") : Html.Nothing)}{(hasImported ? Html.Of($""" <span class="key imported"></span>{texts.Imported}""") : Html.Nothing)}</p>{ImportedFrom(view, texts)}
            <div class="chart" tabindex="0" role="group" aria-label="{texts.Chart(unit)}" data-read="{texts.Reading("{when}", "{views}", "{clicks}")}" data-coming="{texts.StillToCome("{when}")}">
            <p class="read" aria-live="polite">{Summary(view, points)}</p>
            <div class="drawing">{Scale(view, scale)}<svg class="plot" height="{Top + Height + Below}" role="img" aria-label="{texts.Spoken(Html.Of($"{points[0].Short}"), Html.Of($"{points[^1].Short}"), Summary(view, points))}">
            {Grid(scale)}<svg y="{Top}" height="{Height}" width="100%" class="data">{plot}</svg>{Dates(points)}
            </svg></div></div>
            <details class="more table"><summary>{texts.Table}</summary><div class="scroll" tabindex="0" role="group" aria-label="{texts.AllValues}"><table><thead><tr><th scope="col">{view.Words.Capital(unit)}</th><th scope="col">{views}</th><th scope="col">{clicks}</th>{(hasImported ? Html.Of($"""<th scope="col">{texts.Imported}</th>""") : Html.Nothing)}</tr></thead>
            <tbody>{points.Select(point => Html.Of($"""<tr><th scope="row">{point.Long}</th><td>{Count(view, point, point.Views)}</td><td>{Count(view, point, point.Clicks)}</td>{(hasImported ? Html.Of($"""<td>{Count(view, point, point.Imported)}</td>""") : Html.Nothing)}</tr>"""))}</tbody></table></div></details>
            """));
    }

    /// <summary>A sentence for each tool whose daily sums are in the chart.</summary>
    private static Html ImportedFrom(View view, TrendWords texts) => Html.Join(view.Figures.Imported.GroupBy(day => day.Tool).Select(tool =>
    {
        var views = tool.Sum(day => day.PageViews ?? 0);
        return Html.Of($"""<p class="imported">{texts.ImportedFrom(
            view.Metrics.ViewCount(views, Html.Of($"{view.Number(views)}")), ExportTool.TitleOf(tool.Key))}</p>""");
    }));

    private static string Count(View view, TrendPoint point, long count) => point.IsToCome ? "–" : view.Number(count);

    /// <summary>The unit of the points within a sentence, and the words for the one that is still running.</summary>
    private static (string Unit, string Running) UnitOf(string grain, TrendWords texts) => grain switch
    {
        "hour" => (texts.Hour, texts.HourSoFar),
        "day" => (texts.Day, texts.TodaySoFar),
        "week" => (texts.Week, texts.WeekSoFar),
        _ => (texts.Month, texts.MonthSoFar),
    };

    private static Html Summary(View view, List<TrendPoint> points)
    {
        var (texts, best) = (new TrendWords(view.Words), points.MaxBy(point => (point.Views, point.Clicks))!);
        if (best is { Views: 0, Clicks: 0 })
        {
            return Html.Of($"{texts.NoViewsYet}");
        }

        var (when, views, clicks) = (
            Html.Of($"{best.Long}"), view.Metrics.ViewCount(best.Views, Written(best.Views)), view.Metrics.ClickCount(best.Clicks, Written(best.Clicks)));
        return view.Timeframe.Grain.Name == "hour" ? texts.MostAt(when, views, clicks) : texts.MostOn(when, views, clicks);

        Html Written(long number) => Html.Of($"{view.Number(number)}");
    }

    /// <summary>A round number at or above the largest, and the distance of the lines below it.</summary>
    internal static (long Max, long Step) RoundScale(long most)
    {
        for (var unit = 1L; ; unit *= 10)
        {
            foreach (var tenths in (long[])[10, 20, 25, 50])
            {
                var step = unit * tenths / 10;
                if (step * 5 >= most && step * 10 == unit * tenths)
                {
                    var lines = Math.Max(1, (most + step - 1) / step);
                    return (step * lines, step);
                }
            }
        }
    }

    private static Html Grid((long Max, long Step) scale) =>
        Html.Join(Steps(scale).Select(step => Html.Of($"""<line class="grid" x2="100%" y1="{step.Y}" y2="{step.Y}"/>""")));

    /// <summary>The numbers beside the lines, in a separate drawing, because the other one is scaled to the available width.</summary>
    private static Html Scale(View view, (long Max, long Step) scale) => Html.Of($"""
        <svg class="scale" width="{10 + (7 * view.Number(scale.Max).Length)}" height="{Top + Height + Below}" aria-hidden="true">{Steps(scale).Select(step => Html.Of($"""<text class="axis" y="{step.Y + 4}">{view.Number(step.Count)}</text>"""))}</svg>
        """);

    private static IEnumerable<(long Count, double Y)> Steps((long Max, long Step) scale) =>
        Enumerable.Range(0, (int)(scale.Max / scale.Step) + 1)
        .Select(line => (line * scale.Step, Top + Height - (Height * (double)(line * scale.Step) / scale.Max)));

    private static Html Columns(List<TrendPoint> points, long max)
    {
        var slot = 100.0 / points.Count;
        return Html.Join(
            points.Select(
                (point, i) => Html.Of(
                    $"<g{(point.IsRunning ? Html.Trusted(" class=\"running\"") : Html.Nothing)}>{Column(i, "imported", point.Imported, 0.74, point.Views)}{Column(i, "views", point.Views, 0.74)}{Column(i, "clicks", point.Clicks, 0.38)}</g>")));

        // A value above zero is always visible, at least as a line. Clicks are drawn narrower and in the middle of views, so that both
        // are visible whichever is more.
        Html Column(int i, string what, long count, double width, long below = 0)
        {
            var height = count == 0 ? 0 : Math.Max(1, 100.0 * count / max);
            return count == 0 && what == "imported" ? Html.Nothing : Html.Of(
                $"""<rect class="{what}" x="{(i + ((1 - width) / 2)) * slot}%" y="{100 - height - (100.0 * below / max)}%" width="{width * slot}%" height="{height}%" rx="2"/>""");
        }
    }

    private static Html Lines(List<TrendPoint> points, long max)
    {
        var end = points.Count - 1;
        // Up to the running period, and from there on.
        var whole = points.FindIndex(point => point.IsRunning) is > 0 and var running ? running - 1 : end;
        return Html.Of($"""
            <svg viewBox="0 0 {end * 10} 1000" preserveAspectRatio="none" width="100%" height="100%">{Part(0, whole)}{(whole == end ? Html.Nothing : Html.Of($"""<g class="running">{Part(whole, end)}</g>"""))}</svg><line class="cursor" y2="100%" visibility="hidden"/>
            """);

        Html Part(int first, int last) => Html.Of($"""
            {(points.Any(point => point.Imported > 0) ? Html.Of($"""<path class="imported" d="{Area(first, last, point => point.Views + point.Imported)}"/>""") : Html.Nothing)}<path class="views" d="{Area(first, last, point => point.Views)}"/><path class="clicks" d="{Area(first, last, point => point.Clicks)}"/><path class="edge" d="{Area(first, last, point => point.Views)}"/>
            """);

        string Area(int first, int last, Func<TrendPoint, long> count)
        {
            var path = new StringBuilder("M");
            for (var i = first; i <= last; i++)
            {
                path.Append(
                    CultureInfo.InvariantCulture, $"{(i == first ? "" : "L")}{i * 10} {1000 - (long)(1000.0 * count(points[i]) / max)}");
            }

            return path.Append(CultureInfo.InvariantCulture, $"V1000H{first * 10}z").ToString();
        }
    }

    /// <summary>
    /// About five dates, or three if they are long: under columns at equal distances, under lines also the first and the last.
    /// </summary>
    private static Html Dates(List<TrendPoint> points)
    {
        var last = points.Count - 1;
        // Five of "24 Nov" fit on a phone, but not of "24. Nov." or of those with a year.
        var marks = points.Max(point => point.Short.Length) > 6 ? 3 : 5;
        if (points.Count > MaxColumns)
        {
            return Html.Join(Enumerable.Range(0, marks).Select(mark => Date(
                points[mark * last / (marks - 1)], mark * 100.0 / (marks - 1), mark == 0 ? "start" : mark == marks - 1 ? "end" : "middle")));
        }

        var step = (points.Count + marks - 1) / marks;
        return Html.Join(Enumerable.Range(0, (last / step) + 1).Select(mark => (mark * step) switch
        {
            0 => Date(points[0], 0, "start"),
            var i when i == last => Date(points[i], 100, "end"),
            var i => Date(points[i], (i + 0.5) * 100 / points.Count, "middle"),
        }));

        static Html Date(TrendPoint point, double x, string anchor) =>
            Html.Of($"""<text class="axis" x="{x}%" y="{Top + Height + 20}" text-anchor="{anchor}">{point.Short}</text>""");
    }
}
