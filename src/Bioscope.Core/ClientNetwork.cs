using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Bioscope.Core;

/// <summary>How many addresses a <see cref="ClientNetwork"/> has.</summary>
internal enum NetworkSize : byte
{
    /// <summary>One IPv4 address.</summary>
    V4Address,

    /// <summary>An IPv4 /16: a large provider has many, an attacker hardly has one.</summary>
    V4Wide,

    /// <summary>An IPv6 /64: one link, such as a home or a phone. A client with one address of it has all of them.</summary>
    V6Link,

    /// <summary>An IPv6 /56: what providers give to a home.</summary>
    V6Home,

    /// <summary>An IPv6 /48: what providers give to a company, and anybody can rent cheaply.</summary>
    V6Site,

    /// <summary>An IPv6 /32: the smallest network that registries give to a provider.</summary>
    V6Wide,
}

/// <summary>A network that clients are counted by, as a key of 16 bytes.</summary>
public readonly record struct ClientNetwork
{
    /// <summary>The most networks that one address is counted by.</summary>
    public const int MaxLevels = 3;

    /// <summary>
    /// How many times the limit of one address a whole <see cref="Wide"/> network may have, once there is no memory to count its
    /// addresses. Wide enough for the customers of a popular provider.
    /// </summary>
    public const int WideFactor = 256;

    private readonly ulong _bits;
    private readonly NetworkSize _size;

    private ClientNetwork(ulong bits, NetworkSize size) => (_bits, _size) = (bits, size);

    /// <summary>
    /// What an address is counted by: of IPv4 the address, of IPv6 its /48, because one customer can have a whole /48.
    /// </summary>
    public static ClientNetwork Of(IPAddress address) => Of(address, NetworkSize.V4Address, NetworkSize.V6Site);

    /// <summary>The smallest network that one customer has: of IPv4 the address, of IPv6 its /64.</summary>
    public static ClientNetwork Link(IPAddress address) => Of(address, NetworkSize.V4Address, NetworkSize.V6Link);

    /// <summary>The network of a provider that the address is in: of IPv4 its /16, of IPv6 its /32.</summary>
    public static ClientNetwork Wide(IPAddress address) => Of(address, NetworkSize.V4Wide, NetworkSize.V6Wide);

    /// <summary>
    /// All networks that an address is counted by, the largest first, and how many times the limit of the smallest each may have:
    /// IPv4 the address alone; IPv6 /48 (16 times), /56 (4 times) and /64.
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

    /// <summary>An IPv4 address, or the first half of an IPv6 address: one client has all addresses with the same first half.</summary>
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
