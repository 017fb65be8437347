using Bioscope.Engine.Counting;
using CsCheck;
using Xunit;

namespace Bioscope.Engine.Tests.Counting;

public sealed class BitsTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(63, 1)]
    [InlineData(64, 1)]
    [InlineData(65, 2)]
    [InlineData(128, 2)]
    [InlineData(129, 3)]
    public void There_are_as_few_words_as_have_room(int count, int words) => Assert.Equal(words, Bits.Words(count));

    [Fact]
    public void Only_the_bits_of_given_numbers_are_set() => Gen.Int[0, 199].HashSet[0, 60].Sample(numbers =>
    {
        var bits = new ulong[Bits.Words(200)];
        foreach (var number in numbers)
        {
            bits[number >> 6] |= Bits.Of(number);
        }

        Assert.All(Enumerable.Range(0, 200), number => Assert.Equal(numbers.Contains(number), Bits.Has(bits, number)));
    });
}
