using Bioscope.Engine.Storage;
using Bioscope.Engine.Storage.Postgres;
using Xunit;

namespace Bioscope.Engine.Tests.Storage;

/// <summary>Statements about many rows of one page.</summary>
public sealed class PageRowsTests
{
    private static readonly Guid First = Guid.Parse("0189f7a3-5b7c-7d4e-8f90-1234567890ab"), Second = Guid.Parse("0189f7a3-5b7c-7d4e-8f90-1234567890ac");

    private static readonly Column<Change>[] Values =
    [
        new("page", ColumnType.Uuid, change => change.Page), new("at", ColumnType.Instant, change => change.At),
        new("id", ColumnType.Uuid, change => change.Id), new("count", ColumnType.Integer, change => change.Count),
    ];

    [Fact]
    public void A_query_finds_the_rows_of_several_keys_and_locks_them_in_one_order() => Assert.Equal(
        """SELECT 1 FROM "T" WHERE "bioPageId" = @page AND "startedAt" = ANY (@at) AND "id" = ANY (@id) ORDER BY "startedAt", "id" FOR UPDATE""",
        PageRows.Query("""SELECT 1 FROM "T" WHERE "bioPageId" = @page AND "startedAt" = @at AND "id" = @id FOR UPDATE"""));

    [Fact]
    public void A_limit_of_one_is_each_keys() => Assert.Equal(
        """SELECT 1 FROM "T" WHERE "enteredAt" = ANY (@at) AND "id" = ANY (@id)""",
        PageRows.Query("SELECT 1 FROM \"T\" WHERE \"enteredAt\" = @at AND \"id\" = @id\nLIMIT 1"));

    // Citus crashes where a column is set to an element and nothing more.
    [Fact]
    public void What_differs_is_an_array_and_what_is_the_same_a_value()
    {
        const string Sql = """UPDATE "T" SET "count" = @count WHERE "bioPageId" = @page AND "startedAt" = @at AND "id" = @id""";
        var at = DateTimeOffset.UnixEpoch;

        var commands = PageRows.Update(
            Sql, [new Change(First, at, First, 5), new Change(Second, at, First, 1), new Change(First, at, Second, 5), new Change(Second, at, Second, 2)], Values).ToList();

        Assert.Equal(2, commands.Count);
        const string Found = """WHERE "bioPageId" = $1 AND "startedAt" = ANY ($2) AND "id" = ANY ($3)""";
        Assert.Equal($"""UPDATE "T" SET "count" = $4 {Found}""", commands[0].CommandText);
        Assert.Equal(5, commands[0].Parameters[3].Value);
        Assert.Equal([First, Second], (IEnumerable<Guid?>)commands[0].Parameters[2].Value!);
        Assert.Equal($"""UPDATE "T" SET "count" = COALESCE(($4)[array_position($3, "id")]) {Found}""", commands[1].CommandText);
        Assert.Equal([1, 2], (IEnumerable<int?>)commands[1].Parameters[3].Value!);
    }

    [Fact]
    public void Rows_of_a_page_are_inserted_together()
    {
        var at = DateTimeOffset.UnixEpoch;

        var commands = PageRows.Insert(
            list => $"INSERT {list}", [new Change(First, at, First, 5), new Change(Second, at, First, 1), new Change(First, at, Second, 6)], Values).ToList();

        Assert.Equal(["INSERT VALUES ($1, $2, $3, $4), ($5, $6, $7, $8)", "INSERT VALUES ($1, $2, $3, $4)"], commands.Select(command => command.CommandText));
        Assert.Equal([5, 6], new[] { commands[0].Parameters[3].Value, commands[0].Parameters[7].Value });
    }

    private sealed record Change(Guid Page, DateTimeOffset At, Guid Id, int Count);
}
