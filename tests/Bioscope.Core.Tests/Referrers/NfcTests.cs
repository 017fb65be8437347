using CsCheck;
using Xunit;

namespace Bioscope.Core.Tests.Referrers;

public sealed class NfcTests
{
    [Fact]
    public void NFC_equals_that_of_another_implementation()
    {
        var vectors = ReferrerVectors.Read().Nfc;
        Assert.True(vectors.Length >= 300, "Too few vectors to mean anything.");
        Assert.All(vectors, vector => Assert.Equal(vector[1], Normalize(vector[0])));
    }

    [Fact]
    public void Every_Hangul_syllable_composes_from_its_parts()
    {
        for (var syllable = 0xAC00; syllable <= 0xD7A3; syllable++)
        {
            var index = syllable - 0xAC00;
            var tail = index % 28;
            var parts = $"{(char)(0x1100 + (index / 588))}{(char)(0x1161 + (index / 28 % 21))}{(tail == 0 ? "" : (char)(0x11A7 + tail))}";
            Assert.Equal([syllable], Nfc.Normalize([.. parts.Select(c => (int)c)]));
        }
    }

    [Theory]
    [InlineData("a\u0345\u0334", "a\u0334\u0345")] // 240, 1
    [InlineData("a\u0315\u0300\u05AE\u0062", "\u00E0\u05AE\u0315b")] // 232, 230, 228: the example of UAX #15
    [InlineData("a\u0323\u0301\u0307", "\u1EA1\u0301\u0307")] // equal classes keep their order
    [InlineData("a\u0323\u0307\u0301", "\u1EA1\u0307\u0301")]
    [InlineData("\u0345\u0334", "\u0334\u0345")] // without a base character
    public void Combining_marks_are_ordered_stably_by_class(string text, string normalized) => Assert.Equal(normalized, Normalize(text));

    [Fact]
    public void Normalizing_twice_equals_normalizing_once() => Gen.OneOf(
            Gen.Int[0x41, 0x7A], Gen.Int[0xC0, 0x345], Gen.Int[0x591, 0x670], Gen.Int[0x900, 0xFFF], Gen.Int[0x1100, 0x11FF],
            Gen.Int[0xAC00, 0xD7A3],
            Gen.Int[0x1D150, 0x1D1FF], Gen.Int[0, 0x10FFFF])
        .Array[0, 12]
        .Sample(text =>
        {
            var once = Nfc.Normalize(text);
            return Nfc.Normalize(once).SequenceEqual(once);
        });

    private static string Normalize(string text) =>
        string.Concat(Nfc.Normalize([.. text.EnumerateRunes().Select(rune => rune.Value)]).Select(char.ConvertFromUtf32));
}
