using CsCheck;
using Xunit;

namespace Bioscope.Core.Tests;

public sealed class PercentageTests
{
    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(0, 8, 0)]
    [InlineData(8, 8, 100)]
    [InlineData(1, 8, 13)] // 12.5: banker's rounding would give 12
    [InlineData(3, 8, 38)]
    [InlineData(1, 3, 33)]
    [InlineData(2, 3, 67)]
    [InlineData(1, 200, 1)] // 0.5
    [InlineData(1, 201, 0)]
    [InlineData(600, 1714, 35)]
    // In doubles 23 ÷ 40 × 100 is 57.49999999999999, as in JavaScript; exact arithmetic would give 57.5 and thus 58.
    [InlineData(23, 40, 57)]
    public void Percentages_round_half_up_in_doubles(long part, long total, int percentage) =>
        Assert.Equal(percentage, Percentage.Of(part, total));

    [Fact]
    public void A_percentage_is_within_half_a_point_of_the_share() =>
        Gen.Select(Gen.Long[0, 1_000_000_000], Gen.Long[1, 1_000_000_000]).Where((part, total) => part <= total)
            .Sample((part, total) => Math.Abs(Percentage.Of(part, total) - ((decimal)part * 100 / total)) <= 0.5001m);

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(3, 0, 0)]
    [InlineData(1, 3, 33.33)]
    [InlineData(2, 3, 66.67)]
    [InlineData(1, 8, 12.5)]
    [InlineData(1, 80_000, 0)] // 0.00125
    [InlineData(1, 20_000, 0.01)] // 0.005: half up
    [InlineData(3, 2, 150)] // more clicks than views
    [InlineData(23, 160, 14.38)] // 14.375
    [InlineData(181, 4_000, 4.53)] // 4.525
    public void Two_decimals_round_half_up(long part, long total, double percentage) =>
        Assert.Equal(percentage, Percentage.WithTwoDecimals(part, total));

    [Fact]
    public void Two_decimals_are_exactly_half_up() =>
        Gen.Select(Gen.Long[0, 1_000_000_000], Gen.Frequency((1, Gen.Long[1, 5_000]), (1, Gen.Long[1, 1_000_000_000]))).Sample((part, total) =>
            (decimal)Percentage.WithTwoDecimals(part, total) == decimal.Floor((100m * part / total * 100) + 0.5m) / 100);

    [Theory]
    [InlineData(23, 160, 14.37)] // 14.375, which doubles have a little less of
    [InlineData(1, 20_000, 0.01)]
    [InlineData(3, 0, 0)]
    [InlineData(2, 3, 66.67)]
    public void A_click_through_rate_rounds_half_up_in_doubles(long clicks, long views, double rate) =>
        Assert.Equal(rate, Percentage.ClickThroughRate(clicks, views));
}
