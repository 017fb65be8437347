using CsCheck;
using Xunit;

namespace Bioscope.Core.Tests;

public sealed class TrackingTokenTests
{
    private static readonly Guid Page = new("0189F7A3-5B7C-7D4E-8F90-1234567890AB");
    private static readonly DateTimeOffset Noon = new(2026, 4, 15, 12, 0, 0, TimeSpan.Zero); // Unix time 1776254400, bucket 5920848

    // printf '0189f7a3-5b7c-7d4e-8f90-1234567890ab:5920848' | openssl dgst -sha256 -hmac 'secret of the test'
    [Fact]
    public void A_token_is_the_truncated_HMAC_of_page_and_period() =>
        Assert.Equal("cd3efaba6ef665d9fc7c73cefb9612a1", TrackingToken.Create("secret of the test"u8, Page, Noon));

    [Fact]
    public void A_token_is_valid_in_its_period_and_the_next() =>
        Gen.Select(Gen.Int[0, 2_000_000_000], Gen.Int[-1_200, 1_200]).Sample((made, later) =>
        {
            var at = DateTimeOffset.FromUnixTimeSeconds(made);
            var token = TrackingToken.Create("key"u8, Page, at);
            var buckets = ((long)made + later) / 300 - (made / 300);
            return made + later < 0 || TrackingToken.IsValid("key"u8, Page, token, at.AddSeconds(later)) == buckets is 0 or 1;
        });

    [Fact]
    public void A_token_of_another_page_or_key_is_refused()
    {
        var token = TrackingToken.Create("key"u8, Page, Noon);

        Assert.True(TrackingToken.IsValid("key"u8, Page, token, Noon));
        Assert.False(TrackingToken.IsValid("key"u8, Guid.Empty, token, Noon));
        Assert.False(TrackingToken.IsValid("another"u8, Page, token, Noon));
        Assert.False(TrackingToken.IsValid("key"u8, Page, token.ToUpperInvariant(), Noon));
        Assert.False(TrackingToken.IsValid("key"u8, Page, token + "0", Noon));
        Assert.False(TrackingToken.IsValid("key"u8, Page, null, Noon));
        Assert.False(TrackingToken.IsValid("key"u8, Page, new string('\uD800', 32), Noon));
    }

    [Theory]
    [InlineData(-301, false)] // five minutes and a second before the page was rendered
    [InlineData(-1, false)]
    [InlineData(0, true)]
    [InlineData(299, true)]
    [InlineData(600, true)]
    [InlineData(24 * 3600, true)]
    public void A_token_was_valid_when_it_was_at_some_time_since(int secondsLater, bool wasValid) =>
        Assert.Equal(wasValid, TrackingToken.WasValid("key"u8, Page, TokenOfNoon(), Noon.AddDays(-2), Noon.AddSeconds(secondsLater)));

    [Theory]
    [InlineData(0, true)]
    [InlineData(599, true)] // the last second in which the token is valid
    [InlineData(600, false)]
    public void A_token_that_ran_out_before_was_not_valid(int sinceSeconds, bool wasValid) =>
        Assert.Equal(wasValid, TrackingToken.WasValid("key"u8, Page, TokenOfNoon(), Noon.AddSeconds(sinceSeconds), Noon.AddDays(1)));

    [Fact]
    public void A_token_of_another_page_or_key_was_never_valid()
    {
        var token = TokenOfNoon();

        Assert.False(TrackingToken.WasValid("key"u8, Guid.Empty, token, Noon, Noon));
        Assert.False(TrackingToken.WasValid("another"u8, Page, token, Noon, Noon));
        Assert.False(TrackingToken.WasValid("key"u8, Page, token[1..], Noon, Noon));
        Assert.False(TrackingToken.WasValid("key"u8, Page, null, Noon, Noon));
    }

    [Fact]
    public void A_token_has_32_hexadecimal_characters() => Gen.Select(Gen.Guid, Gen.Int[0, 2_000_000_000]).Sample((page, at) =>
        TrackingToken.Create("key"u8, page, DateTimeOffset.FromUnixTimeSeconds(at)) is { Length: TrackingToken.Length } token
            && token.All(char.IsAsciiHexDigitLower));

    private static string TokenOfNoon() => TrackingToken.Create("key"u8, Page, Noon);
}
