using Bioscope.Engine.Counting;
using CsCheck;
using NodaTime;
using Xunit;
using static Bioscope.Engine.Tests.Counting.LocalTime;

namespace Bioscope.Engine.Tests.Counting;

public sealed class QueryRangeTests
{
    private const string Now = "2026-04-01T21:59:59.999Z"; // in Kolkata already Thursday, 2 April, 03:29
    private const string Kolkata = "Asia/Kolkata";
    private const string Berlin = "Europe/Berlin";

    [Theory]
    [InlineData("today", "2026-04-01T18:30:00Z", "2026-04-02T18:30:00Z")]
    [InlineData("yesterday", "2026-03-31T18:30:00Z", "2026-04-01T18:30:00Z")]
    [InlineData("7d", "2026-03-26T18:30:00Z", "2026-04-02T18:30:00Z")]
    [InlineData("30d", "2026-03-03T18:30:00Z", "2026-04-02T18:30:00Z")]
    [InlineData("90d", "2026-01-02T18:30:00Z", "2026-04-02T18:30:00Z")]
    [InlineData("365d", "2025-04-02T18:30:00Z", "2026-04-02T18:30:00Z")]
    [InlineData("24h", "2026-03-31T21:59:59.999Z", "2026-04-01T21:59:59.999Z")]
    [InlineData("week", "2026-03-29T18:30:00Z", "2026-04-02T18:30:00Z")]
    [InlineData("month", "2026-03-31T18:30:00Z", "2026-04-02T18:30:00Z")]
    [InlineData("year", "2025-12-31T18:30:00Z", "2026-04-02T18:30:00Z")]
    [InlineData("lastMonth", "2026-02-28T18:30:00Z", "2026-03-31T18:30:00Z")]
    [InlineData("lastYear", "2024-12-31T18:30:00Z", "2025-12-31T18:30:00Z")]
    public void A_named_range_follows_the_local_calendar(string name, string from, string until) =>
        AssertRange(from, until, Named(name, Kolkata));

    [Theory]
    [InlineData("2026-03-30T12:00:00Z", "2026-03-29T22:00:00Z")] // a Monday
    [InlineData("2026-04-05T12:00:00Z", "2026-03-29T22:00:00Z")] // the Sunday of the same week
    [InlineData("2026-03-29T12:00:00Z", "2026-03-22T23:00:00Z")] // the Sunday before, when clocks changed
    public void A_week_begins_on_its_monday(string now, string from) => Assert.Equal(from, Text(Named("week", Berlin, now).Instants.From));

    [Theory]
    [InlineData("2026-03-29T12:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z")] // 23 hours
    [InlineData("2026-10-25T12:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z")] // 25 hours
    public void Days_have_23_or_25_hours_where_clocks_change(string now, string from, string until) =>
        AssertRange(from, until, Named("today", Berlin, now));

    [Theory]
    [InlineData("America/Sao_Paulo", "2018-11-04T12:00:00Z", "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z")] // 00:00 to 01:00 missing
    [InlineData("Africa/Cairo", "2026-04-24T12:00:00Z", "2026-04-23T22:00:00Z", "2026-04-24T21:00:00Z")]
    [InlineData("Asia/Beirut", "2026-03-29T12:00:00Z", "2026-03-28T22:00:00Z", "2026-03-29T21:00:00Z")]
    [InlineData("America/Havana", "2025-11-02T12:00:00Z", "2025-11-02T04:00:00Z", "2025-11-03T05:00:00Z")] // 00:00 to 01:00 twice
    public void A_day_begins_at_its_first_instant(string zone, string now, string from, string until) =>
        AssertRange(from, until, Named("today", zone, now));

    [Fact]
    public void Dates_are_local_and_inclusive() =>
        AssertRange("2026-03-28T23:00:00Z", "2026-03-30T22:00:00Z", Dates("2026-03-29", "2026-03-30", Berlin));

    [Fact]
    public void A_day_that_a_zone_skipped_is_empty()
    {
        AssertRange("2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z", Dates("2011-12-30", "2011-12-30", "Pacific/Apia"));
        AssertRange("2011-12-29T10:00:00Z", "2011-12-31T10:00:00Z", Dates("2011-12-29", "2011-12-31", "Pacific/Apia"));
    }

    [Fact]
    public void Instants_are_taken_to_the_millisecond() =>
        AssertRange("2026-03-29T00:00:00.001Z", "2026-03-29T00:00:01Z", Instants("2026-03-29T00:00:00.001Z", "2026-03-29T00:00:01Z"));

