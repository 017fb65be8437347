using Bioscope.Engine.Counting;
using Xunit;

namespace Bioscope.Engine.Tests.Counting;

public sealed class DistinctPairsTests
{
    private long _taken;

    [Fact]
    public void The_order_within_a_pair_matters_and_zeros_are_a_pair()
    {
        var pairs = Pairs();

        Assert.All([(0, 0), (0, 1), (1, 0), (2, 1), (1, 2)], pair => Assert.True(pairs.Add(pair.Item1, pair.Item2)));
        Assert.All([(0, 0), (1, 2)], pair => Assert.False(pairs.Add(pair.Item1, pair.Item2)));
    }

    // 1,024 places of 8 bytes come with it. They double when half of them are taken and one more pair comes.
    [Theory]
    [InlineData(512, 0)]
    [InlineData(513, 8 * 1_024)]
    [InlineData(1_024, 8 * 1_024)]
    [InlineData(1_025, 8 * (1_024 + 2_048))]
    public void Memory_is_taken_before_more_than_half_of_it_is_full(int count, long bytes)
    {
        var pairs = Pairs();
        Fill(pairs, 0, count);

        Assert.Equal((bytes, bytes), (pairs.Taken, _taken));
    }

    [Fact]
    public void Pairs_that_are_not_new_take_no_memory()
    {
        var pairs = Pairs();
        Fill(pairs, 0, 512);
        for (var i = 0; i < 512; i++)
        {
            Assert.False(pairs.Add(i % 3, i));
        }

        Assert.True(pairs.Taken <= 8 * 1_024, $"{pairs.Taken}");
    }

    [Fact]
    public void A_copy_has_all_pairs_and_the_memory_that_they_take()
    {
        var original = Pairs();
        Fill(original, 0, 600);
        var copy = original.Copied();
        Fill(original, 600, 1_024); // not in the copy

        Assert.Equal(8 * 751, copy.Bytes);
        Assert.All(Enumerable.Range(0, 600), i => Assert.True(copy.Has(i % 3, i)));
        Assert.All(Enumerable.Range(0, 600), i => Assert.False(copy.Has(i % 3, i + 600) || copy.Has((i % 3) + 1, i)));
        Assert.Equal(8 * 1_024, _taken); // only the original says what it takes
        Assert.False(Pairs().Copied().Has(0, 0));
    }

    private DistinctPairs Pairs()
    {
        _taken = 0;
        return new DistinctPairs(bytes => _taken += bytes);
    }

    private static void Fill(DistinctPairs pairs, int from, int until)
    {
        for (var i = from; i < until; i++)
        {
            Assert.True(pairs.Add(i % 3, i));
        }
    }
}
