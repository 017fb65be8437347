using System.Net;
using CsCheck;
using Xunit;

namespace Bioscope.Core.Tests;

public sealed class ClientNetworkTests
{
    private static readonly Gen<IPAddress> Addresses =
        Gen.OneOf(Gen.Byte[0, 2].Array[4], Gen.Byte[0, 2].Array[16]).Select(bytes => new IPAddress(bytes));

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)] // a dual-stack socket shows IPv4 so
    [InlineData("192.0.2.1", "::ffff:192.0.2.2", false)]
    [InlineData("2001:db8:1:2::3", "2001:db8:1:ffff::", true)]
    [InlineData("2001:db8:1:2::3", "2001:db8:2:2::3", false)]
    [InlineData("0.0.0.1", "0:0:0:1::", false)]
    public void Clients_are_counted_by_IPv4_address_or_IPv6_48(string one, string other, bool isSame) =>
        AssertSame(isSame, ClientNetwork.Of(IPAddress.Parse(one)), ClientNetwork.Of(IPAddress.Parse(other)));

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.0", false)]
    [InlineData("2001:db8:1:2::3", "2001:db8:1:2:ffff:ffff:ffff:ffff", true)]
    [InlineData("2001:db8:1:2::3", "2001:db8:1:3::3", false)]
    public void A_link_is_an_IPv4_address_or_an_IPv6_64(string one, string other, bool isSame) =>
        AssertSame(isSame, ClientNetwork.Link(IPAddress.Parse(one)), ClientNetwork.Link(IPAddress.Parse(other)));

    [Theory]
    [InlineData("192.0.2.1", "192.0.255.255", true)]
    [InlineData("192.0.2.1", "192.1.2.1", false)]
    [InlineData("192.0.2.1", "193.0.2.1", false)]
    [InlineData("192.0.2.1", "::ffff:192.0.9.9", true)]
    [InlineData("2001:db8:1::", "2001:db8:ffff::", true)]
    [InlineData("2001:db8::", "2001:db9::", false)]
    public void A_provider_is_an_IPv4_16_or_an_IPv6_32(string one, string other, bool isSame) =>
        AssertSame(isSame, ClientNetwork.Wide(IPAddress.Parse(one)), ClientNetwork.Wide(IPAddress.Parse(other)));

    [Fact]
    public void An_IPv4_address_has_one_level()
    {
        Span<(ClientNetwork Network, int Factor)> levels = stackalloc (ClientNetwork, int)[ClientNetwork.MaxLevels];
        var address = IPAddress.Parse("192.0.2.1");

        Assert.Equal(1, ClientNetwork.Levels(address, levels));
        Assert.Equal((ClientNetwork.Of(address), 1), levels[0]);
        Assert.Equal(1, ClientNetwork.Levels(IPAddress.Parse("::ffff:192.0.2.1"), levels));
        Assert.Equal((ClientNetwork.Of(address), 1), levels[0]);
    }

    [Fact]
    public void An_IPv6_address_has_three_levels_from_the_largest()
    {
        const string Address = "2001:db8:1:203::4";

        Assert.Equal([16, 4, 1], LevelsOf(Address).Select(level => level.Factor));
        Assert.All(new[] { 48, 56, 64 }.Index(), level => Assert.Equal(Enumerable.Range(0, level.Item), DecidingBits(Address, level.Index)));
    }

    [Fact]
    public void Networks_of_different_sizes_are_never_equal() => Addresses.Sample(address =>
    {
        ClientNetwork[] networks = [ClientNetwork.Of(address), ClientNetwork.Link(address), ClientNetwork.Wide(address)];
        var isV4 = address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork || address.IsIPv4MappedToIPv6;

        Assert.Equal(isV4 ? 2 : 3, networks.Distinct().Count());
        Assert.Equal(isV4 ? 2 : 3, networks.Select(network => network.ToBits()).Distinct().Count());
    });

    [Fact]
    public void Equal_networks_have_equal_bits_and_hashes() => Gen.Select(Addresses, Addresses).Sample((one, other) =>
    {
        var (a, b) = (ClientNetwork.Wide(one), ClientNetwork.Wide(other));

        Assert.Equal(a == b, a.ToBits() == b.ToBits());
        Assert.True(a != b || a.GetHashCode() == b.GetHashCode());
    });

    [Fact]
    public void Hashes_tell_networks_apart() =>
        Assert.True(Enumerable.Range(0, 1_000).Select(i => ClientNetwork.Of(new IPAddress(i)).GetHashCode()).Distinct().Count() > 990);

    private static (ClientNetwork Network, int Factor)[] LevelsOf(string address)
    {
        var levels = new (ClientNetwork, int)[ClientNetwork.MaxLevels];
        Assert.Equal(3, ClientNetwork.Levels(IPAddress.Parse(address), levels));
        return levels;
    }

    /// <summary>The bits of an address that decide in which network of that level it is.</summary>
    private static IEnumerable<int> DecidingBits(string address, int level)
    {
        var bytes = IPAddress.Parse(address).GetAddressBytes();
        var network = LevelsOf(address)[level].Network;
        return Enumerable.Range(0, 128).Where(bit =>
        {
            var changed = (byte[])bytes.Clone();
            changed[bit / 8] ^= (byte)(0x80 >> (bit % 8));
            return LevelsOf(new IPAddress(changed).ToString())[level].Network != network;
        });
    }

    private static void AssertSame(bool isSame, ClientNetwork one, ClientNetwork other) => Assert.Equal(isSame, one == other);
}
