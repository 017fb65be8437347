using System.Reflection;
using Bioscope.Engine.Storage;
using Bioscope.Engine.Storage.Migrations;
using Bioscope.Engine.Storage.Postgres;
using Bioscope.Engine.Storage.Sqlite;
using Microsoft.Data.Sqlite;
using Npgsql;
using Xunit;

namespace Bioscope.Engine.Tests.Storage;

/// <summary>What differs between the engines, without a database.</summary>
public sealed class DialectTests
{
    private static readonly SqlDialect Sqlite = new SqliteDialect(), Postgres = new PostgresDialect();

    private static readonly Guid Id = new("0189F7A3-5B7C-7D4E-8F90-1234567890AB");

    // A statement that one engine can render and the other cannot fails only there.
    [Fact]
    public void Both_engines_know_the_same_words() => Assert.Equal(WordsOf(Sqlite).Order(), WordsOf(Postgres).Order());

    [Fact]
    public void A_word_that_is_not_known_stays_as_it_is() => Assert.Equal("SELECT '{name}'", Sqlite.Render("SELECT '{name}'"));

    [Fact]
    public void Values_of_SQLite_are_texts_and_whole_numbers()
    {
        var half = DateTimeOffset.UnixEpoch.AddTicks(15_000); // 1.5 milliseconds

        Assert.Equal("0189f7a3-5b7c-7d4e-8f90-1234567890ab", Sqlite.Value(Id));
        Assert.Equal(
            "[\"0189f7a3-5b7c-7d4e-8f90-1234567890ab\",\"00000000-0000-0000-0000-000000000000\"]", Sqlite.Value(new[] { Id, Guid.Empty }));
        Assert.Equal("[1,-2]", Sqlite.Value(new[] { 1, -2 }));
        Assert.Equal("[]", Sqlite.Value(Array.Empty<int>()));
        Assert.Equal("[\"a\\u0022b\",\"\\\\\"]", Sqlite.Value(new[] { "a\"b", "\\" }));
        Assert.Equal([1L, 0L], new[] { Sqlite.Value(true), Sqlite.Value(false) });
        Assert.Equal([1L, -2L], new[] { Sqlite.Value(half), Sqlite.Value(DateTimeOffset.UnixEpoch.AddTicks(-15_000)) });
        Assert.Equal("text", Sqlite.Value("text"));
        Assert.Equal(DBNull.Value, Sqlite.Value(null));
    }

    // As SQLite: the column would round to the next millisecond, and the row would be in another hour.
    [Fact]
    public void Instants_of_PostgreSQL_are_cut_to_milliseconds_in_UTC()
    {
        var instant = new DateTimeOffset(2026, 4, 1, 1, 59, 59, TimeSpan.FromHours(2)).AddTicks(9_999_999);
        var value = Assert.IsType<DateTime>(Postgres.Value(instant));

        Assert.Equal(new DateTime(2026, 3, 31, 23, 59, 59, 999), value);
        Assert.Equal(DateTimeKind.Unspecified, value.Kind);
        Assert.Equal(DBNull.Value, Postgres.Value(null));
        Assert.Equal(Id, Postgres.Value(Id));
    }

    // Codes: https://www.sqlite.org/rescode.html. What is unavailable is tried again, so nothing else may be.
    [Fact]
    public void SQLite_is_unavailable_when_its_file_is() => Assert.Equal(
        [5, 6, 8, 10, 11, 13, 14, 26], Enumerable.Range(1, 28).Where(code => Sqlite.IsUnavailable(new SqliteException("", code))));

    [Fact]
    public void SQLite_says_what_is_taken_and_what_is_a_bad_value()
    {
        Assert.True(Sqlite.IsTaken(new SqliteException("", 19, 2067)));
        Assert.False(Sqlite.IsTaken(new SqliteException("", 19, 1299))); // NOT NULL
        Assert.Equal([1, 20], Enumerable.Range(1, 28).Where(code => Sqlite.IsBadValue(new SqliteException("", code))));
        Assert.False(Sqlite.IsUnavailable(Failure("57P01")));
        Assert.False(Postgres.IsUnavailable(new SqliteException("", 5)));
    }

