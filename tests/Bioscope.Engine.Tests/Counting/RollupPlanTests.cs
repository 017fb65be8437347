using Bioscope.Engine.Counting;
using NodaTime;
using Xunit;

namespace Bioscope.Engine.Tests.Counting;

public sealed class RollupPlanTests
{
    private static readonly CountQuery Sources = new(
        Guid.Empty, new InstantRange(0, QueryRange.Latest), DateTimeZone.Utc, [Dimension.Named("referrerDomain")!], [], [Metric.Visits]);

    public static TheoryData<string, Metric[]> Answered { get; } = new()
    {
        { "referrerDomain", [Metric.Visits] },
        { "day", [Metric.Clicks, Metric.Views] },
        { "link", [Metric.Clicks] },
        { "", [Metric.Visitors, Metric.Views] },
        { "", [Metric.BounceRate, Metric.Visits] },
    };

    public static TheoryData<string, Metric[]> Scanned { get; } = new()
    {
        { "source", [Metric.Visits] },
        { "referrerDomain", [Metric.Visitors] },
        { "hour", [Metric.Views] },
        { "link", [Metric.Visits] },
        { "", [Metric.Visitors, Metric.BounceRate] },
    };

    [Theory]
    [MemberData(nameof(Answered))]
    public void Rollups_answer_what_they_have_columns_of(string dimension, Metric[] metrics) => Assert.NotNull(PlanOf(dimension, metrics));

    [Theory]
    [MemberData(nameof(Scanned))]
    public void What_they_have_no_columns_of_is_scanned(string dimension, Metric[] metrics) => Assert.Null(PlanOf(dimension, metrics));

    [Fact]
    public void An_end_a_filter_another_zone_and_a_second_dimension_are_scanned()
    {
        CountQuery[] scanned =
        [
            Sources with { Range = new InstantRange(0, QueryRange.Latest - 1) },
            Sources with { Filters = [new Filter(FilterOperator.IsNull, Dimension.Named("city")!, [])] },
            Sources with { Zone = DateTimeZone.ForOffset(Offset.FromHours(1)) },
            Sources with { Dimensions = [Dimension.Named("referrerDomain")!, Dimension.Named("day")!] },
        ];

        Assert.NotNull(RollupPlan.Of(Sources));
        Assert.All(scanned, query => Assert.Null(RollupPlan.Of(query)));
    }

    [Fact]
    public void Clicks_are_taken_out_of_page_views()
    {
        var plan = PlanOf("day", [Metric.Views, Metric.Clicks])!;
        var counts = new RollupCounts(plan);
        counts[RollupColumn.Views].Add("1", 5);
        counts[RollupColumn.Views].Add("2", 1);
        counts[RollupColumn.Clicks].Add("1", 2);

        var result = plan.Result(counts);

        Assert.Equal(
            [("1970-01-02", 3L, 2L), ("1970-01-03", 1L, 0L)],
            result.Rows.Select(row => (row.Values[0].Text!, row.Tally.Views, row.Tally.Clicks)).Order());
        Assert.Equal((4L, 2L), (result.Totals.Views, result.Totals.Clicks));
    }

    [Fact]
    public void Statements_are_named_after_the_report()
    {
        var plan = RollupPlan.Of(Sources)!;

        Assert.All(
            new[] { plan.Sql.Tail, plan.Sql.Raw, plan.Sql.Rollups, plan.Sql.Edge },
            sql => Assert.StartsWith("-- traffic", sql, StringComparison.Ordinal));
    }

    private static RollupPlan? PlanOf(string dimension, Metric[] metrics) =>
        RollupPlan.Of(Sources with { Dimensions = dimension.Length == 0 ? [] : [Dimension.Named(dimension)!], Metrics = [.. metrics] });
}
