using System.Globalization;
using Bioscope.Engine.Storage;
using Bioscope.Engine.Storage.Postgres;
using Npgsql;
using Xunit;

namespace Bioscope.Engine.Tests.Storage;

/// <summary>Statements about many rows of one page, or of one shard.</summary>
public sealed class ShardRowsTests
{
    private static readonly Guid First = Guid.Parse("0189f7a3-5b7c-7d4e-8f90-1234567890ab"), Second = Guid.Parse("0189f7a3-5b7c-7d4e-8f90-1234567890ac"),
        Other = Guid.Parse("0189f7a3-5b7c-7d4e-8f90-1234567890ad");

    private static readonly Column<Change>[] Values =
    [
        new("page", ColumnType.Uuid, change => change.Page), new("at", ColumnType.Instant, change => change.At),
        new("id", ColumnType.Uuid, change => change.Id), new("count", ColumnType.Integer, change => change.Count),
    ];

    private static readonly (string Name, object? Value)[][] Keys =
    [
        .. new[] { (First, First), (Second, Second), (First, Other) }.Select(key =>
            ((string, object?)[])[("@page", key.Item1), ("@at", DateTimeOffset.UnixEpoch), ("@id", key.Item2)]),
    ];

    [Theory]
    [InlineData(true, """
        "bioPageId" = @page AND "startedAt" = ANY (@at) AND "id" = ANY (@id) ORDER BY "startedAt", "id"
        """)]
    [InlineData(false, """
        "bioPageId" = ANY (@pages) AND "bioPageId" = (@page)[array_position(@id, "id")] AND "startedAt" = ANY (@at) AND "id" = ANY (@id) ORDER BY "bioPageId", "startedAt", "id"
        """)]
    public void A_query_finds_the_rows_of_several_keys_and_locks_them_in_one_order(bool isOfOnePage, string found) => Assert.Equal(
        $"""SELECT 1 FROM "T" WHERE {found} FOR UPDATE""",
        ShardRows.Query("""SELECT 1 FROM "T" WHERE "bioPageId" = @page AND "startedAt" = @at AND "id" = @id FOR UPDATE""", isOfOnePage ? Keys[..1] : Keys).Sql);

    [Fact]
    public void A_limit_of_one_is_each_keys() => Assert.Equal(
        """SELECT 1 FROM "T" WHERE "enteredAt" = ANY (@at) AND "id" = ANY (@id)""",
        ShardRows.Query("SELECT 1 FROM \"T\" WHERE \"enteredAt\" = @at AND \"id\" = @id\nLIMIT 1", Keys[..1]).Sql);

    [Fact]
    public void The_pages_are_sent_for_each_row_and_each_once()
    {
        var at = DateTimeOffset.UnixEpoch;

        var values = ShardRows.Query("", Keys).Values;

        Assert.Equal(["@page", "@pages", "@at", "@id"], values.Select(value => value.Name));
        Assert.Equal([First, Second, First], (Guid[])values[0].Value!);
        Assert.Equal([First, Second], (Guid[])values[1].Value!);
        Assert.Equal([at, at, at], (DateTimeOffset[])values[2].Value!);
        Assert.Equal([First, Second, Other], (Guid[])values[3].Value!);
        Assert.Equal(First, ShardRows.Query("", Keys[..1]).Values[0].Value);
    }

    /// <summary>Each page is looked for with each time, so many pages with many rows are not one statement; a page is never divided.</summary>
    [Theory]
    [InlineData("10 10 10", "30")]
    [InlineData("16 15 240", "31 240")]
    [InlineData("600 1 1", "600 2")]
    [InlineData("128 128 1", "256 1")]
    public void Rows_of_a_shard_are_divided_at_the_bounds_of_pages(string rowsOfPages, string rowsOfStatements)
    {
        var keys = rowsOfPages.Split(' ').SelectMany((rows, page) => Enumerable.Range(0, int.Parse(rows, CultureInfo.InvariantCulture)).Select(i =>
            (Page: new Guid(page, 0, 0, new byte[8]), Id: new Guid(page, 1, (short)i, new byte[8])))).ToList();

        var divided = ShardRows.Divide([.. keys.OrderByDescending(key => key.Id)], key => key.Page, key => key.Id).ToList();

        Assert.Equal(rowsOfStatements, string.Join(' ', divided.Select(some => some.Count)));
        Assert.Equal(keys.Order(), divided.SelectMany(some => some).Order());
        Assert.Equal(divided.SelectMany(some => some.Select(key => key.Page)).Order(), divided.SelectMany(some => some.Select(key => key.Page)));
    }

