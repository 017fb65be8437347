using System.Text;
using Bioscope.Engine.Counting;
using CsCheck;
using Xunit;

namespace Bioscope.Engine.Tests.Counting;

public sealed class SimpleCaseFoldingTests
{
    [Theory]
    [InlineData("Instagram", "instagram")]
    [InlineData("MÜNCHEN", "münchen")]
    [InlineData("ſ", "s")] // long s
    [InlineData("\u212A", "k")] // Kelvin sign
    [InlineData("\u212B", "å")] // Ångström sign
    [InlineData("ẞ", "ß")] // never "ss": simple folding keeps the length
    [InlineData("ΟΔΟΣ", "οδοσ")]
    [InlineData("οδος", "οδοσ")] // the final sigma
    [InlineData("µ", "μ")] // the micro sign is a Greek mu
    [InlineData("\u0345", "ι")]
    [InlineData("ǅ", "ǆ")] // title case
    [InlineData("Ა", "ა")] // Georgian
    [InlineData("ꭰ", "Ꭰ")] // Cherokee folds to upper case
    [InlineData("ᏸ", "Ᏸ")]
    [InlineData("𐐀", "𐐨")] // two UTF-16 units
    [InlineData("ﬅ", "ﬆ")]
    [InlineData("İıI", "İıi")] // the Turkish letters are not folded, in any language
    [InlineData("\uD801A", "\uD801a")] // half of a surrogate pair is left unchanged
    [InlineData("", "")]
    public void Text_is_folded_by_Unicode(string text, string folded) => Assert.Equal(folded, SimpleCaseFolding.Fold(text));

    [Fact]
    public void The_table_has_every_checkpoint_of_unicode_17()
    {
        Assert.Equal(1481 + 31, AllRunes().Count(rune => SimpleCaseFolding.Fold(rune.Value) != rune.Value)); // statuses C and S
    }

    [Fact]
    public void Folding_twice_changes_nothing_and_keeps_the_length()
    {
        Assert.All(AllRunes(), rune =>
        {
            var folded = new Rune(SimpleCaseFolding.Fold(rune.Value));
            if (folded != rune)
            {
                Assert.Equal(folded.Value, SimpleCaseFolding.Fold(folded.Value));
                Assert.Equal(rune.Utf16SequenceLength, folded.Utf16SequenceLength);
            }
        });
    }

    [Fact]
    public void A_letter_and_its_other_cases_fold_alike()
    {
        // İ and ı are specific to Turkish; for all other letters, .NET's own pairs must agree.
        var differing = AllRunes().Where(rune => rune.Value is not (0x130 or 0x131) && (
            SimpleCaseFolding.Fold(Rune.ToLowerInvariant(rune).Value) != SimpleCaseFolding.Fold(rune.Value)
            || SimpleCaseFolding.Fold(Rune.ToUpperInvariant(rune).Value) != SimpleCaseFolding.Fold(rune.Value)));

        Assert.Empty(differing);
    }

    [Fact]
    public void Text_folds_rune_by_rune() => Gen.Char.Array[0, 20].Select(chars => new string(chars)).Sample(text =>
    {
        var expected = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (Rune.TryGetRuneAt(text, i, out var rune))
            {
                expected.Append(new Rune(SimpleCaseFolding.Fold(rune.Value)).ToString());
                i += rune.Utf16SequenceLength - 1;
            }
            else
            {
                expected.Append(text[i]);
            }
        }

        return SimpleCaseFolding.Fold(text) == expected.ToString();
    });

    private static IEnumerable<Rune> AllRunes() => Enumerable.Range(0, 0x110000).Where(Rune.IsValid).Select(value => new Rune(value));
}
