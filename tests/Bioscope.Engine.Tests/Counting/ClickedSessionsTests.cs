using Bioscope.Engine.Columns;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Tests.Counting.Model;
using CsCheck;
using Xunit;

namespace Bioscope.Engine.Tests.Counting;

public sealed class ClickedSessionsTests
{
    private static readonly Filter Clicked = new(FilterOperator.IsNotNull, Dimension.Named("link")!, []);
    private static readonly Filter InCity = new(FilterOperator.Is, Dimension.Named("city")!, ["A"]);

    [Fact]
    public void Only_sessions_with_a_click_are_told_by_block() => Gen.Bool.Array[0, 130].Array[1, 3].Sample(clicked =>
    {
        (RowBlock Block, bool[] Clicked)[] blocks = [.. clicked.Select((marks, i) => (Block(i, marks.Length), marks))];
        var sessions = new ClickedSessions(blocks);

        Assert.All(blocks, one => Assert.Equal(one.Clicked, one.Clicked.Select((_, session) => sessions.Has(one.Block, session))));
        Assert.False(sessions.Has(Block(blocks.Length, 1), 0)); // of a block that was not looked at
    });

    // A buffer of marks may be longer than the block.
    [Fact]
    public void Marks_behind_the_last_session_are_not_read()
    {
        var sessions = new ClickedSessions([(Block(1, 2), [false, true, true, true])]);

        Assert.Equal([false, true, false, false], Enumerable.Range(0, 4).Select(session => sessions.Has(Block(1, 4), session)));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(100 + 100, 0)]
    [InlineData(100 + 100 + 8, 1)]
    [InlineData(100 + 100 + 8, 64)]
    [InlineData(100 + 100 + 16, 65)]
    [InlineData(100 + (2 * 100) + 8 + 16, 1, 128)]
    public void Memory_is_a_bit_for_each_session(long bytes, params int[] sessions) => Assert.Equal(
        bytes, new ClickedSessions(sessions.Select((count, i) => (Block(i, count), new bool[count]))).Bytes);

    [Fact]
    public void Counting_goes_on_only_with_one_filter_that_asks_for_a_click()
    {
        var asked = SmallBlocks.Query(0, 10, [Metric.Visitors, Metric.Clicks], "city");

        Assert.True(ClickedSessions.AreEnoughFor(asked with { Filters = [Clicked] }));
        Assert.True(ClickedSessions.AreEnoughFor(asked with { Filters = [InCity, Clicked] }));
        Assert.False(ClickedSessions.AreEnoughFor(asked with { Filters = [Clicked, Clicked] }));
        Assert.False(ClickedSessions.AreEnoughFor(asked with { Filters = [InCity] }));
        Assert.False(ClickedSessions.AreEnoughFor(asked));
        Assert.False(ClickedSessions.AreEnoughFor(asked with { Filters = [Clicked with { Operator = FilterOperator.IsNull }] }));
        Assert.False(ClickedSessions.AreEnoughFor(asked with { Filters = [Clicked with { Operator = FilterOperator.IsNot, Values = ["x"] }] }));
    }

    [Theory]
    [InlineData(Metric.Views, false)]
    [InlineData(Metric.ClickRate, false)]
    [InlineData(Metric.Clicks, true)]
    [InlineData(Metric.BounceRate, true)]
    public void Views_of_earlier_blocks_cannot_be_left_out(Metric metric, bool areEnough) => Assert.Equal(
        areEnough, ClickedSessions.AreEnoughFor(SmallBlocks.Query(0, 10, [metric], "city") with { Filters = [Clicked] }));

    private static RowBlock Block(int number, int sessions) => SmallBlocks.NotRead(number, 0, sessions);
}
