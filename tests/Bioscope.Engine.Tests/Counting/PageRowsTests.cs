using Bioscope.Engine.Columns;
using Bioscope.Engine.Counting;
using Xunit;

namespace Bioscope.Engine.Tests.Counting;

public sealed class PageRowsTests
{
    [Theory]
    [InlineData(3)]
    [InlineData(3, 1)]
    [InlineData(1, 2, 3, 4)]
    [InlineData(5, 0, 2, 1, 7)] // a block without sessions has none of the numbers
    public void A_session_is_found_in_its_block(params int[] counts)
    {
        var blocks = counts.Select((count, i) => Block(counts.Take(i).Sum(), count)).ToArray();
        var rows = new PageRows(blocks, new PageValues(), 0);

        Assert.Equal(
            blocks.SelectMany(block => Enumerable.Repeat(block.FirstSession, block.SessionCount)),
            Enumerable.Range(0, counts.Sum()).Select(session => rows.BlockOf(session).FirstSession));
        Assert.All(Enumerable.Range(0, counts.Sum()), session => Assert.NotEqual(0, rows.BlockOf(session).SessionCount));
    }

    [Fact]
    public void Every_link_of_the_page_has_a_number()
    {
        var rows = new PageRows([WithLinks("a", "b"), Block(0, 0), WithLinks("b", "c")], new PageValues(), 0);

        Assert.Equal([null, "a", "b", "c"], rows.LinkTexts());
        Assert.Equal([0, 2, 3], rows.LinksOf(rows.Blocks[2]));
        Assert.Same(rows.LinksOf(rows.Blocks[2]), rows.LinksOf(rows.Blocks[2]));
    }

    [Fact]
    public void A_blocks_numbers_are_looked_up_once()
    {
        var block = new RowBlock { Key = new object(), SessionCount = 1, ViewCount = 0 };
        block.Facts[FactSet.Place] = [["DE", null, null, "Berlin"]];
        var rows = new PageRows([block], new PageValues(), 0);

        Assert.Equal([1], rows.MapOf(block, Dimension.Named("city")!));
        Assert.Same(rows.MapOf(block, Dimension.Named("city")!), rows.MapOf(block, Dimension.Named("city")!));
    }

    private static RowBlock Block(int first, int sessions) =>
        new() { Key = new object(), FirstSession = first, SessionCount = sessions, ViewCount = 0 };

    private static RowBlock WithLinks(params string[] links)
    {
        var block = new RowBlock { Key = new object(), SessionCount = 0, ViewCount = 1, Links = [null, .. links] };
        block[BlockColumn.Link] = NumberColumn.Of<int>([1]);
        return block;
    }
}
