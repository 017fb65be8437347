using System.Text;
using CsCheck;
using Xunit;

namespace Bioscope.Core.Tests;

public sealed class CodePointOrderTests
{
    private static readonly string[] Characters = ["a", "b", "é", "\uE000", "\uFFFD", "😀", "😁", "𐀀", "\uD7FF", "\u0900", "\0"];

    private static readonly Gen<string> Texts = Gen.Int[0,
        Characters.Length - 1].Select(i => Characters[i]).Array[0, 4].Select(string.Concat);

    [Fact]
    public void Code_point_order_equals_UTF_8_byte_order() => Gen.Select(Texts, Texts).Sample((a, b) =>
        Assert.Equal(
            Math.Sign(Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b))),
            Math.Sign(CodePointOrder.Instance.Compare(a, b))));

    [Fact]
    public void Surrogate_pairs_come_after_all_other_characters() =>
        Assert.True(CodePointOrder.Instance.Compare("\uFFFD", "😀") < 0 && string.CompareOrdinal("\uFFFD", "😀") > 0);

    [Fact]
    public void Null_comes_before_all_text()
    {
        Assert.True(CodePointOrder.Instance.Compare(null, "") < 0);
        Assert.True(CodePointOrder.Instance.Compare("a", null) > 0);
        Assert.Equal(0, CodePointOrder.Instance.Compare(null, null));
    }
}
