using Xunit;

namespace Bioscope.Core.Tests;

public sealed class UtmMediumTests
{
    [Theory]
    [InlineData("cpc", "Paid Other", "Paid Search", "Paid Social", "Paid Video")]
    [InlineData("PPC", "Paid Other", "Paid Search", "Paid Social", "Paid Video")]
    [InlineData("paid", "Paid Other", "Paid Search", "Paid Social", "Paid Video")]
    [InlineData("retargeting", "Paid Other", "Paid Search", "Paid Social", "Paid Video")]
    [InlineData("cpm", "Display", "Paid Search", "Paid Social", "Paid Video")]
    [InlineData("paid_social", "Paid Social", "Paid Social", "Paid Social", "Paid Social")]
    [InlineData("paidsearch", "Paid Search", "Paid Search", "Paid Search", "Paid Search")]
    [InlineData("display", "Display", "Display", "Display", "Display")]
    [InlineData("paid-display", "Display", "Display", "Display", "Display")]
    [InlineData("sem", "Paid Search", "Paid Search", "Paid Search", "Paid Search")]
    [InlineData("paid-video", "Paid Video", "Paid Video", "Paid Video", "Paid Video")]
    [InlineData("cpm banner", "Display", "Display", "Display", "Display")]
    [InlineData("cpm ads", "Paid Other", "Paid Search", "Paid Social", "Paid Video")]
    [InlineData("no name ads", "Paid Other", "Paid Search", "Paid Social", "Paid Video")]
    [InlineData("organic", "Organic Search", "Organic Search", "Organic Social", "Organic Video")]
    [InlineData("referral", "Referral", "Organic Search", "Organic Social", "Organic Video")]
    [InlineData("bio", null, null, null, null)]
    [InlineData("", null, null, null, null)]
    [InlineData(null, null, null, null, null)]
    public void A_medium_is_read_beside_the_sources_own_channel(
        string? medium, string? unknown, string? search, string? social, string? video) => Assert.Equal(
            [unknown, search, social, video],
            new[] { null, Channel.OrganicSearch, Channel.OrganicSocial, Channel.OrganicVideo }.Select(
                own => UtmMedium.ChannelOf(medium, own)));

    [Theory]
    [InlineData("email", "Email")]
    [InlineData("E-Mail", "Email")]
    [InlineData("e_mail", "Email")]
    [InlineData("e%20mail", "Email")]
    [InlineData("newsletter", "Email")]
    [InlineData("email-campaign", "Email")]
    [InlineData("affiliate", "Affiliates")]
    [InlineData("sms", "SMS")]
    [InlineData("audio", "Audio")]
    [InlineData("podcast", "Audio")]
    [InlineData("push", "Push")]
    [InlineData("web-push", "Push")]
    [InlineData("push_notification", "Push")]
    [InlineData("push-campaign", "Push")]
    [InlineData("webpush", "Push")]
    [InlineData("app-notifications", "Push")]
    [InlineData("mobile", "Push")]
    [InlineData("automobile", null)]
    [InlineData("social", "Organic Social")]
    [InlineData("social-network", "Organic Social")]
    [InlineData("socials", "Organic Social")]
    [InlineData("antisocial", null)]
    [InlineData("bold video", "Organic Video")]
    [InlineData("newsletter-may", "Email")]
    [InlineData("my-affiliate", "Affiliates")]
    [InlineData("sms-may", "SMS")]
    [InlineData("smsmay", null)]
    [InlineData("social media", "Organic Social")]
    [InlineData("organic_social", "Organic Social")]
    [InlineData("sm", "Organic Social")]
    [InlineData("video", "Organic Video")]
    [InlineData("banner", "Display")]
    [InlineData("interstitial", "Display")]
    [InlineData("expandable", "Display")]
    [InlineData("cross-network", "Cross-network")]
    [InlineData("messenger", "Messengers")]
    [InlineData("unpaid", null)]
    [InlineData("non-paid", null)]
    [InlineData("not paid", null)]
    [InlineData("no ads", null)]
    [InlineData("non-paid social", "Organic Social")]
    [InlineData("(none)", null)]
    [InlineData("adventure", null)]
    public void A_medium_has_its_channel_whatever_the_source(string medium, string? channel) => Assert.Equal(
        [channel, channel], [UtmMedium.ChannelOf(medium, null), UtmMedium.ChannelOf(medium, Channel.OrganicSearch)]);
}
