using System.Globalization;
using Bioscope.Engine.Rows;

namespace Bioscope.Engine.Import.From;

/// <summary>
/// Sums by day: Plausible's export (https://plausible.io/docs/export-stats), of which the file of visitors has the day's totals, and a
/// report of Google Analytics 4 as CSV, whose days are numbered from a date in a comment or written as dates.
/// </summary>
internal static class DailySums
{
    private static readonly string[] DayFormats = ["yyyy-MM-dd", "yyyyMMdd", "yyyy/MM/dd", "yyyy-MM-dd HH:mm:ss"];

    // The names in GA4's reports and explorations; those that begin with "total" count more than those that were active.
    private static readonly string[] Views = ["views", "pageviews", "screenpageviews"], Visits = ["sessions", "visits"],
        Visitors = ["totalusers", "activeusers", "users", "visitors"],
        Days = ["date", "day", "nthday", "datehouryyyymmddhh", "datehourandminuteyyyymmddhhmm"],
        AllNames = [.. Days, .. Visits, .. Views, .. Visitors];

    public static bool ReadsPlausible(ExportPart part) => CsvTable.ColumnsOf(part.Head) is var columns
        && columns.IsSupersetOf(["date", "visitors", "pageviews"]) && columns.IsSubsetOf(
            ["date", "visitors", "pageviews", "bounces", "visits", "visitduration", "bouncerate", "viewspervisit", "scrolldepth", "events"]);

    public static bool ReadsGa4(ExportPart part) =>
        part.Head.Contains("# Start date", StringComparison.OrdinalIgnoreCase) || part.Head.StartsWith("# -----", StringComparison.Ordinal)
        || (CsvTable.ColumnsOf(part.Head) is var columns && columns.Overlaps(Days) && columns.Overlaps([.. Visits, .. Views, .. Visitors]));

    public static IEnumerable<ImportItem> ReadPlausible(ExportPart part, ImportTarget target)
    {
        using var table = CsvTable.Open(part);
        var sums = new Dictionary<DateOnly, Sum>();
        while (table.Next() is { } row)
        {
            target.RowRead();
            if (Add(sums, Day(row["date"], null), row, target) is { } problem)
            {
                yield return new ImportItem(row.Line, null, problem);
            }
        }

        // The dashboard's own download has a row for each point of its chart.
        if (sums.Count > 1 && sums.Keys.All(day => day.Day == 1))
        {
            throw new InvalidDataException("it has sums of whole months; export all data in the site's settings, or a shorter period");
        }

        foreach (var item in Rows(sums, "plausible", target))
        {
            yield return item;
        }
    }

    public static IEnumerable<ImportItem> ReadGa4(ExportPart part, ImportTarget target)
    {
        using var table = CsvTable.Open(part);
        // Of the table that is being read, and of those before it.
        var (sums, all) = (new Dictionary<DateOnly, Sum>(), new Dictionary<DateOnly, Sum>());
        var start = StartOf(part.Head);
        var (dayColumn, found) = (Days.FirstOrDefault(table.Has), false);
        while (table.Next() is { } row)
        {
            target.RowRead();
            // A report has a table for each of its charts, one below the other.
            if (row.Cells.Select(CsvTable.Key).ToHashSet() is var names && names.Overlaps(AllNames)
                && row.Cells.All(cell => !double.TryParse(cell, CultureInfo.InvariantCulture, out _)))
            {
                Merge(sums, all);
                table.SetHeader(row.Cells);
                dayColumn = Days.FirstOrDefault(table.Has);
                continue;
            }

            if (dayColumn is null || Day(row[dayColumn], start) is not { } day)
            {
                target.LeaveOut("rows without a day"); // other charts, and totals
                continue;
            }

            found = true;
            if (Add(sums, day, row, target) is { } problem)
            {
                yield return new ImportItem(row.Line, null, problem);
            }
        }

        if (!found)
        {
            throw new InvalidDataException(
                "the report has no days; export one with a line chart, or an exploration with the dimension Date, with the language of " +
                "Google Analytics set to English");
        }

        Merge(sums, all);
        foreach (var item in Rows(all, "ga4", target))
        {
            yield return item;
        }
    }

    private static string? Add(Dictionary<DateOnly, Sum> sums, DateOnly? day, CsvRow row, ImportTarget target)
    {
        if (day is not { } date)
        {
            return "the row has no day";
        }

        if (target.ProblemOf(new DateTimeOffset(date, default, TimeSpan.Zero)) is { } problem)
        {
            return problem;
        }

        var (visits, visitors, views) = (Number(row, Visits), Number(row, Visitors), Number(row, Views));
        sums[date] = sums.TryGetValue(date, out var sum)
            // Several rows of a day, such as one for each country: visitors of several rows may be the same.
            ? new Sum(Plus(sum.Visits, visits), null, Plus(sum.Views, views))
            : new Sum(visits, visitors, views);
        return null;
    }

    /// <summary>Adds what a table has and none before it had: two charts may show the same.</summary>
    private static void Merge(Dictionary<DateOnly, Sum> table, Dictionary<DateOnly, Sum> all)
    {
        foreach (var (day, sum) in table)
        {
            var known = all.GetValueOrDefault(day);
            all[day] = new Sum(known.Visits ?? sum.Visits, known.Visitors ?? sum.Visitors, known.Views ?? sum.Views);
        }

        table.Clear();
    }

    private static long? Plus(long? one, long? other) =>
        one is null ? other : other is null ? one : Math.Min(one.Value + other.Value, PageDrop.MaxCount);

    private static IEnumerable<ImportItem> Rows(Dictionary<DateOnly, Sum> sums, string tool, ImportTarget target)
    {
        foreach (var (day, sum) in sums.OrderBy(sum => sum.Key))
        {
            if (sum is { Visits: null, Visitors: null, Views: null })
            {
                continue;
            }

            if (sum.Views is null)
            {
                target.LeaveOut("days in the chart, which has only views: add the metric Views to the report and import it again");
            }

            var start = new DateTimeOffset(day, default, TimeSpan.Zero);
            yield return new ImportItem(
                target.Rows, new ImportedDay(target.Page, start, tool, sum.Visits, sum.Visitors, sum.Views), null);
        }
    }

    private static long? Number(CsvRow row, string[] columns)
    {
        foreach (var text in columns.Select(column => row[column]).OfType<string>())
        {
            if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                && number is >= 0 and <= PageDrop.MaxCount)
            {
                return (long)number;
            }
        }

        return null;
    }

    private static DateOnly? Day(string? text, DateOnly? start)
    {
        // "0007" is the eighth day after the start.
        if (start is { } first && text?.Length <= 4 && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var nth))
        {
            return nth <= DateOnly.MaxValue.DayNumber - first.DayNumber ? first.AddDays(nth) : null;
        }

        // "2024041623" is an hour of a day, and there may be a minute.
        text = text?.Length is 10 or 12 && text.All(char.IsAsciiDigit) ? text[..8] : text;
        return DateTime.TryParseExact(text, DayFormats, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? DateOnly.FromDateTime(day) : null;
    }

    /// <summary>The date in the comment <c># Start date: 20260401</c>, or <c># 20260401-20260430</c> of an exploration.</summary>
    private static DateOnly? StartOf(string head) => head.Split('\n')
        .TakeWhile(line => line.Length < 2 || line[0] == '#' || line.Trim().Length == 0)
        .Select(line => line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim(' ', '#', '\r'))
        .Select(text => Day(text[..Math.Min(8, text.Length)], null)).FirstOrDefault(day => day is not null);

    private readonly record struct Sum(long? Visits, long? Visitors, long? Views);
}
