using System.Text;
using CsCheck;
using Xunit;

namespace Bioscope.Core.Tests.Referrers;

public sealed class ReferrerStorageTests
{
    private static readonly string[] Awkward = ["\0", "\uD800", "\uDFFF", "💩", "x"];

    [Fact]
    public void No_referrer_stays_no_referrer()
    {
        Assert.Null(Referrer.ForStorage(null));
        Assert.Equal("", Referrer.ForStorage(""));
    }

    [Fact]
    public void A_short_referrer_is_stored_unchanged()
    {
        var referrer = "https://example.com/" + new string('x', Referrer.MaxStoredLength - 20);
        Assert.Equal(Referrer.MaxStoredLength, referrer.Length);
        Assert.Same(referrer, Referrer.ForStorage(referrer));
        Assert.Equal("https://example.com/💩", Referrer.ForStorage("https://example.com/💩"));
    }

    [Fact]
    public void A_longer_referrer_is_cut() =>
        Assert.Equal(new string('x', Referrer.MaxStoredLength), Referrer.ForStorage(new string('x', Referrer.MaxStoredLength + 1)));

    [Fact]
    public void A_surrogate_pair_is_never_cut_in_half()
    {
        string before = new('x', Referrer.MaxStoredLength - 1);
        Assert.Equal(before, Referrer.ForStorage(before + "💩"));
        Assert.Equal(before[1..] + "💩", Referrer.ForStorage(before[1..] + "💩x"));
    }

    [Fact]
    public void Unstorable_characters_become_the_replacement_character()
    {
        // No InlineData: attributes are stored as UTF-8, which cannot contain lone surrogates either.
        Assert.Equal("a\uFFFDb", Referrer.ForStorage("a\0b"));
        Assert.Equal("\uFFFD", Referrer.ForStorage("\uD800"));
        Assert.Equal("\uFFFD\uFFFD", Referrer.ForStorage("\uDC00\uD800"));
        Assert.Equal("\uFFFD💩\uFFFD", Referrer.ForStorage("\uD83D\uD83D\uDCA9\uDCA9"));
        Assert.Equal("\uFFFD💩\uFFFD", Referrer.ForStorage("\0💩\0"));
    }

    [Fact]
    public void A_lone_surrogate_at_the_cut_is_replaced_not_dropped()
    {
        string before = new('x', Referrer.MaxStoredLength - 1);
        Assert.Equal(before + "\uFFFD", Referrer.ForStorage(before + "\uD83Dx"));
    }

    [Fact]
    public void A_stored_referrer_is_valid_and_idempotent()
    {
        var unit = Gen.OneOf(Gen.Int[0, Awkward.Length - 1].Select(i => Awkward[i]), Gen.Char.Select(c => c.ToString()));
        var tail = unit.Array[0, 30].Select(string.Concat);
        var before = Gen.OneOf(Gen.Const(0), Gen.Int[Referrer.MaxStoredLength - 40, Referrer.MaxStoredLength]);
        Gen.Select(before, tail).Sample((length, end) =>
        {
            var referrer = new string('x', length) + end;
            var stored = Referrer.ForStorage(referrer)!;
            var isSound = !stored.Contains('\0')
                && new UTF8Encoding(false, throwOnInvalidBytes: true).GetByteCount(stored) >= stored.Length;
            return isSound && stored.Length <= Referrer.MaxStoredLength
                && stored.Length >= Math.Min(referrer.Length, Referrer.MaxStoredLength - 1)
                && Referrer.ForStorage(stored) == stored;
        });
    }
}
