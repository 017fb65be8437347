using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Numerics;

namespace Bioscope.Core;

/// <summary>The size of a <see cref="ClientNetwork"/>.</summary>
internal enum NetworkSize : byte
{
    /// <summary>One IPv4 address.</summary>
    V4Address,

    /// <summary>An IPv4 /16: a large provider has many, an attacker hardly ever has one.</summary>
    V4Wide,

    /// <summary>An IPv6 /64: one link, such as a home or a phone. A client with one of its addresses can use them all.</summary>
    V6Link,

    /// <summary>An IPv6 /56: what providers assign to a home.</summary>
    V6Home,

    /// <summary>An IPv6 /48: what providers assign to a company, and what anyone can rent cheaply.</summary>
    V6Site,

    /// <summary>An IPv6 /32: the smallest network that registries assign to a provider.</summary>
    V6Wide,
}

/// <summary>A network by which clients are counted, as a key of 16 bytes.</summary>
public readonly record struct ClientNetwork
{
    /// <summary>The maximum of networks by which one address is counted.</summary>
    public const int MaxLevels = 3;

    /// <summary>
    /// The limit of a whole <see cref="Wide"/> network as a multiple of one address's limit, used when there is no memory left to count
    /// its addresses. High enough for the customers of a popular provider.
    /// </summary>
    public const int WideFactor = 256;

    private readonly ulong _bits;
    private readonly NetworkSize _size;

    private ClientNetwork(ulong bits, NetworkSize size) => (_bits, _size) = (bits, size);

    /// <summary>
    /// The network by which an address is counted: for IPv4 the address, for IPv6 its /48, because one customer can have a whole /48.
    /// </summary>
    public static ClientNetwork Of(IPAddress address) => Of(address, NetworkSize.V4Address, NetworkSize.V6Site);

    /// <summary>The smallest network that one customer has: for IPv4 the address, for IPv6 its /64.</summary>
    public static ClientNetwork Link(IPAddress address) => Of(address, NetworkSize.V4Address, NetworkSize.V6Link);

    /// <summary>The provider's network that contains the address: for IPv4 its /16, for IPv6 its /32.</summary>
    public static ClientNetwork Wide(IPAddress address) => Of(address, NetworkSize.V4Wide, NetworkSize.V6Wide);

    /// <summary>
    /// All networks by which an address is counted, largest first, each with its limit as a multiple of the smallest one's: for IPv4 only
    /// the address; for IPv6 /48 (16 times), /56 (4 times) and /64.
    /// </summary>
    /// <returns>How many there are.</returns>
    public static int Levels(IPAddress address, Span<(ClientNetwork Network, int Factor)> levels)
    {
        var bits = Bits(address, out var isV6);
        if (!isV6)
        {
            levels[0] = (new ClientNetwork(bits, NetworkSize.V4Address), 1);
            return 1;
        }

        levels[0] = (Cut(bits, NetworkSize.V6Site), 16);
        levels[1] = (Cut(bits, NetworkSize.V6Home), 4);
        levels[2] = (Cut(bits, NetworkSize.V6Link), 1);
        return MaxLevels;
    }

    /// <summary>Bits that differ between any two networks.</summary>
    public UInt128 ToBits() => new((ulong)_size, _bits);

    /// <summary>The network as a prefix, such as <c>203.0.0.0/16</c>.</summary>
    public override string ToString()
    {
        var isV6 = _size is not (NetworkSize.V4Address or NetworkSize.V4Wide);
        Span<byte> bytes = stackalloc byte[isV6 ? 16 : 4];
        bytes.Clear();
        if (isV6)
        {
            BinaryPrimitives.WriteUInt64BigEndian(bytes, _bits);
        }
        else
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)_bits);
        }

        return string.Create(
            CultureInfo.InvariantCulture,
            $"{new IPAddress(bytes)}/{BitOperations.PopCount(Mask(_size))}");
    }

    /// <inheritdoc />
    // With the framework's own hash, clients could choose addresses that all collide in a dictionary.
    public override int GetHashCode() => HashCode.Combine(_bits, _size);

    private static ClientNetwork Of(IPAddress address, NetworkSize v4, NetworkSize v6)
    {
        var bits = Bits(address, out var isV6);
        return Cut(bits, isV6 ? v6 : v4);
    }

    private static ClientNetwork Cut(ulong bits, NetworkSize size) => new(bits & Mask(size), size);

    private static ulong Mask(NetworkSize size) => size switch
    {
        NetworkSize.V4Address => 0xFFFF_FFFF,
        NetworkSize.V4Wide => 0xFFFF_0000,
        NetworkSize.V6Link => ulong.MaxValue,
        NetworkSize.V6Home => ulong.MaxValue << 8,
        NetworkSize.V6Site => ulong.MaxValue << 16,
        NetworkSize.V6Wide => ulong.MaxValue << 32,
        _ => throw new ArgumentOutOfRangeException(nameof(size), size, null),
    };

    /// <summary>An IPv4 address, or the first half of an IPv6 address: one client has all addresses with that first half.</summary>
    private static ulong Bits(IPAddress address, out bool isV6)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        isV6 = address.AddressFamily == AddressFamily.InterNetworkV6 && !address.IsIPv4MappedToIPv6;
        return
            isV6 ? BinaryPrimitives.ReadUInt64BigEndian(bytes) :
            BinaryPrimitives.ReadUInt32BigEndian(address.AddressFamily == AddressFamily.InterNetworkV6 ? bytes[12..] : bytes);
    }
}
