using System.Globalization;
using Bioscope.Engine.Counting;
using CsCheck;
using NodaTime;
using Xunit;
using static Bioscope.Engine.Tests.Counting.LocalTime;

namespace Bioscope.Engine.Tests.Counting;

public sealed class TimeBucketsTests
{
    private static readonly string[] Dimensions = ["hour", "day", "week", "month", "hourOfDay", "weekday"];

    // A moment, the length of the range, the instant to look up, and the dimension.
    private static readonly Gen<(DateTimeZone Zone, string Dimension, InstantRange Range)> Cases =
        Gen.Select(
            Gen.OneOf(Zones),
            Gen.OneOf(Dimensions),
            Gen.Long[Ms("1970-01-01T00:00:00Z"), Ms("2040-01-01T00:00:00Z")],
            Gen.OneOf(Gen.Long[1, 10_000_000], Gen.Long[1, 1_000_000_000], Gen.Long[1, 40_000_000_000]),
            (zone, dimension, from, length) => (zone, dimension, new InstantRange(from, from + length)));

    [Fact]
    public void Values_are_written_as_the_contract_says()
    {
        Assert.Equal("2026-04-01T14:00", ValueOf("hour", "2026-04-01T12:34:56.789Z", "Europe/Berlin"));
        Assert.Equal("2026-04-02", ValueOf("day", "2026-04-01T22:00:00Z", "Europe/Berlin"));
        Assert.Equal("2026-03-30", ValueOf("week", "2026-04-05T12:00:00Z", "Europe/Berlin"));
        Assert.Equal("2026-04-01", ValueOf("month", "2026-04-30T12:00:00Z", "Europe/Berlin"));
        Assert.Equal("0", ValueOf("hourOfDay", "2026-04-01T22:00:00Z", "Europe/Berlin"));
        Assert.Equal("23", ValueOf("hourOfDay", "2026-04-01T21:59:59.999Z", "Europe/Berlin"));
        Assert.Equal("1", ValueOf("weekday", "2026-03-30T12:00:00Z", "Europe/Berlin"));
        Assert.Equal("7", ValueOf("weekday", "2026-04-05T12:00:00Z", "Europe/Berlin"));
    }

    [Theory]
    [InlineData("Europe/Berlin", "2026-03-29", "00,01,03,04", 23)]
    [InlineData("America/New_York", "2026-03-08", "00,01,03,04", 23)]
    [InlineData("America/Sao_Paulo", "2018-11-04", "01,02,03,04", 23)]
    [InlineData("Africa/Cairo", "2026-04-24", "01,02,03,04", 23)]
    [InlineData("Asia/Kolkata", "2026-03-29", "00,01,02,03", 24)]
    public void A_missing_local_hour_is_absent(string zone, string day, string hours, int count)
    {
        var texts = Texts(OfDay("hour", day, zone));

        Assert.Equal(hours.Split(',').Select(hour => $"{day}T{hour}:00"), texts.Take(4));
        Assert.Equal(count, texts.Length);
    }

    [Theory]
    [InlineData("Europe/Berlin", "2026-10-25", "2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z", "2026-10-25T02:00")]
    [InlineData("America/New_York", "2026-11-01", "2026-11-01T05:00:00Z", "2026-11-01T06:00:00Z", "2026-11-01T01:00")]
    [InlineData("America/Sao_Paulo", "2018-02-17", "2018-02-18T01:00:00Z", "2018-02-18T02:00:00Z", "2018-02-17T23:00")]
    public void A_repeated_local_hour_is_one_bucket(string zone, string day, string first, string second, string text)
    {
        var buckets = OfDay("hour", day, zone);

        Assert.Equal(24, buckets.Count);
        Assert.Equal(25, buckets.Stretches().Count());
        Assert.Equal(text, buckets.Text(buckets.ValueAt(Ms(first))));
        Assert.Equal(buckets.ValueAt(Ms(first)), buckets.ValueAt(Ms(second)));
    }

