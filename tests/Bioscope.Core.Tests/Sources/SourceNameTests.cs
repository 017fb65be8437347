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

    [Fact]
    public void Every_listed_name_applies_to_subdomains()
    {
        var checkedDomains = 0;
        foreach (var line in EmbeddedText.Lines(typeof(SourceName).Assembly, "sources.txt"))
        {
            var fields = line.Split('|', StringSplitOptions.TrimEntries);
            foreach (var name in fields[2].Split(' '))
            {
                var domain = name.EndsWith(".*", StringComparison.Ordinal) ? name[..^1] + "com" : name.StartsWith(
                    "app:", StringComparison.Ordinal) ? name[4..].ToLowerInvariant() : name;
                Assert.Equal(fields[0], SourceName.Of(domain)?.Name);
                // With another label in front it is another domain, which belongs to the source of its parent.
                var parent = name.StartsWith(
                    "app:", StringComparison.Ordinal) ? "" : domain[(domain.IndexOf('.', StringComparison.Ordinal) + 1)..];
                Assert.Equal(SourceName.Of(parent), SourceName.Of("not" + domain));
                if (!name.StartsWith("app:", StringComparison.Ordinal))
                {
                    Assert.Equal(fields[0], SourceName.Of("any.host." + domain)?.Name);
                }

                checkedDomains++;
            }
        }

        Assert.True(checkedDomains > 250);
        Assert.True(SourceName.All.Count() > 100);
    }
}
