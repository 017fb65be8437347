using Bioscope.Engine.Creators;

namespace Bioscope.Browser.Tests;

/// <summary>A creator's page as this server renders it, opened as people open it.</summary>
public sealed class BioPageVisitTests(Browser browser)
{
    [Theory, Engines]
    public async Task The_reports_show_a_visit_from_Instagram(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await AddAnnaAsync(app);
        await using var shop = await Site.StartAsync(app, () => "shop");
        var link = await app.AddLinkAsync(creator, "Shop", shop.Url + "/shop");
        await using var visitor = await browser.NewVisitorAsync();
        await visitor.StopClockAsync();

        await visitor.Page.GotoAsync(Site.Origin(app) + "/@anna", new() { Referer = "https://l.instagram.com/?u=1" });
        Assert.True(await visitor.IsAskedAsync());
        await visitor.AcceptAsync();
        await app.AssertIngestedAsync("session 1, pageview 1");
        await visitor.AreAnsweredAsync();
        Assert.False(await visitor.IsAskedAsync());
        await visitor.Page.Mouse.WheelAsync(0, 2000);
        app.Clock.Advance(TimeSpan.FromSeconds(31));
        await visitor.PassAsync(TimeSpan.FromSeconds(31));
        await app.AssertIngestedAsync("session 1, pageview 1, heartbeat 1");
        await visitor.Page.ClickAsync("text=Shop");
        await visitor.Page.WaitForURLAsync(shop.Url + "/shop");
        await app.AssertIngestedAsync("session 1, pageview 2, heartbeat 1, leave 1");

        Assert.Equal(
            """{"totalViews":2,"uniqueVisitors":1,"totalClicks":1,"ctr":50,"days":30}""", await app.ReportAsync(creator, "overview"));
        Assert.Equal(["l.instagram.com 1 100%"], await app.TrafficAsync(creator));
        Assert.Equal("""{"segments":[{"name":"mobile","count":1,"percentage":100}]}""", await app.ReportAsync(creator, "devices"));
        Assert.Equal(
            $$"""{"links":[{"id":"{{link.Id}}","title":"Shop","url":"{{shop.Url}}/shop","clicks":1,"ctr":50}]}""",
            await app.ReportAsync(creator, "links"));
        Assert.Equal(
            """{"totalSessions":1,"bounceRate":0,"avgDuration":30,"pagesPerSession":2}""", await app.ReportAsync(creator, "sessions"));
        Assert.Equal("/@anna 31 100", (await app.RowsAsync("AnalyticsPageView", creator.BioPageId, "path", "duration", "scrollDepth"))[0]);
        visitor.AssertNoComplaint();
    }

    [Theory, Engines]
    public async Task A_visit_over_a_placement_link_has_its_source(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await AddAnnaAsync(app);
        await app.AddPlacementAsync(creator, "story", "Instagram", "My story");
        await using var visitor = await browser.NewVisitorAsync();

        await visitor.Page.GotoAsync(Site.Origin(app) + "/@anna/story", new() { Referer = "https://www.google.com/" });
        await visitor.AcceptAsync();
        await app.AssertIngestedAsync("session 1, pageview 1");

        using var answer = await app.QueryAsync(
            """{"metrics":["visits"],"dimensions":["source","rung"]}""", app.Token(creator));
        Assert.Contains(
            """[{"dimensions":["Instagram","placement"],"metrics":[1],""",
            await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
            StringComparison.Ordinal);
        visitor.AssertNoComplaint();
    }

    [Theory, Engines]
    public async Task A_visitor_is_forgotten_from_the_page(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await AddAnnaAsync(app);
        await app.AddSessionsAsync(creator, "other.example");
        await using var visitor = await browser.NewVisitorAsync();
        await visitor.Page.GotoAsync(Site.Origin(app) + "/@anna");
        Assert.False(await visitor.Page.IsVisibleAsync("text=Forget me"));
        await visitor.AcceptAsync();
        await app.AssertIngestedAsync("session 1, pageview 1");
        await visitor.AreAnsweredAsync();

        await visitor.Page.ClickAsync("text=Forget me");

        await visitor.AssertSentAsync("visit", "forget", "refused");
        await visitor.AreAnsweredAsync();
        Assert.Equal(["bioscope-consent=forget"], await visitor.KeptAsync("localStorage"));
        app.Clock.Advance(TimeSpan.FromMinutes(2));
        await Patience.UntilAsync(async () => (await app.RowsAsync("AnalyticsSession", creator.BioPageId, "referrerDomain")) is ["other.example"]);
        Assert.Empty(await app.RowsAsync("AnalyticsPageView", creator.BioPageId, "id"));
        // Not counted again, and with nothing to forget.
        await visitor.Page.ReloadAsync();
        Assert.False(await visitor.IsAskedAsync());
        await visitor.Page.ClickAsync("text=Forget me");
        await visitor.AssertSentAsync("visit", "forget", "refused", "refused");
        visitor.AssertNoComplaint();
    }