    [Fact]
    public void A_skipped_half_hour_keeps_its_hour()
    {
        // On Lord Howe Island 02:00 becomes 02:30 at 15:30 UTC.
        var buckets = OfDay("hour", "2026-10-04", "Australia/Lord_Howe");
        var hour = buckets.At(Ms("2026-10-03T15:45:00Z"));

        Assert.Equal(24, buckets.Count);
        Assert.Equal("2026-10-04T02:00", buckets.Text(hour.Value));
        Assert.Equal(("2026-10-03T15:30:00Z", "2026-10-03T16:00:00Z"), (Text(hour.From), Text(hour.Until)));
    }

    [Fact]
    public void A_repeated_half_hour_belongs_to_one_hour()
    {
        // On Lord Howe Island 02:00 becomes 01:30 at 15:00 UTC.
        var buckets = OfDay("hour", "2026-04-05", "Australia/Lord_Howe");
        var stretches = buckets.Stretches().Where(bucket => buckets.Text(bucket.Value) == "2026-04-05T01:00").ToArray();

        Assert.Equal(24, buckets.Count);
        Assert.Equal("2026-04-04T14:00:00Z", Text(stretches[0].From));
        Assert.Equal("2026-04-04T15:00:00Z", Text(stretches[0].Until));
        Assert.Equal("2026-04-04T15:00:00Z", Text(stretches[1].From));
        Assert.Equal("2026-04-04T15:30:00Z", Text(stretches[1].Until));
    }

    [Fact]
    public void Two_repeated_hours_are_two_buckets()
    {
        // At Troll station 03:00 becomes 01:00.
        var buckets = OfDay("hour", "2026-10-25", "Antarctica/Troll");
        var hours = buckets.Stretches().Take(6).Select(bucket => buckets.Text(bucket.Value)[11..13]);

        Assert.Equal(24, buckets.Count);
        Assert.Equal(["00", "01", "02", "01", "02", "03"], hours);
    }

    [Fact]
    public void Values_ascend_even_if_the_clock_goes_back()
    {
        var range = new InstantRange(Ms("2026-10-25T00:30:00Z"), Ms("2026-10-25T03:00:00Z")); // 02:30 in summer to 03:00 in winter
        var buckets = Of("hour", range, "Antarctica/Troll");

        Assert.Equal(["2026-10-25T01:00", "2026-10-25T02:00"], Texts(buckets));
        Assert.Equal([1, 0, 1], buckets.Stretches().Select(bucket => bucket.Value));
    }

    [Fact]
    public void Hours_before_a_repeated_one_stay_if_the_range_ends_within_it()
    {
        var range = new InstantRange(Ms("2026-10-24T22:00:00Z"), Ms("2026-10-25T01:30:00Z")); // 00:00 in summer to 01:30 in winter

        Assert.Equal(["2026-10-25T00:00", "2026-10-25T01:00", "2026-10-25T02:00"], Texts(Of("hour", range, "Antarctica/Troll")));
    }

    [Fact]
    public void A_day_that_a_zone_skipped_is_absent()
    {
        var range = new InstantRange(Ms("2011-12-29T10:00:00Z"), Ms("2012-01-01T10:00:00Z"));

        Assert.Equal(["2011-12-29", "2011-12-31", "2012-01-01"], Texts(Of("day", range, "Pacific/Apia")));
        Assert.Equal(72, Of("hour", range, "Pacific/Apia").Count);
        Assert.Equal(["4", "6", "7"], Texts(Of("weekday", range, "Pacific/Apia")).Order());
        Assert.Equal(["2011-12-26"], Texts(Of("week", range, "Pacific/Apia")));
    }

