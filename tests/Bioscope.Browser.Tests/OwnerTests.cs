namespace Bioscope.Browser.Tests;

/// <summary>
/// A user signed in to the dashboard is not counted on this server's pages, sees a note about it, and can choose otherwise.
/// </summary>
public sealed class OwnerTests(Browser browser)
{
    private const string NotCounted = "text=Your own visits are not counted in this browser.";
    private const string Counted = "text=Your own visits are counted in this browser.";

    [Fact]
    public async Task A_signed_in_owner_is_not_counted_and_sees_it()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        await DashboardDesk.AddCreatorAsync(app);
        await using var owner = await browser.NewVisitorAsync();
        await owner.SignInAsync(app);

        await owner.Page.GotoAsync(Site.Origin(app) + "/@anna");
        Assert.True(await owner.Page.IsVisibleAsync(NotCounted));
        Assert.False(await owner.IsAskedAsync());
        await owner.Page.EvaluateAsync(
            "() => { document.querySelector('[data-link]').href = '#'; bioscope.consent(false); bioscope.pageview(); }");
        await owner.Page.ClickAsync("[data-link]");
        await owner.Page.GotoAsync("about:blank");

        await app.AssertNothingMoreAsync("");
        Assert.Empty(owner.Sent);
        Assert.Empty(await owner.Context.CookiesAsync(Site.Origin(app) + "/@anna")); // caches see the same request from everyone
        owner.AssertNoComplaint();
    }

    [Fact]
    public async Task An_owners_choice_to_be_counted_survives_sign_in()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        await DashboardDesk.AddCreatorAsync(app);
        await using var owner = await browser.NewVisitorAsync();
        await owner.SignInAsync(app);
        await owner.Page.GotoAsync(Site.Origin(app) + "/@anna");

        await owner.Page.ClickAsync("text=Count me too");
        Assert.False(await owner.Page.IsVisibleAsync(NotCounted));
        Assert.True(await owner.Page.IsVisibleAsync(Counted));
        Assert.True(await owner.IsAskedAsync());
        await owner.AcceptAsync();
        await app.AssertIngestedAsync("session 1, pageview 1");
        await owner.AreAnsweredAsync();
        await owner.Page.GotoAsync(Site.Origin(app) + "/dashboard");
        await app.AssertIngestedAsync("session 1, pageview 1, leave 1");
        await owner.Page.GotoAsync(Site.Origin(app) + "/@anna");
        await app.AssertIngestedAsync("session 1, pageview 2, leave 1");
        await owner.AreAnsweredAsync();

        await owner.Page.ClickAsync("text=Do not count me");
        Assert.True(await owner.Page.IsVisibleAsync(NotCounted));
        await owner.Page.GotoAsync(Site.Origin(app) + "/dashboard");
        await app.AssertNothingMoreAsync("session 1, pageview 2, leave 1");
        owner.AssertNoComplaint();
    }

    [Fact]
    public async Task Opening_the_sign_in_form_does_not_mark_the_owner()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        await DashboardDesk.AddCreatorAsync(app);
        await using var visitor = await browser.NewVisitorAsync();

        await visitor.Page.GotoAsync(Site.Origin(app) + "/dashboard");
        await visitor.Page.FillAsync("#email", DashboardDesk.Email);
        await visitor.Page.FillAsync("#password", "wrong");
        await visitor.Page.ClickAsync("button");
        await visitor.Page.GotoAsync(Site.Origin(app) + "/@anna");

        Assert.True(await visitor.IsAskedAsync());
        Assert.False(await visitor.Page.IsVisibleAsync("aside"));
        Assert.Empty(await visitor.KeptAsync("localStorage"));
    }

    [Fact]
    public async Task Calling_ignore_stops_counting_in_all_tabs()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var creator = await TrackedSiteTests.AddCreatorAsync(app);
        await using var site = await Site.StartAsync(
            app, () => TrackedSiteTests.Page(app, creator, "#there", attributes: "data-consent=granted"));
        await using var owner = await browser.NewVisitorAsync();
        await owner.Page.GotoAsync(site.Url);
        await owner.AreAnsweredAsync();
        var second = await owner.Context.NewPageAsync();
        await second.GotoAsync(site.Url);
        await app.AssertIngestedAsync("session 1, pageview 2");
        await second.EvaluateAsync("() => addEventListener('storage', () => window.heard = true)");

        await owner.Page.EvaluateAsync("bioscope.ignore(true)");
        await second.WaitForFunctionAsync("() => window.heard");
        await second.ClickAsync("text=Shop");
        await second.GotoAsync("about:blank");
        await owner.Page.ClickAsync("text=Shop");
        await owner.Page.ReloadAsync();
        await owner.Page.EvaluateAsync("() => { bioscope.consent(false); bioscope.consent(true); bioscope.pageview(); }");
        await app.AssertNothingMoreAsync("session 1, pageview 2");
        await owner.Page.EvaluateAsync("() => { bioscope.pageview(); bioscope.ignore(false); }");

        await app.AssertIngestedAsync("session 1, pageview 3, dropped session 1");
        owner.AssertNoComplaint();
    }

    [Fact]
    public async Task With_blocked_storage_ignore_applies_to_the_page_only()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var creator = await TrackedSiteTests.AddCreatorAsync(app);
        await using var site = await Site.StartAsync(
            app, () => TrackedSiteTests.Page(app, creator, "#there", attributes: "data-consent=granted"));
        await using var owner = await browser.NewVisitorAsync();
        await owner.Context.AddInitScriptAsync(
            "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('', 'SecurityError'); } })");
        await owner.Page.GotoAsync(site.Url);
        await app.AssertIngestedAsync("session 1, pageview 1");

        await owner.Page.EvaluateAsync("bioscope.ignore(true)");
        await owner.Page.ClickAsync("text=Shop");
        await owner.Page.EvaluateAsync("bioscope.pageview()");
        await owner.Page.GotoAsync("about:blank");
        await app.AssertNothingMoreAsync("session 1, pageview 1");

        await owner.Page.GotoAsync(site.Url);
        await app.AssertIngestedAsync("session 2, pageview 2, dropped session 1");
        owner.AssertNoComplaint();
    }
}
