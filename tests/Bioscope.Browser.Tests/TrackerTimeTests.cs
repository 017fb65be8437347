using Bioscope.Engine.Creators;

namespace Bioscope.Browser.Tests;

/// <summary>The tracker over time: heartbeats, leave events, continued sessions, ageing tokens.</summary>
public sealed class TrackerTimeTests(Browser browser)
{
    [Fact]
    public async Task Heartbeats_are_sent_only_while_the_page_is_visible()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var (creator, site) = await PageAsync(app);
        await using var ended = site;
        await using var visitor = await browser.NewVisitorAsync();
        await visitor.StopClockAsync();
        await visitor.Page.GotoAsync(site.Url);
        await visitor.AcceptAsync();
        await app.AssertIngestedAsync("session 1, pageview 1");
        await visitor.AreAnsweredAsync();
        app.Clock.Advance(TimeSpan.FromMinutes(1)); // the server accepts no duration longer than the elapsed time

        await visitor.PassAsync(TimeSpan.FromSeconds(29));
        await visitor.AssertSentAsync("visit");
        await visitor.PassAsync(TimeSpan.FromSeconds(1));
        await app.AssertIngestedAsync("session 1, pageview 1, heartbeat 1");
        await visitor.PassAsync(TimeSpan.FromSeconds(20));
        await visitor.ShowAsync(false);
        await app.AssertIngestedAsync("session 1, pageview 1, heartbeat 1, leave 1"); // phones end hidden pages without an event
        await visitor.PassAsync(TimeSpan.FromMinutes(5));
        await visitor.ShowAsync(true);
        // the 20 seconds before do not count: the page was not visible for 30 without a break
        await visitor.PassAsync(TimeSpan.FromSeconds(29));
        await visitor.AssertSentAsync("visit", "alive", "leave");
        await visitor.PassAsync(TimeSpan.FromSeconds(1));
        await app.AssertIngestedAsync("session 1, pageview 1, heartbeat 2, leave 1");
        await visitor.Page.GotoAsync("about:blank");
        await app.AssertIngestedAsync("session 1, pageview 1, heartbeat 2, leave 2");

        Assert.Equal(["80"], await app.RowsAsync("AnalyticsPageView", creator.BioPageId, "duration")); // visible for 50 and 30 seconds
        Assert.Equal(["60"], await app.RowsAsync("AnalyticsSession", creator.BioPageId, "duration"));
        visitor.AssertNoComplaint();
    }

    [Fact]
    public async Task Frequent_tab_switching_stays_under_the_leave_limit()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var (creator, site) = await PageAsync(app);
        await using var ended = site;
        await using var visitor = await browser.NewVisitorAsync();
        await visitor.StopClockAsync();
        await visitor.Page.GotoAsync(site.Url);
        await visitor.AcceptAsync();
        await app.AssertIngestedAsync("session 1, pageview 1");
        await visitor.AreAnsweredAsync();

        for (var i = 0; i < 25; i++)
        {
            await visitor.PassAsync(TimeSpan.FromSeconds(1));
            await visitor.ShowAsync(false);
            await visitor.ShowAsync(true);
        }

        await visitor.Page.GotoAsync("about:blank");
        await app.AssertIngestedAsync("session 1, pageview 1, leave 4"); // after 1, 12 and 23 seconds, and at the end
        Assert.Equal(["25"], await app.RowsAsync("AnalyticsPageView", creator.BioPageId, "duration"));
        visitor.AssertNoComplaint();
    }

    [Fact]
    public async Task A_reload_continues_the_visit_until_it_expires()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var (creator, site) = await PageAsync(app);
        await using var ended = site;
        await using var visitor = await browser.NewVisitorAsync();
        await visitor.StopClockAsync();
        await visitor.Page.GotoAsync(site.Url);
        await visitor.AcceptAsync();
        await app.AssertIngestedAsync("session 1, pageview 1");
        await visitor.AreAnsweredAsync();

        await visitor.Page.ReloadAsync();
        await app.AssertIngestedAsync("session 1, pageview 2, leave 1");
        await visitor.AreAnsweredAsync();
        await HideAsync(TimeSpan.FromMinutes(29));
        await app.AssertIngestedAsync("session 1, pageview 3, leave 2");
        await visitor.AreAnsweredAsync();
        await HideAsync(TimeSpan.FromMinutes(31));
        await app.AssertIngestedAsync("session 2, pageview 4, leave 3");
        await visitor.AreAnsweredAsync();
        await visitor.Context.AddInitScriptAsync(
            "const all = JSON.parse(localStorage['bioscope-session']); for (const page in all) all[page][1] -= 24 * 3600e3; " +
            "localStorage['bioscope-session'] = JSON.stringify(all);");
        await visitor.Page.ReloadAsync();
        await app.AssertIngestedAsync("session 3, pageview 5, leave 4");

        Assert.Contains("\"uniqueVisitors\":1", await app.ReportAsync(creator, "overview"), StringComparison.Ordinal);
        visitor.AssertNoComplaint();

        // The tab is in the background for this long, and is then viewed and reloaded.
        async Task HideAsync(TimeSpan time)
        {
            await visitor.ShowAsync(false);
            await visitor.PassAsync(time);
            await visitor.ShowAsync(true);
            await visitor.Page.ReloadAsync();
        }
    }

    [Fact]
    public async Task Consent_after_ten_minutes_loads_a_new_token()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var (creator, site) = await PageAsync(app);
        await using var ended = site;
        await using var visitor = await browser.NewVisitorAsync();
        await visitor.StopClockAsync();
        await visitor.Page.GotoAsync(site.Url);

        app.Clock.Advance(TimeSpan.FromMinutes(10));
        await visitor.PassAsync(TimeSpan.FromMinutes(10));
        await visitor.AcceptAsync();

        await app.AssertIngestedAsync("session 1, pageview 1");
        Assert.Single(await app.RowsAsync("AnalyticsSession", creator.BioPageId, "id"));
        visitor.AssertNoComplaint();
    }

    [Fact]
    public async Task A_page_from_the_history_loads_a_new_token()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var (_, site) = await PageAsync(app);
        await using var ended = site;
        await using var visitor = await browser.NewVisitorAsync();
        await visitor.Page.GotoAsync(site.Url + "/kept");
        await visitor.Page.GotoAsync(site.Url + "/other");

        app.Clock.Advance(TimeSpan.FromMinutes(11));
        await visitor.Page.GoBackAsync(); // the browser shows its cached page, whatever its age
        await visitor.AcceptAsync();

        await app.AssertIngestedAsync("session 1, pageview 1, dropped unanswered 2");
        visitor.AssertNoComplaint();
    }

    private static async Task<(Creator Creator, Site Site)> PageAsync(TestApp app)
    {
        var creator = await TrackedSiteTests.AddCreatorAsync(app);
        return (creator, await Site.StartAsync(app, () => TrackedSiteTests.Page(app, creator, "#there")));
    }
}