    [Fact]
    public void Buckets_at_the_ends_are_partial()
    {
        var range = new InstantRange(Ms("2026-04-01T12:34:00Z"), Ms("2026-04-01T14:00:00.001Z"));
        var buckets = Of("hour", range, "UTC");

        Assert.Equal(["2026-04-01T12:00", "2026-04-01T13:00", "2026-04-01T14:00"], Texts(buckets));
        Assert.Equal(new TimeBucket(range.From, Ms("2026-04-01T13:00:00Z"), 0), buckets.At(range.From));
        Assert.Equal(new TimeBucket(Ms("2026-04-01T14:00:00Z"), range.Until, 2), buckets.At(range.Until - 1));
    }

    [Fact]
    public void Hours_and_weekdays_are_those_that_occur_by_number()
    {
        var night = new InstantRange(Ms("2026-04-05T22:00:00Z"), Ms("2026-04-06T02:00:00Z"));

        Assert.Equal(["0", "1", "22", "23"], Texts(Of("hourOfDay", night, "UTC")));
        Assert.Equal(["1", "7"], Texts(Of("weekday", night, "UTC")));
        Assert.Equal(Enumerable.Range(0, 24).Select(hour => $"{hour}"), Texts(OfDay("hourOfDay", "2026-04-05", "UTC")));
        Assert.DoesNotContain("2", Texts(OfDay("hourOfDay", "2026-03-29", "Europe/Berlin")));
    }

    [Fact]
    public void An_empty_range_has_no_buckets()
    {
        Assert.All(Dimensions, dimension => Assert.Equal(0, Of(dimension, new InstantRange(5, 5), "Europe/Berlin").Count));
        Assert.Empty(Of("hour", new InstantRange(5, 5), "Europe/Berlin").Stretches());
    }

