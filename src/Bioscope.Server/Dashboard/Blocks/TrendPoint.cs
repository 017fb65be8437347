using Bioscope.Engine.Counting;
using NodaTime;
using NodaTime.Text;

namespace Bioscope.Server.Dashboard.Blocks;

/// <summary>An hour, day, week or month of the chart.</summary>
/// <param name="Short">The label under the chart.</param>
/// <param name="Long">The label in the table.</param>
/// <param name="Views">Number of page views.</param>
/// <param name="Clicks">Number of clicks on links.</param>
/// <param name="Imported">Number of page views that were imported as daily sums.</param>
/// <param name="IsRunning">Whether it is the current one.</param>
/// <param name="IsToCome">Whether it is in the future, and thus empty.</param>
internal sealed record TrendPoint(string Short, string Long, long Views, long Clicks, long Imported, bool IsRunning, bool IsToCome)
{
    // For a page with rows from the Middle Ages, the latest fifty years are drawn.
    private const int MaxPoints = 600;

    // A local hour as the engine's result shows it, without an offset.
    private static readonly LocalDateTimePattern HourPattern = LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd'T'HH:mm");

    /// <summary>The points of the period, in order.</summary>
    public static List<TrendPoint> Of(View view)
    {
        var (timeframe, range) = (view.Timeframe, view.Figures.Range);
        var buckets = TimeBuckets.Of(timeframe.Grain, range, timeframe.Zone);
        var running = timeframe.Now >= range.From
            && timeframe.Now < range.Until ? buckets.ValueAt(timeframe.Now) : buckets.Count - (timeframe.Days is null ? 1 : 0);
        var rows = view.Figures.Trend;
        var imported = ImportedBy(view, [.. rows.Select(row => Start(row.Dimensions[0]!).Date)]);
        var texts = new TrendWords(view.Words);
        return
        [
            .. rows.Select((row, i) =>
            {
                var (views, clicks) = ((long)row.Metrics[0], (long)row.Metrics[1]);
                var start = Start(row.Dimensions[0]!);
                var name = LongOf(view, start);
                var noted = i == running ? texts.PointSoFar(name) : i == 0 ? From(view, name, timeframe.Local(range.From), start) : name;
                return new TrendPoint(ShortOf(view, start), noted, views, clicks, imported[i], i == running, i > running && views + clicks + imported[i] == 0);
            }).Skip(rows.Count - MaxPoints),
        ];
    }

    /// <summary>The imported page views of each point, by the dates on which the points begin.</summary>
    private static long[] ImportedBy(View view, LocalDate[] starts)
    {
        var counts = new long[starts.Length];
        foreach (var day in view.Figures.Imported)
        {
            var date = LocalDate.FromDateTime(day.Day.UtcDateTime);
            var point = Array.FindLastIndex(starts, start => start <= date);
            if (point >= 0)
            {
                counts[point] += day.PageViews ?? 0;
            }
        }

        return counts;
    }

    private static LocalDateTime Start(string bucket) =>
        bucket.Length == "2026-04-01".Length ? LocalDatePattern.Iso.Parse(bucket).Value.AtMidnight() : HourPattern.Parse(bucket).Value;

    // The first week or month may have begun before the period.
    private static string From(View view, string name, LocalDateTime from, LocalDateTime start) => from <= start ? name
        : new TrendWords(view.Words).PointFrom(name, from.Date == start.Date ? view.Time(from) : view.Day(from.Date));

    private static string ShortOf(View view, LocalDateTime start) => view.Timeframe.Grain.Name switch
    {
        "hour" => view.Time(start),
        "day" => view.Language.Day(start.Date.ToDateOnly()),
        _ => view.Language.YearDay(start.Date.ToDateOnly()),
    };

    private static string LongOf(View view, LocalDateTime start) => view.Timeframe.Grain.Name switch
    {
        "hour" when view.Timeframe.Days is var (first, last) && first == last => view.Time(start),
        "hour" => view.At(start),
        "day" => view.Language.LongDay(start.Date.ToDateOnly()),
        "week" => new TrendWords(view.Words).WeekFrom(view.Language.LongDay(start.Date.ToDateOnly())),
        _ => new TrendWords(view.Words).MonthFrom(view.Language.LongDay(start.Date.ToDateOnly())),
    };
}
