using Bioscope.Engine.Creators;

namespace Bioscope.Browser.Tests;

/// <summary>A visit that continues in other tabs of the same host.</summary>
public sealed class TrackerTabsTests(Browser browser)
{
    [Fact]
    public async Task Activity_in_any_tab_continues_the_visit()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var (creator, site) = await PageAsync(app, "data-consent=granted");
        await using var ended = site;
        await using var visitor = await browser.NewVisitorAsync();
        await visitor.StopClockAsync();
        await visitor.Page.GotoAsync(site.Url + "/one");
        await app.AssertIngestedAsync("session 1, pageview 1");
        await visitor.AreAnsweredAsync();

        await visitor.ShowAsync(false);
        await visitor.PassAsync(TimeSpan.FromMinutes(20));
        var second = await visitor.Context.NewPageAsync();
        await second.GotoAsync(site.Url + "/two");
        await app.AssertIngestedAsync("session 1, pageview 2");
        await visitor.AreAnsweredAsync();
        await second.CloseAsync();
        await visitor.PassAsync(TimeSpan.FromMinutes(20));
        var third = await visitor.Context.NewPageAsync();
        await third.GotoAsync(site.Url + "/three");
        await app.AssertIngestedAsync("session 1, pageview 3, leave 1");
        await visitor.AreAnsweredAsync();
        await third.CloseAsync();
        await app.AssertIngestedAsync("session 1, pageview 3, leave 2");
        await visitor.PassAsync(TimeSpan.FromMinutes(31));
        var fourth = await visitor.Context.NewPageAsync();
        await fourth.GotoAsync(site.Url + "/four");
        await app.AssertIngestedAsync("session 2, pageview 4, leave 2");

