using System.Globalization;

namespace Bioscope.Server.Web;

/// <summary>Lines of a CSV file by RFC 4180. No cell is a formula to a spreadsheet.</summary>
internal static class CsvText
{
    /// <summary>One line, with its line break.</summary>
    public static string Line(IEnumerable<object> cells) => string.Join(',', cells.Select(Cell)) + "\r\n";

    private static string Cell(object value)
    {
        var cell = Convert.ToString(value, CultureInfo.InvariantCulture)!;
        // Spreadsheets would run such a cell as a formula; the apostrophe makes it text.
        if (cell is ['=' or '+' or '-' or '@' or '\t' or '\r', ..])
        {
            cell = "'" + cell;
        }

        return cell.AsSpan().ContainsAny(",\"\r\n") ? $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : cell;
    }
}
