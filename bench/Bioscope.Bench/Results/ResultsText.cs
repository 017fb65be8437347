using System.Globalization;
using System.Text;

namespace Bioscope.Bench.Results;

/// <summary>The figures as Markdown, which also reads well on a console.</summary>
internal static class ResultsText
{
    public static string Of(BenchResults results)
    {
        var text = new StringBuilder();
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
        _ => value.ToString("0.00", CultureInfo.InvariantCulture),
    };
}
