using Bioscope.Engine.Counting;
using CsCheck;
using NodaTime;
using Xunit;
using static Bioscope.Engine.Tests.Counting.LocalTime;

namespace Bioscope.Engine.Tests.Counting;

public sealed class QueryAnswerTests
{
    private static readonly InstantRange ThreeDays = new(Ms("2026-04-03T00:00:00Z"), Ms("2026-04-06T00:00:00Z")); // Friday to Sunday
    private static readonly InstantRange TwoDays = new(Ms("2026-04-01T00:00:00Z"), Ms("2026-04-03T00:00:00Z")); // Wednesday and Thursday

    [Fact]
    public void Rows_are_ordered_by_the_first_metric_then_by_value()
    {
        var query = Query([Metric.Visits, Metric.Clicks], "country");

        Assert.Equal(
            ["AT 3 0", "DE 3 9", "\uFFFD 3 0", "😀 3 0", "null 3 0", "CH 1 0"],
            Lines(Answer(query, [Row(1, 0, "CH"), Row(3, 0, "😀"), Row(3, 0, [null]), Row(3, 9, "DE"), Row(3, 0, "\uFFFD"),
                Row(3, 0, "AT")])));
    }

    [Fact]
    public void Null_is_last_in_both_directions()
    {
        var query = Query([Metric.Visits], "country");
        CountRow[] rows = [Row(1, 0, [null]), Row(1, 0, "AT"), Row(1, 0, "DE")];

        Assert.Equal(["AT 1", "DE 1", "null 1"], Lines(Answer(query, rows, By("country"))));
        Assert.Equal(["DE 1", "AT 1", "null 1"], Lines(Answer(query, rows, By("country", descending: true))));
    }

    [Fact]
    public void A_metric_orders_in_both_directions()
    {
        var query = Query([Metric.Visits], "country");
        CountRow[] rows = [Row(2, 0, "a"), Row(10, 0, "b"), Row(9, 0, "c")];

        Assert.Equal(["a 2", "c 9", "b 10"], Lines(Answer(query, rows, By(Metric.Visits))));
        Assert.Equal(["b 10", "c 9", "a 2"], Lines(Answer(query, rows, By(Metric.Visits, descending: true))));
    }

    [Fact]
    public void The_second_key_orders_what_the_first_leaves_equal()
    {
        var query = Query([Metric.Visits, Metric.Clicks], "country");
        CountRow[] rows = [Row(1, 5, "a"), Row(2, 5, "b"), Row(1, 7, "c"), Row(2, 5, "d")];

        Assert.Equal(["c 1 7", "b 2 5", "d 2 5", "a 1 5"],
            Lines(Answer(query, rows, By(Metric.Clicks, descending: true), By(Metric.Visits, descending: true))));
        Assert.Equal(["a 1 5", "b 2 5", "d 2 5", "c 1 7"], Lines(Answer(query, rows, By(Metric.Clicks), By("country"))));
        Assert.Equal(["d 2 5", "b 2 5", "a 1 5", "c 1 7"], Lines(Answer(query, rows, By(Metric.Clicks), By("country", descending: true))));
    }

    [Fact]
    public void Ratios_order_as_they_are_shown()
    {
        // 1 of 3 and 333,333 of 1,000,000 are both shown as 33.33.
        var query = Query([Metric.ClickRate], "country");
        CountRow[] rows = [new([new("b")], new Tally { Views = 3, Clicks = 1 }),
            new([new("a")], new Tally { Views = 1_000_000, Clicks = 333_330 })];

        Assert.Equal(["a 33.33", "b 33.33"], Lines(Answer(query, rows)));
    }

    [Fact]
    public void Shares_are_of_the_totals_and_order_by_them()
    {
        var query = Query([Metric.Share], "country");

        Assert.Equal(["DE 75", "AT 25"], Lines(Answer(query, [Row(2, 0, "AT"), Row(6, 0, "DE")])));
    }

    [Theory]
    [InlineData("hourOfDay", "2", "10")]
    [InlineData("weekday", "1", "7")]
    public void Hours_of_the_day_and_weekdays_order_by_number(string dimension, string first, string last)
    {
        var query = Query([Metric.Visits], dimension);
        CountRow[] rows = [Row(1, 0, last), Row(9, 0, first)];

        Assert.Equal([$"{first} 9", $"{last} 1"], Lines(Answer(query, rows)));
        Assert.Equal([$"{last} 1", $"{first} 9"], Lines(Answer(query, rows, By(dimension, descending: true))));
    }

