using Bioscope.Engine.Storage;
using Bioscope.Engine.Storage.Postgres;
using Xunit;

namespace Bioscope.Engine.Tests.Storage;

/// <summary>What is about pages of one shard goes together, in an order that is the same for all servers.</summary>
public sealed class PageShardsTests
{
    private static readonly Guid[] Pages = [.. Enumerable.Range(1, 5).Select(i => new Guid(i, 0, 0, new byte[8]))];

    [Fact]
    public void Items_are_divided_by_shard_and_keep_their_order()
    {
        var shards = new PageShards();
        foreach (var (page, shard) in Pages.Zip((long[])[7, 3, 7, 3]))
        {
            shards.Set(page, shard);
        }

        Assert.Equal(["b1d1", "a1c1a2"], Divided(shards, (0, "a1"), (2, "c1"), (1, "b1"), (0, "a2"), (3, "d1")));
        // Two servers that know the shards go through them in the same order, whichever of the pages they have.
        Assert.Equal(["d1", "c1"], Divided(shards, (2, "c1"), (3, "d1")));
    }

    [Fact]
    public void A_page_of_which_nothing_is_known_is_by_itself()
    {
        var shards = new PageShards();
        shards.Set(Pages[4], 9);

        Assert.Equal(["e1", "a1a2", "b1"], Divided(shards, (1, "b1"), (0, "a1"), (4, "e1"), (0, "a2")));
    }

    [Fact]
    public void The_last_shard_that_was_said_counts()
    {
        var shards = new PageShards();
        foreach (var (page, shard) in ((int, long)[])[(0, 1), (1, 2), (0, 2)])
        {
            shards.Set(Pages[page], shard);
        }

        Assert.Equal(["a1b1"], Divided(shards, (0, "a1"), (1, "b1")));
    }

    /// <summary>Citus finds the shard by the condition on the pages; one PostgreSQL does not get it.</summary>
    [Fact]
    public void A_query_of_rows_in_a_shard_says_which_pages()
    {
        const string Query = "-- name\nSELECT 1 FROM \"T\" WHERE \"bioPageId\" = @page AND \"id\" = @id FOR UPDATE";
        (string Name, object? Value)[] key = [("@page", Pages[0]), ("@id", Pages[1])];

        Assert.Contains(
            """WHERE "bioPageId" = "each"."page" AND "bioPageId" = ANY (@page) AND "id" = "each"."id" FOR UPDATE""", ManyRows.Query(Query, key, isOfOneShard: true), StringComparison.Ordinal);
        Assert.DoesNotContain("ANY (@page)", ManyRows.Query(Query, key), StringComparison.Ordinal);
    }

    [Fact]
    public void An_update_of_rows_in_a_shard_says_which_pages_and_has_what_is_the_same_once()
    {
        const string Update = """UPDATE "T" SET "count" = @count, "name" = @name WHERE "bioPageId" = @page AND "id" = @id""";
        Column<(Guid Page, int Count)>[] values =
        [
            new("page", ColumnType.Uuid, row => row.Page), new("id", ColumnType.Uuid, _ => Pages[0]), new("count", ColumnType.Integer, row => row.Count),
            new("name", ColumnType.Text, _ => "x"),
        ];

        var command = ManyRows.UpdateOfShard(Update, [(Pages[1], 5), (Pages[2], 6)], values);

        Assert.Equal(
            """
            UPDATE "T" SET "count" = "each"."given_count", "name" = $4 FROM unnest($1, $2, $3) AS "each" ("given_page", "given_id", "given_count")
            WHERE "bioPageId" = ANY (ARRAY["each"."given_page"]) AND "bioPageId" = ANY ($1) AND "id" = "each"."given_id"
            """,
            command.CommandText);
        Assert.Equal([Pages[1], Pages[2]], (IEnumerable<Guid?>)command.Parameters[0].Value!);
        Assert.Equal([5, 6], (IEnumerable<int?>)command.Parameters[2].Value!);
        Assert.Equal("x", command.Parameters[3].Value);
    }

    private static IEnumerable<string> Divided(PageShards shards, params (int Page, string Name)[] items) =>
        shards.Divide(items, item => Pages[item.Page]).Select(some => string.Concat(some.Select(item => item.Name)));
}
