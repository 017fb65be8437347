using System.Text.Json;
using Bioscope.Engine.Counting;
using NodaTime;
using Xunit;
using static Bioscope.Engine.Tests.Counting.LocalTime;

namespace Bioscope.Engine.Tests.Counting;

public sealed class QueryReaderTests
{
    [Fact]
    public void The_documentations_example_is_valid()
    {
        var request = Read("""
            { "range": "30d", "timeZone": "asia/kolkata",
              "metrics": ["visits", "visitors", "clicks"], "dimensions": ["source"],
              "filters": [["is", "country", ["DE", "AT"]], ["isNot", "device", ["desktop"]]],
              "compare": "previous", "orderBy": [["visits", "desc"], ["source", "asc"]], "limit": 100, "offset": 7 }
            """);

        Assert.Equal(
            new QueryRequest(
                new RangeRequest.Named(NamedRange.Last30Days),
                DateTimeZoneProviders.Tzdb["Asia/Kolkata"],
                [Metric.Visits, Metric.Visitors, Metric.Clicks],
                [Dimension.Named("source")!],
                [
                    new Filter(FilterOperator.Is, Dimension.Named("country")!, ["DE", "AT"]),
                    new Filter(FilterOperator.IsNot, Dimension.Named("device")!, ["desktop"]),
                ],
                new ComparisonRequest(ComparisonKind.Previous),
                [new SortKey(Metric.Visits, null, true), new SortKey(null, Dimension.Named("source")!, false)],
                Limit: 100,
                Offset: 7,
                Fill: false),
            request);
    }

    [Theory]
    [InlineData("""{ "metrics": ["clicks"] }""")]
    [InlineData("""
        { "metrics": ["clicks"], "range": null, "timeZone": null, "dimensions": null, "filters": null, "compare": null, "orderBy": null,
          "limit": null, "offset": null, "fill": null }
        """)]
    [InlineData("""{ "metrics": ["clicks"], "dimensions": [], "filters": [], "orderBy": [], "fill": false }""")]
    public void Absent_null_or_empty_fields_have_defaults(string json) => Assert.Equal(
        new QueryRequest(
            RangeRequest.Default,
            null,
            [Metric.Clicks],
            [],
            [],
            null,
            [new SortKey(Metric.Clicks, null, true)],
            Limit: 100,
            Offset: 0,
            Fill: false),
        Read(json));

    [Theory]
    [InlineData("""["source"]""", "clicks desc")]
    [InlineData("""["day"]""", "day asc")]
    [InlineData("""["source", "hourOfDay"]""", "hourOfDay asc")]
    [InlineData("""["week", "weekday"]""", "week asc, weekday asc")]
    [InlineData("[]", "clicks desc")]
    public void Time_dimensions_ascend_by_default(string dimensions, string order)
    {
        var keys = Read($$"""{ "metrics": ["clicks", "visits"], "dimensions": {{dimensions}} }""").Order;

        Assert.Equal(order, string.Join(", ", keys.Select(key =>
            $"{(key.Metric is { } metric ? MetricName.Of(metric) : key.Dimension!.Name)} {(key.Descending ? "desc" : "asc")}")));
    }

    [Fact]
    public void Every_operator_and_dimension_can_be_a_filter()
    {
        string[] operators = ["is", "isNot", "contains", "containsNot", "matches"];
        foreach (var dimension in Dimension.All)
        {
            Assert.Equal(
                Enum.GetValues<FilterOperator>()[..5],
                operators.Select(name => With($$"""
                    "filters": [["{{name}}", "{{dimension}}", ["", "a*", "\ud83d\ude00"]]]
                    """).Filters[0].Operator));
            Assert.Equal(FilterOperator.IsNull, With($"\"filters\": [[\"isNull\", \"{dimension}\"]]").Filters[0].Operator);
            Assert.Equal(FilterOperator.IsNotNull, With($"\"filters\": [[\"isNotNull\", \"{dimension}\", []]]").Filters[0].Operator);
        }
    }

    [Theory]
    [InlineData("1", 1)]
    [InlineData("10000", 10_000)]
    [InlineData("1e2", 100)]
    [InlineData("5.0", 5)]
    public void Whole_numbers_may_be_written_in_any_way(string json, int limit) => Assert.Equal(limit, With($"\"limit\": {json}").Limit);

    [Theory]
    [InlineData("""["2026-04-01T00:00:00Z", "2026-04-01T00:00:00Z"]""", "2026-04-01T00:00:00Z")]
    [InlineData("""["2026-04-01T00:00:00+05:30", "2026-04-01T00:00:00Z"]""", "2026-03-31T18:30:00Z")]
    [InlineData("""["2026-03-31T20:00-03:30", "2026-04-01T00:00:00Z"]""", "2026-03-31T23:30:00Z")]
    [InlineData("""["2026-03-31T20:00:01.5Z", "2026-04-01T00:00:00Z"]""", "2026-03-31T20:00:01.5Z")]
    [InlineData("""["2026-03-31T20:00:01.9999999999Z", "2026-04-01T00:00:00Z"]""", "2026-03-31T20:00:01.999Z")]
    [InlineData("""["1970-01-01T00:00:00.001Z", "9999-12-31T23:59:59Z"]""", "1970-01-01T00:00:00.001Z")]
    public void Instants_are_read_to_the_millisecond(string range, string from) =>
        Assert.Equal(Ms(from), Assert.IsType<RangeRequest.Instants>(With($"\"range\": {range}").Range).Range.From);

    [Fact]
    public void Dates_may_have_any_length()
    {
        Assert.Equal(
            new RangeRequest.Dates(new LocalDate(1970, 1, 1), new LocalDate(9999, 12, 31)),
            With("""
                "range": ["1970-01-01", "9999-12-31"]
                """).Range);
        Assert.Equal(
            new ComparisonRequest(ComparisonKind.Range, new RangeRequest.Dates(new LocalDate(2024, 2, 29), new LocalDate(2024, 2, 29))),
            With("""
                "compare": ["2024-02-29", "2024-02-29"]
                """).Comparison);
    }

    [Fact]
    public void Every_named_range_is_read()
    {
        Assert.Equal(
            ["today", "yesterday", "7d", "30d", "90d", "365d", "24h", "week", "month", "year", "lastMonth", "lastYear", "all"],
            RangeName.All);
        Assert.All(RangeName.All, name =>
            Assert.Equal(new RangeRequest.Named(RangeName.Read(name)!.Value), With($"\"range\": \"{name}\"").Range));
    }

    [Fact]
    public void Link_queries_allow_only_click_metrics() => Assert.Equal(
        [Metric.Visits, Metric.Clicks, Metric.Clickers, Metric.Share],
        Read("""{ "metrics": ["visits", "clicks", "clickers", "share"], "dimensions": ["link", "day"] }""").Metrics);

    [Fact]
    public void Fill_adds_empty_hours_for_one_time_dimension() =>
        Assert.All(Dimension.All.Where(dimension => dimension.Kind == DimensionKind.Time), dimension =>
            Assert.True(With($"\"dimensions\": [\"{dimension}\"], \"fill\": true").Fill));

    private static QueryRequest With(string members) => Read($$"""{ "metrics": ["clicks"], {{members}} }""");

    private static QueryRequest Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        var reading = QueryReader.Read(document.RootElement);
        Assert.Empty(reading.Details);
        return Assert.IsType<QueryRequest>(reading.Request);
    }
}
