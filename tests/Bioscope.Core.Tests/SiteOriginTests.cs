using Xunit;

namespace Bioscope.Core.Tests;

public sealed class SiteOriginTests
{
    [Theory]
    [InlineData("shop.example", "https://shop.example")]
    [InlineData("  https://Shop.Example/cart?x=1#y ", "https://shop.example")]
    [InlineData("http://shop.example:80/", "http://shop.example")]
    [InlineData("https://shop.example:8443/a", "https://shop.example:8443")]
    [InlineData("https://bücher.example", "https://xn--bcher-kva.example")]
    [InlineData("http://127.0.0.1:5000", "http://127.0.0.1:5000")]
    [InlineData("http://[::1]:5000/", "http://[::1]:5000")]
    public void An_address_has_an_origin(string address, string origin) => Assert.Equal(origin, SiteOrigin.Of(address));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("null://x")]
    [InlineData("ftp://shop.example")]
    [InlineData("javascript://shop.example/%0aalert(1)")]
    [InlineData("https://")]
    [InlineData("https://a@shop.example")]
    [InlineData("shop example")]
    [InlineData("https://shop.example:99999")]
    [InlineData("mailto:a@shop.example")]
    public void What_is_no_web_address_has_none(string? address) => Assert.Null(SiteOrigin.Of(address));

    [Fact]
    public void An_origin_is_its_own_and_long_ones_are_refused()
    {
        Assert.Equal("https://shop.example:8443", SiteOrigin.Of(SiteOrigin.Of("https://shop.example:8443/a")));
        Assert.Null(SiteOrigin.Of("https://" + string.Join('.', Enumerable.Repeat("abcdefgh", 40)) + ".example"));
        Assert.Null(SiteOrigin.Of("https://shop.example/" + new string('a', 3_000)));
    }

    [Theory]
    [InlineData("https://www.shop.example", "shop.example")]
    [InlineData("http://shop.example", "shop.example")]
    [InlineData("https://www.example", "www.example")]
    [InlineData("https://shop.example:8443", "shop.example:8443")]
    [InlineData("https://wwwshop.example", "wwwshop.example")]
    public void Origins_of_one_site_are_equal(string origin, string site) => Assert.Equal(site, SiteOrigin.SiteOf(origin));

    [Theory]
    [InlineData("https://shop.example/a/b?c#d", "/a/b")]
    [InlineData("https://shop.example", "/")]
    [InlineData("https://shop.example?a=/b", "/")]
    [InlineData("https://shop.example/#/a", "/")]
    [InlineData(" https://shop.example/abcdefghijklm", "/abcdefghi")]
    [InlineData("https://shop.example/12345678😀", "/12345678")]
    [InlineData("file:///a", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void The_path_of_an_address_is_cut_and_has_no_query(string? url, string? path) => Assert.Equal(path, SiteOrigin.PathOf(url, 10));
}
