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
        var copy = original.Copy();
        Fill(original, 600, 700); // not in the copy
        var restored = Pairs();
        restored.Restore(copy);

        Assert.Equal((2_048, 600), (copy.Slots.Length, copy.Count));
        Assert.Equal((8 * 1_024, 8 * 1_024), (restored.Taken, _taken));
        Assert.False(restored.Add(599 % 3, 599));
        Fill(restored, 600, 1_024);
        Assert.Equal(8 * 1_024, restored.Taken);
        Fill(restored, 1_024, 1_025);
        Assert.Equal(8 * (1_024 + 2_048), restored.Taken);
        Assert.Equal(600, copy.Slots.Count(slot => slot != 0)); // what was added later is not in the copy
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
