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
    public void Two_decimals_round_half_up(long part, long total, double percentage) =>
        Assert.Equal(percentage, Percentage.WithTwoDecimals(part, total));

    [Fact]
    public void Two_decimals_are_within_half_a_hundredth_of_the_share() =>
        Gen.Select(Gen.Long[0, 1_000_000_000], Gen.Long[1, 1_000_000_000]).Sample((part, total) =>
            Math.Abs((decimal)Percentage.WithTwoDecimals(part,
                total) - ((decimal)part * 100 / total)) <= 0.00501m + ((decimal)part / total * 0.000_000_1m));
}
