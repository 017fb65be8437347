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

    private static IEnumerable<string> Divided(PageShards shards, params (int Page, string Name)[] items) =>
        shards.Divide(items, item => Pages[item.Page]).Select(some => string.Concat(some.Select(item => item.Name)));
}
