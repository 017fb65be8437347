using Bioscope.Engine.Columns;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Segments;
using Bioscope.Engine.Storage.Sqlite;
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

    // As many numbers as fill a processor's registers, and some more or fewer.
    [Fact]
    public void Numbers_are_copied_as_32_bit_ones() => Gen.Select(
        Gen.OneOf(0, 250, 60_000, 5_000_000),
        Gen.Int[-1_000_000, 1_000_000],
        Gen.Double[0, 1].Array[0, 140]).Sample((spread, start, places) =>
    {
        int[] numbers = [.. places.Select(place => start + (int)(place * spread))];
        int[] copy = [.. Enumerable.Repeat(-7, numbers.Length + 3)];

        NumberColumn.Of<int>(numbers).CopyTo(copy.AsSpan());

        Assert.Equal([.. numbers, -7, -7, -7], copy); // what is behind them stays
    });

    // The stored form: another width needs a migration.
    [Theory]
    [InlineData(5, 5, 0)]
    [InlineData(0, 255, 1)]
    [InlineData(-1, 254, 1)]
    [InlineData(0, 256, 2)]
    [InlineData(-5, 65_530, 2)]
    [InlineData(-5, 65_531, 4)]
    [InlineData(0, uint.MaxValue, 4)]
    [InlineData(0, uint.MaxValue + 1L, 8)]
    [InlineData(long.MinValue, -1, 8)]
    public void A_number_takes_as_many_bytes_as_the_largest_difference_needs(long min, long max, int width)
    {
        var column = NumberColumn.Of<long>([max, min, max]);
        var copy = new long[3];
        column.CopyTo(copy.AsSpan());

        Assert.Equal(16 + (3 * width), column.Bytes.Length);
        Assert.Equal([max, min, max], copy);
        Assert.Equal((min, max, 3), (column[1], column[2], column.Count));
    }

    [Fact]
    public void A_column_begins_with_its_width_its_count_and_its_smallest_number() => Assert.Equal(
        [2, 0, 0, 0, 3, 0, 0, 0, 0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0x2C, 0x01, 2, 0],
        NumberColumn.Of<int>([-2, 298, 0]).Bytes);

    [Theory]
    [InlineData(-1)]
    [InlineData(2)]
    public void Equal_numbers_have_no_place_beyond_their_count(int index)
    {
        var column = NumberColumn.Of<int>([7, 7]);

        Assert.Equal([7, 7], [column[0], column[1]]);
        Assert.Throws<ArgumentOutOfRangeException>(() => column[index]);
    }

    [Fact]
    public void Numbers_too_far_apart_are_an_error() =>
        Assert.Throws<OverflowException>(() => NumberColumn.Of<long>([long.MinValue, long.MaxValue]));

    // What a damaged segment may have: reports read raw rows instead, see DamagedPages.
    [Fact]
    public void Numbers_that_are_no_32_bit_ones_are_damage()
    {
        var (wide, far) = (NumberColumn.Of<long>([0, 1L << 40]), NumberColumn.Of<long>([1L << 40, (1L << 40) + 1]));
        Action[] reads =
        [
            () => wide.CopyTo(new int[2].AsSpan()),
            () => far.CopyTo(new int[2].AsSpan()),
            () => wide.CopyTo<int>(new int[2], new int[10]),
            () => far.CopyTo<int>(new int[2], new int[10]),
            () => NumberColumn.Of<int>([0, 10]).CopyTo<int>(new int[2], new int[10]), // beyond the table
            () => NumberColumn.Of<int>([10, 10]).CopyTo<int>(new int[2], new int[10]),
            () => NumberColumn.Of<int>([-1, 3]).CopyTo<int>(new int[2], new int[10]),
        ];

        Assert.All(
            reads, read => Assert.True(DamagedPages.IsDamage(Record.Exception(read) ?? new IOException("read"), new SqliteDialect())));
    }

    [Fact]
    public void No_numbers_need_no_table()
    {
        NumberColumn.Of<int>([]).CopyTo<int>([], []);

        Assert.Equal((0, 0L), (NumberColumn.Of<int>([]).Count, NumberColumn.Of<int>([]).Min));
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