    [Theory]
    [InlineData("2026-03-01T20:00:00Z", "2026-03-01T18:30:00Z")] // 01:30 of the next local day
    [InlineData("2026-03-01T18:29:59.999Z", "2026-02-28T18:30:00Z")]
    [InlineData("2027-01-01T00:00:00Z", "2026-04-01T18:30:00Z")] // a row in the future
    [InlineData(null, "2026-04-01T18:30:00Z")] // no rows: today
    public void All_runs_from_the_first_rows_day_to_midnight(string? firstRow, string from) =>
        AssertRange(from, "2026-04-02T18:30:00Z", Named("all", Kolkata, Now, firstRow));

    [Fact]
    public void The_longest_range_fits_into_dates()
    {
        foreach (var zone in Zones)
        {
            var range = QueryRange.Of(new RangeRequest.Dates(new LocalDate(1970, 1, 1), new LocalDate(9999, 12, 31)), zone, 0, null);

            Assert.Equal((new LocalDate(1970, 1, 1), new LocalDate(9999, 12, 29)), range.Days);
            Assert.Equal(new LocalDate(1, 1, 4), Compared(range, ComparisonKind.Previous, zone).Days!.Value.First);
            Assert.Equal(1969, Compared(range, ComparisonKind.LastYear, zone).Days!.Value.First.Year);
        }

        var end = new InstantRange(QueryRange.Latest - 1, long.MaxValue);
        var instants = QueryRange.Of(new RangeRequest.Instants(end), DateTimeZone.Utc, 0, null);
        Assert.Equal("9998-12-30T23:59:59.999Z", Text(Compared(instants, ComparisonKind.LastYear, DateTimeZone.Utc).Instants.From));
    }

    [Fact]
    public void Days_at_both_ends_of_time_are_whole()
    {
        foreach (var id in (string[])["UTC", "Etc/GMT+12", "Pacific/Kiritimati", .. Zones.Select(zone => zone.Id)])
        {
            Assert.Equal(TimeSpan.FromDays(1).TotalMilliseconds, Length(Dates("9999-12-29", "9999-12-31", id)));
            Assert.Equal(TimeSpan.FromDays(1).TotalMilliseconds, Length(Dates("0001-01-01", "0001-01-04", id)));
            Assert.Equal(0, Length(Compared(Dates("0001-01-04", "0001-01-04", id), ComparisonKind.Previous, id)));
            Assert.Equal(0, Length(Compared(Dates("0001-01-04", "0001-01-31", id), ComparisonKind.LastYear, id)));
        }

        static double Length(QueryRange range) => range.Instants.Until - range.Instants.From;
    }

    [Theory]
    [InlineData("today", "2026-03-30T22:00:00Z", "2026-03-31T22:00:00Z")]
    [InlineData("7d", "2026-03-18T23:00:00Z", "2026-03-25T23:00:00Z")] // the same number of days, although clocks changed in between
    [InlineData("month", "2026-03-30T22:00:00Z", "2026-03-31T22:00:00Z")] // one day so far, one day before
    [InlineData("lastMonth", "2026-01-28T23:00:00Z", "2026-02-28T23:00:00Z")] // 31 days before March
    [InlineData("24h", "2026-03-30T12:00:00Z", "2026-03-31T12:00:00Z")]
    public void Previous_has_equal_length_directly_before(string name, string from, string until) =>
        AssertRange(from, until, Compared(Named(name, Berlin, "2026-04-01T12:00:00Z"), ComparisonKind.Previous, Berlin));

    [Fact]
    public void Previous_of_whole_days_counts_days_not_hours()
    {
        var range = Dates("2026-03-29", "2026-03-29", Berlin); // 23 hours

        AssertRange("2026-03-27T23:00:00Z", "2026-03-28T23:00:00Z", Compared(range, ComparisonKind.Previous, Berlin));
    }

    [Fact]
    public void Previous_of_instants_counts_milliseconds()
    {
        var range = Instants("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"); // the same 23 hours, given as instants

        AssertRange("2026-03-28T00:00:00Z", "2026-03-28T23:00:00Z", Compared(range, ComparisonKind.Previous, Berlin));
    }

    [Theory]
    [InlineData("2026-04-01", "2026-04-30", "2025-04-01", "2025-04-30")]
    [InlineData("2024-02-29", "2024-02-29", "2023-02-28", "2023-02-28")]
    [InlineData("2024-02-01", "2024-02-29", "2023-02-01", "2023-02-28")]
    [InlineData("2024-02-01", "2024-02-28", "2023-02-01", "2023-02-28")]
    [InlineData("2025-02-01", "2025-02-28", "2024-02-01", "2024-02-28")]
    [InlineData("2024-02-29", "2024-03-01", "2023-02-28", "2023-03-01")]
    public void Last_year_has_the_same_dates(string first, string last, string firstBefore, string lastBefore) =>
        Assert.Equal(Dates(firstBefore, lastBefore, Berlin), Compared(Dates(first, last, Berlin), ComparisonKind.LastYear, Berlin));

