using CsCheck;
using Xunit;

namespace Bioscope.Core.Tests.Sources;

public sealed class SourceTagTests
{
    [Theory]
    [InlineData("ig", "Instagram")]
    [InlineData("IG", "Instagram")]
    [InlineData("insta", "Instagram")]
    [InlineData("instagram.com", "Instagram")]
    [InlineData("l.instagram.com", "Instagram")]
    [InlineData("www.instagram.com/mia", "Instagram")]
    [InlineData("com.instagram.android", "Instagram")]
    [InlineData("android-app://com.instagram.android/", "Instagram")]
    [InlineData("https://l.instagram.com/?u=x", "Instagram")]
    [InlineData("//instagram.com/mia", "Instagram")]
    [InlineData("https%3A%2F%2Finstagram.com", "Instagram")]
    [InlineData("instagram_bio", "Instagram")]
    [InlineData("Instagram Bio", "Instagram")]
    [InlineData("ig-link-in-bio", "Instagram")]
    [InlineData("ig_web_copy_link", "Instagram")]
    [InlineData("igstory", "Instagram")]
    [InlineData("instagram%20stories", "Instagram")]
    [InlineData("Facebook_Mobile_Feed", "Facebook")]
    [InlineData("fb.me", "Facebook")]
    [InlineData("Tik-Tok", "TikTok")]
    [InlineData("tiktok_bio", "TikTok")]
    [InlineData("yt", "YouTube")]
    [InlineData("youtube_description", "YouTube")]
    [InlineData("x", "X")]
    [InlineData("x.com", "X")]
    [InlineData("t.co", "X")]
    [InlineData("twitter", "X")]
    [InlineData("li", "LinkedIn")]
    [InlineData("pin", "Pinterest")]
    [InlineData("snap", "Snapchat")]
    [InlineData("wa", "WhatsApp")]
    [InlineData("tg", "Telegram")]
    [InlineData("threads", "Threads")]
    [InlineData("chatgpt.com", "ChatGPT")]
    [InlineData("Hacker News", "Hacker News")]
    [InlineData("\"ig\"", "Instagram")]
    [InlineData("'ig'", "Instagram")]
    [InlineData("\tig\n", "Instagram")]
    [InlineData("\rig\0 ", "Instagram")]
    [InlineData("%2569%2567", "Instagram")] // encoded twice
    [InlineData("ig bio link in story post reel feed", "Instagram")] // as many words as are looked at
    public void An_alias_names_its_source_without_payment(string tag, string name)
    {
        var told = SourceTag.Of(tag);
        Assert.Equal((name, name, false), (told?.Name, told?.Known?.Name, told?.IsPaid));
    }

    [Theory]
    [InlineData("fb-ads", "Facebook")]
    [InlineData("facebook_ads", "Facebook")]
    [InlineData("Facebook Ads", "Facebook")]
    [InlineData("fbads", "Facebook")]
    [InlineData("ig-ads", "Instagram")]
    [InlineData("paid-instagram", "Instagram")]
    [InlineData("instagram_story_ads", "Instagram")]
    [InlineData("google-ads", "Google")]
    [InlineData("googleads", "Google")]
    [InlineData("adwords", "Google")]
    [InlineData("google_cpc", "Google")]
    [InlineData("bing ads", "Bing")]
    [InlineData("x-ads", "X")]
    [InlineData("meta_ads", "Meta")]
    public void An_alias_of_advertisements_says_that_it_was_paid(string tag, string name)
    {
        var told = SourceTag.Of(tag);
        Assert.Equal((name, true), (told?.Known?.Name, told?.IsPaid));
    }

    [Theory]
    [InlineData("letter-7", "letter-7")]
    [InlineData("instagramers", "instagramers")]
    [InlineData("threadsmith", "threadsmith")]
    [InlineData("leads", "leads")]
    [InlineData("garden-ads", "garden-ads")]
    [InlineData("%252569g", "%69g")] // encoded three times
    [InlineData("ig bio link in story post reel feed page", "ig bio link in story post reel feed page")]
    [InlineData("instagram.com story", "instagram.com story")]
    [InlineData("bio", "bio")]
    [InlineData("ads", "ads")]
    [InlineData("netflix.com", "netflix.com")]
    [InlineData("instagram.com.evil.example", "instagram.com.evil.example")]
    [InlineData("https://www.garden.example/roses", "garden.example")]
    [InlineData("android-app://com.garden.roses/", "com.garden.roses")]
    [InlineData("spring", "spring")]
    [InlineData("100%", "100%")]
    [InlineData("Früh%C3%A4rn", "Frühärn")]
    [InlineData("https://", "https://")]
    [InlineData("-", "-")]
    public void An_unknown_tag_stands_for_itself(string tag, string name) =>
        Assert.Equal(new TagSource(name, null, false), SourceTag.Of(tag));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("(direct)")]
    [InlineData("(not set)")]
    [InlineData("None")]
    public void A_tag_that_says_nothing_is_none(string? tag) => Assert.Null(SourceTag.Of(tag));

    [Fact]
    public void Every_alias_names_its_source_in_any_case()
    {
        foreach (var (alias, source) in SourceList.Embedded.Tags.Concat(SourceList.Embedded.PaidTags))
        {
            Assert.Equal(source, SourceTag.Of(alias.ToUpperInvariant())?.Known);
            Assert.Equal(source, SourceTag.Of(alias)?.Known);
            Assert.Equal(SourceList.Key(alias), alias);
            // Where the link stands changes nothing, advertisements only the payment.
            Assert.Equal(source, SourceTag.Of(alias + "_bio")?.Known);
            Assert.Equal((source, true), (SourceTag.Of("paid " + alias)?.Known, SourceTag.Of("paid " + alias)!.IsPaid));
        }

        Assert.Empty(SourceList.Embedded.Tags.Keys.Intersect(SourceList.Embedded.PaidTags.Keys));
    }

    [Fact]
    public void Any_tag_has_a_name_or_says_nothing() => Gen.String[Gen.Char, 0, 255].Sample(tag =>
    {
        var told = SourceTag.Of(tag);
        Assert.True(told is null || told.Name.Length > 0);
    });

    [Theory]
    [InlineData("a ")]
    [InlineData("ads-")]
    [InlineData("a.")]
    [InlineData("%25")]
    public void A_long_tag_is_read_quickly(string part)
    {
        var tag = string.Concat(Enumerable.Repeat(part, Attribution.MaxLength / part.Length));
        SourceTag.Of(tag);
        var before = GC.GetAllocatedBytesForCurrentThread();
        SourceTag.Of(tag);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 50_000);
    }
}
