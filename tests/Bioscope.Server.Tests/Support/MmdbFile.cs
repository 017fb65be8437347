using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Bioscope.Server.Tests.Support;

/// <summary>
/// Writes small .mmdb files in the published format: a binary tree over the bits of IPv6 addresses (IPv4 in ::/96), 24 bits per pointer,
/// then the records, then the metadata. A record may be a text, a number, or a map of these.
/// </summary>
internal static class MmdbFile
{
    private static readonly byte[] MetadataMarker = [0xAB, 0xCD, 0xEF, .. "MaxMind.com"u8];

    /// <summary>In the layout of GeoLite2-Country.</summary>
    public static void WriteNested(string path, params (string Network, string? Code)[] countries) => Write(
        path,
        "Test-Country",
        [.. countries.Select(country => (country.Network, country.Code is null
            ? Map(("registered_country", Map(("iso_code", "FR"))))
            : Map(
                ("country", Map(("geoname_id", 1u), ("iso_code", country.Code), ("names", Map(("en", "A name of its own"))))),
                ("registered_country", Map(("iso_code", "FR"))))))]);

    /// <summary>In the layout of IPinfo Lite.</summary>
    public static void WriteFlat(string path, params (string Network, string Code)[] countries) => Write(
        path, "test flat",
        [.. countries.Select(country => (country.Network, Map(("country", "A name"), ("country_code", country.Code), ("asn", "AS1"))))]);

    public static void Write(string path, string type, params (string Network, Dictionary<string, object> Record)[] records)
    {
        List<int[]> nodes = [[-1, -1]];
        using var data = new MemoryStream();
        foreach (var (network, record) in records)
        {
            Insert(nodes, IPNetwork.Parse(network), (int)data.Length);
            Put(data, record);
        }

        using var file = new MemoryStream();
        foreach (var pointer in nodes.SelectMany(node => node))
        {
            // -1: nothing; other negative numbers: a record; otherwise another node.
            var number = pointer == -1 ? nodes.Count : pointer < 0 ? nodes.Count + 16 + (-2 - pointer) : pointer;
            file.Write([(byte)(number >> 16), (byte)((number >> 8) & 255), (byte)(number & 255)]);
        }

        file.Write(new byte[16]);
        data.WriteTo(file);
        file.Write(MetadataMarker);
        Put(file, Map(
            ("binary_format_major_version", (ushort)2), ("binary_format_minor_version", (ushort)0), ("build_epoch", 1_775_000_000ul),
            ("database_type", type), ("description", Map(("en", "made by a test"))), ("ip_version", (ushort)6),
            ("languages", Array.Empty<string>()),
            ("node_count", (uint)nodes.Count), ("record_size", (ushort)24)));
        File.WriteAllBytes(path, file.ToArray());
    }

    public static Dictionary<string, object> Map(params (string Key, object Value)[] entries) =>
        entries.ToDictionary(entry => entry.Key, entry => entry.Value);

    private static void Insert(List<int[]> nodes, IPNetwork network, int offset)
    {
        var bytes = network.BaseAddress.GetAddressBytes();
        var (bits, length) = bytes.Length == 4 ? ([.. new byte[12], .. bytes], 96 + network.PrefixLength) : (bytes, network.PrefixLength);
        var node = 0;
        for (var i = 0; i < length; i++)
        {
            var bit = (bits[i / 8] >> (7 - (i % 8))) & 1;
            if (i == length - 1)
            {
                nodes[node][bit] = -2 - offset;
                return;
            }

            if (nodes[node][bit] < 0)
            {
                nodes.Add([-1, -1]);
                nodes[node][bit] = nodes.Count - 1;
            }

            node = nodes[node][bit];
        }
    }

    // Types by their numbers in the format; those above 7 need an extra byte.
    private static void Put(Stream to, object value)
    {
        switch (value)
        {
            case string text:
                var bytes = Encoding.UTF8.GetBytes(text);
                Control(to, 2, bytes.Length);
                to.Write(bytes);
                break;
            case ushort number:
                Number(to, 5, number);
                break;
            case uint number:
                Number(to, 6, number);
                break;
            case ulong number:
                Number(to, 9, number);
                break;
            case object[] items:
                Control(to, 11, items.Length);
                foreach (var item in items)
                {
                    Put(to, item);
                }

                break;
            case Dictionary<string, object> map:
                Control(to, 7, map.Count);
                foreach (var (key, entry) in map)
                {
                    Put(to, key);
                    Put(to, entry);
                }

                break;
            default:
                throw new ArgumentException($"no type for {value}");
        }
    }

    private static void Number(Stream to, int type, ulong number)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, number);
        var significant = bytes.TrimStart((byte)0);
        Control(to, type, significant.Length);
        to.Write(significant);
    }

    private static void Control(Stream to, int type, int size)
    {
        // Test texts are short; 29 bytes or more would need a longer form.
        Xunit.Assert.InRange(size, 0, 28);
        to.WriteByte((byte)(((type > 7 ? 0 : type) << 5) | size));
        if (type > 7)
        {
            to.WriteByte((byte)(type - 7));
        }
    }
}
