using Bioscope.Engine.Columns;
using Xunit;

namespace Bioscope.Engine.Tests.Columns;

public sealed class RowBlockTests
{
    [Fact]
    public void A_block_has_what_was_added()
    {
        var builder = new RowBlockBuilder([FactSet.Place], firstSession: 10);
        Assert.Equal(10, builder.AddSession(1_000, visitor: 4, pageViews: 2, duration: 30));
        builder.AddFacts(0, ["DE", null, null, null]);
        Assert.Equal(11, builder.AddSessionNotStored());
        builder.AddPageView(1_001, 10, builder.CodeOfLink("a"));
        builder.AddPageView(1_002, 11, builder.CodeOfLink(null));
        builder.AddPageView(1_003, 10, builder.CodeOfLink("b"));
        builder.AddPageView(1_004, 10, builder.CodeOfLink("a"));
        Assert.Equal((2, 4), (builder.SessionCount, builder.ViewCount));

        var block = builder.Build((1_000, 2_000));

        Assert.Equal((1_000, 2_000, 10, 2, 4), (block.From, block.Until, block.FirstSession, block.SessionCount, block.ViewCount));
        Assert.Equal([1_000, RowBlock.NotStored], Numbers(block, BlockColumn.StartedAt));
        Assert.Equal([4, -1], Numbers(block, BlockColumn.Visitor));
        Assert.Equal([2, -1], Numbers(block, BlockColumn.PageViews));
        Assert.Equal([30, -1], Numbers(block, BlockColumn.Duration));
        Assert.Equal([0, 1], Numbers(block, BlockColumn.Place));
        Assert.Equal([1_001, 1_002, 1_003, 1_004], Numbers(block, BlockColumn.EnteredAt));
        Assert.Equal([10, 11, 10, 10], Numbers(block, BlockColumn.Session));
        Assert.Equal([1, 0, 2, 1], Numbers(block, BlockColumn.Link));
        Assert.Equal([null, "a", "b"], block.Links);
        Assert.Equal("DE", block.Facts[FactSet.Place][0][0]);
        Assert.Empty(block.Facts[FactSet.Place][1]);
    }

    [Fact]
    public void A_block_whose_times_were_not_looked_at_may_have_any()
    {
        var block = new RowBlockBuilder([]).Build();

        Assert.Equal((long.MinValue, long.MaxValue), (block.From, block.Until));
    }

    [Fact]
    public void Outcomes_may_change_until_the_block_is_built()
    {
        var builder = new RowBlockBuilder([]);
        builder.AddSession(1_000, 0, pageViews: 1, duration: 0);
        var (pageViews, durations) = builder.Outcomes;
        (pageViews[0], durations[0]) = (5, 60);

        Assert.Equal([5], Numbers(builder.Build(), BlockColumn.PageViews));
        Assert.Equal([60], Numbers(builder.Build(), BlockColumn.Duration));
    }

    [Fact]
    public void A_column_that_was_not_read_is_an_error()
    {
        var block = new RowBlockBuilder([]).Build();

        Assert.False(block.Has(BlockColumn.Origin));
        Assert.True(block.Has(BlockColumn.Link));
        Assert.Contains("Origin", Assert.Throws<InvalidOperationException>(() => block[BlockColumn.Origin]).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_copy_with_visitors_leaves_the_block_as_it_is()
    {
        var builder = new RowBlockBuilder([FactSet.Place], firstSession: 3);
        builder.AddSession(1_000, RowBlock.Unknown, 1, 0);
        builder.AddFacts(0, ["DE", null, null, null]);
        builder.AddPageView(1_001, 3, builder.CodeOfLink("a"));
        var block = builder.Build((1_000, 2_000));

        var copy = block.With(7, NumberColumn.Of<int>([8]));
        var without = block.With(7, null);

        Assert.Equal([-1], Numbers(block, BlockColumn.Visitor));
        Assert.Equal([8], Numbers(copy, BlockColumn.Visitor));
        Assert.Equal([-1], Numbers(without, BlockColumn.Visitor));
        Assert.Equal((7, 0), (copy.FirstVisitor, block.FirstVisitor));
        Assert.Equal(
            (block.Key, 1_000, 2_000, 3, 1, 1), (copy.Key, copy.From, copy.Until, copy.FirstSession, copy.SessionCount, copy.ViewCount));
        Assert.Equal(block.Links, copy.Links);
        Assert.Equal(block.Facts, copy.Facts);
    }

    private static long[] Numbers(RowBlock block, BlockColumn column)
    {
        var numbers = new long[block[column].Count];
        block[column].CopyTo(numbers);
        return numbers;
    }
}