        Assert.Equal(["1", "3"], (await app.RowsAsync("AnalyticsSession", creator.BioPageId, "pageViews")).Order());
        visitor.AssertNoComplaint();
    }

    [Fact]
    public async Task Two_tabs_opened_together_are_one_visit()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var (creator, site) = await PageAsync(app, "data-consent=granted");
        await using var ended = site;
        await using var visitor = await browser.NewVisitorAsync();
        var both = new TaskCompletionSource();
        await visitor.Context.RouteAsync("**/hi", async route =>
        {
            await both.Task;
            await route.ContinueAsync();
        });

        var second = await visitor.Context.NewPageAsync();
        await Task.WhenAll(visitor.Page.GotoAsync(site.Url + "/one"), second.GotoAsync(site.Url + "/two"));
        await second.WaitForFunctionAsync("async () => (await navigator.locks.query()).pending.length == 1");
        both.SetResult();

        await app.AssertIngestedAsync("session 1, pageview 2");
        Assert.Equal(["2"], await app.RowsAsync("AnalyticsSession", creator.BioPageId, "pageViews"));
        visitor.AssertNoComplaint();
    }

    [Theory]
    [InlineData("delete Navigator.prototype.locks")]
    [InlineData("LockManager.prototype.request = () => Promise.reject(new DOMException('', 'SecurityError'))")]
    public async Task Visits_count_without_the_Web_Locks_API(string without)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var (creator, site) = await PageAsync(app, "data-consent=granted");
        await using var ended = site;
        await using var visitor = await browser.NewVisitorAsync();
        await visitor.Context.AddInitScriptAsync(without);

        await visitor.Page.GotoAsync(site.Url);
        await app.AssertIngestedAsync("session 1, pageview 1");
        await visitor.AreAnsweredAsync();
        await visitor.Page.ReloadAsync();
        await app.AssertIngestedAsync("session 1, pageview 2, leave 1");

        Assert.Equal(["2"], await app.RowsAsync("AnalyticsSession", creator.BioPageId, "pageViews"));
        visitor.AssertNoComplaint();
    }

    [Fact]
    public async Task A_closed_visit_is_followed_by_a_new_one()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var (creator, site) = await PageAsync(app, "data-consent=granted");
        await using var ended = site;
        await using var visitor = await browser.NewVisitorAsync();
        await visitor.StopClockAsync();
        await visitor.Page.GotoAsync(site.Url);
        await app.AssertIngestedAsync("session 1, pageview 1");
        await visitor.AreAnsweredAsync();

        app.Clock.Advance(TimeSpan.FromHours(25)); // only on the server's clock, which closes the visit
        await visitor.Page.ReloadAsync();

        await app.AssertIngestedAsync("session 2, pageview 2, dropped session 2");
        await visitor.AssertSentAsync("visit", "view", "visit");
        visitor.AssertNoComplaint();
    }

    [Fact]
    public async Task One_refusal_ends_the_visits_of_all_pages()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var anna = await BioPageVisitTests.AddAnnaAsync(app);
        var ben = await app.AddCreatorAsync();
        await app.Main.ExecuteAsync(
            """UPDATE "BioPage" SET "handle" = 'ben' WHERE "id" = @page""", TestContext.Current.CancellationToken,
            ("@page", ben.BioPageId));
        await using var visitor = await browser.NewVisitorAsync();
        var origin = Site.Origin(app);

        await visitor.Page.GotoAsync(origin + "/@anna");
        await visitor.AcceptAsync();
        await app.AssertIngestedAsync("session 1, pageview 1");
        await visitor.AreAnsweredAsync();
        await visitor.Page.GotoAsync(origin + "/@ben");
        await app.AssertIngestedAsync("session 2, pageview 2, leave 1");
        await visitor.AreAnsweredAsync();
        await visitor.Page.GotoAsync(origin + "/@anna");
        await app.AssertIngestedAsync("session 2, pageview 3, leave 2");
        await visitor.AreAnsweredAsync();

        Assert.Equal(["2"], await app.RowsAsync("AnalyticsSession", anna.BioPageId, "pageViews"));
        Assert.Equal(["1"], await app.RowsAsync("AnalyticsSession", ben.BioPageId, "pageViews"));
        await visitor.Page.ClickAsync("[data-bioscope-consent=ask]");
        await visitor.RefuseAsync();
        await app.AssertIngestedAsync("session 2, pageview 3, leave 2, dropped consent 1");
        Assert.Equal(["bioscope-consent=denied"], await visitor.KeptAsync("localStorage"));
        visitor.AssertNoComplaint();
    }

    [Fact]
    public async Task An_answer_applies_to_all_tabs_at_once()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var (_, site) = await PageAsync(app);
        await using var ended = site;
        await using var visitor = await browser.NewVisitorAsync();
        await visitor.Page.GotoAsync(site.Url + "/one");
        var second = await visitor.Context.NewPageAsync();
        await second.GotoAsync(site.Url + "/two");
        Assert.True(await second.IsVisibleAsync("[data-bioscope-banner]"));

        await visitor.AcceptAsync();
        await second.WaitForSelectorAsync("[data-bioscope-banner]", new() { State = Microsoft.Playwright.WaitForSelectorState.Hidden });

        await app.AssertIngestedAsync("session 1, pageview 2");
        visitor.AssertNoComplaint();
    }

    [Theory]
    [InlineData("[")]
    [InlineData("null")]
    [InlineData("7")]
    [InlineData("{\\\"{page}\\\":[]}")]
    [InlineData("{\\\"{page}\\\":{\\\"0\\\":1}}")]
    public async Task Invalid_stored_visits_are_ignored(string remembered)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var (creator, site) = await PageAsync(app, "data-consent=granted");
        await using var ended = site;
        await using var visitor = await browser.NewVisitorAsync();
        var said = remembered.Replace("{page}", creator.BioPageId.ToString(), StringComparison.Ordinal);
        await visitor.Context.AddInitScriptAsync(
            $"sessionStorage.done || (sessionStorage.done = localStorage['bioscope-session'] = \"{said}\")");

        await visitor.Page.GotoAsync(site.Url);
        await app.AssertIngestedAsync("session 1, pageview 1");
        await visitor.AreAnsweredAsync();
        await visitor.Page.ReloadAsync();

        await app.AssertIngestedAsync("session 1, pageview 2, leave 1");
        visitor.AssertNoComplaint();
    }

    private static async Task<(Creator Creator, Site Site)> PageAsync(TestApp app, string attributes = "")
    {
        var creator = await TrackedSiteTests.AddCreatorAsync(app);
        return (creator, await Site.StartAsync(app, () => TrackedSiteTests.Page(app, creator, "#there", attributes: attributes)));
    }
}
