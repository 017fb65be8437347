using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Playwright;

namespace Bioscope.Browser.Tests;

/// <summary>A page that nobody sees is not counted, and a page that is seen is counted once.</summary>
public sealed class TrackerUnseenTests(Browser browser)
{
    [Fact]
    public async Task A_prerendered_page_counts_once_it_is_shown()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var creator = await TrackedSiteTests.AddCreatorAsync(app);
        var (loaded, go) = (new TaskCompletionSource<string>(), false);
        await using var site = await StartAsync(http =>
        {
            switch (http.Request.Path.Value)
            {
                case "/from":
                    return """
                        <script type="speculationrules">{"prerender":[{"source":"list","urls":["/anna"]}]}</script>
                        <script>setInterval(async () => (await (await fetch('/go')).text()).endsWith('yes') && (location = '/anna'), 50)</script>
                        """;
                case "/anna":
                    return TrackedSiteTests.Page(app, creator, "#there", attributes: "data-consent=granted")
                        + "<script>addEventListener('load', () => { bioscope.pageview(); fetch('/loaded?' + document.prerendering); " +
                            "})</script>";
                case "/loaded":
                    loaded.TrySetResult(http.Request.QueryString.Value!);
                    return "";
                default:
                    return Volatile.Read(ref go) ? "yes" : "no";
            }
        });

        await using var visitor = browser.OpenUndriven(site.Urls.First() + "/from");
        Assert.Equal("?true", await loaded.Task.WaitAsync(Patience.Limit, TestContext.Current.CancellationToken));
        await app.AssertNothingMoreAsync("");
        Volatile.Write(ref go, true);

