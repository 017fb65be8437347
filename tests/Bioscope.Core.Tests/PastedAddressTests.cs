using CsCheck;
using Xunit;

namespace Bioscope.Core.Tests;

public sealed class PastedAddressTests
{
    [Theory]
    [InlineData(" https://shop.example/a?b#c ", "https://shop.example/a?b#c")]
    [InlineData("HTTP://shop.example", "HTTP://shop.example")]
    [InlineData("shop.example", "https://shop.example")]
    [InlineData("shop.example:8443/a", "https://shop.example:8443/a")]
    [InlineData("shop.example/a:b", "https://shop.example/a:b")]
    [InlineData("shop.example?to=https://x.example", "https://shop.example?to=https://x.example")]
    [InlineData("mailto:anna@shop.example", "mailto:anna@shop.example")]
    [InlineData("javascript:alert(1)", "javascript:alert(1)")]
    [InlineData("//evil.example", "//evil.example")]
    [InlineData("", "")]
    public void An_address_without_a_scheme_gets_https(string pasted, string address) =>
        Assert.Equal(address, PastedAddress.Complete(pasted));

    [Theory]
    [InlineData("https://www.instagram.com/anna", "Instagram")]
    [InlineData("https://youtu.be/abc", "YouTube")]
    [InlineData("https://www.shop.anna.example:8443/a", "shop.anna.example")]
    [InlineData("javascript:alert(1)", "")]
    [InlineData("https://a@shop.example", "")]
    public void The_title_is_the_service_or_the_host(string address, string title) => Assert.Equal(title, PastedAddress.TitleOf(address));

    [Fact]
    public void Completing_twice_is_completing_once() =>
        Gen.String.Sample(text => Assert.Equal(PastedAddress.Complete(text), PastedAddress.Complete(PastedAddress.Complete(text))));
}
