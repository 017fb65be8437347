using System.Text.RegularExpressions;
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
    public void Visits_are_counted_by_value()
    {
        var plan = RollupPlan.Of(Sources)!;
        var counts = new RollupCounts(plan);
        counts[RollupColumn.Sources].Add("direct", 5);
        counts[RollupColumn.Sources].Add("instagram.com", 2);

        var result = plan.Result(counts);

        Assert.Equal(
            [("direct", 5L), ("instagram.com", 2L)], result.Rows.Select(row => (row.Values.Single().Text!, row.Tally.Visits)).Order());
        Assert.Equal(7, result.Totals.Visits);
    }

    [Fact]
    public void Clicks_by_link_have_the_page_views_of_all_in_their_totals()
    {
        var plan = PlanOf("link", [Metric.Clicks, Metric.Views])!;
        var counts = new RollupCounts(plan);
        counts[RollupColumn.Links].Add("a", 3);
        counts[RollupColumn.Views].Add("1", 10);
        counts[RollupColumn.Clicks].Add("1", 4); // one of them on what is no link

        var result = plan.Result(counts);

        Assert.Equal(("a", 3L, 0L), result.Rows.Select(row => (row.Values.Single().Text, row.Tally.Clicks, row.Tally.Views)).Single());
        Assert.Equal((6L, 4L), (result.Totals.Views, result.Totals.Clicks));
    }

    [Fact]
    public void Totals_are_one_row_without_values()
    {
        var plan = PlanOf("", [Metric.Views, Metric.Clicks, Metric.Visitors])!;
        var counts = new RollupCounts(plan) { UniqueVisitors = 9 };
        counts[RollupColumn.Views].Add("1", 10);
        counts[RollupColumn.Clicks].Add("2", 4);

        var result = plan.Result(counts);

        Assert.Equal((6L, 4L, 9L), (result.Totals.Views, result.Totals.Clicks, result.Totals.Visitors));
        Assert.Equal(result.Totals, result.Rows.Single().Tally);
        Assert.Empty(result.Rows.Single().Values);
    }

    [Fact]
    public void Outcomes_of_visits_are_the_sums_of_that_name()
    {
        var plan = PlanOf("", [Metric.Visits, Metric.BounceRate, Metric.VisitDuration, Metric.ViewsPerVisit])!;
        var counts = new RollupCounts(plan);
        Outcome.Add(counts[RollupColumn.Outcomes], "1 30", 3);
        Outcome.Add(counts[RollupColumn.Outcomes], "4 ", 2);

        var result = plan.Result(counts);

        Assert.Equal(
            new Tally { Visits = 5, Bounces = 3, Timed = 3, Seconds = 90, PageViews = 11 }, result.Rows.Single().Tally);
        Assert.Equal(result.Rows.Single().Tally, result.Totals);
    }

    [Fact]
    public void A_column_that_the_plan_does_not_read_is_an_error()
    {
        var counts = new RollupCounts(RollupPlan.Of(Sources)!);

        Assert.Contains("devices", Assert.Throws<ArgumentOutOfRangeException>(() => counts[RollupColumn.Devices]).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("referrerDomain", Metric.Visits, "traffic")]
    [InlineData("countryName", Metric.Visits, "geo")]
    [InlineData("deviceClass", Metric.Visits, "devices")]
    [InlineData("day", Metric.Views, "trend")]
    [InlineData("link", Metric.Clicks, "links")]
    [InlineData("", Metric.Visitors, "overview")]
    [InlineData("", Metric.ViewsPerVisit, "sessions")]
    public void A_plan_is_named_after_the_report_that_asks_the_same(string dimension, Metric metric, string report) =>
        Assert.Equal(report, PlanOf(dimension, [metric])!.Name);

    [Fact]
    public void Statements_are_named_after_the_report()
    {
        var sql = RollupPlan.Of(Sources)!.Sql;

        Assert.Equal(
            ["-- traffic", "-- traffic", "-- traffic rollups", "-- traffic edge"],
            new[] { sql.Tail, sql.Raw, sql.Rollups, sql.Edge }.Select(text => text.Split('\n')[0].TrimEnd()));
    }

    [Theory]
    [InlineData("referrerDomain", Metric.Visits, "sources", "sources", "")]
    [InlineData("link", Metric.Clicks, "links views clicks", "links views clicks", "")]
    [InlineData("", Metric.Visitors, "views clicks devices returns", "views clicks visitors", "")]
    [InlineData("", Metric.BounceRate, "outcomes", "outcomes", " changes")]
    public void Statements_read_what_the_report_counts(string dimension, Metric metric, string columns, string kinds, string changes)
    {
        var sql = PlanOf(dimension, [metric])!.Sql;

        Assert.Equal(columns, string.Join(' ', sql.ColumnNames));
        Assert.Equal(kinds, Kinds(sql.Raw));
        Assert.Equal($"page {kinds}{changes}", Kinds(sql.Tail));
        Assert.Equal($"page {kinds}{changes}", Kinds(sql.Edge));
        Assert.Equal("page rollup rollup rollup", Kinds(sql.Rollups));
        var list = string.Join(", ", sql.ColumnNames.Select(name => $"\"{name}\""));
        Assert.Equal(3, Regex.Count(sql.Rollups, $"\"bucket\", {list} FROM \"Rollup\" "));
        Assert.Equal(sql.ColumnNames.Count() - 1, Regex.Count(sql.Rollups, "NULL AS \"c[0-9]\""));
    }

    [Theory]
    [InlineData("referrerDomain", Metric.Visits)]
    [InlineData("", Metric.Visitors)]
    [InlineData("", Metric.BounceRate)]
    public void Every_part_of_a_statement_is_of_one_page(string dimension, Metric metric)
    {
        var sql = PlanOf(dimension, [metric])!.Sql;

        Assert.All(
            new[] { sql.Tail, sql.Raw, sql.Rollups, sql.Edge }.SelectMany(text => text.Split("UNION ALL")),
            part => Assert.Contains("\"bioPageId\" = @page", part, StringComparison.Ordinal));
    }

    // OutcomeChange.AddSums reads them.
    [Fact]
    public void Changes_of_outcomes_are_summed_in_the_order_in_which_they_are_read()
    {
        var sql = PlanOf("", [Metric.BounceRate])!.Sql;

        Assert.All(
            new[] { sql.Tail, sql.Edge }.Select(text => text.Split("UNION ALL")[^1]),
            part => Assert.Equal(
                ["bounces", "timed", "seconds", "pageViews"],
                Regex.Matches(part, "SUM\\(\"([a-zA-Z]+)\"\\)").Select(match => match.Groups[1].Value)));
    }

    // What the rows of a statement may be.
    private static string Kinds(string sql) =>
        string.Join(' ', sql.Split("UNION ALL").Select(part => Regex.Match(part, "SELECT '([a-zA-Z]+)'").Groups[1].Value));

    private static RollupPlan? PlanOf(string dimension, Metric[] metrics) =>
        RollupPlan.Of(Sources with { Dimensions = DimensionsOf(dimension), Metrics = [.. metrics] });

    private static EquatableList<Dimension> DimensionsOf(string name) => name switch
    {
        "" => [],
        "countryName" => [Dimension.CountryName],
        "deviceClass" => [Dimension.DeviceClass],
        _ => [Dimension.Named(name)!],
    };
}
