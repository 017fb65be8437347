using Bioscope.Engine.Counting;
using CsCheck;
using Xunit;

namespace Bioscope.Engine.Tests;

public sealed class DistinctVisitorsTests
{
    // The last two store pairs: bits for so many visitors would not fit in the available memory.
    [Theory]
    [InlineData(5, 20)]
    [InlineData(200, 3)]
    [InlineData(70_000_000, 3)]
    [InlineData(200_000_000, 2)]
    public void A_visitor_is_new_once_in_each_group(int visitors, int groups) =>
        Gen.Select(Gen.Int[0, groups - 1], Gen.Int[0, 40].Select(i => (int)((long)i * (visitors - 1) / 40))).Array[0, 200].Sample(
            pairs =>
            {
                var (distinct, known) = (new DistinctVisitors(visitors), new HashSet<(int, int)>());
                Assert.All(pairs, pair => Assert.Equal(known.Add(pair), distinct.Add(pair.Item1, pair.Item2)));
            },
            iter: visitors > 1_000 ? 5 : 200);

    [Fact]
    public void Every_pair_is_new_once()
    {
        var distinct = new DistinctPairs();
        for (var i = 0; i < 100_000; i++)
        {
            Assert.True(distinct.Add(i % 7, i));
        }

        for (var i = 0; i < 100_000; i++)
        {
            Assert.False(distinct.Add(i % 7, i));
        }
    }
}
