using Xunit;

namespace Bioscope.Core.Tests;

public sealed class AttributionLadderTests
{
    [Fact]
    public void Every_visit_of_our_list_has_its_source_channel_and_rung()
    {
        Assert.True(Visit.Own.Count() > 280);
        Assert.Empty(Visit.Own.Select(visit => visit.Mistake()).OfType<string>());
    }

    [Fact]
    public void Every_shared_example_has_its_source_channel_and_rung()
    {
        var file = SharedFiles.Find("attribution/examples.json");
        Assert.SkipWhen(file is null, "There is no file shared/attribution/examples.json beside the repository or above it.");
        Assert.Empty(Visit.OfJson(file).Select(visit => visit.Mistake()).OfType<string>());
    }

    /// <summary>One fact for each rung, each another source.</summary>
    private static readonly Func<SessionFacts, SessionFacts>[] Rungs =
    [
        facts => facts with { PlacementSource = "YouTube" },
        facts => facts with { Attribution = facts.Attribution with { UtmSource = "pinterest" } },
        facts => facts with { Attribution = facts.Attribution with { ClickId = "ttclid" } },
        facts => facts with { ReferrerDomain = "reddit.com" },
        facts => facts with { App = "Snapchat" },
    ];

    [Fact]
    public void The_first_rung_that_says_something_decides()
    {
        for (var mask = 0; mask < 1 << Rungs.Length; mask++)
        {
            var facts = new SessionFacts();
            var first = Rungs.Length;
            for (var i = Rungs.Length - 1; i >= 0; i--)
            {
                if ((mask >> i & 1) == 1)
                {
                    (facts, first) = (Rungs[i](facts), i);
                }
            }

            Assert.Equal(Rung.All[first], AttributionLadder.Of(facts).Rung);
            var alone = first < Rungs.Length ? Rungs[first](new SessionFacts()) : new SessionFacts();
            Assert.Equal(AttributionLadder.Of(alone), AttributionLadder.Of(facts));
        }
    }

    [Theory]
    [InlineData("Instagram", "Instagram", "Organic Social")]
    [InlineData("newsletter", "Newsletter", "Email")]
    [InlineData("ig", "Instagram", "Organic Social")]
    [InlineData("my garden fence", "my garden fence", "Referral")]
    [InlineData("  Instagram ", "Instagram", "Organic Social")]
    public void A_placement_has_the_source_that_its_creator_gave(string source, string name, string channel) =>
        Assert.Equal(new SessionSource(name, channel, "placement"), AttributionLadder.Of(new SessionFacts { PlacementSource = source }));

    [Theory]
    [InlineData("?utm_medium=email", "instagram.com", "Instagram", "Email", "tag")]
    [InlineData("?utm_medium=paid", "google.com", "Google", "Paid Search", "tag")]
    [InlineData("?utm_medium=organic", "instagram.com", "Instagram", "Organic Social", "tag")]
    [InlineData("?utm_medium=referral", null, "Direct / None", "Referral", "tag")]
    [InlineData("?utm_medium=garden", "instagram.com", "Instagram", "Organic Social", "referrer")]
    [InlineData("?utm_medium=garden", null, "Direct / None", "Direct", "none")]
    [InlineData("?utm_medium=email&fbclid=x", null, "Meta", "Email", "tag")]
    [InlineData("?utm_source=garden&utm_medium=garden", null, "garden", "Referral", "tag")]
    [InlineData("?utm_source=google&gclid=x", null, "Google", "Paid Search", "tag")]
    [InlineData("?utm_source=google&utm_medium=email&gclid=x", null, "Google", "Email", "tag")]
    [InlineData("?utm_source=instagram&gclid=x", null, "Instagram", "Organic Social", "tag")]
    [InlineData("?utm_source=instagram&fbclid=x", null, "Instagram", "Organic Social", "tag")]
    [InlineData("?utm_source=fb-ads&utm_medium=social", null, "Facebook", "Paid Social", "tag")]
    [InlineData("?utm_source=fb-ads&utm_medium=display", null, "Facebook", "Display", "tag")]
    [InlineData("?utm_source=fb-ads&utm_medium=paid-search", null, "Facebook", "Paid Search", "tag")]
    [InlineData("?utm_source=fb-ads&utm_medium=paid-video", null, "Facebook", "Paid Video", "tag")]
    [InlineData("?utm_source=google-ads&utm_medium=paid-social", null, "Google", "Paid Social", "tag")]
    [InlineData("?utm_source=fb-ads&utm_medium=email", null, "Facebook", "Paid Social", "tag")]
    [InlineData("?utm_source=taboola&tblci=x", null, "Taboola", "Paid Other", "tag")]
    [InlineData("?utm_source=criteo&cto_pld=x", null, "Criteo", "Display", "tag")]
    [InlineData("?utm_medium=organic", null, "Direct / None", "Organic Search", "tag")]
    [InlineData("?utm_source=(direct)", "x.com", "X", "Organic Social", "referrer")]
    [InlineData("?fbclid=x", "google.com", "Meta", "Organic Social", "clickId")]
    [InlineData("?gclid=x", "instagram.com", "Google", "Paid Search", "clickId")]
    [InlineData("?fbclid=x", "l.facebook.com", "Facebook", "Organic Social", "referrer")]
    [InlineData("?igsh=x&fbclid=x", "google.com", "Instagram", "Organic Social", "clickId")]
    [InlineData("", "direct", "Direct / None", "Direct", "none")]
    [InlineData("", "", "Direct / None", "Direct", "none")]
    [InlineData("", "garden.example", "garden.example", "Referral", "referrer")]
    public void Tags_click_ids_and_referrers_decide_together(string query, string? domain, string source, string channel, string rung) =>
        Assert.Equal(
            new SessionSource(source, channel, rung),
            AttributionLadder.Of(new SessionFacts { Attribution = Attribution.Of(query), ReferrerDomain = domain }));

