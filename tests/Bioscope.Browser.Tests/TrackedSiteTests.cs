using Bioscope.Engine.Creators;
using Bioscope.Engine.Rows;

namespace Bioscope.Browser.Tests;

/// <summary>The tracker in pages of another origin with a strict policy.</summary>
public sealed class TrackedSiteTests(Browser browser)
{
    private const string Banner =
        "<p data-bioscope-banner hidden>Count? <button data-bioscope-consent=granted>Yes</button><button " +
        "data-bioscope-consent=denied>No</button></p>"
        + "<button data-bioscope-consent=ask hidden>Ask me again</button>";

    [Theory, Engines]
    public async Task A_tracked_visit_from_Instagram_is_in_the_reports(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await AddCreatorAsync(app);
        await using var shop = await Site.StartAsync(app, () => "shop");
        var link = await app.AddLinkAsync(creator, "Shop", shop.Url + "/shop");
        await using var site = await Site.StartAsync(app, () => Page(app, creator, link.Url, link.Id));
        await using var visitor = await browser.NewVisitorAsync();
        await visitor.StopClockAsync();

        await visitor.Page.GotoAsync(site.Url + "/anna?utm_source=story", new() { Referer = "https://l.instagram.com/?u=1" });
        await visitor.AcceptAsync();
        await app.AssertIngestedAsync("session 1, pageview 1");
        await visitor.AreAnsweredAsync();
        await visitor.Page.EvaluateAsync("scrollTo(0, (document.documentElement.scrollHeight - innerHeight) / 2)");
        await visitor.Page.EvaluateAsync("() => new Promise(done => addEventListener('scroll', done, { once: true }) || scrollBy(0, 1))");
        app.Clock.Advance(TimeSpan.FromSeconds(12));
        await visitor.PassAsync(TimeSpan.FromSeconds(12));
        await visitor.Page.ClickAsync("text=Shop");
        await visitor.Page.WaitForURLAsync(shop.Url + "/shop");
        await app.AssertIngestedAsync("session 1, pageview 2, leave 1");

        Assert.Equal(
            """{"totalViews":2,"uniqueVisitors":1,"totalClicks":1,"ctr":50,"days":30}""", await app.ReportAsync(creator, "overview"));
        Assert.Equal(["l.instagram.com 1 100%"], await app.TrafficAsync(creator));
        Assert.Equal("""{"segments":[{"name":"mobile","count":1,"percentage":100}]}""", await app.ReportAsync(creator, "devices"));
        Assert.Equal("""{"locations":[{"country":"Unknown","visits":1,"percentage":100}]}""", await app.ReportAsync(creator, "geo"));
        Assert.Equal(
            $$"""{"links":[{"id":"{{link.Id}}","title":"Shop","url":"{{shop.Url}}/shop","clicks":1,"ctr":50}]}""",
            await app.ReportAsync(creator, "links"));
        Assert.Equal(
            """{"totalSessions":1,"bounceRate":0,"avgDuration":0,"pagesPerSession":2}""", await app.ReportAsync(creator, "sessions"));
        Assert.Contains("\"views\":2,\"clicks\":1", await app.ReportAsync(creator, "trend"), StringComparison.Ordinal);
        var views = await app.RowsAsync("AnalyticsPageView", creator.BioPageId, "path", "title", "duration", "linkClicked");
        Assert.Equal("/anna Anna 12 -", views[0]);
        Assert.Equal($"/anna - - {link.Id}", views[1], ignoreCase: true);
        var depth = int.Parse((await app.RowsAsync("AnalyticsPageView", creator.BioPageId, "scrollDepth"))[0]);
        Assert.InRange(depth, 50, 65); // half of the page, plus the part visible below it
        Assert.Equal(
            ["Europe/Berlin https://l.instagram.com/?u=1"],
            await app.RowsAsync("AnalyticsSession", creator.BioPageId, "timezone", "referrer"));
        visitor.AssertNoComplaint();
    }

    [Theory, Engines]
    public async Task A_registered_site_is_counted_by_one_line_without_a_token(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await AddCreatorAsync(app);
        await using var site = await Site.StartAsync(app, () => Site.Script(app, $"data-page={creator.BioPageId} data-consent=granted"));
        await using var stranger = await Site.StartAsync(app, () => Site.Script(app, $"data-page={creator.BioPageId} data-consent=granted"));
        await app.Main.InsertAsync(
            SiteRow.Table, [new SiteRow(Guid.NewGuid(), creator.BioPageId, site.Url, app.Clock.GetUtcNow())], TestContext.Current.CancellationToken);
        await using var visitor = await browser.NewVisitorAsync();

        await visitor.Page.GotoAsync(stranger.Url + "/copied");
        await visitor.AreAnsweredAsync();
        await visitor.Page.GotoAsync(site.Url + "/blog/first?utm_source=zine");

        await app.AssertIngestedAsync("session 1, pageview 1, dropped token 1");
        Assert.Equal(["/blog/first zine"], await app.RowsAsync("AnalyticsSession", creator.BioPageId, "page", "utmSource"));
        visitor.AssertNoComplaint();
    }

