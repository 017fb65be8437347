using CsCheck;
using Xunit;

namespace Bioscope.Core.Tests;

public sealed class WindowCutTests
{
    private static readonly DateTimeOffset Now = new(2026, 4, 15, 12, 34, 56, 789, TimeSpan.Zero);

    private static readonly Gen<DateTimeOffset> Instants = Gen.OneOf(
        Gen.Long[0, 400L * 24 * 3600 * 1000].Select(ms => Now.AddMilliseconds(-ms)),
        Gen.Int[0, 9600].Select(hours => Grain.Hour.Floor(Now).AddHours(-hours)),
        Gen.Int[0, 400].Select(days => Grain.Day.Floor(Now).AddDays(-days)),
        Gen.Int[0, 13].Select(months => Grain.Month.Floor(Now).AddMonths(-months)));

    private static readonly Gen<DateTimeOffset?> Watermarks = Gen.OneOf(
        Gen.Const((DateTimeOffset?)null), Instants.Select(instant => (DateTimeOffset?)instant));

    [Fact]
    public void Parts_tile_the_window() => Gen.Select(Instants, Watermarks).Sample((since, watermark) =>
    {
        var parts = WindowCut.Cut(since, watermark);

        Assert.Equal(since, parts[0].From);
        Assert.Null(parts[^1].To);
        for (var i = 0; i < parts.Count - 1; i++)
        {
            Assert.True(parts[i].From < parts[i].To);
            Assert.Equal(parts[i].To, parts[i + 1].From);
        }
    });

    [Fact]
    public void A_window_has_at_most_two_raw_parts() => Gen.Select(Instants, Watermarks).Sample((since, watermark) =>
    {
        var parts = WindowCut.Cut(since, watermark);

        Assert.InRange(parts.Count(part => part.Grain is null), 1, 2);
        Assert.All(Enum.GetValues<Grain>(), grain => Assert.True(parts.Count(part => part.Grain == grain) <= 1));
    });

    [Fact]
    public void Rollup_parts_start_at_a_bucket_boundary() => Gen.Select(Instants, Watermarks).Sample((since, watermark) =>
    {
        foreach (var part in WindowCut.Cut(since, watermark).Where(part => part.Grain is not null))
        {
            Assert.Equal(part.Grain!.Value.Floor(part.From), part.From);
            Assert.True(part.To == watermark || part.Grain.Value.Floor(part.To!.Value) == part.To);
        }
    });

    [Fact]
    public void Everything_after_the_watermark_is_raw() => Gen.Select(Instants, Watermarks).Sample((since, watermark) =>
    {
        var parts = WindowCut.Cut(since, watermark);

        Assert.Equal(watermark > since ? watermark : since, parts[^1].From);
        Assert.True(parts is [_] || parts[0].Grain is not null || parts[0].To - parts[0].From < TimeSpan.FromHours(1));
    });

    [Fact]
    public void A_window_over_months_has_all_grains()
    {
        var since = new DateTimeOffset(2026, 1, 30, 21, 15, 0, TimeSpan.Zero);
        var watermark = new DateTimeOffset(2026, 4, 15, 12, 0, 0, TimeSpan.Zero);

        Assert.Equal(
            [
                new(null, since, since.AddMinutes(45)),
                new(Grain.Hour, since.AddMinutes(45), At(1, 31)),
                new(Grain.Day, At(1, 31), At(2, 1)),
                new(Grain.Month, At(2, 1), watermark),
                new(null, watermark, null),
            ],
            WindowCut.Cut(since, watermark));

        static DateTimeOffset At(int month, int day) => new(2026, month, day, 0, 0, 0, TimeSpan.Zero);
    }

    [Fact]
    public void Buckets_tile_time() => Gen.Select(Gen.Int[0, 2].Select(grain => (Grain)grain), Instants).Sample((grain, instant) =>
    {
        var start = grain.Floor(instant);

        Assert.True(start <= instant && instant < grain.Next(start));
        Assert.Equal(start, grain.Floor(start));
        Assert.Equal(start, grain.Ceiling(start));
        Assert.Equal(instant == start ? start : grain.Next(start), grain.Ceiling(instant));
    });
}
