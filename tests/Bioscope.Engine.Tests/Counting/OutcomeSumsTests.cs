using Bioscope.Engine.Columns;
using Bioscope.Engine.Counting;
using Xunit;

namespace Bioscope.Engine.Tests.Counting;

public sealed class OutcomeSumsTests
{
    private static readonly RowBlock Block = Sessions([RowBlock.Unknown, 0, 1, 1, 2, 5], [30, RowBlock.Unknown, 0, 1, 40, 0]);

    [Fact]
    public void What_is_known_of_the_sessions_that_count_is_added_up()
    {
        Tally[] tallies = [new() { Visits = 4 }];
        OutcomeSums.Add(Block, [0, 1, 2, 3, 4], [], tallies);
        OutcomeSums.Add(Block, [5], [], tallies);

        Assert.Equal(new Tally { Visits = 4, PageViews = 9, Bounces = 3, Timed = 3, Seconds = 71 }, tallies[0]);
    }

    [Fact]
    public void Each_group_has_the_sums_of_its_own_sessions()
    {
        Tally[] tallies = [new() { PageViews = 10, Bounces = 20, Timed = 30, Seconds = 40 }, default];
        OutcomeSums.Add(Block, [0, 1, 2, 3, 4, 5], [0, 1, 0, 1, 1, 0], tallies);

        Assert.Equal(new Tally { PageViews = 16, Bounces = 21, Timed = 31, Seconds = 70 }, tallies[0]);
        Assert.Equal(new Tally { PageViews = 3, Bounces = 2, Timed = 2, Seconds = 41 }, tallies[1]);
    }

    private static RowBlock Sessions(int[] pageViews, int[] durations)
    {
        var block = new RowBlock { Key = new object(), SessionCount = pageViews.Length, ViewCount = 0 };
        block[BlockColumn.PageViews] = NumberColumn.Of<int>(pageViews);
        block[BlockColumn.Duration] = NumberColumn.Of<int>(durations);
        return block;
    }
}
