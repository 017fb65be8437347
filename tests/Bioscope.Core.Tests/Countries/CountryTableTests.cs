using System.Net;
using CsCheck;
using Xunit;

namespace Bioscope.Core.Tests.Countries;

public class CountryTableTests
{
    private static readonly IPAddress Dutch = IPAddress.Parse("91.198.174.192");

    [Fact]
    public void Address_ranges_match_their_source_at_both_ends()
    {
        var vectors = RepositoryFiles.Lines("tests/Bioscope.Core.Tests/Countries/country-vectors.txt").Select(line => line.Split(' '))
            .ToList();
        Assert.True(vectors.Count > 1_500);
        Assert.Empty(
            from vector in vectors
            let found = CountryTable.Find(IPAddress.Parse(vector[0])) ?? "-"
            where found != vector[1]
            select $"{vector[0]} is {found}, not {vector[1]}");
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("10.127.28.1")] // Announced by someone nevertheless,
    [InlineData("100.64.1.1")] // as is this.
    [InlineData("127.0.0.1")]
    [InlineData("169.254.1.1")]
    [InlineData("172.16.100.9")]
    [InlineData("192.168.11.1")]
    [InlineData("198.18.0.1")]
    [InlineData("203.0.113.7")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("::91.198.174.192")] // The compatible form is no longer in use.
    [InlineData("fe80::1%3")]
    [InlineData("fd00:9002:102::1")]
    [InlineData("ff02::1")]
    [InlineData("2001:0:4136:e378::1")]
    [InlineData("2001:db8::1")]
    [InlineData("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("::ffff:192.168.0.1")]
    [InlineData("2002:c0a8:0101::1")]
    [InlineData("64:ff9b:1::5bc6:aec0")] // For local use, with any kind of address.
    public void A_reserved_address_has_no_country(string address) => Assert.Null(CountryTable.Find(IPAddress.Parse(address)));

    [Theory]
    [InlineData("::ffff:91.198.174.192")]
    [InlineData("64:ff9b::91.198.174.192")]
    [InlineData("2002:5bc6:aec0::1")]
    public void An_IPv4_address_inside_IPv6_has_its_country(string address)
    {
        Assert.Equal("NL", CountryTable.Find(Dutch));
        Assert.Equal("NL", CountryTable.Find(IPAddress.Parse(address)));
    }

    [Fact]
    public void Any_address_gets_no_country_or_a_named_one()
    {
        Gen.OneOf(Gen.Byte.Array[4], Gen.Byte.Array[16], Gen.Byte.Array[15].Select(bytes => (byte[])[0x2A, .. bytes])).Sample(bytes =>
        {
            var address = new IPAddress(bytes);
            var code = CountryTable.Find(address);
            Assert.Equal(code is null, CountryName.Of(code) is null);
            if (bytes.Length == 4)
            {
                Assert.Equal(code, CountryTable.Find(address.MapToIPv6()));
            }
        });
    }

    [Fact]
    public void Every_code_of_the_table_has_a_name()
    {
        Assert.Equal(249, CountryTable.Codes.Count);
        Assert.DoesNotContain(CountryTable.Codes, code => CountryName.Of(code) is null);
        Assert.Matches(@"^20\d\d-\d\d-\d\d$", CountryTable.Made);
    }

    [Fact]
    public void Lookups_allocate_nothing()
    {
        Ask();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Ask();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        static void Ask()
        {
            CountryTable.Find(Dutch);
            CountryTable.Find(IPAddress.IPv6Loopback);
        }
    }
}
