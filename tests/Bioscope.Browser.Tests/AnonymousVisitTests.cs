using Bioscope.Engine.Creators;

namespace Bioscope.Browser.Tests;

/// <summary>
/// Counting without a banner: nobody is asked, nothing is stored in the browser, and visitors who refuse are not counted.
/// </summary>
public sealed class AnonymousVisitTests(Browser browser)
{
    [Theory, Engines]
    public async Task An_anonymous_visit_counts_and_stores_nothing(EngineKind engine)
    {
        await using var app = await StartAsync(engine);
        var creator = await AddAnnaAsync(app);
        await using var visitor = await browser.NewVisitorAsync();
        await visitor.Page.GotoAsync(Site.Origin(app) + "/@anna", new() { Referer = "https://l.instagram.com/?u=1" });
        await app.AssertIngestedAsync("session 1, pageview 1");
        await visitor.AreAnsweredAsync();
        Assert.Equal(0, await visitor.Page.Locator(".ask, [data-bioscope-consent=granted]").CountAsync());

        await visitor.Page.ClickAsync("text=Shop");
        await app.AssertIngestedAsync("session 1, pageview 2");
        await visitor.Page.EvaluateAsync("bioscope.pageview()"); // the visit continues on this page
        await app.AssertIngestedAsync("session 1, pageview 3, leave 1");
        await visitor.AreAnsweredAsync();
        await visitor.Page.ReloadAsync(); // and, by the server's knowledge, on the next
        await app.AssertIngestedAsync("session 1, pageview 4, leave 2");

        await visitor.AssertSentAsync("visit", "click", "leave", "view", "visit");
        await AssertNothingStoredAsync(visitor);
        Assert.Equal(["4"], await app.RowsAsync("AnalyticsSession", creator.BioPageId, "pageViews"));
        Assert.Equal(["l.instagram.com 1 100%"], await app.TrafficAsync(creator));
        visitor.AssertNoComplaint();
    }

    [Fact]
    public async Task An_anonymous_visit_sends_no_visitor_id()
    {
        await using var app = await StartAsync();
        await AddAnnaAsync(app);
        await using var visitor = await browser.NewVisitorAsync();
        await visitor.Context.AddInitScriptAsync(
            // from before the operator chose this mode
            "localStorage['bioscope-visitor'] = '1,2,3,4'; localStorage['bioscope-session'] = '{}'; localStorage['bioscope-consent'] = " +
            "'granted'");
        var request = visitor.Page.WaitForRequestAsync("**/hi");

        await visitor.Page.GotoAsync(Site.Origin(app) + "/@anna");

        Assert.Matches(
            """^\{"kind":"visit","page":"[^"]+","path":"/@anna","title":"@anna","token":"[0-9a-f]{32}","consent":"anonymous","referrer":"","url":"[^"]+/@anna","timezone":"Europe/Berlin"\}$""",
            (await request).PostData);
        await app.AssertIngestedAsync("session 1, pageview 1");
    }

    [Fact]
    public async Task Only_a_refusal_is_stored_and_can_be_undone()
    {
        await using var app = await StartAsync();
        await AddAnnaAsync(app);
        await using var visitor = await browser.NewVisitorAsync();
        await visitor.Page.GotoAsync(Site.Origin(app) + "/@anna");
        await app.AssertIngestedAsync("session 1, pageview 1");
        await visitor.AreAnsweredAsync();

        await visitor.Page.ClickAsync("footer >> text=Do not count me");
        await app.AssertIngestedAsync("session 1, pageview 1, dropped consent 1");
        Assert.Equal(["bioscope-consent=denied"], await visitor.KeptAsync("localStorage"));
        await visitor.Page.ClickAsync("text=Shop");
        await visitor.Page.ReloadAsync();
        await app.AssertIngestedAsync("session 1, pageview 1, dropped consent 2");
        await visitor.AssertSentAsync("visit", "refused", "refused");
        await visitor.Page.ClickAsync("text=You are not counted. Undo");
        await app.AssertIngestedAsync("session 1, pageview 2, dropped consent 2");

        Assert.True(await visitor.Page.IsVisibleAsync("footer >> text=Do not count me"));
        await AssertNothingStoredAsync(visitor);
        visitor.AssertNoComplaint();
    }

