using Bioscope.Engine.Columns;
using Bioscope.Engine.Segments;
using CsCheck;
using Xunit;

namespace Bioscope.Engine.Tests.Segments;

public sealed class SegmentTextsTests
{
    private static readonly Gen<string?[][]> Entries = Gen.Int[1, 4].SelectMany(columns =>
        Gen.Int[0, 4].Select(pick => pick switch { 0 => null, 1 => "", 2 => "a", 3 => "Zürich 😀", _ => new string('x', 200) })
            .Array[columns].Array[0, 12]);

    // Databases have bytes like these: another form needs a migration.
    [Fact]
    public void The_stored_form_has_counts_then_texts_with_their_lengths() => Assert.Equal(
        [2, 3, 3, (byte)'D', (byte)'E', 0, 1, 3, 0xC3, 0xBC, 0, 2, (byte)'x'],
        SegmentTexts.Write([["DE", null, ""], ["ü", null, "x"]]));

    [Fact]
    public void No_entries_are_two_zeros()
    {
        Assert.Equal([0, 0], SegmentTexts.Write([]));
        Assert.Empty(SegmentTexts.Read([0, 0]));
    }

    [Fact]
    public void Equal_texts_are_kept_once()
    {
        var entries = SegmentTexts.Read(SegmentTexts.Write([["Berlin", "x"], ["y", "Berlin"]]));

        Assert.Same(entries[0][0], entries[1][1]);
    }

    [Fact]
    public void Bytes_that_are_cut_off_anywhere_are_refused() => Entries.Sample(entries =>
    {
        var bytes = SegmentTexts.Write(entries);
        Assert.Equal(entries, SegmentTexts.Read(bytes));

        Assert.All(
            Enumerable.Range(0, bytes.Length), length => Assert.Throws<FormatException>(() => SegmentTexts.Read(bytes[..length])));
    }, iter: 30);

    // A damaged database may have any bytes: they are read, or refused, and nothing else happens.
    [Fact]
    public void Damaged_bytes_cost_no_more_memory_than_they_have() =>
        Gen.Select(Entries, Gen.Int[0, 400], Gen.Byte).Sample((entries, place, value) =>
        {
            var bytes = SegmentTexts.Write(entries);
            bytes[place % bytes.Length] = value;
            try
            {
                Assert.True(SegmentTexts.Read(bytes).Count <= bytes.Length);
            }
            catch (FormatException)
            {
                // This is what reports expect of damage.
            }
        });

    [Theory]
    [InlineData(new byte[] { 255, 255, 255, 255, 7, 0 })] // two thousand million entries without texts
    [InlineData(new byte[] { 255, 255, 255, 255, 7, 1 })]
    [InlineData(new byte[] { 1, 255, 255, 255, 255, 7 })]
    [InlineData(new byte[] { 255, 255, 255, 255, 15, 1 })] // −1 entries
    [InlineData(new byte[] { 1, 255, 255, 255, 255, 15 })] // −1 texts in each
    [InlineData(new byte[] { 1, 1, 255, 255, 255, 255, 15 })] // a text of −2 bytes
    [InlineData(new byte[] { 1, 1, 255, 255, 255, 255, 7 })] // a text of two thousand million bytes
    [InlineData(new byte[] { 3, 0 })]
    [InlineData(new byte[] { })]
    public void Counts_that_the_bytes_cannot_hold_are_refused(byte[] bytes) =>
        Assert.Throws<FormatException>(() => SegmentTexts.Read(bytes));

    // Names in the database: another name needs a migration.
    [Fact]
    public void The_parts_of_a_segment_have_their_names()
    {
        Assert.Equal(
            "startedAt visitor pageViews duration origin referrer place client page enteredAt session link",
            string.Join(' ', SegmentPart.Columns.Select(SegmentPart.Of)));
        Assert.Equal(
            "originFacts referrerFacts placeFacts clientFacts pageFacts", string.Join(' ', FactSet.All.Select(SegmentPart.Of)));
        Assert.Equal(
            [BlockColumn.EnteredAt, BlockColumn.Session, BlockColumn.Link], Enum.GetValues<BlockColumn>().Where(SegmentPart.IsOfViews));
    }

    [Fact]
    public void A_cached_part_is_that_of_its_page_version_number_and_name()
    {
        using var cache = new SegmentCache(1_000_000);
        var segment = new Segment(Guid.NewGuid(), 3, 7, default, default, 0, 1, 1, 0, 1, 0);
        byte[] bytes = [1, 2];
        cache.Keep("origin", segment, bytes);

        Assert.Same(bytes, cache.Find("origin", segment));
        Assert.Null(cache.Find("place", segment));
        Segment[] others = [segment with { BioPageId = Guid.NewGuid() }, segment with { Version = 8 }, segment with { Number = 4 }];
        Assert.All(others, other => Assert.Null(cache.Find("origin", other)));
    }

    [Fact]
    public void Visitors_are_written_one_after_the_other()
    {
        VisitorKey[] visitors = [new(0x0102030405060708, 0x090A0B0C), new(ulong.MaxValue, 1)];

        Assert.Equal(
            [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 1], VisitorLookup.Write(visitors));
    }
}