    [Fact]
    public void A_utm_source_goes_before_another_tag() => Assert.Equal(
        "TikTok", AttributionLadder.Of(new SessionFacts { Attribution = Attribution.None with { UtmSource = "tiktok", Ref = "ig" } }).Source);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" ")]
    public void A_placement_without_a_source_decides_nothing(string? source) => Assert.Equal(
        "X", AttributionLadder.Of(new SessionFacts { PlacementSource = source, ReferrerDomain = "x.com" }).Source);

    [Theory]
    [InlineData("facebook.com", "Facebook")]
    [InlineData("l.instagram.com", "Instagram")]
    [InlineData("l.messenger.com", "Messenger")]
    [InlineData("threads.net", "Threads")]
    [InlineData("wa.me", "WhatsApp")]
    [InlineData("workplace.com", "Workplace")]
    [InlineData("meta.com", "Meta")]
    public void A_click_id_of_Meta_is_named_by_what_else_names_its_network(string domain, string source)
    {
        var facts = new SessionFacts { Attribution = Attribution.Of("?fbclid=x") };

        Assert.Equal((source, "referrer"), Told(facts with { ReferrerDomain = domain, App = "Instagram" }));
        Assert.Equal((source, "app"), Told(facts with { ReferrerDomain = "google.com", App = source }));

        static (string, string) Told(SessionFacts facts) => (AttributionLadder.Of(facts).Source, AttributionLadder.Of(facts).Rung);
    }

    [Fact]
    public void A_click_id_is_paid_where_its_channel_is() => Assert.All(
        ClickIds.All.Select(name => ClickIds.Network(name)!),
        network => Assert.Equal(network.Channel.StartsWith("Paid ", StringComparison.Ordinal) || network.Channel == "Display", network.IsPaid));

    [Fact]
    public void Every_click_id_belongs_to_a_known_source_and_fbclid_is_never_paid()
    {
        foreach (var name in ClickIds.All)
        {
            var told = AttributionLadder.Of(new SessionFacts { Attribution = Attribution.Of($"?{name}=1") });
            Assert.Equal(told.Source, SourceName.Named(told.Source)?.Name);
            Assert.Equal("clickId", told.Rung);
            Assert.Contains(told.Channel, Channel.All);
        }

        Assert.False(ClickIds.Network("fbclid")!.IsPaid);
    }

    [Fact]
    public void Every_app_in_user_agents_is_a_known_source()
    {
        var apps = AppNames.All.Distinct().ToList();
        Assert.True(apps.Count >= 60);
        Assert.All(apps, app => Assert.Equal("app", AttributionLadder.Of(new SessionFacts { App = app }).Rung));
    }

    [Fact]
    public void An_app_by_user_agent_comes_before_the_header()
    {
        var facts = new SessionFacts { App = "Pinterest", RequestedWith = "com.instagram.android" };
        Assert.Equal("Pinterest", AttributionLadder.Of(facts).Source);
        Assert.Equal("Instagram", AttributionLadder.Of(facts with { App = "Some app" }).Source);
        Assert.Equal("none", AttributionLadder.Of(new SessionFacts { RequestedWith = "com.duckduckgo.mobile.android" }).Rung);
        Assert.Equal("Instagram", AttributionLadder.Of(new SessionFacts { RequestedWith = " com.instagram.android\r" }).Source);
        Assert.Equal("Instagram", AttributionLadder.Of(new SessionFacts { App = "insta" }).Source);
    }
}
