using Bioscope.Scale;
using Xunit;

namespace Bioscope.Core.Tests.Scale;

public sealed class PlacementTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(1.2)]
    public void Shares_of_pages_fall_off_by_Zipfs_law(double exponent)
    {
        var pages = new Pages(1000, exponent);
        var sum = Enumerable.Range(1, 1000).Sum(rank => Math.Pow(rank, -exponent));

        Assert.Equal(1 / sum, pages.ShareOf(0), 12);
        Assert.Equal(Math.Pow(100, -exponent) / sum, pages.ShareOf(99), 12);
        Assert.Equal(1, Enumerable.Range(0, 1000).Sum(pages.ShareOf), 9);
    }

    [Fact]
    public void A_part_of_the_visits_leads_to_its_page()
    {
        var pages = new Pages(3, 0); // thirds

        Assert.Equal([0, 0, 1, 1, 2, 2], ((double[])[0, 0.33, 0.34, 0.66, 0.67, 0.9999999]).Select(pages.At));
    }

    [Fact]
    public void Equal_pages_fill_all_nodes_alike()
    {
        var shares = new Placement(32, 4).SharesOf(new Pages(100_000, 0));

        Assert.Equal(1, shares.Sum(), 9);
        Assert.All(shares, share => Assert.InRange(share, 0.24, 0.26));
    }

    [Fact]
    public void Shards_of_a_dead_node_are_moved_and_no_others()
    {
        var (before, after) = (new Placement(32, 4), new Placement(32, 4, without: 1));

        Assert.All(Enumerable.Range(0, 10_000), page =>
        {
            Assert.NotEqual(1, after.NodeOf(page));
            Assert.Equal(before.ShardOf(page), after.ShardOf(page));
            Assert.True(before.NodeOf(page) == 1 || before.NodeOf(page) == after.NodeOf(page));
        });
        var others = after.SharesOf(new Pages(100_000, 0)).Where((_, node) => node != 1);
        Assert.All(others, share => Assert.InRange(share, 0.29, 0.41)); // 8 shards to 3 nodes
    }

    [Fact]
    public void A_days_hours_add_up_to_the_day()
    {
        Assert.Equal(24, Enumerable.Range(0, 24).Sum(DayCurve.Of), 9);
        Assert.Equal(DayCurve.PeakHour, Enumerable.Range(0, 24).MaxBy(DayCurve.Of));
    }
}
