using CsCheck;
using Xunit;

namespace Bioscope.Core.Tests;

public sealed class DaysTests
{
    private static readonly string[] Rests = ["", " ", "x", ".9", "e5", ",1", "\0"];

    [Theory]
    [InlineData(null, 30)]
    [InlineData("", 30)]
    [InlineData("   ", 30)]
    [InlineData("abc", 30)]
    [InlineData("-", 30)]
    [InlineData("+", 30)]
    [InlineData("+-7", 30)]
    [InlineData("- 7", 30)]
    [InlineData("NaN", 30)]
    [InlineData("Infinity", 30)]
    [InlineData(".5", 30)]
    [InlineData("٣", 30)] // a digit, but not to JavaScript
    [InlineData("\u00857", 30)] // white space to .NET, but not to JavaScript
    [InlineData("7", 7)]
    [InlineData("+7", 7)]
    [InlineData(" \t\n\v\f\r\u00A0\u2003\u2028\u2029\uFEFF7", 7)]
    [InlineData("7abc", 7)]
    [InlineData("7 8", 7)]
    [InlineData("7,8", 7)]
    [InlineData("31.9", 31)]
    [InlineData("1e3", 1)]
    [InlineData("0x10", 1)]
    [InlineData("007", 7)]
    [InlineData("0000000000000000000000000000000000000000000000000000364", 364)]
    [InlineData("0", 1)]
    [InlineData("-0", 1)]
    [InlineData("-5", 1)]
    [InlineData("-99999999999999999999", 1)]
    [InlineData("365", 365)]
    [InlineData("366", 365)]
    [InlineData("1000", 365)]
    [InlineData("99999999999999999999999999", 365)]
    public void Days_are_parsed_as_by_JavaScripts_parseInt(string? text, int days) => Assert.Equal(days, Days.Parse(text));

    [Fact]
    public void Any_text_gives_days_from_1_to_365() =>
        Gen.Char.Array[0, 12].Select(chars => new string(chars)).Sample(text => Days.Parse(text) is >= 1 and <= 365);

    [Fact]
    public void Text_after_the_number_of_days_is_ignored() =>
        Gen.Select(Gen.Int, Gen.Int[0, Rests.Length - 1])
            .Sample((number, rest) => Days.Parse(FormattableString.Invariant($"{number}{Rests[rest]}")) == Math.Clamp(number, 1, 365));

    [Fact]
    public void The_range_starts_whole_days_before_now()
    {
        var now = new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero).AddTicks(1_239_999); // 123.9999 ms

        Assert.Equal(new DateTimeOffset(2026, 2, 28, 0, 0, 0, 123, TimeSpan.Zero), Days.Since(now, 1));
        Assert.Equal(Days.Since(now, 1), Days.Since(now.ToOffset(TimeSpan.FromHours(9)), 1));
    }
}