    [Fact]
    public void The_second_dimension_orders_rows_with_the_same_first_one()
    {
        var query = Query([Metric.Visits], "country", "device");
        CountRow[] rows = [Row(1, 0, "DE", "phone"), Row(1, 0, "AT", null), Row(1, 0, "DE", "desktop"), Row(1, 0, "AT", "phone")];

        Assert.Equal(["AT phone 1", "AT null 1", "DE desktop 1", "DE phone 1"], Lines(Answer(query, rows)));
        Assert.Equal(["DE desktop 1", "AT phone 1", "DE phone 1", "AT null 1"], Lines(Answer(query, rows, By("device"))));
    }

    [Fact]
    public void Limit_and_offset_cut_rows_after_they_are_ordered()
    {
        var query = Query([Metric.Visits], "country");
        CountRow[] rows = [Row(1, 0, "d"), Row(4, 0, "a"), Row(2, 0, "c"), Row(3, 0, "b")];
        var answer = QueryAnswer.Of(query, Result(rows), null, Request(query) with { Offset = 1, Limit = 2 });

        Assert.Equal(["b 3", "c 2"], Lines(answer));
        Assert.Equal(4, answer.RowCount);
        Assert.Equal([10], answer.Totals);
        Assert.Null(answer.ComparisonTotals);
        Assert.Empty(QueryAnswer.Of(query, Result(rows), null, Request(query) with { Offset = 4 }).Rows);
    }

    [Fact]
    public void Without_dimensions_there_is_one_row_beside_its_comparison()
    {
        var query = Query([Metric.Visits, Metric.Clicks]);
        var answer = Compared(query, [Row(0, 0)], [Row(2, 1)]);

        Assert.Equal(["0 0 | 2 1"], Lines(answer));
        Assert.Equal([0, 0], answer.Totals);
        Assert.Equal([2, 1], answer.ComparisonTotals!);
    }

    [Fact]
    public void A_value_stands_beside_its_own_in_the_comparison()
    {
        var query = Query([Metric.Visits, Metric.Share], "country");
        var answer = Compared(query, [Row(3, 0, "DE"), Row(1, 0, [null])], [Row(8, 0, "DE"), Row(2, 0, "FR")]);

        Assert.Equal(["DE 3 75 | 8 80", "null 1 25 | 0 0", "FR 0 0 | 2 20"], Lines(answer));
        Assert.Equal(3, answer.RowCount);
    }

    [Fact]
    public void The_kth_bucket_stands_beside_the_kth()
    {
        var query = Query([Metric.Visits], "day");
        var answer = Compared(query, [Day(5, "2026-04-04", 1), Day(6, "2026-04-05", 2)],
            [Day(7, "2026-04-01", 0), Day(8, "2026-04-02", 1)]);

        // The comparison has two days only: beside the third one there is none.
        Assert.Equal(["2026-04-03 0 | 7", "2026-04-04 5 | 8", "2026-04-05 6 | null"], Lines(answer));
    }

    [Fact]
    public void Buckets_beyond_the_range_are_only_in_the_totals_of_the_comparison()
    {
        var query = Query([Metric.Visits], "day") with { Range = TwoDays };
        var compared = query with { Range = ThreeDays };
        CountRow[] rows = [Day(7, "2026-04-03", 0), Day(8, "2026-04-04", 1), Day(9, "2026-04-05", 2)];
        var answer = QueryAnswer.Of(query, Result([Day(1, "2026-04-02", 1)]), (compared, Result(rows)), Request(query));

        Assert.Equal(["2026-04-01 0 | 7", "2026-04-02 1 | 8"], Lines(answer));
        Assert.Equal([24], answer.ComparisonTotals!);
    }

    [Fact]
    public void Weekdays_compare_by_value_and_not_by_place()
    {
        // Weekdays 5 to 7 are numbered from 0 in their range, 3 and 4 in theirs.
        var query = Query([Metric.Visits], "weekday");
        var answer = Compared(query, [Day(5, "5", 0), Day(6, "6", 1)], [Day(7, "3", 0), Day(8, "4", 1)]);

        Assert.Equal(["3 0 | 7", "4 0 | 8", "5 5 | 0", "6 6 | 0"], Lines(answer));
    }

    [Fact]
    public void A_bucket_and_a_value_together_stand_beside_the_same_place_and_value()
    {
        var query = Query([Metric.Visits], "country", "day");
        var answer = Compared(
            query,
            [new CountRow([new("DE"), new("2026-04-03", 0)], new Tally { Visits = 1 }),
                new CountRow([new("DE"), new("2026-04-05", 2)], new Tally { Visits = 2 })],
            [new CountRow([new("DE"), new("2026-04-01", 0)], new Tally { Visits = 3 }),
                new CountRow([new("AT"), new("2026-04-01", 0)], new Tally { Visits = 4 })]);

        Assert.Equal(["AT 2026-04-03 0 | 4", "DE 2026-04-03 1 | 3", "DE 2026-04-05 2 | null"], Lines(answer));
    }