    [Fact]
    public void An_id_that_may_be_of_two_pages_is_looked_for_in_each_by_itself() => Assert.Equal(
        [[(First, Other), (First, Second)], [(Second, Other)]],
        ShardRows.Divide([(First, Other), (Second, Other), (First, Second)], key => key.Item1, key => key.Item2));

    // Citus crashes where a column is set to an element and nothing more.
    [Fact]
    public void What_differs_is_an_array_and_what_is_the_same_a_value()
    {
        const string Sql = """UPDATE "T" SET "count" = @count WHERE "bioPageId" = @page AND "startedAt" = @at AND "id" = @id""";
        var at = DateTimeOffset.UnixEpoch;

        var same = ShardRows.Update(Sql, [new Change(First, at, First, 5), new Change(First, at, Second, 5)], Values);
        var different = ShardRows.Update(Sql, [new Change(Second, at, First, 1), new Change(Second, at, Second, 2)], Values);

        const string Found = """WHERE "bioPageId" = $1 AND "startedAt" = ANY ($2) AND "id" = ANY ($3)""";
        Assert.Equal($"""UPDATE "T" SET "count" = $4 {Found}""", same.CommandText);
        Assert.Equal(5, same.Parameters[3].Value);
        Assert.Equal([First, Second], (IEnumerable<Guid?>)same.Parameters[2].Value!);
        Assert.Equal($"""UPDATE "T" SET "count" = COALESCE(($4)[array_position($3, "id")]) {Found}""", different.CommandText);
        Assert.Equal([1, 2], (IEnumerable<int?>)different.Parameters[3].Value!);

        var pages = ShardRows.Update(Sql, [new Change(First, at, First, 5), new Change(Second, at, Second, 5), new Change(First, at, Other, 5)], Values);
        Assert.Equal(
            """UPDATE "T" SET "count" = $4 WHERE "bioPageId" = ANY ($5) AND "bioPageId" = ($1)[array_position($3, "id")] AND "startedAt" = ANY ($2) AND "id" = ANY ($3)""",
            pages.CommandText);
        Assert.Equal([First, Second, First], (IEnumerable<Guid?>)pages.Parameters[0].Value!);
        Assert.Equal([First, Second], (IEnumerable<Guid?>)pages.Parameters[4].Value!);
    }

    [Fact]
    public void Rows_are_inserted_together_without_what_none_of_them_has_and_with_what_is_the_same_once()
    {
        var at = DateTimeOffset.UnixEpoch;

        var commands = Insert([new Change(First, at, First, 5), new Change(Second, at, Second, null)]).Concat(Insert([new Change(First, at, First, null)])).ToList();

        Assert.Equal(
            [
                """INSERT INTO "T" ("page", "at", "id", "count") VALUES ($2, $1, $3, $4), ($5, $1, $6, $7) ON CONFLICT DO NOTHING""",
                """INSERT INTO "T" ("page", "at", "id") VALUES ($1, $2, $3) ON CONFLICT DO NOTHING""",
            ],
            commands.Select(command => command.CommandText.Split('\n')[1]));
        Assert.Equal([PostgresDialect.Stored(at), First, First, 5, Second, Second, DBNull.Value], commands[0].Parameters.Select(parameter => parameter.Value));

        static IEnumerable<NpgsqlBatchCommand> Insert(List<Change> rows) => ShardRows.Insert(new Table<Change>("T", Values), rows);
    }

    // Its columns are in the text.
    [Fact]
    public void A_statement_that_inserts_one_row_keeps_what_is_null() => Assert.Equal(
        "INSERT (a, b, c, d) VALUES ($1, $2, $3, $4)",
        ShardRows.Insert("INSERT (a, b, c, d) VALUES (@page, @at, @id, @count)", [new Change(First, DateTimeOffset.UnixEpoch, First, null)], Values).Single().CommandText);

    [Fact]
    public void Many_rows_are_inserted_by_a_hundred() => Assert.Equal(
        [103, 103, 4],
        ShardRows.Insert(new Table<Change>("T", Values), [.. Enumerable.Range(0, 201).Select(i => new Change(First, DateTimeOffset.UnixEpoch, First, i))])
            .Select(command => command.Parameters.Count));

    private sealed record Change(Guid Page, DateTimeOffset At, Guid Id, int? Count);
}
