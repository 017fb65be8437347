using CsCheck;
using Xunit;

namespace Bioscope.Core.Tests;

public sealed class AverageTests
{
    [Theory]
    [InlineData(0, 0, 0, 0)]
    [InlineData(7, 0, 1, 0)] // nothing to divide by
    [InlineData(5, 2, 0, 3)] // half up
    [InlineData(7, 2, 0, 4)] // banker's rounding would say 4 here and 2 above
    [InlineData(4, 3, 0, 1)]
    [InlineData(5, 3, 0, 2)]
    [InlineData(1, 4, 1, 0.3)]
    [InlineData(1, 3, 1, 0.3)]
    [InlineData(2, 3, 1, 0.7)]
    [InlineData(1, 3, 2, 0.33)]
    [InlineData(1_000_000_000_000, 3, 0, 333_333_333_333)]
    public void An_average_is_rounded_half_up(long sum, long count, int decimals, double average) =>
        Assert.Equal(average, Average.Of(sum, count, decimals));

    [Fact]
    public void An_average_is_within_half_a_step_of_the_quotient() =>
        Gen.Select(Gen.Long[0, 1_000_000_000], Gen.Long[1, 1_000_000], Gen.Int[0, 3]).Sample((sum, count, decimals) =>
            Math.Abs((decimal)Average.Of(sum, count, decimals) - ((decimal)sum / count)) <= 0.50001m / (decimal)Math.Pow(10, decimals));
}