    [Fact]
    public void Fill_adds_buckets_with_zeros()
    {
        var query = Query([Metric.Visits, Metric.ClickRate], "day");
        var request = Request(query) with { Fill = true };
        var result = Result([new CountRow([new("2026-04-04", 1)], new Tally { Visits = 5, Views = 2, Clicks = 1 })]);

        Assert.Equal(["2026-04-03 0 0", "2026-04-04 5 50", "2026-04-05 0 0"], Lines(QueryAnswer.Of(query, result, null, request)));
        Assert.Equal(["2026-04-04 5 50"], Lines(QueryAnswer.Of(query, result, null, request with { Fill = false })));
    }

    [Fact]
    public void Filled_buckets_have_a_comparison_where_there_is_such_a_bucket()
    {
        var query = Query([Metric.Visits], "day");
        var answer = QueryAnswer.Of(
            query,
            Result([Day(5, "2026-04-04", 1)]),
            (query with { Range = TwoDays }, Result([Day(8, "2026-04-02", 1)])),
            Request(query) with { Fill = true });

        Assert.Equal(["2026-04-03 0 | 0", "2026-04-04 5 | 8", "2026-04-05 0 | null"], Lines(answer));
    }

    [Fact]
    public void Fill_of_hours_of_the_day_adds_those_that_occur()
    {
        var query = Query([Metric.Visits], "hourOfDay")
            with
        { Range = new InstantRange(Ms("2026-04-01T22:00:00Z"), Ms("2026-04-02T02:00:00Z")) };
        var answer = QueryAnswer.Of(query, Result([Day(5, "23", 3)]), null, Request(query) with { Fill = true });

        Assert.Equal(["0 0", "1 0", "22 0", "23 5"], Lines(answer));
    }

