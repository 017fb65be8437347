using Bioscope.Engine.Storage;
using Bioscope.Engine.Storage.Sqlite;
using CsCheck;
using Xunit;

namespace Bioscope.Engine.Tests.Storage;

public sealed class StorageTests
{
    private static readonly DateTimeOffset Noon = new(2026, 4, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("-- sealed rows\nSELECT 1", "sealed rows")]
    [InlineData("-- sealed rows  \r\nSELECT 1", "sealed rows")]
    [InlineData("-- a\n-- b\nSELECT 1", "a")]
    [InlineData("SELECT 1", "other")]
    [InlineData("-- no end of the line", "other")]
    [InlineData("--no blank\nSELECT 1", "other")]
    [InlineData("\n-- late\nSELECT 1", "other")]
    [InlineData("", "other")]
    public void The_name_of_a_statement_is_its_first_comment(string sql, string name) => Assert.Equal(name, DatabaseTimings.NameOf(sql));

    [Theory]
    [InlineData(0, false)]
    [InlineData(60_000, false)]
    [InlineData(60_001, true)]
    [InlineData(-60_000, false)]
    [InlineData(-60_001, true)]
    public void The_servers_clock_counts_where_it_differs_by_more_than_a_minute(int milliseconds, bool differs)
    {
        var server = Noon.AddMilliseconds(milliseconds);

        Assert.Equal(differs, AgreedTime.Differ(Noon, server));
        Assert.Equal(differs ? server : Noon, AgreedTime.Of(Noon, server));
        Assert.Equal(Noon, AgreedTime.Of(Noon, null));
    }

    [Fact]
    public void Marked_words_become_those_of_the_engine()
    {
        var dialect = new SqliteDialect();
        var sql = dialect.Render("""SELECT CAST("id" AS {text}) WHERE {startedAtIsInstant}""");

        Assert.DoesNotContain('{', sql);
        Assert.StartsWith("SELECT CAST(\"id\" AS ", sql, StringComparison.Ordinal);
        Assert.Same(sql, dialect.Render("""SELECT CAST("id" AS {text}) WHERE {startedAtIsInstant}"""));
    }

    [Fact]
    public void A_text_without_marked_words_stays_as_it_is() =>
        Gen.String[Gen.Char["ab c\"@-\n"], 0, 20].Sample(sql => Assert.Equal(sql, new SqliteDialect().Render(sql)));
}