        await app.AssertIngestedAsync("session 1, pageview 2, dropped session 1"); // when shown, and by the site's own pageview()
        Assert.Equal(["/anna", "/anna"], await app.RowsAsync("AnalyticsPageView", creator.BioPageId, "path"));
    }

    [Fact]
    public async Task Consent_in_a_prerendered_page_waits_until_shown()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var creator = await TrackedSiteTests.AddCreatorAsync(app);
        await using var site = await Site.StartAsync(app, () => TrackedSiteTests.Page(app, creator, "#there"));
        await using var visitor = await browser.NewVisitorAsync();
        await visitor.Context.AddInitScriptAsync(
            """
            let prerendering = true;
            Object.defineProperty(document, 'prerendering', { get: () => prerendering });
            window.show = () => { prerendering = false; document.dispatchEvent(new Event('prerenderingchange')); };
            """);

        await visitor.Page.GotoAsync(site.Url);
        Assert.False(await visitor.IsAskedAsync());
        await visitor.Page.GotoAsync(site.Url + "/again"); // a banner that nobody saw does not count as unanswered
        await visitor.Page.EvaluateAsync("() => { bioscope.consent(false); bioscope.pageview(); }");
        await app.AssertNothingMoreAsync("");
        Assert.Empty(await visitor.KeptAsync("localStorage"));
        await visitor.Page.EvaluateAsync("show()");

        await app.AssertIngestedAsync("dropped consent 1, dropped session 1");
        await visitor.AssertSentAsync("refused");
        visitor.AssertNoComplaint();
    }

    [Fact]
    public async Task A_browser_controlled_by_a_program_is_not_counted()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var creator = await TrackedSiteTests.AddCreatorAsync(app);
        await using var granted = await Site.StartAsync(
            app, () => TrackedSiteTests.Page(app, creator, "#there", attributes: "data-consent=granted"));
        await using var asked = await Site.StartAsync(app, () => TrackedSiteTests.Page(app, creator, "#there"));
        await using var visitor = await browser.NewDrivenVisitorAsync();

        await visitor.Page.GotoAsync(granted.Url);
        Assert.True(await visitor.Page.EvaluateAsync<bool>("() => navigator.webdriver"));
        await visitor.Page.ClickAsync("text=Shop");
        // a site's tests find the functions that they call
        await visitor.Page.EvaluateAsync("() => { bioscope.consent(true); bioscope.pageview(); }");
        await visitor.Page.GotoAsync(asked.Url);
        Assert.False(await visitor.IsAskedAsync());
        await visitor.Page.EvaluateAsync("bioscope.consent(false)");
        await visitor.Page.GotoAsync("about:blank");

        await app.AssertNothingMoreAsync("");
        Assert.Empty(visitor.Sent);
        visitor.AssertNoComplaint();
    }

    [Fact]
    public async Task A_page_from_the_back_forward_cache_counts_again()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var creator = await TrackedSiteTests.AddCreatorAsync(app);
        await using var site = await Site.StartAsync(app, () => TrackedSiteTests.Page(app, creator, "#there"));
        await using var visitor = await browser.NewVisitorWhoseBrowserKeepsPagesAsync();
        await visitor.Page.GotoAsync(site.Url + "/one");
        await visitor.AcceptAsync();
        await app.AssertIngestedAsync("session 1, pageview 1");
        await visitor.AreAnsweredAsync();

        await LeaveAndComeBackAsync(visitor, site.Url + "/two");
        await app.AssertIngestedAsync("session 1, pageview 3, leave 2");
        await visitor.AreAnsweredAsync();
        await LeaveAndComeBackAsync(visitor, site.Url + "/two");
        await app.AssertNothingMoreAsync("session 1, pageview 5, leave 4");

        Assert.Equal(
            ["/one", "/one", "/one", "/two", "/two"], (await app.RowsAsync("AnalyticsPageView", creator.BioPageId, "path")).Order());
        visitor.AssertNoComplaint();
    }

    [Fact]
    public async Task A_cached_page_respects_a_refusal_in_another_tab()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var creator = await TrackedSiteTests.AddCreatorAsync(app);
        await using var site = await Site.StartAsync(app, () => TrackedSiteTests.Page(app, creator, "#there"));
        await using var visitor = await browser.NewVisitorWhoseBrowserKeepsPagesAsync();
        await visitor.Page.GotoAsync(site.Url + "/one");
        await visitor.AcceptAsync();
        await visitor.AreAnsweredAsync();

        await LeaveAndComeBackAsync(visitor, site.Url + "/two", () => visitor.Page.EvaluateAsync("bioscope.consent(false)"));
        await visitor.Page.ClickAsync("text=Shop");
        await visitor.Page.GotoAsync("about:blank");

        await app.AssertNothingMoreAsync("session 1, pageview 2, leave 1, dropped consent 1");
        Assert.Equal(["/one", "/two"], (await app.RowsAsync("AnalyticsPageView", creator.BioPageId, "path")).Order());
        visitor.AssertNoComplaint();
    }

    [Fact]
    public async Task A_second_click_within_half_a_second_is_ignored()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var creator = await TrackedSiteTests.AddCreatorAsync(app);
        var other = await app.AddLinkAsync(creator, "News", "https://news.example/");
        await using var site = await Site.StartAsync(
            app, () => TrackedSiteTests.Page(
                app, creator, "#there", attributes: "data-consent=granted") + $"<a href=#news data-link={other.Id}>News</a>");
        await using var visitor = await browser.NewVisitorAsync();
        await visitor.StopClockAsync();
        await visitor.Page.GotoAsync(site.Url);
        await app.AssertIngestedAsync("session 1, pageview 1");
        await visitor.AreAnsweredAsync();

        await visitor.Page.DblClickAsync("text=Shop");
        await app.AssertIngestedAsync("session 1, pageview 2");
        await visitor.Page.ClickAsync("text=News"); // a click on another link counts, however soon
        await app.AssertIngestedAsync("session 1, pageview 3");
        await visitor.PassAsync(TimeSpan.FromMilliseconds(499));
        await visitor.Page.ClickAsync("text=News");
        await visitor.PassAsync(TimeSpan.FromMilliseconds(500));
        await visitor.Page.ClickAsync("text=News");
        await app.AssertNothingMoreAsync("session 1, pageview 4");

        await visitor.AssertSentAsync("visit", "click", "click", "click");
        visitor.AssertNoComplaint();
    }

    // A page from the cache is not loaded again, so Playwright's wait for a load would not end.
    private static async Task LeaveAndComeBackAsync(Visitor visitor, string to, Func<Task>? there = null)
    {
        await visitor.Page.EvaluateAsync("() => window.isTheOneFromBefore = true");
        await visitor.Page.GotoAsync(to);
        await visitor.AreAnsweredAsync();
        await (there?.Invoke() ?? Task.CompletedTask);
        await visitor.Page.GoBackAsync(new() { WaitUntil = WaitUntilState.Commit });
        await visitor.Page.WaitForFunctionAsync("() => window.isTheOneFromBefore");
    }

    private static async Task<WebApplication> StartAsync(Func<HttpContext, string> answer)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(http =>
        {
            http.Response.ContentType = "text/html; charset=utf-8";
            return http.Response.WriteAsync("<!doctype html><html lang=en><title>Anna</title>" + answer(http), http.RequestAborted);
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }
}
