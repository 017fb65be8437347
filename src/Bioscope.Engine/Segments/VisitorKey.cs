using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Bioscope.Engine.Segments;

/// <summary>
/// A visitor of a page in 12 bytes: 96 bits of a hash. Among a million visitors, two share a key with a probability of 10^-17.
/// </summary>
internal readonly record struct VisitorKey(ulong High, uint Low)
{
    public const int Bytes = 12;

    /// <summary>The visitor of a session as text, also for sessions that another service stored without one.</summary>
    public const string Sql = """COALESCE(CAST("visitorId" AS {text}), '')""";

    private static readonly SearchValues<char> LowerHex = SearchValues.Create("0123456789abcdef");

    /// <summary>
    /// The key in segments and queries: the first bits of the stored keyed hash, or of a hash of the value that another service stored.
    /// </summary>
    public static VisitorKey OfStored(string visitorId) => visitorId.Length == 64 && !visitorId.AsSpan().ContainsAnyExcept(LowerHex)
        ? new(Hex<ulong>(visitorId.AsSpan(0, 16)), Hex<uint>(visitorId.AsSpan(16, 8)))
        : Of(visitorId);

    /// <summary>The key in <c>"RollupVisitors"</c>: the first bits of the SHA-256 of the visitor's id as stored.</summary>
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

    private static T Hex<T>(ReadOnlySpan<char> digits)
        where T : System.Numerics.IBinaryInteger<T> => T.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