    [Fact]
    public async Task A_refusal_stores_nothing_but_the_answer()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var creator = await AddCreatorAsync(app);
        await using var site = await Site.StartAsync(app, () => Page(app, creator, "#there"));
        await using var visitor = await browser.NewVisitorAsync();
        await visitor.Page.GotoAsync(site.Url, new() { Referer = "https://l.instagram.com/" });
        var request = visitor.Page.WaitForRequestAsync("**/hi");

        await visitor.RefuseAsync();

        await app.AssertIngestedAsync("dropped consent 1");
        Assert.Equal(
            $$"""{"kind":"refused","page":"{{creator.BioPageId}}","token":"{{app.TrackingTokenFor(creator)}}"}""",
            (await request).PostData);
        Assert.False(await visitor.IsAskedAsync());
        await visitor.Page.ClickAsync("text=Shop");
        await visitor.Page.GotoAsync(site.Url + "/again");
        await app.AssertIngestedAsync("dropped consent 2"); // the answer still applies, and is counted for each load
        Assert.False(await visitor.IsAskedAsync());
        await visitor.AssertSentAsync("refused", "refused");
        Assert.Equal(["bioscope-consent=denied"], await visitor.KeptAsync("localStorage"));
        Assert.Empty(await visitor.KeptAsync("sessionStorage"));
        Assert.Empty(await visitor.Context.CookiesAsync());
        await AssertNothingStoredAsync(app, creator);
        visitor.AssertNoComplaint();
    }

    [Fact]
    public async Task Global_Privacy_Control_overrides_consent()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var creator = await AddCreatorAsync(app);
        await using var site = await Site.StartAsync(app, () => Page(app, creator, "#there", attributes: "data-consent=granted"));
        await using var visitor = await browser.NewVisitorAsync();
        await visitor.Context.AddInitScriptAsync("Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { get: () => true })");

        await visitor.Page.GotoAsync(site.Url);
        await app.AssertIngestedAsync("dropped consent 1");
        await visitor.Page.EvaluateAsync("() => { bioscope.consent(true); bioscope.pageview(); }");
        await visitor.Page.ClickAsync("text=Shop");
        await visitor.Page.GotoAsync("about:blank");
        await app.AssertNothingMoreAsync("dropped consent 1");

        await visitor.AssertSentAsync("refused");
        await visitor.Page.GotoAsync(site.Url);
        Assert.False(await visitor.IsAskedAsync());
        Assert.False(await visitor.Page.IsVisibleAsync("[data-bioscope-consent=ask]"));
        Assert.Empty(await visitor.KeptAsync("localStorage"));
        await AssertNothingStoredAsync(app, creator);
        visitor.AssertNoComplaint();
    }

    [Fact]
    public async Task An_unanswered_visit_stores_nothing_but_a_count()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var creator = await AddCreatorAsync(app);
        await using var site = await Site.StartAsync(app, () => Page(app, creator, "#there"));
        await using var visitor = await browser.NewVisitorAsync();
        await visitor.StopClockAsync();

        await visitor.Page.GotoAsync(site.Url);
        Assert.True(await visitor.IsAskedAsync());
        await visitor.Page.ClickAsync("text=Shop");
        await visitor.PassAsync(TimeSpan.FromMinutes(10));
        await visitor.ShowAsync(false);
        await visitor.ShowAsync(true);
        await visitor.Page.EvaluateAsync("bioscope.pageview()");
        Assert.Empty(await visitor.KeptAsync("localStorage"));
        Assert.Empty(await visitor.KeptAsync("sessionStorage"));
        Assert.Empty(visitor.Sent);
        await visitor.Page.GotoAsync("about:blank");

        await app.AssertNothingMoreAsync("dropped unanswered 1");
        await AssertNothingStoredAsync(app, creator);
        visitor.AssertNoComplaint();
    }

    [Fact]
    public async Task The_consent_answer_is_stored_until_it_changes()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var creator = await AddCreatorAsync(app);
        await using var site = await Site.StartAsync(app, () => Page(app, creator, "#there"));
        await using var visitor = await browser.NewVisitorAsync();
        await visitor.Page.GotoAsync(site.Url);
        await visitor.AcceptAsync();
        await app.AssertIngestedAsync("session 1, pageview 1");
        await visitor.AreAnsweredAsync();
        Assert.Equal(["bioscope-consent=granted", "bioscope-session", "bioscope-visitor"], await visitor.KeptAsync("localStorage"));
        Assert.Empty(await visitor.KeptAsync("sessionStorage"));

        var tab = await visitor.Context.NewPageAsync();
        await tab.GotoAsync(site.Url);
        await app.AssertIngestedAsync("session 1, pageview 2");
        Assert.False(await tab.IsVisibleAsync("[data-bioscope-banner]"));
        Assert.Contains("\"uniqueVisitors\":1", await app.ReportAsync(creator, "overview"), StringComparison.Ordinal);

        await visitor.Page.ClickAsync("[data-bioscope-consent=ask]");
        Assert.True(await visitor.IsAskedAsync());
        Assert.False(await visitor.Page.IsVisibleAsync("[data-bioscope-consent=ask]"));
        await visitor.RefuseAsync();
        await app.AssertIngestedAsync("session 1, pageview 2, dropped consent 1");
        Assert.Equal(["bioscope-consent=denied"], await visitor.KeptAsync("localStorage"));
        await tab.WaitForSelectorAsync("[data-bioscope-consent=ask]"); // the change has reached it
        await visitor.Page.ClickAsync("text=Shop");
        await visitor.Page.GotoAsync("about:blank"); // neither the click nor the leave event is sent, in either tab
        await tab.ClickAsync("text=Shop");
        await tab.GotoAsync("about:blank");
        await app.AssertNothingMoreAsync("session 1, pageview 2, dropped consent 1");
        await visitor.AssertSentAsync("visit", "view", "refused");
        visitor.AssertNoComplaint();
    }

    [Fact]
    public async Task The_script_works_without_a_bio_page()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        await using var site = await Site.StartAsync(app, () => Site.Script(app));
        await using var visitor = await browser.NewVisitorAsync();
        await visitor.Page.GotoAsync(site.Url + "/shoes?size=42");

        await visitor.Page.EvaluateAsync("bioscope.consent(true)"); // its own banner
        await app.AssertIngestedAsync("session 1, pageview 1");
        await visitor.AreAnsweredAsync();
        await visitor.Page.EvaluateAsync("() => { history.pushState(null, '', '/socks'); bioscope.pageview(); }");
        await app.AssertIngestedAsync("session 1, pageview 2, leave 1");

        Assert.Equal(["2"], await app.RowsAsync("AnalyticsSession", Guid.Empty, "pageViews"));
        Assert.Equal(["/shoes", "/socks"], (await app.RowsAsync("AnalyticsPageView", Guid.Empty, "path")).Order());
        // the whole page fits on the screen
        Assert.Equal(["100", "-"], (await app.RowsAsync("AnalyticsPageView", Guid.Empty, "scrollDepth")).OrderDescending());
        visitor.AssertNoComplaint();
    }

    [Fact]
    public async Task Without_JavaScript_links_work_and_no_banner_shows()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var creator = await AddCreatorAsync(app);
        await using var shop = await Site.StartAsync(app, () => "shop");
        await using var site = await Site.StartAsync(app, () => Page(app, creator, shop.Url + "/shop"));
        await using var visitor = await browser.NewVisitorAsync(javaScript: false);

        await visitor.Page.GotoAsync(site.Url);
        Assert.False(await visitor.IsAskedAsync());
        await visitor.Page.ClickAsync("text=Shop");
        await visitor.Page.WaitForURLAsync(shop.Url + "/shop");

        Assert.Empty(visitor.Sent);
        visitor.AssertNoComplaint();
    }

    /// <summary>A creator whose page has a link with the id that <see cref="Page"/> shows.</summary>
    internal static async Task<Creator> AddCreatorAsync(TestApp app)
    {
        var creator = await app.AddCreatorAsync();
        await app.Main.InsertAsync(
            BioLinkRow.Table, [new BioLinkRow(creator.BioPageId, creator.BioPageId, "Shop", "https://shop.example/")],
            TestContext.Current.CancellationToken);
        return creator;
    }

    internal static string Page(TestApp app, Creator creator, string href, Guid? link = null, string attributes = "") =>
        $"""
        {Site.Script(app, $"data-page=\"{creator.BioPageId}\" data-token=\"{app.TrackingTokenFor(creator)}\" {attributes}")}
        {Banner}
        <a href="{href}" data-link="{link ?? creator.BioPageId}"><b>Shop</b></a>
        {string.Concat(Enumerable.Repeat("<br>", 400))}
        """;

    private static async Task AssertNothingStoredAsync(TestApp app, Creator creator)
    {
        Assert.Empty(await app.RowsAsync("AnalyticsSession", creator.BioPageId, "id"));
        Assert.Empty(await app.RowsAsync("AnalyticsPageView", creator.BioPageId, "id"));
        Assert.Empty(await app.RowsAsync("AnalyticsSession", Guid.Empty, "id"));
    }
}