    // Codes: https://www.postgresql.org/docs/current/errcodes-appendix.html.
    [Theory]
    [InlineData("08006", true)]
    [InlineData("25006", true)] // a server that became a replica
    [InlineData("28P01", true)]
    [InlineData("3D000", true)]
    [InlineData("42501", true)]
    [InlineData("53300", true)]
    [InlineData("55000", true)]
    [InlineData("57P01", true)]
    [InlineData("58030", true)]
    [InlineData("XX001", true)] // damaged data
    [InlineData("XX000", false)]
    [InlineData("25001", false)]
    [InlineData("42601", false)] // a mistake of ours
    [InlineData("42P01", false)]
    [InlineData("23505", false)]
    [InlineData("22003", false)]
    [InlineData("40001", false)]
    [InlineData("55P03", false)]
    public void PostgreSQL_is_unavailable_when_its_server_is(string state, bool isUnavailable) =>
        Assert.Equal(isUnavailable, Postgres.IsUnavailable(Failure(state)));

    [Fact]
    public void PostgreSQL_says_what_is_taken_and_what_is_a_bad_value()
    {
        string[] states = ["22003", "22P02", "23502", "23505", "40001", "42601", "57P01"];

        Assert.Equal(["23505"], states.Where(state => Postgres.IsTaken(Failure(state))));
        Assert.Equal(["22003", "22P02"], states.Where(state => Postgres.IsBadValue(Failure(state))));
        Assert.True(Postgres.IsUnavailable(new NpgsqlException("not reached")));
    }

    [Theory]
    [InlineData("1\n2\n", "1\r\n2\r\n", true)]
    [InlineData("1\n2\n", "1\r2\r", true)]
    [InlineData("1\n2\n", "1\n2", false)]
    [InlineData("1\n2\n", "1\n2 \n", false)]
    public void The_checksum_of_a_migration_does_not_depend_on_line_ends(string one, string other, bool areEqual) =>
        Assert.Equal(areEqual, new MigrationFile(1, "0001_a", one).Checksum == new MigrationFile(2, "0002_b", other).Checksum);

    // A move from SQLite to PostgreSQL finds the same tables there.
    [Theory]
    [InlineData("main")]
    [InlineData("analytics")]
    public void Each_migration_is_there_once_for_each_engine(string database)
    {
        var files = typeof(MigrationFile).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith($"Migrations/{database}/", StringComparison.Ordinal))
            .Select(name => name.Split('/')[^1].Split('.')).ToList();

        Assert.Equal(NamesOf("sqlite"), NamesOf("postgresql"));
        Assert.Equal(NamesOf("sqlite").Count, NamesOf("sqlite").Select(name => name[..4]).Distinct().Count());
        Assert.StartsWith("0001_", NamesOf("sqlite")[0], StringComparison.Ordinal);

        List<string> NamesOf(string engine) =>
            [.. files.Where(parts => parts.Length == 2 || parts[1] == engine).Select(parts => parts[0]).Order(StringComparer.Ordinal)];
    }

    [Fact]
    public void A_tables_columns_are_named_in_quotes_and_in_order() => Assert.Equal(
        "\"id\", \"order\"",
        new Table<int>("T", new("id", ColumnType.Integer, row => row), new("order", ColumnType.Text, _ => null)).ColumnList);

    private static PostgresException Failure(string state) => new("message", "ERROR", "ERROR", state);

    private static IEnumerable<string> WordsOf(SqlDialect dialect) => ((IReadOnlyDictionary<string, string>)typeof(SqlDialect)
        .GetProperty("Words", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(dialect)!).Keys;
}
