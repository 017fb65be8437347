using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Bioscope.Engine.Counting;

/// <summary>
/// A visitor of a page in 12 bytes: the first 96 bits of the SHA-256 of its id as stored. Two of a million visitors share them with a
/// probability of 10^-17.
/// </summary>
internal readonly record struct VisitorKey(ulong High, uint Low)
{
    public const int Bytes = 12;

    public static VisitorKey Of(string visitorId)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(visitorId), hash);
        return Read(hash);
    }

    public static VisitorKey Read(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]));

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64BigEndian(bytes, High);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[8..], Low);
    }

    /// <summary>Which of 2^<paramref name="bits"/> shards it is in.</summary>
    public int Shard(int bits) => bits == 0 ? 0 : (int)(High >> (64 - bits));
}
