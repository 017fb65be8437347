using System.Collections.Concurrent;

namespace Bioscope.Browser.Tests;

/// <summary>Ad blockers: a visit is counted completely or not at all.</summary>
public sealed class TrackerBlockerTests(Browser browser)
{
    private const string Everything = "session 1, pageview 2, heartbeat 1, leave 1";

    [Fact]
    public async Task Blocking_analytics_addresses_does_not_block_visits()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        await using var visitor = await browser.NewVisitorAsync();
        await visitor.Context.RouteAsync("**/analytics/**", route => route.AbortAsync());

        await VisitAsync(app, visitor);

        await app.AssertIngestedAsync(Everything);
        await visitor.AssertSentAsync("visit", "alive", "click");
        visitor.AssertNoComplaint();
    }

    [Fact]
    public async Task Blocking_hi_blocks_the_whole_visit()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        await using var visitor = await browser.NewVisitorAsync();
        await visitor.Context.RouteAsync("**/hi", route => route.AbortAsync());

        await VisitAsync(app, visitor, isAnswered: false);

        await app.AssertNothingMoreAsync("");
        await visitor.AssertSentAsync("visit"); // without the response to it, nothing more is sent
    }

    [Fact]
    public async Task A_visit_with_only_its_first_request_counts_once()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        await using var visitor = await browser.NewVisitorAsync();
        await visitor.Context.AddInitScriptAsync(
            "const send = fetch; let count = 0; window.fetch = (...all) => `${all[0]}`.endsWith('/hi') && count++ ? Promise.reject(new " +
            "TypeError()) : send(...all);");

        await VisitAsync(app, visitor);

        await app.AssertNothingMoreAsync("session 1, pageview 1"); // the visit and its view arrived together
        visitor.AssertNoComplaint();
    }

    [Theory]
    [InlineData("/* nothing */", "fetch fetch fetch fetch")]
    [InlineData("delete Navigator.prototype.sendBeacon", "fetch fetch fetch fetch")]
    [InlineData("delete Request.prototype.keepalive", "fetch ping ping ping")]
    [InlineData("delete Request.prototype.keepalive; delete Navigator.prototype.sendBeacon", "fetch fetch fetch fetch")]
    public async Task Everything_is_sent_by_fetch_if_keepalive_works(string without, string types)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        await using var visitor = await browser.NewVisitorAsync();
        var sent = new ConcurrentQueue<string>();
        visitor.Context.Request += (_, request) =>
        {
            if (request.Url.EndsWith("/hi", StringComparison.Ordinal))
            {
                sent.Enqueue(request.ResourceType);
            }
        };
        await visitor.Context.AddInitScriptAsync(without);

        await VisitAsync(app, visitor, stays: true);

        await app.AssertIngestedAsync(Everything);
        Assert.Equal(types, string.Join(' ', sent));
        visitor.AssertNoComplaint();
    }

    // Consents, stays for half a minute, clicks and leaves, or at least switches to another tab.
    private static async Task VisitAsync(TestApp app, Visitor visitor, bool stays = false, bool isAnswered = true)
    {
        var creator = await BioPageVisitTests.AddAnnaAsync(app);
        await using var shop = await Site.StartAsync(app, () => "shop");
        await app.AddLinkAsync(creator, "Shop", stays ? Site.Origin(app) + "/@anna#shop" : shop.Url + "/shop");
        await visitor.StopClockAsync();
        await visitor.Page.GotoAsync(Site.Origin(app) + "/@anna");
        await visitor.AcceptAsync();
        if (isAnswered)
        {
            await visitor.AreAnsweredAsync();
        }
        else
        {
            await visitor.AssertSentAsync("visit"); // what a page is about to send is lost when the page is left
        }

        await visitor.PassAsync(TimeSpan.FromSeconds(30));
        await visitor.Page.ClickAsync("text=Shop");
        if (stays)
        {
            await visitor.ShowAsync(false);
        }
        else
        {
            await visitor.Page.WaitForURLAsync(shop.Url + "/shop");
        }
    }
}
