using Bioscope.Core;
using Bioscope.Engine.Sealing;
using Bioscope.Engine.Segments;
using CsCheck;
using Xunit;

namespace Bioscope.Engine.Tests.Segments;

public sealed class VisitorKeyTests
{
    private static readonly Gen<VisitorKey> Keys = Gen.Select(Gen.ULong, Gen.UInt, (high, low) => new VisitorKey(high, low));

    [Fact]
    public void A_stored_hash_is_its_own_key() => Assert.Equal(
        new VisitorKey(0x0123456789abcdef, 0xfedcba98),
        VisitorKey.OfStored("0123456789abcdeffedcba9876543210" + new string('0', 32)));

    [Theory]
    [InlineData("")]
    [InlineData("visitor-7")]
    [InlineData("0123456789ABCDEFfedcba98765432100123456789abcdeffedcba9876543210")] // not as we write it
    [InlineData("0123456789abcdeffedcba98765432100123456789abcdeffedcba987654321")] // 63 digits
    [InlineData("0123456789abcdeffedcba98765432100123456789abcdeffedcba98765432100")] // 65 digits
    public void What_another_service_stored_is_hashed(string visitorId) =>
        Assert.Equal(VisitorKey.Of(visitorId), VisitorKey.OfStored(visitorId));

    [Fact]
    public void A_key_is_the_first_96_bits_of_the_hash()
    {
        var hash = System.Security.Cryptography.SHA256.HashData("visitor-7"u8);

        Assert.Equal(VisitorKey.Read(hash), VisitorKey.Of("visitor-7"));
        Assert.NotEqual(VisitorKey.Of("visitor-7"), VisitorKey.OfStored(VisitorHash.Of("secret"u8, "visitor-7")));
    }

    [Fact]
    public void A_key_comes_back_from_its_12_bytes() => Keys.Sample(key =>
    {
        var bytes = new byte[VisitorKey.Bytes];
        key.Write(bytes);

        Assert.Equal(key, VisitorKey.Read(bytes));
        Assert.Equal((byte)(key.High >> 56), bytes[0]);
        Assert.Equal((byte)(key.Low & 0xFF), bytes[11]);
    });

    [Fact]
    public void A_shard_is_split_in_two_by_the_next_bit() => Gen.Select(Keys, Gen.Int[0, 23]).Sample((key, bits) =>
    {
        Assert.InRange(key.Shard(bits), 0, (1 << bits) - 1);
        Assert.Equal(key.Shard(bits), key.Shard(bits + 1) / 2);
    });

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(96, 0, 0)]
    [InlineData(97, 0, 1)] // too full: as many as make it 64 at most
    [InlineData(128, 0, 1)]
    [InlineData(129, 0, 2)]
    [InlineData(192, 1, 1)]
    [InlineData(193, 1, 2)]
    [InlineData(10, 5, 5)] // never fewer than before
    [InlineData(int.MaxValue, 0, 24)] // at most so many
    public void Shards_become_more_when_they_are_too_full(int visitors, int bits, int expected) =>
        Assert.Equal(expected, VisitorShards.BitsFor(visitors, bits));

    [Fact]
    public void A_visitor_is_new_once_and_then_was_there_in_its_last_hour()
    {
        var shards = new VisitorShards();
        var (one, other) = (new VisitorKey(1, 1), new VisitorKey(1, 2));

        Assert.Null(shards.Visit(one, 10));
        Assert.Equal(10, shards.Visit(one, 12));
        Assert.Null(shards.Visit(other, 12));
        Assert.Equal(12, shards.Visit(one, 12));
        Assert.Equal(2, shards.New);
    }

    [Fact]
    public void Segments_are_found_by_their_sessions() => Gen.Int[0, 3].Array[1, 20].Sample(counts =>
    {
        var segments = new List<Segment>();
        foreach (var count in counts)
        {
            var first = segments.Sum(segment => segment.Sessions);
            segments.Add(new Segment(Guid.Empty, segments.Count, 1, default, default, first, count, Views: 2, FirstVisitor: 5,
                Visitors: 3, LooseViews: 4));
            Assert.Equal((first + count, 8, count + 6), (segments[^1].NextSession, segments[^1].NextVisitor, segments[^1].Rows));
        }

        for (var session = 0; session < counts.Sum(); session++)
        {
            var found = SessionLocator.SegmentOf(segments, session);
            Assert.InRange(session, found.FirstSession, found.NextSession - 1);
        }
    });
}