    [Fact]
    public void Instants_outside_the_range_are_refused()
    {
        var buckets = Of("hour", new InstantRange(0, 1), "UTC");

        Assert.Throws<ArgumentOutOfRangeException>(() => buckets.ValueAt(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => buckets.ValueAt(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => buckets.Text(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => buckets.Text(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Of("hour", new InstantRange(0, QueryRange.Latest + 1), "UTC"));
        Assert.Throws<ArgumentOutOfRangeException>(() => Of("hour", new InstantRange(QueryRange.Earliest - 1, 0), "UTC"));
        Assert.Throws<ArgumentOutOfRangeException>(() => Of("country", new InstantRange(0, 1), "UTC"));
    }

    [Fact]
    public void The_longest_range_is_exact_and_cheap()
    {
        var range = new InstantRange(QueryRange.Earliest, QueryRange.Latest);
        foreach (var zone in Zones)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var buckets = TimeBuckets.Of(Dimension.Named("hour")!, range, zone);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 20_000_000);

            Assert.InRange(buckets.Count, 87_000_000, 88_000_000);
            Assert.Equal(0, buckets.ValueAt(range.From));
            Assert.Equal(buckets.Count - 1, buckets.ValueAt(range.Until - 1));
            Assert.All(Dimensions, dimension =>
                Assert.NotEmpty(TextAt(TimeBuckets.Of(Dimension.Named(dimension)!, range, zone), range.Until - 1)));
        }
    }

    [Fact]
    public void Every_instant_has_the_value_of_its_local_time() =>
        Gen.Select(Cases, Gen.Double[0, 1].Array[50]).Sample((@case, places) =>
        {
            var (zone, dimension, range) = @case;
            var buckets = TimeBuckets.Of(Dimension.Named(dimension)!, range, zone);
            var cursor = buckets.Cursor();
            foreach (var place in places)
            {
                var ms = range.From + (long)(place * (range.Until - range.From - 1));
                Assert.Equal(Floored(dimension, ms, zone), TextAt(buckets, ms));
                Assert.Equal(buckets.ValueAt(ms), cursor.ValueAt(ms));
            }
        });

    // Before 1970 and until 9999, where zones are apart from UTC by minutes and seconds.
    [Fact]
    public void Instants_of_distant_years_have_the_values_of_their_local_time() => Gen.Select(
        Gen.OneOf(Zones), Gen.OneOf(Dimensions), Gen.Long[QueryRange.Earliest, QueryRange.Latest - 1], Gen.Long[1, 40_000_000_000])
        .Sample((zone, dimension, from, length) =>
        {
            var range = new InstantRange(from, Math.Min(from + length, QueryRange.Latest));
            var buckets = TimeBuckets.Of(Dimension.Named(dimension)!, range, zone);
            foreach (var ms in (long[])[range.From, (range.From + range.Until) >> 1, range.Until - 1])
            {
                var bucket = buckets.At(ms);
                Assert.Equal(Floored(dimension, ms, zone), buckets.Text(bucket.Value));
                Assert.InRange(ms, bucket.From, bucket.Until - 1);
                Assert.True(bucket.From >= range.From && bucket.Until <= range.Until);
            }
        });

    [Theory]
    [InlineData("hour", "9999-12-30T23:00:00Z")]
    [InlineData("day", "9999-12-30T00:00:00Z")]
    [InlineData("week", "9999-12-27T00:00:00Z")]
    [InlineData("month", "9999-12-01T00:00:00Z")]
    [InlineData("hourOfDay", "9999-12-30T23:00:00Z")]
    [InlineData("weekday", "9999-12-30T00:00:00Z")]
    public void The_last_bucket_that_can_be_ends_with_the_range(string dimension, string from)
    {
        var bucket = Of(dimension, new InstantRange(QueryRange.Earliest, QueryRange.Latest), "UTC").At(QueryRange.Latest - 1);

        Assert.Equal((Ms(from), QueryRange.Latest), (bucket.From, bucket.Until));
    }

    [Fact]
    public void Intervals_cover_the_range_and_every_value() => Cases.Sample(@case =>
    {
        var (zone, dimension, range) = @case;
        var buckets = TimeBuckets.Of(Dimension.Named(dimension)!, range, zone);
        var (next, seen) = (range.From, new bool[buckets.Count]);
        foreach (var stretch in buckets.Stretches())
        {
            Assert.Equal(next, stretch.From);
            Assert.True(stretch.Until > stretch.From);
            Assert.Equal(Floored(dimension, stretch.From, zone), buckets.Text(stretch.Value));
            Assert.Equal(Floored(dimension, stretch.Until - 1, zone), buckets.Text(stretch.Value));
            (next, seen[stretch.Value]) = (stretch.Until, true);
        }

        Assert.Equal(range.Until, next);
        Assert.DoesNotContain(false, seen);
    });

    [Fact]
    public void Values_ascend() => Cases.Sample(@case =>
    {
        var (zone, dimension, range) = @case;
        var texts = Texts(TimeBuckets.Of(Dimension.Named(dimension)!, range, zone));
        var ascending = dimension is "hourOfDay" or "weekday"
            ? texts.OrderBy(text => int.Parse(text, CultureInfo.InvariantCulture))
            : texts.Order(StringComparer.Ordinal);
        Assert.Equal(ascending.Distinct(), texts);
    });

    [Fact]
    public void Values_of_many_instants_are_copied_to_their_places()
    {
        var buckets = Of("hour", new InstantRange(Ms("2026-04-01T10:00:00Z"), Ms("2026-04-01T13:00:00Z")), "UTC");
        long[] times =
        [
            Ms("2026-04-01T12:00:00Z"), Ms("2026-04-01T10:00:00Z"), 0, Ms("2026-04-01T10:59:59.999Z"), Ms("2026-04-01T11:00:00Z"),
            Ms("2026-04-01T10:30:00Z"),
        ];
        int[] to = [9, 9, 9, 9, 9, 9];

        buckets.CopyTo(times, [0, 1, 3, 4, 5], to);

        Assert.Equal([2, 0, 9, 0, 1, 0], to);
    }

    [Fact]
    public void A_cursor_knows_where_a_bucket_begins_and_ends()
    {
        var cursor = Of("hour", new InstantRange(Ms("2026-04-01T10:00:00Z"), Ms("2026-04-01T13:00:00Z")), "UTC").Cursor();
        string[] times =
        [
            "2026-04-01T10:00:00Z", "2026-04-01T10:59:59.999Z", "2026-04-01T11:00:00Z", "2026-04-01T12:00:00Z", "2026-04-01T11:59:59.999Z",
        ];

        Assert.Equal([0, 0, 1, 2, 1], times.Select(time => cursor.ValueAt(Ms(time))));
    }

    // London kept summer time from February 1968 to October 1971, and called it standard time from October 1968 on.
    [Fact]
    public void A_zone_that_only_renames_its_time_has_one_interval()
    {
        var range = new InstantRange(Ms("1968-09-01T00:00:00Z"), Ms("1968-12-01T00:00:00Z"));

        Assert.Equal(
            new TimeBucket(Ms("1968-09-30T23:00:00Z"), Ms("1968-10-31T23:00:00Z"), 1),
            Of("month", range, "Europe/London").At(Ms("1968-10-15T00:00:00Z")));
    }

    [Fact]
    public void Each_value_that_occurs_has_a_sample()
    {
        var (from, until) = (Ms("2026-10-25T00:15:00Z"), Ms("2026-10-25T02:00:00Z")); // 02:15 in summer to 03:00 in winter
        var buckets = Of("hour", new InstantRange(Ms("2026-10-24T23:00:00Z"), Ms("2026-10-25T05:00:00Z")), "Europe/Berlin");

        Assert.Equal([KeyValuePair.Create(1, from)], buckets.Samples(from, until)); // the hour is repeated
        Assert.Equal([KeyValuePair.Create(1, from), KeyValuePair.Create(2, until)], buckets.Samples(from, until + 1));
        Assert.Empty(buckets.Samples(from, from));
    }

    private static string Floored(string dimension, long ms, DateTimeZone zone)
    {
        var local = Instant.FromUnixTimeMilliseconds(ms).InZone(zone).LocalDateTime;
        var date = dimension switch
        {
            "week" => local.Date.With(DateAdjusters.PreviousOrSame(IsoDayOfWeek.Monday)),
            "month" => local.Date.With(DateAdjusters.StartOfMonth),
            _ => local.Date,
        };
        return dimension switch
        {
            "hour" => local.With(TimeAdjusters.TruncateToHour).ToString("uuuu-MM-dd'T'HH:mm", CultureInfo.InvariantCulture),
            "hourOfDay" => local.Hour.ToString(CultureInfo.InvariantCulture),
            "weekday" => ((int)local.DayOfWeek).ToString(CultureInfo.InvariantCulture),
            _ => date.ToString("uuuu-MM-dd", CultureInfo.InvariantCulture),
        };
    }

    private static string ValueOf(string dimension, string instant, string zone) =>
        Of(dimension, new InstantRange(Ms(instant), Ms(instant) + 1), zone).Text(0);

    private static TimeBuckets OfDay(string dimension, string day, string zone)
    {
        var date = NodaTime.Text.LocalDatePattern.Iso.Parse(day).Value;
        var tz = DateTimeZoneProviders.Tzdb[zone];
        return TimeBuckets.Of(Dimension.Named(dimension)!, QueryRange.Of(new RangeRequest.Dates(date, date), tz, 0, null).Instants, tz);
    }

    private static TimeBuckets Of(string dimension, InstantRange range, string zone) =>
        TimeBuckets.Of(Dimension.Named(dimension)!, range, DateTimeZoneProviders.Tzdb[zone]);

    private static string TextAt(TimeBuckets buckets, long ms) => buckets.Text(buckets.ValueAt(ms));

    private static string[] Texts(TimeBuckets buckets) => [.. Enumerable.Range(0, buckets.Count).Select(buckets.Text)];
}
