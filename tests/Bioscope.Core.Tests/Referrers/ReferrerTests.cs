using CsCheck;
using Xunit;

namespace Bioscope.Core.Tests.Referrers;

public sealed class ReferrerTests
{
    /// <summary>Pieces with a meaning somewhere in a URL, so that random texts reach the corner cases of the parser.</summary>
    private static readonly string[] Pieces =
    [
        "http:", "https:", "file:", "foo:", "//", "/", "\\", "@", ":", "?", "#", "[", "]", "%", "%2e", "%C3%BC", "%00", ".", "-", "xn--",
        "www.",
        "a", "Z", "0", "1", "9", "0x", "255", "65536", "::", "\t", "\n", " ", "\0", "\u007F", "ü", "ß", "\u0308", "\u0323", "א", "٣",
        "\u094D",
        "\u200C", "\u200D", "\u00AD", "。", "ﷺ", "\uAC00", "\u1100", "\u1161", "\u11A8", "💩", "\uD800", "\uDC00", "\uFFFD", "\uFFFF",
    ];

    private static readonly Gen<string> Piece = Gen.Int[0, Pieces.Length - 1].Select(i => Pieces[i]);

    private static readonly Gen<string> Text = Gen.OneOf(
        Piece.Array[0, 20].Select(string.Concat),
        Gen.Char.Array[0, 40].Select(chars => new string(chars)),
        Gen.Select(Piece, Gen.Char).Array[0, 12].Select(
            pairs => "https://" + string.Concat(pairs.Select(pair => pair.Item1 + pair.Item2))));

    public static TheoryData<string> Topics => [.. ReferrerVectors.Read().Referrers.Keys];

    [Theory]
    [MemberData(nameof(Topics))]
    public void A_referrer_counts_as_the_domain_that_browsers_see(string topic)
    {
        var vectors = ReferrerVectors.Read().Referrers[topic];
        Assert.True(vectors.Length >= 10, "Too few vectors to mean anything.");
        Assert.All(vectors, vector => Assert.Equal(vector[1], Referrer.Domain(vector[0])));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("about:blank")]
    [InlineData("mailto:someone@example.com")]
    [InlineData("file:///etc/hosts")]
    [InlineData("/relative")]
    public void A_referrer_without_a_host_has_no_domain(string? referrer) => Assert.Null(Referrer.Domain(referrer));

    [Fact]
    public void Only_the_first_www_is_removed()
    {
        Assert.Equal("foo.bar.com", Referrer.Domain("https://foo.www.bar.com/"));
        Assert.Equal("www.com", Referrer.Domain("https://www.www.com/"));
        Assert.Equal("a.www.com", Referrer.Domain("https://www.a.www.com/"));
        Assert.Equal("acom", Referrer.Domain("https://awww.com/"));
        Assert.Null(Referrer.Domain("https://www./"));
    }

    [Fact]
    public void A_lone_surrogate_counts_as_the_replacement_character()
    {
        Assert.Equal("example.com", Referrer.Domain("https://example.com/\uD800"));
        Assert.Equal("example.com", Referrer.Domain("https://\uDC00@example.com/"));
        Assert.Equal("%EF%BF%BD", Referrer.Domain("foo://\uD800/"));
        Assert.Null(Referrer.Domain("https://a\uD800b.example/"));
        Assert.Null(Referrer.Domain("https://a\uDC00%41.example/"));
    }

    [Theory]
    [InlineData("foo://~é!/", "~%C3%A9!")] // with nothing to encode the host is taken as it is
    [InlineData("foo://\u007F~/", "%7F~")]
    [InlineData("foo://é\u001F/", "%C3%A9%1F")]
    public void Printable_ASCII_in_an_opaque_host_is_kept(string referrer, string domain) => Assert.Equal(domain, Referrer.Domain(referrer));

    [Fact]
    public void Text_beyond_the_parsed_length_is_ignored()
    {
        var upToTheHost = "https://" + new string('a', Referrer.MaxParsedLength - 8);
        Assert.Equal(upToTheHost[8..], Referrer.Domain(upToTheHost + ".example/"));
        Assert.Equal(upToTheHost[8..], Referrer.Domain(upToTheHost + ":99999"));
        Assert.Null(Referrer.Domain(new string(' ', Referrer.MaxParsedLength) + "https://example.com/"));
    }

    [Fact]
    public void No_referrer_throws_or_gives_an_empty_domain() => Text.Sample(
        text =>
        {
            var domain = Referrer.Domain(text);
            return domain is null
                || (domain.Length > 0 && domain.All(c => c is > ' ' and < '\u007F') && domain.IndexOfAny(['/', '\\', '?', '#', '@']) < 0);
        },
        iter: 50_000);

    [Fact]
    public void A_domain_maps_to_itself_in_lower_case() => Text.Sample(
        text =>
        {
            var domain = Referrer.Domain("https://" + text);
            // Without its "www." a domain can be anything ("1www.2" is 12, an address).
            return domain is null
                || (!domain.Any(char.IsAsciiLetterUpper) && (text.Contains('w') || text.Contains('ｗ') || Referrer.Domain($"http://{domain}/") == domain));
        },
        iter: 50_000);

    [Theory]
    [InlineData("https://", "ü")]
    [InlineData("https://", "1.")]
    [InlineData("https://", "。")]
    [InlineData("https://", "%C3%BC")]
    [InlineData("https://", "%")]
    [InlineData("https://", "@")]
    [InlineData("https://", ":")]
    [InlineData("https://", "[")]
    [InlineData("https://", "\u200C")]
    [InlineData("https://a", "\u0345\u0334")] // marks in the wrong order
    [InlineData("https://ب", "\u0300\u200C")]
    [InlineData("https://", "ﷺ")] // 18 code points each
    [InlineData("https://", "㌖")] // 6 code points each
    [InlineData("https://ü.xn--", "ⅷ")] // "viii", Punycode digits
    [InlineData("https://ü.", "xn--zca.")]
    [InlineData("https://[", "1:")]
    [InlineData("foo://", "ü")]
    [InlineData("", "\t")]
    [InlineData("h", "\n")]
    public void Memory_is_proportional_to_the_referrers_length(string start, string repeated)
    {
        // Per character read, some of which stand for 18 others; the time is measured in bench/.
        const int MaxBytes = 500;
        var referrer = start + string.Concat(Enumerable.Repeat(repeated, Referrer.MaxParsedLength / repeated.Length));
        var domain = Referrer.Domain(referrer);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(domain, Referrer.Domain(referrer));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MaxBytes * Referrer.MaxParsedLength);
    }

    [Fact]
    public void A_label_of_thousands_of_different_characters_is_a_domain()
    {
        var referrer = "https://" + string.Concat(Enumerable.Range(0x4E00, 8000).Select(i => (char)i).Reverse());

        Assert.StartsWith("xn--", Referrer.Domain(referrer));
    }
}
