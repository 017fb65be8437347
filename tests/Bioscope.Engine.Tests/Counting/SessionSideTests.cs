using Bioscope.Engine.Columns;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Tests.Counting.Model;
using Xunit;

namespace Bioscope.Engine.Tests.Counting;

/// <summary>Of a block with four sessions at 100, 110, 120 and 130 ms in the cities A, B, A, B.</summary>
public sealed class SessionSideTests : IDisposable
{
    private static readonly Filter InCityB = new(FilterOperator.Is, Dimension.Named("city")!, ["B"]);

    private readonly PageRows _rows = new([SmallBlocks.Of(1, 0, [0, 1, 0, RowBlock.Unknown])], new PageValues(), 2);
    private SessionSide? _side;

    public void Dispose() => _side?.Dispose();

    [Fact]
    public void Without_filters_and_dimensions_all_sessions_count_in_one_group()
    {
        var side = Of(SmallBlocks.Query(100, 200, [Metric.Visits]));

        Assert.Equal((true, null, null), (side.IsInRange, side.Passes, side.Groups));
        Assert.Equal([0, 1, 2, 3], side.Rows.ToArray());
        Assert.Equal([true, true, true, true], side.Counts[..4]);
        Assert.Equal([0, 1, 0, RowBlock.Unknown], side.Visitors[..4]);
    }

    [Fact]
    public void Where_all_times_count_sessions_count_that_pass()
    {
        var side = Of(SmallBlocks.Query(100, 200, [Metric.Visits]) with { Filters = [InCityB] });

        Assert.Equal([false, true, false, true], side.Passes![..4]);
        Assert.Equal([1, 3], side.Rows.ToArray());
        Assert.Same(side.Passes, side.Counts);
    }

    [Theory]
    [InlineData(101, 200, "", "1 2 3")]
    [InlineData(110, 130, "", "1 2")]
    [InlineData(100, 199, "", "0 1 2 3")]
    [InlineData(101, 130, "B", "1")]
    [InlineData(131, 200, "", "")]
    public void Sessions_count_that_pass_in_the_range(long from, long until, string city, string rows)
    {
        var side = Of(SmallBlocks.Query(from, until, [Metric.Visits]) with { Filters = city.Length > 0 ? [InCityB] : [] });

        Assert.False(side.IsInRange);
        Assert.Equal(rows, string.Join(' ', side.Rows.ToArray()));
        Assert.Equal(rows, Shown(side.Counts));
        Assert.NotSame(side.Passes, side.Counts);
        Assert.Equal(city.Length > 0 ? "1 3" : null, Shown(side.Passes)); // by facts alone
    }

    [Theory]
    [InlineData(FilterOperator.Is, "0 1 2 3")]
    [InlineData(FilterOperator.IsNot, "")]
    public void Sessions_count_whose_own_time_passes(FilterOperator compares, string rows)
    {
        var side = Of(SmallBlocks.Query(100, 200, [Metric.Visits]) with
        {
            Filters = [new Filter(compares, Dimension.Named("hour")!, ["1970-01-01T00:00"])],
        });

        Assert.Equal((true, null), (side.IsInRange, side.Passes));
        Assert.Equal(rows, string.Join(' ', side.Rows.ToArray()));
    }

    [Theory]
    [InlineData("city", "0 1 0 1")]
    [InlineData("visitorKind", "0 0 1 2")] // new, new, returning, and one of nobody
    [InlineData("hour", "0 0 0 0")]
    [InlineData("hour city", "0 1 0 1")]
    [InlineData("city hour", "0 1 0 1")]
    [InlineData("city visitorKind", "0 1 2 3")]
    public void Groups_are_numbered_as_they_occur(string dimensions, string groups)
    {
        var side = Of(SmallBlocks.Query(100, 200, [Metric.Visits], dimensions.Split(' ')));

        Assert.Equal(groups, string.Join(' ', side.Groups![..4]));
    }

    [Fact]
    public void By_facts_the_sessions_that_do_not_count_have_groups_too()
    {
        var query = SmallBlocks.Query(110, 200, [Metric.Clickers], "city", "visitorKind") with { Filters = [InCityB] };

        Assert.Equal("0 1 2 3", string.Join(' ', Of(query).Groups![..4]));
    }

    [Fact]
    public void Each_part_is_worked_out_once()
    {
        var side = Of(SmallBlocks.Query(101, 200, [Metric.Visits], "city", "hour") with { Filters = [InCityB] });

        Assert.Same(side.Visitors, side.Visitors);
        Assert.Same(side.Counts, side.Counts);
        Assert.Same(side.Groups, side.Groups);
        Assert.Same(side.CodesOf(0), side.CodesOf(0));
        Assert.Same(side.CodesOf(1), side.CodesOf(1));
        Assert.True(side.Rows == side.Rows);
        Assert.Equal([1, 2, 1, 2], side.CodesOf(0)[..4]);
        Assert.Equal([0, 0], [side.CodesOf(1)[1], side.CodesOf(1)[3]]);
    }

    private static string? Shown(bool[]? counts) => counts is null ? null : string.Join(' ', Enumerable.Range(0, 4).Where(i => counts[i]));

    private SessionSide Of(CountQuery query)
    {
        var (filters, groups) = (new RowFilters(query, _rows), new RowGroups(query, _rows));
        return _side = new SessionSide(_rows.Blocks[0], _rows, filters, groups);
    }
}
