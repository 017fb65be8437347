using Microsoft.Playwright;

namespace Bioscope.Browser.Tests;

/// <summary>Unusual browsers and pages.</summary>
public sealed class TrackerCornerTests(Browser browser)
{
    [Theory]
    [InlineData(
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('The operation is insecure.', " +
        "'SecurityError'); } })")]
    [InlineData("Storage.prototype.setItem = () => { throw new DOMException('It is full.', 'QuotaExceededError'); }")]
    public async Task With_blocked_storage_visits_still_count(string blocked)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var creator = await TrackedSiteTests.AddCreatorAsync(app);
        await using var site = await Site.StartAsync(app, () => TrackedSiteTests.Page(app, creator, "#there"));
        await using var visitor = await browser.NewVisitorAsync();
        await visitor.Context.AddInitScriptAsync(blocked);
        await visitor.Page.GotoAsync(site.Url);

        await visitor.AcceptAsync();
        await app.AssertIngestedAsync("session 1, pageview 1");
        await visitor.Page.ClickAsync("text=Shop");
        await app.AssertIngestedAsync("session 1, pageview 2");
        await visitor.Page.EvaluateAsync("bioscope.pageview()"); // the session continues on this page nevertheless
        await app.AssertIngestedAsync("session 1, pageview 3, leave 1");
        await visitor.Page.ReloadAsync();

        Assert.True(await visitor.IsAskedAsync());
        visitor.AssertNoComplaint();
    }

    [Theory]
    [InlineData("")]
    [InlineData("type=module")]
    public async Task A_script_loaded_twice_counts_once(string attribute)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var creator = await TrackedSiteTests.AddCreatorAsync(app);
        await using var site = await Site.StartAsync(app, () =>
        {
            var page = TrackedSiteTests.Page(app, creator, "#there", attributes: "crossorigin data-consent=granted " + attribute);
            return page + page[..page.IndexOf('\n', StringComparison.Ordinal)] + Site.Script(app, "data-consent=granted");
        });
        await using var visitor = await browser.NewVisitorAsync();

        await visitor.Page.GotoAsync(site.Url);
        await app.AssertIngestedAsync("session 1, pageview 1");
        await visitor.Page.ClickAsync("text=Shop");
        await app.AssertIngestedAsync("session 1, pageview 2");
        await visitor.Page.GotoAsync("about:blank");
        await app.AssertIngestedAsync("session 1, pageview 2, leave 1");

        Assert.Single(await app.RowsAsync("AnalyticsSession", creator.BioPageId, "id"));
        visitor.AssertNoComplaint();
    }

    [Fact]
    public async Task A_click_before_the_visits_response_waits()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var creator = await TrackedSiteTests.AddCreatorAsync(app);
        await using var site = await Site.StartAsync(app, () => TrackedSiteTests.Page(app, creator, "#there"));
        await using var visitor = await browser.NewVisitorAsync();
        var clicked = new TaskCompletionSource();
        await visitor.Page.RouteAsync("**/hi", async route =>
        {
            await clicked.Task;
            await route.ContinueAsync();
        });
        await visitor.Page.GotoAsync(site.Url);

        await visitor.AcceptAsync();
        await visitor.Page.ClickAsync("text=Shop");
        clicked.SetResult();

        await app.AssertIngestedAsync("session 1, pageview 2");
        Assert.Contains("\"totalClicks\":1", await app.ReportAsync(creator, "overview"), StringComparison.Ordinal);
        visitor.AssertNoComplaint();
    }

    [Fact]
    public async Task Enter_and_middle_button_are_clicks_unlike_right_button()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var creator = await TrackedSiteTests.AddCreatorAsync(app);
        await using var site = await Site.StartAsync(app, () => TrackedSiteTests.Page(app, creator, "#there"));
        await using var visitor = await browser.NewVisitorAsync();
        await visitor.StopClockAsync();
        await visitor.Page.GotoAsync(site.Url);
        await visitor.AcceptAsync();
        await app.AssertIngestedAsync("session 1, pageview 1");

        await visitor.Page.ClickAsync("text=Shop", new() { Button = MouseButton.Right });
        await visitor.Page.PressAsync("text=Shop", "Enter");
        await app.AssertIngestedAsync("session 1, pageview 2");
        await visitor.PassAsync(TimeSpan.FromSeconds(1));
        await visitor.Page.EvaluateAsync("document.querySelector('a').target = '_blank'");
        await visitor.Page.ClickAsync("text=Shop", new() { Button = MouseButton.Middle });
        await app.AssertIngestedAsync("session 1, pageview 4"); // the tab that it opens continues the visit

        visitor.AssertNoComplaint();
    }

    [Fact]
    public async Task After_a_null_id_nothing_more_is_sent()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var creator = await TrackedSiteTests.AddCreatorAsync(app);
        await using var site = await Site.StartAsync(
            app, () => TrackedSiteTests.Page(app, creator, "#there", attributes: "data-consent=granted"));
        await using var visitor = await browser.NewVisitorAsync("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)");

        await visitor.Page.GotoAsync(site.Url);
        await app.AssertIngestedAsync("dropped bot 1");
        await visitor.Page.ClickAsync("text=Shop");
        await visitor.ShowAsync(false);
        await visitor.Page.GotoAsync("about:blank");

        await app.AssertNothingMoreAsync("dropped bot 1");
        await visitor.AssertSentAsync("visit");
        visitor.AssertNoComplaint();
    }

    [Fact]
    public async Task An_unavailable_server_does_not_break_the_page()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var creator = await TrackedSiteTests.AddCreatorAsync(app);
        await using var site = await Site.StartAsync(
            app, () => TrackedSiteTests.Page(app, creator, "#there", attributes: "data-consent=granted"));
        await using var visitor = await browser.NewVisitorAsync();
        var errors = new List<string>();
        visitor.Context.WebError += (_, error) => errors.Add(error.Error);
        var answers = 0;
        await visitor.Page.RouteAsync(
            "**/hi", route => answers++ == 0 ? route.AbortAsync() : route.FulfillAsync(new() { Status = 500, Body = "<html>" }));

        await visitor.Page.GotoAsync(site.Url, new() { WaitUntil = WaitUntilState.NetworkIdle });
        await visitor.Page.ClickAsync("text=Shop");
        await visitor.Page.GotoAsync(site.Url + "/again", new() { WaitUntil = WaitUntilState.NetworkIdle });
        await visitor.Page.GotoAsync("about:blank");

        Assert.Equal(2, answers); // one attempt per load
        Assert.Empty(errors);
    }
}
