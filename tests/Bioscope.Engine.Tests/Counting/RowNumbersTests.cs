using Bioscope.Engine.Counting;
using Xunit;

namespace Bioscope.Engine.Tests.Counting;

public sealed class RowNumbersTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(65_536)] // as many as there are at first
    [InlineData(65_537)]
    [InlineData(200_000)] // more than twice as many
    [InlineData(3)] // there are more by now
    public void All_rows_are_numbered_from_0(int count) => Assert.Equal(Enumerable.Range(0, count), RowNumbers.All(count).ToArray());

    [Fact]
    public void Rows_that_count_keep_their_order()
    {
        using var scratch = new Scratch();

        Assert.Equal([2, 5], RowNumbers.Where([1, 2, 4, 5], [true, false, true, true, false, true], scratch));
        Assert.Equal(0, RowNumbers.Where([], [], scratch).Count);
        Assert.Equal(0, RowNumbers.Where([0, 1], [false, false], scratch).Count);
    }

    [Fact]
    public void Rows_with_a_number_are_those_with_any_but_0()
    {
        using var scratch = new Scratch();

        Assert.Equal([1, 3], RowNumbers.WithNumber([0, 1, 3], [0, 7, 9, -1], scratch).ToArray());
        Assert.Equal([], RowNumbers.WithNumber([0], [0, 7], scratch).ToArray());
    }
}
