using Bioscope.Engine.Columns;
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

    [Theory]
    [InlineData("", false, false, false)]
    [InlineData("city os", false, false, true)]
    [InlineData("visitorKind", false, false, true)]
    [InlineData("hour", false, true, false)]
    [InlineData("city hour", false, true, false)]
    [InlineData("link", true, false, false)]
    [InlineData("city link", true, false, false)]
    [InlineData("link day", true, true, false)]
    public void Groups_are_of_sessions_unless_rows_have_times_or_links(string dimensions, bool byLink, bool byTime, bool ofSessions)
    {
        var groups = Facts(dimensions.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal((byLink, byTime, ofSessions), (groups.ByLink, groups.ByTime, groups.OfSessions));
    }

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
    public void Rows_are_grouped_by_the_numbers_of_both_values()
    {
        var groups = Facts("city", "os");
        int[] numbered = [9, 9, 9, 9, 9];
        groups.Number([1, 2, 1, 0, 2], [1, 1, 2, 0, 1], [0, 1, 2, 4], numbered);

        Assert.Equal([0, 1, 2, 9, 1], numbered);
        Assert.Equal(["A iOS", "B iOS", "A Android"], Enumerable.Range(0, groups.Count).Select(group => Text(groups, group)));
    }

    // The hours of 200 years in two cities.
    [Fact]
    public void Of_many_combinations_those_that_occur_are_numbered()
    {
        var groups = Facts("1900-01-01T00:00:00Z", "2100-01-01T00:00:00Z", ["hour", "city"]);
        var numbered = new int[5];
        groups.Number([1_753_000, 5, 1_753_000, 5, 5], [1, 1, 1, 2, 1], [0, 1, 2, 3, 4], numbered);

        Assert.Equal([0, 1, 0, 2, 1], numbered);
        Assert.Equal(
            ["2099-12-24T16:00 A", "1900-01-01T05:00 A", "1900-01-01T05:00 B"],
            Enumerable.Range(0, groups.Count).Select(group => Text(groups, group)));
    }

    [Fact]
    public void Of_a_single_dimension_the_second_value_is_none()
    {
        var groups = Facts("city");
        var numbered = new int[3];
        groups.Number([2, 0, 2], default, [0, 1, 2], numbered);

        Assert.Equal([0, 1, 0], numbered);
        Assert.Equal([0, 1], [groups.NumberOf(2), groups.NumberOf(0)]);
        Assert.Equal(["B", ""], Enumerable.Range(0, 2).Select(group => Text(groups, group)));
    }

    // What is kept of a block names its groups so that other questions, with other ranges and numbers, find them.
    [Theory]
    [InlineData("hour", "city")]
    [InlineData("city", "hour")]
    [InlineData("day", "hourOfDay")]
    [InlineData("hour", null)]
    [InlineData("os", "city")]
    public void Groups_are_found_by_their_names_in_another_range(string first, string? second)
    {
        string[] dimensions = second is null ? [first] : [first, second];
        var (known, other) = (Facts(dimensions), Facts("2026-03-30T00:00:00Z", "2026-04-05T00:00:00Z", dimensions));
        for (var row = 0; row < Times.Length; row++)
        {
            known.NumberOf((CodeOf(0, row), second is null ? 0 : CodeOf(1, row)));
        }

        var names = known.Keys(Ms("2026-04-01T00:00:00Z"), Ms("2026-04-03T00:00:00Z"));
        var numbers = names.Reverse().Select(other.NumberOf).ToArray();

        Assert.Equal(Enumerable.Range(0, known.Count), numbers);
        Assert.Equal(
            Enumerable.Range(0, known.Count).Reverse().Select(group => Text(known, group)), numbers.Select(group => Text(other, group)));

        long CodeOf(int part, int row) => Dimension.Named(dimensions[part])!.Kind == DimensionKind.Time ? Times[row] : 1 + (row % 2);
    }

    [Fact]
    public void Only_groups_in_which_something_was_counted_are_kept_of_a_block()
    {
        var groups = Facts("city");
        groups.NumberOf(2);
        groups.NumberOf(1);
        groups.NumberOf(0);
        var keys = groups.Keys(Block, [new() { Visits = 3 }, default, new() { Clicks = 1 }], out var occurring);

        Assert.Equal([(2L, 0L), (0L, 0L)], keys);
        Assert.Equal([3L, 0L], occurring.Select(tally => tally.Visits));
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

    private static RowBlock Block { get; } = TwoCities();

    private static string Text(RowGroups groups, int group) => string.Join(' ', groups.ValuesOf(group).Select(value => value.Text));

    private static RowGroups Facts(params string[] dimensions) => Facts("2026-04-01T00:00:00Z", "2026-04-03T00:00:00Z", dimensions);

    private static RowGroups Facts(string from, string until, string[] dimensions) =>
        new(SmallBlocks.Query(Ms(from), Ms(until), [Metric.Visits], dimensions), new PageRows([Block], new PageValues(), 0));

    private static RowBlock TwoCities()
    {
        var builder = new RowBlockBuilder([FactSet.Place, FactSet.Client]);
        foreach (var (city, system) in (ReadOnlySpan<(string, string)>)[("A", "iOS"), ("B", "Android")])
        {
            builder.AddSession(Times[0], 0, 1, 0);
            builder.AddFacts(0, [null, null, null, city]);
            builder.AddFacts(1, [null, null, system, null]);
        }

        return builder.Build((Ms("2026-04-01T00:00:00Z"), Ms("2026-04-03T00:00:00Z")));
    }

    private static RowGroups Of(string dimensions) => new(
        SmallBlocks.Query(Ms("2026-04-01T00:00:00Z"), Ms("2026-04-03T00:00:00Z"), [Metric.Visits], dimensions.Split(' ')), Rows);
}
