using Bioscope.Engine.Counting;
using CsCheck;
using Xunit;

namespace Bioscope.Engine.Tests.Counting;

/// <summary>Local time is written here as UTC: it is what a wall clock shows.</summary>
public sealed class LocalUnitTests
{
    private const long Hour = 3_600_000, Day = 24 * Hour;

    private static readonly string[] Names = ["hour", "day", "week", "month", "hourOfDay", "weekday"];

    // As far as a zone may be from UTC, at both ends of what can be asked for.
    private static readonly Gen<long> Times = Gen.Frequency(
        (4, Gen.Long[QueryRange.Earliest - (12 * Hour), QueryRange.Latest + (14 * Hour)]),
        (1, Gen.Long[-40 * Day, 40 * Day]),
        (1, Gen.Long[QueryRange.Latest - (40 * Day), QueryRange.Latest + (14 * Hour)]),
        (1, Gen.Long[QueryRange.Earliest - (12 * Hour), QueryRange.Earliest + (40 * Day)]));

    [Fact]
    public void A_time_lies_between_its_units_start_and_the_next_ones() => Gen.Select(Gen.OneOf(Names), Times).Sample((name, ms) =>
    {
        var unit = UnitOf(name);
        var number = unit.At(ms);
        var (start, next) = (unit.Start(number), unit.Start(number + 1));

        Assert.InRange(ms, start, next - 1);
        Assert.Equal([number, number], [unit.At(start), unit.At(next - 1)]);
    });

    [Fact]
    public void Units_are_numbered_in_ascending_order() => Gen.Select(Gen.OneOf(Names), Times, Times).Sample((name, one, other) =>
    {
        var unit = UnitOf(name);

        Assert.True(unit.At(Math.Min(one, other)) <= unit.At(Math.Max(one, other)));
    });

    [Theory]
    [InlineData("0001-01-03T00:00:00Z", "0001-01-03T00:00 0001-01-03 0001-01-01 0001-01-01 0 3")]
    [InlineData("1900-02-28T23:59:59.999Z", "1900-02-28T23:00 1900-02-28 1900-02-26 1900-02-01 23 3")] // no leap year
    [InlineData("1969-12-31T23:59:59.999Z", "1969-12-31T23:00 1969-12-31 1969-12-29 1969-12-01 23 3")]
    [InlineData("1970-01-01T00:00:00Z", "1970-01-01T00:00 1970-01-01 1969-12-29 1970-01-01 0 4")]
    [InlineData("1970-01-05T00:00:00Z", "1970-01-05T00:00 1970-01-05 1970-01-05 1970-01-01 0 1")]
    [InlineData("1969-12-28T12:00:00Z", "1969-12-28T12:00 1969-12-28 1969-12-22 1969-12-01 12 7")]
    [InlineData("2000-02-29T09:00:00Z", "2000-02-29T09:00 2000-02-29 2000-02-28 2000-02-01 9 2")]
    [InlineData("2026-01-01T00:00:00Z", "2026-01-01T00:00 2026-01-01 2025-12-29 2026-01-01 0 4")] // its week began in the year before
    [InlineData("9999-12-31T14:00:00Z", "9999-12-31T14:00 9999-12-31 9999-12-27 9999-12-01 14 5")]
    public void A_time_has_a_text_in_each_unit(string time, string texts) => Assert.Equal(texts, string.Join(' ', Names.Select(name =>
    {
        var unit = UnitOf(name);
        var number = unit.At(LocalTime.Ms(time));
        return unit.Text(unit.Cycle > 0 ? unit.InCycle(number) : number);
    })));

    [Fact]
    public void The_last_month_ends_with_the_year_9999()
    {
        var month = UnitOf("month");
        var last = month.At(LocalTime.Ms("9999-12-31T23:59:59.999Z"));

        Assert.Equal(LocalTime.Ms("9999-12-01T00:00:00Z"), month.Start(last));
        Assert.Equal(LocalTime.Ms("9999-12-31T23:59:59.999Z") + 1, month.Start(last + 1));
    }

    [Theory]
    [InlineData("hourOfDay", 24)]
    [InlineData("weekday", 7)]
    [InlineData("hour", 0)]
    [InlineData("day", 0)]
    [InlineData("week", 0)]
    [InlineData("month", 0)]
    public void Only_hours_of_days_and_weekdays_repeat(string name, int cycle) => Assert.Equal(cycle, UnitOf(name).Cycle);

    [Theory]
    [InlineData("hourOfDay")]
    [InlineData("weekday")]
    public void A_place_in_the_cycle_occurs_where_one_of_the_units_has_it(string name) =>
        Gen.Select(Gen.Int[-200, 200], Gen.Int[0, 40], Gen.Int[0, 23]).Sample((first, length, place) =>
        {
            var unit = UnitOf(name);
            place %= unit.Cycle;
            var units = Enumerable.Range(first, length + 1);

            Assert.Equal(units.Any(number => unit.InCycle(number) == place), unit.Occurs(place, first, first + length));
            Assert.All(units, number => Assert.InRange(unit.InCycle(number), 0, unit.Cycle - 1));
        });

    private static LocalUnit UnitOf(string name) => LocalUnit.Of(Dimension.Named(name)!);
}