    [Theory]
    [InlineData("globalPrivacyControl", "true", true)]
    [InlineData("doNotTrack", "'1'", true)]
    [InlineData("doNotTrack", "'1'", false)]
    public async Task Browser_refusal_signals_prevent_visits(string signal, string value, bool anonymous)
    {
        await using var app = await StartAsync(anonymous: anonymous);
        var creator = await AddAnnaAsync(app);
        await using var visitor = await browser.NewVisitorAsync();
        await visitor.Context.AddInitScriptAsync($"Object.defineProperty(Navigator.prototype, '{signal}', {{ get: () => {value} }})");

        await visitor.Page.GotoAsync(Site.Origin(app) + "/@anna");
        await app.AssertIngestedAsync("dropped consent 1");
        await visitor.Page.EvaluateAsync("() => { bioscope.consent(true); bioscope.pageview(); }");
        await visitor.Page.ClickAsync("text=Shop");
        Assert.False(await visitor.IsAskedAsync());
        Assert.False(await visitor.Page.IsVisibleAsync("[data-bioscope-consent]"));
        await AssertNothingStoredAsync(visitor);
        await visitor.Page.GotoAsync("about:blank");

        await app.AssertNothingMoreAsync("dropped consent 1");
        Assert.Empty(await app.RowsAsync("AnalyticsSession", creator.BioPageId, "id"));
        visitor.AssertNoComplaint();
    }

    [Fact]
    public async Task The_owner_is_not_counted_anonymously()
    {
        await using var app = await StartAsync();
        await AddAnnaAsync(app);
        await using var owner = await browser.NewVisitorAsync();
        await owner.Context.AddInitScriptAsync("localStorage['bioscope-ignore'] ??= '1'");

        await owner.Page.GotoAsync(Site.Origin(app) + "/@anna");
        Assert.True(await owner.Page.IsVisibleAsync("text=Count me too"));
        Assert.False(await owner.Page.IsVisibleAsync("footer >> text=Do not count me"));
        await owner.Page.ReloadAsync();
        await app.AssertNothingMoreAsync("");
        await owner.Page.ClickAsync("text=Count me too");

        await app.AssertIngestedAsync("session 1, pageview 1, dropped session 1");
        owner.AssertNoComplaint();
    }

    [Fact]
    public async Task Without_JavaScript_the_notice_shows_and_nothing_counts()
    {
        await using var app = await StartAsync();
        await AddAnnaAsync(app);
        await using var visitor = await browser.NewVisitorAsync(javaScript: false);

        await visitor.Page.GotoAsync(Site.Origin(app) + "/@anna");
        Assert.False(await visitor.Page.IsVisibleAsync("button"));
        await visitor.Page.ClickAsync("summary");

        Assert.Contains(
            "No cookies, and nothing is stored in your browser.", await visitor.Page.InnerTextAsync("details p"), StringComparison.Ordinal);
        await app.AssertNothingMoreAsync("");
    }

    private static Task<TestApp> StartAsync(EngineKind engine = EngineKind.Sqlite, bool anonymous = true) =>
        TestApp.StartAsync(engine, ("Counting:Mode", anonymous ? "anonymous" : "consent"));

    private static async Task<Creator> AddAnnaAsync(TestApp app)
    {
        var creator = await BioPageVisitTests.AddAnnaAsync(app);
        await app.AddLinkAsync(creator, "Shop", Site.Origin(app) + "/@anna#shop");
        return creator;
    }

    private static async Task AssertNothingStoredAsync(Visitor visitor)
    {
        Assert.Empty(await visitor.KeptAsync("localStorage"));
        Assert.Empty(await visitor.KeptAsync("sessionStorage"));
        Assert.Empty(await visitor.Context.CookiesAsync());
        Assert.Equal(0, await visitor.Page.EvaluateAsync<int>("async () => (await indexedDB.databases()).length"));
    }
}
