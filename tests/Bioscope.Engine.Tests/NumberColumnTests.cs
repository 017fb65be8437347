using Bioscope.Engine.Columns;
using Bioscope.Engine.Segments;
using CsCheck;
using Xunit;

namespace Bioscope.Engine.Tests;

/// <summary>Columns and their texts survive the round trip through bytes.</summary>
public sealed class NumberColumnTests
{
    [Fact]
    public void Numbers_of_any_width_survive_the_round_trip() => Gen.Select(Gen.Int[0, 3], Gen.Long[-1_000_000_000_000, 1_000_000_000_000], Gen.Byte.Array[0, 50]).Sample((scale, start, steps) =>
    {
        long[] numbers = [.. steps.Select(step => start + ((long)step << (scale * 12)))];
        var column = NumberColumn.Read(NumberColumn.Of<long>(numbers).Bytes, numbers.Length);

        var copy = new long[numbers.Length];
        column.CopyTo(copy);
        Assert.Equal(numbers, copy);
        Assert.Equal(numbers, numbers.Select((_, i) => column[i]));
        Assert.Equal(numbers.Length == 0 ? 0 : numbers.Min(), column.Min);
    });

    [Theory]
    [InlineData(0, 17)]
    [InlineData(200, 217)]
    [InlineData(60_000, 60_217)]
    [InlineData(5, 70_005)]
    public void Codes_are_looked_up_in_a_table(int min, int max)
    {
        int[] numbers = [min, max, min, (min + max) / 2];
        var table = Enumerable.Range(0, max + 1).Select(code => code * 3).ToArray();

        var looked = new int[numbers.Length];
        NumberColumn.Of<int>(numbers).CopyTo<int>(looked, table);

        Assert.Equal(numbers.Select(number => number * 3), looked);
    }

    [Theory]
    [InlineData(new byte[] { }, 0)]
    [InlineData(new byte[] { 3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1 }, 1)]
    [InlineData(new byte[] { 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 }, 2)]
    [InlineData(new byte[] { 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 }, 2)]
    public void Malformed_column_bytes_are_refused(byte[] bytes, int count) =>
        Assert.Throws<FormatException>(() => NumberColumn.Read(bytes, count));

    [Fact]
    public void Texts_survive_the_round_trip() => Gen.Select(Gen.Int[1, 4], Gen.Int[0, 20], Gen.Select(Gen.Bool, Gen.String, (isNull, text) => isNull ? null : text).Array[80]).Sample((columns, count, texts) =>
    {
        string?[][] entries = [.. Enumerable.Range(0, count).Select(i => texts.Skip(i * columns).Take(columns).Select(Stored).ToArray())];
        Assert.Equal(entries, SegmentTexts.Read(SegmentTexts.Write(entries)));

        // Half of a surrogate pair is not a text that a database can contain.
        static string? Stored(string? text) => text is null ? null : string.Concat(text.EnumerateRunes());
    });

    [Fact]
    public void Malformed_text_bytes_are_refused()
    {
        var bytes = SegmentTexts.Write([["instagram.com", null], ["tiktok.com", "paid"]]);

        Assert.Throws<FormatException>(() => SegmentTexts.Read(bytes[..^1]));
        Assert.Throws<FormatException>(() => SegmentTexts.Read([.. bytes, 0]));
        Assert.Throws<FormatException>(() => SegmentTexts.Read([255, 255, 255, 255, 255, 255]));
    }
}
