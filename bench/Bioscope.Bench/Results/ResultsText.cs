using System.Globalization;
using System.Text;

namespace Bioscope.Bench.Results;

/// <summary>The figures as Markdown, which also reads well on a console.</summary>
internal static class ResultsText
{
    private const string Introduction = """
        # What was measured

        By `dotnet run -c Release --project bench/Bioscope.Bench -- --results bench/RESULTS.md` (see `--help`). Ratios travel, plain times and rates do not: they
        are those of the machine below, and what else it did at the time is in them. Whatever is a ratio was measured in turn in one run, and is the
        median of the rounds' ratios.

        `×1` is a data set of 5 million sessions and 8 million page views of 5,000 pages over 400 days; the hottest page has a fifth of them. *Cold* is the
        first request for a page in a server process that has answered for another page before, *hot* one of many; both over HTTP on one connection, the
        operating system's file cache warm. The published SQL is timed without HTTP, which favours it. *Bare* is a Kestrel that answers the same bytes
        without looking anything up. *pgbench* runs the statements that the server was seen to send. *Engine alone* inserts rows like the server's into the same table,
        in transactions as large as the server's were, and does nothing else. *Questions* are about the hottest page; plain SQL and DuckDB, which has that page's
        rows only, run without HTTP and give the same figures. PostgreSQL syncs, and runs on the same processors as the server and the driver.
        """;

    public static string Of(BenchResults results)
    {
        var text = new StringBuilder(Introduction).Append("\n\n## The machine\n\n");
        foreach (var (name, value) in results.Machine)
        {
            text.Append(CultureInfo.InvariantCulture, $"- {name}: {value}\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"- on {results.At:yyyy-MM-dd}\n\n## The bars\n\n");
        Row(text, ["asked", "engine", "measured", "met"]);
        Row(text, ["---", "---", "---:", "---"]);
        foreach (var bar in new Bars(results.Figures).All())
        {
            Row(text, [bar.Asked, bar.Engine, bar.Measured, bar.IsMet switch { true => "yes", false => "**no**", null => "not measured" }]);
        }

        foreach (var measure in results.Figures.GroupBy(figure => figure.Measure))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {measure.Key}\n\n");
            Table(text, [.. measure]);
        }

        return text.ToString();
    }

    /// <summary>A row for each case and metric, a column for each engine and scale.</summary>
    private static void Table(StringBuilder text, IReadOnlyList<Figure> figures)
    {
        var columns = figures.Select(figure => (figure.Engine, figure.Scale)).Distinct().ToArray();
        Row(text, ["", "", .. columns.Select(column => string.Create(CultureInfo.InvariantCulture, $"{column.Engine} ×{column.Scale}"))]);
        Row(text, ["---", "---", .. columns.Select(_ => "---:")]);
        foreach (var row in figures.GroupBy(figure => (figure.Case, figure.Metric, figure.Unit)))
        {
            Row(text, [row.Key.Case, row.Key.Metric, .. columns.Select(column =>
                row.LastOrDefault(figure => (figure.Engine, figure.Scale) == column) is { } figure ? $"{Number(figure.Value)} {figure.Unit}" : "")]);
        }
    }

    private static void Row(StringBuilder text, IEnumerable<string> cells) => text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");

    /// <summary>Three digits that mean something, never an exponent.</summary>
    public static string Number(double value) => value switch
    {
        >= 100 => value.ToString("N0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("N1", CultureInfo.InvariantCulture),
        _ => value.ToString("0.##", CultureInfo.InvariantCulture),
    };
}