    [Fact]
    public void Buckets_of_all_time_are_filled_without_being_made()
    {
        var query = Query([Metric.Visits], "hour") with { Range = new InstantRange(QueryRange.Earliest, QueryRange.Latest) };
        var result = Result([new CountRow([new("1970-01-01T00:00", (int)(-QueryRange.Earliest / 3_600_000))], new Tally { Visits = 1 })]);
        var request = Request(query, By(Metric.Visits, descending: true), By("hour", descending: true)) with { Fill = true, Limit = 2 };
        var memory = GC.GetAllocatedBytesForCurrentThread();

        var (first, last) = (QueryAnswer.Of(query, result, null, request), QueryAnswer.Of(query, result, null, request with { Offset = 87_649_342 }));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - memory, 0, 1_000_000);
        Assert.Equal((87_649_344, 87_649_344), (first.RowCount, last.RowCount));
        Assert.Equal(["1970-01-01T00:00 1", "9999-12-30T23:00 0"], Lines(first));
        Assert.Equal(["0001-01-03T01:00 0", "0001-01-03T00:00 0"], Lines(last));
    }

    [Fact]
    public void Pages_of_filled_buckets_are_all_rows_in_order() =>
        Gen.Select(
            Gen.Select(Gen.Int[0, 2], Gen.Int[0, 23], Gen.Int[0, 1]).Array[0, 9], Gen.OneOf("hour", "hourOfDay"), Gen.Int[1, 9], Gen.Int[0, 5])
            .Sample((counts, dimension, size, order) =>
            {
                var query = Query([Metric.Visits, Metric.Clicks], dimension) with { Range = ThreeDays with { Until = ThreeDays.From + 86_400_000 } };
                CountRow[] rows = [.. counts.DistinctBy(row => row.Item2).Select(row => Hour(row.Item2, row.Item1, row.Item3))];
                var all = rows.Concat(Enumerable.Range(0, 24).Except(rows.Select(row => row.Values[0].Bucket)).Select(hour => Hour(hour, 0, 0)));
                SortKey[] keys = order switch
                {
                    0 => [],
                    1 => [By(dimension, descending: true)],
                    2 => [By(Metric.Visits)],
                    3 => [By(Metric.Visits, descending: true), By(dimension, descending: true)],
                    4 => [By(Metric.Clicks), By(Metric.Visits, descending: true)],
                    _ => [By(Metric.Visits, descending: true), By(dimension), By(Metric.Clicks)],
                };
                var expected = Lines(Answer(query, [.. all], keys));

                var pages = Enumerable.Range(0, 25)
                    .Select(page => QueryAnswer.Of(query, Result(rows), null, Request(query, keys) with { Fill = true, Offset = page * size, Limit = size }));

                Assert.Equal(expected, pages.SelectMany(Lines));
                Assert.All(pages, page => Assert.Equal(24, page.RowCount));

                CountRow Hour(int hour, int visits, int clicks) => new(
                    [new(dimension == "hour" ? $"2026-04-03T{hour:00}:00" : $"{hour}", hour)], new Tally { Visits = visits, Clicks = clicks });
            });

    [Fact]
    public void An_hour_of_the_day_that_only_the_comparison_has_is_no_bucket_of_the_range()
    {
        var query = Query([Metric.Visits], "hourOfDay")
            with
        { Range = new InstantRange(Ms("2026-04-01T22:00:00Z"), Ms("2026-04-02T00:00:00Z")) };
        var compared = query with { Range = new InstantRange(Ms("2026-04-01T20:00:00Z"), Ms("2026-04-01T23:00:00Z")) };
        var answer = QueryAnswer.Of(
            query, Result([]), (compared, Result([Day(5, "20", 0), Day(7, "22", 2)])), Request(query) with { Fill = true });

        Assert.Equal(["20 0 | 5", "22 0 | 7", "23 0 | 0"], Lines(answer));
    }

    [Fact]
    public void Pages_of_any_size_are_all_rows_in_order() =>
        Gen.Select(Gen.Select(Gen.Int[0, 3], Gen.Int[0, 20], Gen.Int[0, 1]).Array[0, 30], Gen.Int[1, 7]).Sample((counts, size) =>
        {
            var query = Query([Metric.Visits, Metric.Clicks], "country");
            CountRow[] rows = [.. counts.DistinctBy(row => row.Item2)
                .Select(row => Row(row.Item1, row.Item3, row.Item2 == 0 ? null : $"{row.Item2:00}"))];
            var expected = rows.OrderByDescending(row => row.Tally.Visits).ThenBy(row => row.Values[0].Text is null)
                .ThenBy(row => row.Values[0].Text, StringComparer.Ordinal)
                .Select(row => $"{row.Values[0].Text ?? "null"} {row.Tally.Visits} {row.Tally.Clicks}");
            var pages = Enumerable.Range(0, 31).SelectMany(page =>
                Lines(QueryAnswer.Of(query, Result(rows), null, Request(query) with { Offset = page * size, Limit = size })));

            Assert.Equal(expected, pages);
        });

    private static CountQuery Query(Metric[] metrics, params string[] dimensions) =>
        new(Guid.Empty, ThreeDays, DateTimeZone.Utc, [.. dimensions.Select(name => Dimension.Named(name)!)], [], [.. metrics]);

    private static QueryRequest Request(CountQuery query, params SortKey[] order) => new(
        RangeRequest.Default,
        null,
        query.Metrics,
        query.Dimensions,
        [],
        null,
        order.Length > 0 ? [.. order] : SortKey.DefaultOf(query.Metrics, query.Dimensions),
        QueryRequest.DefaultLimit,
        0,
        false);

    private static SortKey By(Metric metric, bool descending = false) => new(metric, null, descending);

    private static SortKey By(string dimension, bool descending = false) => new(null, Dimension.Named(dimension), descending);

    private static CountRow Row(long visits, long clicks, params string?[] values) =>
        new([.. values.Select(value => new DimensionValue(value))], new Tally { Visits = visits, Clicks = clicks });

    private static CountRow Day(long visits, string text, int bucket) => new([new(text, bucket)], new Tally { Visits = visits });

    private static CountResult Result(CountRow[] rows) => new(
        rows, new Tally
        {
            Visits = rows.Sum(row => row.Tally.Visits),
            Clicks = rows.Sum(row => row.Tally.Clicks),
            Views = rows.Sum(row => row.Tally.Views)
        });

    private static QueryAnswer Answer(CountQuery query, CountRow[] rows, params SortKey[] order) =>
        QueryAnswer.Of(query, Result(rows), null, Request(query, order));

    private static QueryAnswer Compared(CountQuery query, CountRow[] rows, CountRow[] compared) =>
        QueryAnswer.Of(query, Result(rows), (query with { Range = TwoDays }, Result(compared)), Request(query));

    private static string[] Lines(QueryAnswer answer) => [.. answer.Rows.Select(row => string.Join(' ', [
        .. row.Dimensions.Select(value => value ?? "null"),
        .. row.Metrics.Select(FormattableString (metric) => $"{metric}").Select(FormattableString.Invariant),
        .. row.Comparison is null ? [] : row.Comparison.Select(Shown).Prepend("|"),
    ]))];

    private static string Shown(double? metric) => metric is { } value ? FormattableString.Invariant($"{value}") : "null";
}
