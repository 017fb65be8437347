using Bioscope.Engine.Import.From;
using Xunit;

namespace Bioscope.Engine.Tests.Import.From;

public sealed class CsvTableTests
{
    [Theory]
    [InlineData("User agent", "useragent")]
    [InlineData("user_agent", "useragent")]
    [InlineData(" userAgent ", "useragent")]
    [InlineData("2Path", "path")] // GoatCounter's version
    [InlineData("utm_source2", "utmsource2")]
    [InlineData("Größe", "gre")]
    [InlineData("404", "")]
    [InlineData("", "")]
    public void A_columns_name_is_compared_without_spaces_underscores_and_case(string name, string key) =>
        Assert.Equal(key, CsvTable.Key(name));

    [Theory]
    [InlineData("a,b;c\nx,y;z\n", "x|y;z")]
    [InlineData("a;b;c,d\nx;y;z,1\n", "x|y|z,1")]
    [InlineData("a\tb\nx\ty,;z\n", "x|y,;z")]
    [InlineData("a\nx\n", "x")]
    [InlineData("a,b\r\nx,y\r\n", "x|y")]
    [InlineData("\uFEFFa,b\nx,y\n", "x|y")]
    [InlineData("# made; by; a; tool\n\na,b\nx,y\n", "x|y")] // neither a comment nor a blank line is the header
    [InlineData("a,b\n\n#x,y\n,\nx,y\n", "x|y")]
    [InlineData("\"a\",\"b\"\n\"x, \"\"1\"\"\",\"two\nlines\"\n", "x, \"1\"|two\nlines")]
    public void Columns_are_separated_as_in_the_header(string text, string cells) =>
        Assert.Equal(cells, string.Join('|', Rows(text).Single().Cells));

    [Fact]
    public void A_cell_is_found_by_the_name_of_its_column()
    {
        var row = Rows("2Path,User agent,Path\n/a,x,/b\n").Single();

        Assert.Equal(("/a", "x", null), (row["path"], row["useragent"], row["title"])); // of two columns the first
    }

    [Theory]
    [InlineData("")]
    [InlineData("\\N")]
    [InlineData("NULL")]
    public void What_databases_write_for_nothing_is_null(string cell) => Assert.Null(Rows($"a,b\n{cell},x\n").Single()["a"]);

    [Fact]
    public void Rows_may_be_shorter_or_longer_than_the_header()
    {
        var rows = Rows("a,b\nx\nx,y,z\n");

        Assert.Equal([null, "y"], rows.Select(row => row["b"]));
        Assert.Equal([1, 3], rows.Select(row => row.Cells.Count));
    }

    [Fact]
    public void Lines_are_counted_from_1_through_comments_and_quotes() =>
        Assert.Equal([3, 4, 6], Rows("# comment\na,b\nx,y\n\"two\nlines\",y\nx,y\n").Select(row => row.Line));

    [Fact]
    public void Another_line_may_be_the_header_from_there_on()
    {
        using var table = CsvTable.Open(ExportReading.PartOf("a,b\nb,c\nx,y\n"));
        Assert.True(table.Has("a"));

        table.SetHeader(table.Next()!.Cells);
        var row = table.Next()!;

        Assert.Equal((null, "x", "y"), (row["a"], row["b"], row["c"]));
        Assert.False(table.Has("a"));
        Assert.Null(table.Next());
    }

    [Fact]
    public void The_columns_of_a_text_are_those_of_its_header()
    {
        Assert.Equal(["date", "useragent"], CsvTable.ColumnsOf("#x,y\n\nDate;\"User agent\"\n1;2\n").Order());
        Assert.Equal([""], CsvTable.ColumnsOf("# only a comment"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("# only a comment\n")]
    [InlineData("a,b")]
    [InlineData("a,b\n\n\n")]
    public void A_file_without_rows_has_none(string text) => Assert.Empty(Rows(text));

    [Fact]
    public void At_most_a_thousand_columns_are_read() =>
        Assert.Equal(1_000, Rows($"a\nx{new string(',', 5_000)}\n".Replace("a\n", "a,b\n", StringComparison.Ordinal)).Single().Cells.Count);

    [Fact]
    public void A_quotation_mark_that_is_not_closed_ends_with_an_error() => Assert.Contains(
        "quotation mark", Assert.Throws<InvalidDataException>(() => Rows($"a,b\n\"x{new string('y', 17 << 20)}")).Message,
        StringComparison.Ordinal);

    private static List<CsvRow> Rows(string text)
    {
        using var table = CsvTable.Open(ExportReading.PartOf(text));
        var rows = new List<CsvRow>();
        while (table.Next() is { } row)
        {
            rows.Add(row);
        }

        return rows;
    }
}
