using System.Text;
using CsCheck;
using Xunit;

namespace Bioscope.Core.Tests.Referrers;

public sealed class PunycodeTests
{
    [Theory] // RFC 3492, section 7.1; lower-case, as domains are
    [InlineData("ليهمابتكلموشعربي؟", "egbpdaj6bu4bxfgehfvwxn")]
    [InlineData("他们为什么不说中文", "ihqwcrb4cv8a8dqg056pqjye")]
    [InlineData("למההםפשוטלאמדבריםעברית", "4dbcagdahymbxekheh6e0a7fei0b")]
    [InlineData("почемужеонинеговорятпорусски", "b1abfaaepdrnnbgefbadotcwatmq2g4l")]
    [InlineData("3年b組金八先生", "3b-ww4c5e180e575a65lsy2b")]
    [InlineData("安室奈美恵-with-super-monkeys", "-with-super-monkeys-pc58ag80a8qai00g7n9n")]
    [InlineData("そのスピードで", "d9juau41awczczp")]
    [InlineData("-> $1.00 <-", "-> $1.00 <--")]
    [InlineData("abĀƶ一", "ab-bla24ed370a")] // not in the RFC: Python's codec, where the bias just does not take another step
    [InlineData("\u0080", "a")] // the first code point that is encoded
    public void Labels_encode_and_decode_as_in_the_RFC(string label, string encoded)
    {
        Assert.Equal(encoded, Encode(CodePoints(label)));
        Assert.Equal(CodePoints(label), Punycode.Decode(CodePoints(encoded)));
    }

    [Theory]
    [InlineData("99999999")] // beyond the last code point
    [InlineData("99999999999999999999999999999999")]
    [InlineData("a-b")] // ends in the middle of a number
    [InlineData("-abc")] // a leading hyphen is neither a delimiter nor a digit
    [InlineData("ab!")]
    public void Invalid_Punycode_does_not_decode(string text) => Assert.Null(Punycode.Decode(CodePoints(text)));

    [Fact]
    public void Punycode_beyond_the_last_code_point_does_not_decode()
    {
        Assert.Equal([0x10FFFF], Punycode.Decode(CodePoints(Encode([0x10FFFF])))!);
        Assert.Null(Punycode.Decode(CodePoints(Encode([0x110000]))));
        Assert.Null(Punycode.Decode(CodePoints(Encode(['a', 0x10FFFF, 0x110000]))));
    }

    [Fact]
    public void Every_label_survives_a_Punycode_round_trip() =>
        Gen.OneOf(Gen.Int[0x20, 0x7F], Gen.Int[0x80, 0x24F], Gen.Int[0x80, 0x10FFFF]).Array[0, 80]
        .Sample(label => Punycode.Decode(CodePoints(Encode(label)))!.SequenceEqual(label));

    private static string Encode(int[] label)
    {
        var output = new StringBuilder();
        Punycode.Encode(label, output);
        return output.ToString();
    }

    private static int[] CodePoints(string text) => [.. text.EnumerateRunes().Select(rune => rune.Value)];
}
