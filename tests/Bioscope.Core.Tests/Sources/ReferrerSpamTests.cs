using Xunit;

namespace Bioscope.Core.Tests.Sources;

public sealed class ReferrerSpamTests
{
    [Theory]
    [InlineData("semalt.com")]
    [InlineData("www.semalt.com")]
    [InlineData("SEMALT.com.")]
    public void A_domain_of_the_list_and_all_below_it_are_spam(string domain) => Assert.True(ReferrerSpam.Has(domain));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("direct")]
    [InlineData("com")]
    [InlineData("notsemalt.com")]
    [InlineData("semalt.com.example")]
    [InlineData("instagram.com")]
    public void Others_are_not(string? domain) => Assert.False(ReferrerSpam.Has(domain));

    [Fact]
    public void The_list_is_whole_and_no_known_source_is_in_it()
    {
        Assert.True(ReferrerSpam.All.Count > 2_000);
        Assert.DoesNotContain(ReferrerSpam.All, domain => SourceName.Of(domain) is not null);
        Assert.DoesNotContain(SourceList.Embedded.Domains.Keys, ReferrerSpam.Has);
        Assert.All(ReferrerSpam.All, domain => Assert.Matches("^[a-z0-9-]+([.][a-z0-9-]+)+$", domain));
    }
}
