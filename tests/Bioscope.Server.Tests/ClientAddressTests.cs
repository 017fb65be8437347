using System.Net;
using Bioscope.Server.Configuration;
using Bioscope.Server.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace Bioscope.Server.Tests;

/// <summary>Which address counts as the client's, whatever headers somebody sends.</summary>
public sealed class ClientAddressTests
{
    private const string Trusted = "10.0.0.0/8,fd00::/8,::1";

    [Theory]
    // Nobody but a trusted proxy names anybody.
    [InlineData("203.0.113.9", "198.51.100.1", null, "203.0.113.9")]
    [InlineData("203.0.113.9", "10.0.0.1", "198.51.100.1", "203.0.113.9")]
    // The address that the trusted proxy saw, not what the client wrote in front of it.
    [InlineData("10.0.0.1", "198.51.100.1", null, "198.51.100.1")]
    [InlineData("10.0.0.1", "192.0.2.66, 198.51.100.1", null, "198.51.100.1")]
    [InlineData("10.0.0.1", "198.51.100.1, 10.9.9.9, fd00::2", null, "198.51.100.1")]
    [InlineData("10.0.0.1", "192.0.2.66,198.51.100.1,10.9.9.9", null, "198.51.100.1")]
    // Behind nothing but trusted proxies, the first of them.
    [InlineData("10.0.0.1", "10.0.0.2, 10.0.0.3", null, "10.0.0.2")]
    // What is no address ends what can be trusted.
    [InlineData("10.0.0.1", "198.51.100.1, unknown, 10.0.0.3", null, "10.0.0.3")]
    [InlineData("10.0.0.1", "unknown", null, "10.0.0.1")]
    [InlineData("10.0.0.1", "", null, "10.0.0.1")]
    [InlineData("10.0.0.1", " , ,", null, "10.0.0.1")]
    // Ports, brackets and IPv4 within IPv6.
    [InlineData("10.0.0.1", "198.51.100.1:4711", null, "198.51.100.1")]
    [InlineData("10.0.0.1", "[2001:db8::1]:4711", null, "2001:db8::1")]
    [InlineData("10.0.0.1", "2001:db8::1", null, "2001:db8::1")]
    [InlineData("::ffff:10.0.0.1", "::ffff:198.51.100.1", null, "198.51.100.1")]
    [InlineData("::ffff:203.0.113.9", "198.51.100.1", null, "203.0.113.9")]
    // A content delivery network's header has one address and comes first.
    [InlineData("10.0.0.1", "192.0.2.66", "198.51.100.1", "198.51.100.1")]
    [InlineData("10.0.0.1", "192.0.2.66", "unknown", "192.0.2.66")]
    [InlineData("10.0.0.1", "192.0.2.66", "198.51.100.1, 198.51.100.2", "192.0.2.66")]
    public void The_client_is_the_last_address_that_no_trusted_proxy_has(string socket, string forwardedFor, string? connectingIp, string expected)
    {
        var http = Request(socket, forwardedFor);
        if (connectingIp is not null)
        {
            http.Request.Headers["CF-Connecting-IP"] = connectingIp;
        }

        Assert.Equal(expected, Addresses(Trusted).Of(http).ToString());
    }

    [Fact]
    public void Two_headers_of_a_content_delivery_network_name_nobody()
    {
        var http = Request("10.0.0.1", "192.0.2.66");
        http.Request.Headers["CF-Connecting-IP"] = new(["198.51.100.1", "198.51.100.2"]);

        Assert.Equal("192.0.2.66", Addresses(Trusted).Of(http).ToString());
    }

    [Fact]
    public void Several_headers_are_read_as_one_list()
    {
        var http = Request("10.0.0.1", "");
        http.Request.Headers["X-Forwarded-For"] = new(["192.0.2.66, 198.51.100.1", "10.0.0.2"]);

        Assert.Equal("198.51.100.1", Addresses(Trusted).Of(http).ToString());
        Assert.Equal(2, Addresses(Trusted).TrustedHops(http));
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("198.51.100.1", 1)]
    [InlineData("10.0.0.2", 2)]
    [InlineData("198.51.100.1, 10.0.0.3, 10.0.0.2", 3)]
    [InlineData("10.0.0.4, 198.51.100.1, 10.0.0.2", 2)]
    [InlineData("10.0.0.3, unknown, 10.0.0.2", 2)]
    public void Hops_are_counted_up_to_the_first_that_is_not_trusted(string forwardedFor, int hops) =>
        Assert.Equal(hops, Addresses(Trusted).TrustedHops(Request("10.0.0.1", forwardedFor)));

    [Theory]
    [InlineData("10.255.255.255", true)]
    [InlineData("11.0.0.0", false)]
    [InlineData("9.255.255.255", false)]
    [InlineData("fdff::1", true)]
    [InlineData("fe00::1", false)]
    [InlineData("::1", true)]
    [InlineData("::2", false)]
    [InlineData("127.0.0.1", false)] // not the same as ::1
    public void A_proxy_is_trusted_within_its_range(string address, bool isTrusted)
    {
        Assert.Equal(isTrusted, Addresses(Trusted).IsTrusted(IPAddress.Parse(address)));
        Assert.False(Addresses("none").IsTrusted(IPAddress.Parse(address)));
    }

    private static DefaultHttpContext Request(string socket, string forwardedFor)
    {
        var http = new DefaultHttpContext();
        http.Connection.RemoteIpAddress = IPAddress.Parse(socket);
        http.Request.Headers["X-Forwarded-For"] = forwardedFor;
        return http;
    }

    private static ClientAddress Addresses(string trusted) => new(Settings.Read(
        new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create("Proxies:Trusted", (string?)trusted)]).Build()));
}
