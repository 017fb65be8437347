using CsCheck;
using Xunit;

namespace Bioscope.Core.Tests;

public sealed class OutboundUrlTests
{
    [Theory]
    [InlineData("https://shop.example")]
    [InlineData("http://shop.example/")]
    [InlineData("HTTPS://Shop.Example/A?b=c&d=\"#e")]
    [InlineData("https://bücher.example/straße")]
    [InlineData("https://xn--bcher-kva.example:8443/")]
    [InlineData("https://[2001:db8::1]/")]
    [InlineData("https://127.0.0.1/")]
    [InlineData("https://example.com/a b")]
    [InlineData("https://example.com/@name")]
    [InlineData("https://example.com?next=https://a:b@c/")]
    [InlineData("https://example.com/\\path")]
    public void A_web_address_with_a_host_is_allowed(string url) => Assert.True(OutboundUrl.IsAllowed(url));

    [Theory]
    [InlineData("")]
    [InlineData("javascript:alert(1)")]
    [InlineData("java\tscript:alert(1)")]
    [InlineData("\u0001javascript:alert(1)")]
    [InlineData("data:text/html,hi")]
    [InlineData("vbscript:x")]
    [InlineData("mailto:a@b.example")]
    [InlineData("ftp://example.com/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("blob:https://example.com/1")]
    [InlineData("//example.com/")]
    [InlineData("/path")]
    [InlineData("example.com")]
    [InlineData("https:example.com")]
    [InlineData("https:/example.com")]
    [InlineData("https:\\\\example.com")]
    [InlineData("https:///example.com")]
    [InlineData("https://\\example.com")]
    [InlineData("https://good.example\\@evil.example/")]
    [InlineData("https://bank.example@evil.example/")]
    [InlineData("https://a:b@example.com/")]
    [InlineData("https://@example.com/")]
    [InlineData("https://")]
    [InlineData("https://?q")]
    [InlineData("https://:80/")]
    [InlineData("https://example.com:99999/")]
    [InlineData("https://exa mple.com/")]
    [InlineData("https://exa%00mple.com/")]
    [InlineData("https://example.com /path")]
    [InlineData("https://example.com ")]
    [InlineData("https://1.2.3.4.5/")]
    [InlineData(" https://example.com/")]
    [InlineData("https://example.com/\n")]
    [InlineData("ht\ntps://example.com/")]
    [InlineData("https://example.com/\u0085")]
    [InlineData("https://example.com/\0")]
    public void Anything_but_a_web_address_is_refused(string url) => Assert.False(OutboundUrl.IsAllowed(url));

    [Theory]
    [InlineData("https://www.shop.example/a", "shop.example")]
    [InlineData("https://bank.www.example/", "bank.www.example")]
    [InlineData("https://www./", "www.")]
    [InlineData("https://BÜCHER.example:81", "xn--bcher-kva.example")]
    public void The_shown_host_is_in_Unicode(string url, string host) => Assert.Equal(host, OutboundUrl.HostOf(url));

    private static readonly string[] Starts = ["", "https://", "http://", "HttpS://"];

    [Fact]
    public void Allowed_addresses_start_with_http_and_have_a_host() =>
        Gen.Select(
            Gen.Int[0, 3].Select(i => Starts[i]),
            Gen.String[Gen.Char["htps:/\\@.a1 \t?#%[]é\0"], 0, 12],
            (start, rest) => start + rest)
            .Sample(url => !OutboundUrl.IsAllowed(url)
                || (url.StartsWith("http", StringComparison.OrdinalIgnoreCase) && OutboundUrl.HostOf(url).Length > 0 && !url.Any(char.IsControl)));
}
