using System.Text;
using nietras.SeparatedValues;

namespace Bioscope.Engine.Import.From;

/// <summary>
/// A table with a header, as tools export it: separated by commas, semicolons or tabs, with quotes or without. Columns are found by their
/// names without spaces, underscores and case, in any order: <c>User agent</c>, <c>user_agent</c> and <c>userAgent</c> are one.
/// </summary>
internal sealed class CsvTable : IDisposable
{
    // Where a quote is not closed, the rest of the file would be one field. 16 MiB is the library's limit for a row.
    private const int MaxColumns = 1_000;

    private static readonly char[] Separators = [',', ';', '\t'];

    private readonly SepReader _reader;
    private readonly Dictionary<string, int> _columns = new(StringComparer.Ordinal);

    private CsvTable(SepReader reader) => _reader = reader;

    /// <summary>Reads the header: the first line that is neither blank nor a comment.</summary>
    public static CsvTable Open(ExportPart part)
    {
        var table = new CsvTable(
            Sep.New(SeparatorOf(HeaderLine(part.Head)))
                .Reader(options => options with { HasHeader = false, Unescape = true, DisableColCountCheck = true })
                .From(new StreamReader(part.Open(), Encoding.UTF8, detectEncodingFromByteOrderMarks: true)));
        if (table.Next() is { } header)
        {
            table.SetHeader(header.Cells);
        }

        return table;
    }

    /// <summary>The columns of the header in a text, as <see cref="Has"/> knows them.</summary>
    public static IReadOnlySet<string> ColumnsOf(string head)
    {
        var line = HeaderLine(head);
        return line.Split(SeparatorOf(line)).Select(Key).ToHashSet(StringComparer.Ordinal);
    }

    public bool Has(string column) => _columns.ContainsKey(column);

    /// <summary>Takes another line as header: some exports have several tables in one file.</summary>
    public void SetHeader(IReadOnlyList<string> cells)
    {
        _columns.Clear();
        for (var i = 0; i < Math.Min(cells.Count, MaxColumns); i++)
        {
            _columns.TryAdd(Key(cells[i]), i);
        }
    }

    /// <summary>The next row that is neither blank nor a comment; null at the end.</summary>
    /// <exception cref="InvalidDataException">A row is longer than any export has.</exception>
    public CsvRow? Next()
    {
        try
        {
            while (_reader.MoveNext())
            {
                var row = Read(_reader.Current);
                if (!row.Cells[0].StartsWith('#') && row.Cells.Any(cell => cell.Length > 0))
                {
                    return row;
                }
            }
        }
        catch (NotSupportedException)
        {
            throw new InvalidDataException("a row is longer than 16 MiB; a quotation mark may be missing");
        }

        return null;
    }

    public void Dispose() => _reader.Dispose();

    private CsvRow Read(SepReader.Row row)
    {
        var cells = new string[Math.Max(1, Math.Min(row.ColCount, MaxColumns))];
        cells[0] = "";
        for (var i = 0; i < Math.Min(row.ColCount, MaxColumns); i++)
        {
            cells[i] = row[i].ToString();
        }

        return new CsvRow(row.LineNumberFrom, cells, _columns);
    }

    private static string HeaderLine(string head) => head.Split('\n', '\r').FirstOrDefault(line => line.Length > 0 && line[0] != '#') ?? "";

    private static char SeparatorOf(string line) => Separators.MaxBy(separator => line.Count(c => c == separator));

    /// <summary>A column's name as it is compared. A digit before it is the version of the format, in GoatCounter's.</summary>
    public static string Key(string name) =>
        string.Concat(name.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant().TrimStart('0', '1', '2', '3', '4', '5', '6', '7', '8', '9');
}

/// <summary>One row; a column that it lacks, an empty one and what databases write for NULL are null.</summary>
internal sealed record CsvRow(long Line, IReadOnlyList<string> Cells, IReadOnlyDictionary<string, int> Columns)
{
    public string? this[string column] =>
        Columns.TryGetValue(column, out var i) && i < Cells.Count && Cells[i] is not ("" or "\\N" or "NULL") and var cell ? cell : null;
}