    [Fact]
    public async Task Without_consent_the_page_works_and_stores_nothing()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var creator = await AddAnnaAsync(app);
        await using var shop = await Site.StartAsync(app, () => "shop");
        await app.AddLinkAsync(creator, "Shop", shop.Url + "/shop");
        await using var visitor = await browser.NewVisitorAsync();

        await visitor.Page.GotoAsync(Site.Origin(app) + "/@anna");
        await visitor.Page.ClickAsync("text=Shop");
        await visitor.Page.WaitForURLAsync(shop.Url + "/shop");
        await app.AssertNothingMoreAsync("dropped unanswered 1");
        await visitor.Page.GotoAsync(Site.Origin(app) + "/@anna");
        await visitor.RefuseAsync();
        await app.AssertIngestedAsync("dropped consent 1, dropped unanswered 1, dropped session 1");

        Assert.Equal(["bioscope-consent=denied"], await visitor.KeptAsync("localStorage"));
        await visitor.Page.ClickAsync("[data-bioscope-consent=ask]");
        await visitor.AcceptAsync();
        await app.AssertIngestedAsync("session 1, pageview 1, dropped consent 1, dropped unanswered 1, dropped session 1");
        visitor.AssertNoComplaint();
    }

    [Fact]
    public async Task A_consent_answer_after_ten_minutes_still_counts()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        await AddAnnaAsync(app);
        await using var visitor = await browser.NewVisitorAsync();
        await visitor.StopClockAsync();
        await visitor.Page.GotoAsync(Site.Origin(app) + "/@anna");

        app.Clock.Advance(TimeSpan.FromMinutes(10));
        await visitor.PassAsync(TimeSpan.FromMinutes(10));
        // By the real clock, which the browser's cache uses, the page is still fresh; a Playwright route would disable the cache.
        await visitor.Context.RouteAsync("**/@anna", route => route.ContinueAsync());
        await visitor.AcceptAsync();

        await app.AssertIngestedAsync("session 1, pageview 1");
        visitor.AssertNoComplaint();
    }

    [Fact]
    public async Task The_page_has_under_10_KB_and_loads_one_script()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var creator = await AddAnnaAsync(app);
        for (var i = 1; i <= 8; i++)
        {
            await app.AddLinkAsync(creator, $"Link number {i}", $"https://shop{i}.example/some/path");
        }

        await using var visitor = await browser.NewVisitorAsync();
        var fetched = new List<string>();
        visitor.Context.Request += (_, request) => fetched.Add(new Uri(request.Url).AbsolutePath);

        await visitor.Page.GotoAsync(Site.Origin(app) + "/@anna");

        Assert.Equal(["/@anna", "/bioscope.js"], fetched.Where(path => path.Length > 1 && path[0] == '/'));
        Assert.InRange(
            (await app.Http.GetByteArrayAsync(Site.Origin(app) + "/@anna", TestContext.Current.CancellationToken)).Length, 1_000, 10_000);
        visitor.AssertNoComplaint();
    }

    /// <summary>A creator whose page is at <c>/@anna</c>.</summary>
    internal static async Task<Creator> AddAnnaAsync(TestApp app)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var connection = await app.Main.OpenAsync(cancellationToken);
        await using var transaction = await app.Main.Dialect.BeginExclusiveAsync(connection, cancellationToken);
        var (creator, _) = await CreatorStore.AddAsync(
            app.Main.Dialect, transaction, new NewCreator(Guid.NewGuid()) { Handle = "anna" }, app.Clock.GetUtcNow(), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return creator;
    }
}
