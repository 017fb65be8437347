using CsCheck;
using Xunit;

namespace Bioscope.Core.Tests;

public sealed class RollupCutTests
{
    private static readonly DateTimeOffset Now = new(2026, 4, 15, 12, 34, 56, 789, TimeSpan.Zero);

    private static readonly Gen<DateTimeOffset> Instants = Gen.OneOf(
        Gen.Long[0, 400L * 24 * 3600 * 1000].Select(ms => Now.AddMilliseconds(-ms)),
        Gen.Int[0, 9600].Select(hours => Grain.Hour.Floor(Now).AddHours(-hours)),
        Gen.Int[0, 400].Select(days => Grain.Day.Floor(Now).AddDays(-days)),
        Gen.Int[0, 13].Select(months => Grain.Month.Floor(Now).AddMonths(-months)));

    private static readonly Gen<(DateTimeOffset Since, DateTimeOffset Watermark)> Windows =
        Gen.Select(Instants, Instants).Where(window => window.Item1 < window.Item2);

    [Fact]
    public void Each_grain_begins_where_the_finer_one_ends() => Windows.Sample(window =>
    {
        var cut = RollupCut.Of(window.Since, window.Watermark);

        Assert.True(window.Since <= cut.Hours && cut.Hours <= cut.Days && cut.Days <= cut.Months && cut.Months <= window.Watermark);
    });

    [Fact]
    public void Each_grain_begins_at_the_start_of_a_bucket_or_is_empty() => Windows.Sample(window =>
    {
        var cut = RollupCut.Of(window.Since, window.Watermark);

        Assert.All(
            new[] { (Grain.Hour, cut.Hours), (Grain.Day, cut.Days), (Grain.Month, cut.Months) },
            start => Assert.True(start.Item1.Floor(start.Item2) == start.Item2 || start.Item2 == window.Watermark));
    });

    [Fact]
    public void Coarser_rollups_answer_as_much_as_they_can() => Windows.Sample(window =>
    {
        var cut = RollupCut.Of(window.Since, window.Watermark);

        Assert.True(cut.Hours - window.Since < TimeSpan.FromHours(1));
        Assert.True(cut.Days - cut.Hours < TimeSpan.FromDays(1));
        Assert.True(cut.Months - cut.Days < TimeSpan.FromDays(31));
    });

    [Fact]
    public void A_window_over_months_has_all_grains()
    {
        var since = new DateTimeOffset(2026, 1, 30, 21, 15, 0, TimeSpan.Zero);
        var watermark = new DateTimeOffset(2026, 4, 15, 12, 0, 0, TimeSpan.Zero);

        Assert.Equal(new RollupCut(since.AddMinutes(45), At(1, 31), At(2, 1)), RollupCut.Of(since, watermark));

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
