using System.Text;
using CsCheck;
using Xunit;

namespace Bioscope.Core.Tests;

public sealed class CodePointOrderTests
{
    private static readonly string[] Characters = ["a", "b", "é", "\uE000", "\uFFFD", "😀", "😁", "𐀀", "\uD7FF", "\u0900", "\0"];

    private static readonly Gen<string> Texts = Gen.Int[0, Characters.Length - 1].Select(i => Characters[i]).Array[0, 4].Select(string.Concat);

    [Fact]
    public void The_order_is_that_of_utf8_bytes() => Gen.Select(Texts, Texts).Sample((a, b) =>
        Assert.Equal(
            Math.Sign(Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b))),
            Math.Sign(CodePointOrder.Instance.Compare(a, b))));

    [Fact]
    public void Two_unit_characters_come_after_all_others() =>
        Assert.True(CodePointOrder.Instance.Compare("\uFFFD", "😀") < 0 && string.CompareOrdinal("\uFFFD", "😀") > 0);
}
