using CsCheck;
using Xunit;

namespace Bioscope.Core.Tests;

public sealed class InstantTests
{
    private static readonly Gen<DateTimeOffset> Times = Gen.Select(
        Gen.Long[0, 4_000_000_000_000].Select(DateTimeOffset.FromUnixTimeMilliseconds), Gen.Long[0, 9_999], Gen.Int[-14, 14],
            (at, ticks, hours) =>
            at.AddTicks(ticks).ToOffset(TimeSpan.FromHours(hours)));

    [Fact]
    public void An_instant_is_cut_to_its_millisecond_in_UTC() => Times.Sample(at =>
    {
        var cut = at.TruncateToMillisecond();

        Assert.Equal(TimeSpan.Zero, cut.Offset);
        Assert.Equal(at.ToUnixTimeMilliseconds(), cut.ToUnixTimeMilliseconds());
        Assert.Equal(0, cut.Ticks % TimeSpan.TicksPerMillisecond);
    });

    [Theory]
    [InlineData(Grain.Hour, "2026-04-15T12:00:00Z", "2026-04-15T13:00:00Z")]
    [InlineData(Grain.Day, "2026-04-15T00:00:00Z", "2026-04-16T00:00:00Z")]
    [InlineData(Grain.Month, "2026-04-01T00:00:00Z", "2026-05-01T00:00:00Z")]
    public void A_bucket_is_a_whole_hour_day_or_month_in_UTC(Grain grain, string from, string until)
    {
        var at = Time("2026-04-15T14:34:56.789+02:00");

        Assert.Equal(Time(from), grain.Floor(at));
        Assert.Equal(Time(until), grain.Ceiling(at));
        Assert.Equal(Time(until), grain.Next(Time(from)));
        Assert.Equal(Time(from), grain.Ceiling(Time(from)));
        Assert.Equal(TimeSpan.Zero, grain.Floor(at).Offset);
    }

    [Fact]
    public void There_is_no_other_grain()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => ((Grain)3).Floor(default));
        Assert.Throws<ArgumentOutOfRangeException>(() => ((Grain)3).Next(default));
    }

    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
