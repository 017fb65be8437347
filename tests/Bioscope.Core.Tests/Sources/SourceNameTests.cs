using Xunit;

namespace Bioscope.Core.Tests.Sources;

public sealed class SourceNameTests
{
    [Theory]
    [InlineData("instagram.com", "Instagram")]
    [InlineData("l.instagram.com", "Instagram")]
    [InlineData("com.instagram.android", "Instagram")]
    [InlineData("com.instagram.barcelona", "Threads")]
    [InlineData("x.com", "X")]
    [InlineData("mobile.x.com", "X")]
    [InlineData("t.co", "X")]
    [InlineData("m.youtube.com", "YouTube")]
    [InlineData("youtu.be", "YouTube")]
    [InlineData("com.google.android.youtube", "YouTube")]
    [InlineData("google.com", "Google")]
    [InlineData("google.de", "Google")]
    [InlineData("google.co.uk", "Google")]
    [InlineData("google.com.br", "Google")]
    [InlineData("images.google.fr", "Google")]
    [InlineData("mail.google.com", "Gmail")]
    [InlineData("news.google.com", "Google News")]
    [InlineData("com.google.android.gm", "Gmail")]
    [InlineData("com.google.android.googlequicksearchbox", "Google")]
    [InlineData("nora.substack.com", "Substack")]
    [InlineData("lnkd.in", "LinkedIn")]
    [InlineData("old.reddit.com", "Reddit")]
    [InlineData("lm.facebook.com", "Facebook")]
    [InlineData("wa.me", "WhatsApp")]
    [InlineData("mail.yahoo.com", "Yahoo Mail")]
    [InlineData("de.search.yahoo.com", "Yahoo")]
    [InlineData("pinterest.co.uk", "Pinterest")]
    [InlineData("com.amazon.mshop.android.shopping", "Amazon")]
    [InlineData("news.ycombinator.com", "Hacker News")]
    [InlineData("x.com.", "X")]
    public void A_known_domain_has_its_common_name(string domain, string name) => Assert.Equal(name, SourceName.Of(domain)?.Name);

    [Theory]
    [InlineData("netflix.com")]
    [InlineData("notinstagram.com")]
    [InlineData("instagram.com.evil.example")]
    [InlineData("google.evil.com")]
    [InlineData("google.com.evil.com")]
    [InlineData("agoogle.de")]
    [InlineData("google")]
    [InlineData("google.museum")]
    [InlineData("co.uk")]
    [InlineData("com")]
    [InlineData("it.co")]
    [InlineData("evil.com.instagram.android")]
    [InlineData("com.instagram.android.evil")]
    [InlineData("ycombinator.com")]
    [InlineData("direct")]
    [InlineData("")]
    [InlineData("...")]
    [InlineData("[::1]")]
    [InlineData("127.0.0.1")]
    public void A_similar_domain_has_no_name(string domain) => Assert.Null(SourceName.Of(domain));

    [Theory]
    [InlineData("mastodon.art", "Mastodon")]
    [InlineData("mastodon.gamedev.place", "Mastodon")]
    [InlineData("mastodon.a.b.example", null)]
    [InlineData("my.mastodon.example", null)]
    [InlineData("mastodon", null)]
    [InlineData("mastodons.example", null)]
    [InlineData("lemmy.substack.com", "Substack")]
    public void Servers_of_the_Fediverse_are_known_by_their_first_label(string domain, string? name) =>
        Assert.Equal(name, SourceName.Of(domain)?.Name);

    [Theory]
    [InlineData("google.io")]
    [InlineData("amazon.tv")]
    [InlineData("google.cc")]
    [InlineData("mail.yandex.ai")]
    public void Letters_that_anybody_may_register_are_no_country(string domain) => Assert.Null(SourceName.Of(domain));

    [Theory]
    [InlineData("music.amazon.co.uk", "Amazon Music")]
    [InlineData("mail.yandex.com.tr", "Yandex Mail")]
    [InlineData("scholar.google.com.br", "Google Scholar")]
    [InlineData("search.yahoo.co.jp", "Yahoo! Japan")]
    [InlineData("YOUTU.BE", "YouTube")]
    [InlineData("COM.Amazon.mShop.Android.Shopping", "Amazon")]
    public void Another_product_has_another_name_in_every_country_and_case(string domain, string name) =>
        Assert.Equal(name, SourceName.Of(domain)?.Name);

    [Fact]
    public void Every_listed_domain_applies_to_subdomains_and_to_nothing_similar()
    {
        var checkedDomains = 0;
        foreach (var (source, item) in Items.Where(pair => !pair.Item.Contains(':', StringComparison.Ordinal)))
        {
            var domain = item.EndsWith(".*", StringComparison.Ordinal) ? item[..^1] + "com" : item;
            Assert.Equal(source, SourceName.Of(domain)?.Name);
            Assert.Equal(source, SourceName.Of("any.host." + domain)?.Name);
            // With another label in front it is another domain, which belongs to the source of its parent.
            var parent = SourceName.Of(domain[(domain.IndexOf('.', StringComparison.Ordinal) + 1)..]);
            Assert.Equal(parent, SourceName.Of("not" + domain));
            Assert.Equal(parent, SourceName.Of("my-" + domain));
            Assert.Null(SourceName.Of(domain + ".login.evil.example"));
            Assert.Null(SourceName.Of(domain.Replace('.', '-') + ".evil.example"));
            checkedDomains++;
        }

        Assert.True(checkedDomains > 1_000);
    }

    [Fact]
    public void Every_listed_app_has_its_name_exactly()
    {
        foreach (var (source, item) in Items)
        {
            var package = item[(item.IndexOf(':', StringComparison.Ordinal) + 1)..];
            switch (item[..^package.Length])
            {
                case "app:":
                    Assert.Equal((source, source), (SourceName.Of(package)?.Name, SourceName.OfPackage(package.ToUpperInvariant())?.Name));
                    Assert.Null(SourceName.OfPackage(package + ".evil"));
                    Assert.Null(SourceName.OfPackage("evil." + package));
                    break;
                case "browser:":
                    Assert.Equal(source, SourceName.Of(package)?.Name);
                    Assert.Null(SourceName.OfPackage(package));
                    break;
            }
        }
    }

    [Fact]
    public void Every_source_has_a_name_of_its_own_and_a_channel()
    {
        var names = Items.Select(pair => pair.Source).Distinct().ToList();
        Assert.Equal(names.Order(StringComparer.Ordinal), SourceName.All.Select(source => source.Name).Order(StringComparer.Ordinal));
        Assert.True(names.Count >= 250);
        Assert.All(SourceName.All, source => Assert.Contains(source.Channel, Channel.All));
        Assert.All(names, name => Assert.Equal(name, SourceName.Named(name.ToUpperInvariant())?.Name));
    }

    [Fact]
    public void A_very_long_domain_is_read_quickly()
    {
        var domain = string.Concat(Enumerable.Repeat("a.", 500_000)) + "x.com";
        Assert.Equal("X", SourceName.Of(domain)?.Name);
        var before = GC.GetAllocatedBytesForCurrentThread();
        SourceName.Of(domain);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000);
    }

    /// <summary>Everything in the list that counts as a source.</summary>
    private static IEnumerable<(string Source, string Item)> Items =>
        from line in EmbeddedText.Lines(typeof(SourceName).Assembly, "sources.txt")
        let fields = line.Split('|', StringSplitOptions.TrimEntries)
        from item in fields[3].Split(' ')
        select (fields[0], item);
}