    [Theory]
    [InlineData("2026-04-01T10:00:00.123Z", "2025-04-01T10:00:00.123Z")]
    [InlineData("2026-03-29T12:00:00Z", "2025-03-29T13:00:00Z")] // 14:00 in summer, 14:00 in winter
    [InlineData("2025-03-31T01:30:00Z", "2024-03-31T01:30:00Z")] // 03:30 in both
    [InlineData("2025-03-31T00:30:00Z", "2024-03-31T01:30:00Z")] // 02:30 did not exist, 03:30 did
    [InlineData("2025-10-27T01:30:00Z", "2024-10-27T00:30:00Z")] // 02:30 occurred twice; the first is used
    [InlineData("2024-02-29T11:00:00Z", "2023-02-28T11:00:00Z")]
    public void Last_year_of_instants_has_the_same_local_time(string instant, string before) =>
        AssertRange(before, before, Compared(Instants(instant, instant), ComparisonKind.LastYear, Berlin));

    [Fact]
    public void A_comparison_may_have_a_range_of_its_own()
    {
        var zone = DateTimeZoneProviders.Tzdb[Berlin];
        var dates = new RangeRequest.Dates(new LocalDate(2025, 12, 1), new LocalDate(2025, 12, 24));

        Assert.Equal(
            Dates("2025-12-01", "2025-12-24", Berlin),
            Named("7d", Berlin).Comparison(new ComparisonRequest(ComparisonKind.Range, dates), zone));
    }

    [Fact]
    public void Previous_always_abuts_and_has_equal_length() =>
        Gen.Select(Gen.OneOf(Zones), Gen.Int[0, 25_000], Gen.Int[0, 800]).Sample((zone, start, more) =>
        {
            var first = new LocalDate(1975, 1, 1).PlusDays(start);
            var range = QueryRange.Of(new RangeRequest.Dates(first, first.PlusDays(more)), zone, 0, null);
            var previous = Compared(range, ComparisonKind.Previous, zone);
            Assert.Equal(range.Instants.From, previous.Instants.Until);
            Assert.Equal(first.PlusDays(-more - 1), previous.Days!.Value.First);

            var instants = QueryRange.Of(new RangeRequest.Instants(range.Instants), zone, 0, null);
            var before = Compared(instants, ComparisonKind.Previous, zone).Instants;
            Assert.Equal(range.Instants.From, before.Until);
            Assert.Equal(range.Instants.Until - range.Instants.From, before.Until - before.From);
        });

    [Fact]
    public void Now_lies_in_every_range_that_includes_today() =>
        // Not in St. John's, where until 2011 the last hour of a day repeated after the first minute of the next one.
        Gen.Select(
            Gen.OneOf([.. Zones.Where(zone => zone.Id != "America/St_Johns")]),
            Gen.Long[Ms("1975-01-01T00:00:00Z"), Ms("2040-01-01T00:00:00Z")],
            Gen.Enum<NamedRange>()).Sample((zone, now, name) =>
            {
                var range = QueryRange.Of(new RangeRequest.Named(name), zone, now, now - 1_000_000_000).Instants;
                var past = name is NamedRange.Yesterday or NamedRange.LastMonth or NamedRange.LastYear or NamedRange.Last24Hours;
                Assert.True(range.From <= now && (past ? range.Until <= now + 3_600_000 : range.Until > now), Text(now));
            });

    private static QueryRange Named(string name, string zone, string now = Now, string? firstRow = null) =>
        QueryRange.Of(
            new RangeRequest.Named(RangeName.Read(name)!.Value),
            DateTimeZoneProviders.Tzdb[zone],
            Ms(now),
            firstRow is null ? null : Ms(firstRow));

    private static QueryRange Dates(string first, string last, string zone) =>
        QueryRange.Of(new RangeRequest.Dates(Date(first), Date(last)), DateTimeZoneProviders.Tzdb[zone], 0, null);

    private static QueryRange Instants(string from, string until) =>
        QueryRange.Of(new RangeRequest.Instants(new InstantRange(Ms(from), Ms(until))), DateTimeZone.Utc, 0, null);

    private static QueryRange Compared(QueryRange range, ComparisonKind kind, string zone) =>
        Compared(range, kind, DateTimeZoneProviders.Tzdb[zone]);

    private static QueryRange Compared(QueryRange range, ComparisonKind kind, DateTimeZone zone) =>
        range.Comparison(new ComparisonRequest(kind), zone);

    private static LocalDate Date(string text) => NodaTime.Text.LocalDatePattern.Iso.Parse(text).Value;

    private static void AssertRange(string from, string until, QueryRange range) =>
        Assert.Equal((from, until), (Text(range.Instants.From), Text(range.Instants.Until)));
}
