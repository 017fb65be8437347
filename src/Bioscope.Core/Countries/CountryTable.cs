using System.Buffers.Binary;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Numerics;
using System.Text;

namespace Bioscope.Core;

/// <summary>
/// The built-in answer to where an address is. Made by tools/geo, whose README has the layout; read on first use, then 4.7 MB.
/// The data is under CC BY-SA 4.0, see CountryTable-LICENSE.txt.
/// </summary>
public static class CountryTable
{
    /// <summary>Stands in the table of upper halves for a /64 that lies in several countries.</summary>
    private const byte Split = 255;

    private static ReadOnlySpan<byte> SixToFour => [0x20, 0x02];

    private static ReadOnlySpan<byte> Mapped => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF];

    private static ReadOnlySpan<byte> Translated => [0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0];

    private static readonly Lazy<Tables> Loaded = new(Read);

    /// <summary>The day the data was made, as <c>2026-06-25</c>.</summary>
    public static string Made => Loaded.Value.Made;

    /// <summary>Every code that <see cref="Find"/> can return.</summary>
    public static IReadOnlyList<string> Codes => [.. Loaded.Value.Codes.OfType<string>()];

    /// <summary>The country of an address.</summary>
    /// <returns>Its ISO 3166-1 alpha-2 code; null for private, reserved and unallocated addresses, and where the data has
    /// none.</returns>
    /// <remarks>
    /// IPv6 addresses that only carry an IPv4 address are looked up as that: mapped (::ffff:0:0/96), translated (64:ff9b::/96, the
    /// way an IPv4 visitor reaches a network without IPv4), and 6to4 (2002::/16).
    /// </remarks>
    public static string? Find(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var length);
        var tables = Loaded.Value;
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            return tables.Codes[tables.V4.Find(BinaryPrimitives.ReadUInt32BigEndian(bytes))];
        }

        if (CarriedIPv4(bytes[..length]) is { } carried)
        {
            return tables.Codes[tables.V4.Find(carried)];
        }

        var country = tables.V6.Find(BinaryPrimitives.ReadUInt64BigEndian(bytes));
        return tables.Codes[country == Split ? tables.V6Within.Find(BinaryPrimitives.ReadUInt128BigEndian(bytes)) : country];
    }

    private static uint? CarriedIPv4(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith(SixToFour))
        {
            return BinaryPrimitives.ReadUInt32BigEndian(bytes[2..]);
        }

        return bytes.StartsWith(Mapped) || bytes.StartsWith(Translated) ? BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]) : null;
    }

    private static Tables Read()
    {
        using var packed = typeof(CountryTable).Assembly.GetManifestResourceStream("CountryTable.bin.br")!;
        using var unpacked = new BrotliStream(packed, CompressionMode.Decompress);
        using var reader = new BinaryReader(unpacked, Encoding.ASCII);
        var made = Encoding.ASCII.GetString(reader.ReadBytes(10));
        var codes = new string?[reader.ReadByte() + 1];
        for (var i = 1; i < codes.Length; i++)
        {
            codes[i] = Encoding.ASCII.GetString(reader.ReadBytes(2));
        }

        return new Tables(made, codes, Boundaries<uint>.Read(reader), Boundaries<ulong>.Read(reader), Boundaries<UInt128>.Read(reader));
    }

    /// <param name="Made">The day the data was made.</param>
    /// <param name="Codes">By the numbers in the tables; 0 is no country.</param>
    /// <param name="V4">By address.</param>
    /// <param name="V6">By the upper half of the address.</param>
    /// <param name="V6Within">By the whole address, of the /64s that are <see cref="Split"/>.</param>
    private sealed record Tables(string Made, string?[] Codes, Boundaries<uint> V4, Boundaries<ulong> V6, Boundaries<UInt128> V6Within);

    /// <summary>The places at which the answer changes, in order, and the answer from each on. The first is at 0.</summary>
    private sealed class Boundaries<T>(T[] starts, byte[] countries)
        where T : IBinaryInteger<T>
    {
        public byte Find(T key)
        {
            // Array.BinarySearch looks for equal keys, too, and takes twice as long.
            var found = 0;
            for (var count = starts.Length; count > 1;)
            {
                var half = count / 2;
                found += starts[found + half] <= key ? half : 0;
                count -= half;
            }

            return countries[found];
        }

        public static Boundaries<T> Read(BinaryReader reader)
        {
            var count = reader.ReadInt32();
            var shifts = reader.ReadBytes(count);
            var countries = reader.ReadBytes(count);
            var starts = new T[count];
            var start = T.Zero;
            for (var i = 0; i < count; i++)
            {
                start += Distance(reader) << shifts[i];
                starts[i] = start;
            }

            return new Boundaries<T>(starts, countries);
        }

        /// <summary>Seven bits a byte, the lowest first; the eighth bit says that another follows.</summary>
        private static T Distance(BinaryReader reader)
        {
            var distance = T.Zero;
            for (var shift = 0; ; shift += 7)
            {
                var part = reader.ReadByte();
                distance |= T.CreateTruncating(part & 127) << shift;
                if (part < 128)
                {
                    return distance;
                }
            }
        }
    }
}
