using Bioscope.Engine.Counting;
using Bioscope.Engine.Tests.Counting.Model;
using Xunit;
using static Bioscope.Engine.Tests.Counting.LocalTime;

namespace Bioscope.Engine.Tests.Counting;

public sealed class RowGroupsTests
{
    private static readonly long[] Times =
    [
        Ms("2026-04-01T10:00:00Z"), Ms("2026-04-01T10:59:59.999Z"), Ms("2026-04-01T11:00:00Z"), Ms("2026-04-01T10:30:00Z"),
        Ms("2026-04-02T10:00:00Z"), Ms("2026-04-02T09:59:59.999Z"),
    ];

    [Theory]
    [InlineData("hour", "0 0 1 0 2 3")]
    [InlineData("day", "0 0 0 0 1 1")]
    [InlineData("day hour", "0 0 1 0 2 3")]
    [InlineData("hour day", "0 0 1 0 2 3")]
    [InlineData("day hourOfDay", "0 0 1 0 2 3")]
    [InlineData("hourOfDay weekday", "0 0 1 0 2 3")]
    [InlineData("hourOfDay", "0 0 1 0 0 2")]
    public void Rows_are_grouped_by_their_own_time(string dimensions, string groups)
    {
        var numbered = new int[6];

        Assert.True(Of(dimensions).TryNumber(Times, [0, 1, 2, 3, 4, 5], numbered));
        Assert.Equal(groups, string.Join(' ', numbered));
    }

    [Theory]
    [InlineData("city")]
    [InlineData("hour city")]
    public void What_is_not_by_time_alone_is_numbered_by_its_values(string dimensions) =>
        Assert.False(Of(dimensions).TryNumber(Times, [0], new int[6]));

    [Fact]
    public void Only_the_rows_that_are_asked_for_get_a_group()
    {
        int[] numbered = [9, 9, 9, 9, 9, 9];
        Of("hour").TryNumber(Times, [3, 5], numbered);

        Assert.Equal([9, 9, 9, 0, 9, 1], numbered);
    }

    [Fact]
    public void Groups_have_the_values_of_both_dimensions()
    {
        var groups = Of("day hourOfDay");
        groups.TryNumber(Times, [0, 1, 2, 3, 4, 5], new int[6]);

        Assert.Equal(4, groups.Count);
        Assert.Equal(
            ["2026-04-01 10", "2026-04-01 11", "2026-04-02 10", "2026-04-02 9"],
            Enumerable.Range(0, 4).Select(group => string.Join(' ', groups.ValuesOf(group).Select(value => value.Text))));
    }

    [Fact]
    public void Without_dimensions_there_is_one_group()
    {
        var groups = new RowGroups(SmallBlocks.Query(0, 100, [Metric.Visits]), Rows);

        Assert.Equal((1, 0), (groups.Count, groups.NumberOf((7, 8))));
        Assert.Empty(groups.ValuesOf(0));
        Assert.Equal([(0L, 0L)], groups.Keys(0, 100));
    }

    private static PageRows Rows { get; } = new([], new PageValues(), 0);

    private static RowGroups Of(string dimensions) => new(
        SmallBlocks.Query(Ms("2026-04-01T00:00:00Z"), Ms("2026-04-03T00:00:00Z"), [Metric.Visits], dimensions.Split(' ')), Rows);
}
