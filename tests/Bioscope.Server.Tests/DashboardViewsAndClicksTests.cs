namespace Bioscope.Server.Tests;

/// <summary>In the dashboard a view is a page view without a link, and a click is one with a link.</summary>
public sealed class DashboardViewsAndClicksTests
{
    [Theory, Engines]
    public async Task Future_rows_are_in_no_hour_of_today(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (visit, creator) = await DashboardVisit.StartAsync(app);
        using var _ = visit;
        var nine = new DateTimeOffset(TestApp.Start.Date, TimeSpan.Zero).AddHours(9);
        await app.AddSessionAsync(creator);
        await app.AddPageViewsAsync(creator, 2, null, nine);
        await app.AddPageViewsAsync(creator, 7, null, nine.AddDays(1)); // by a clock that was ahead

        Assert.Contains(
            "<th scope=\"row\">9:00</th><td>2</td><td>0</td>", await visit.ReadAsync("/dashboard?days=today"), StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task A_load_and_a_click_are_one_view_and_one_click(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (visit, creator) = await DashboardVisit.StartAsync(app);
        using var _ = visit;
        var link = await app.AddLinkAsync(creator, "Shop", "https://shop.example/");
        var session = (await app.PostSessionAsync(creator))!.Value;
        await app.PostPageViewAsync(session);
        await app.PostPageViewAsync(session, link.Id);

        var page = await visit.ReadAsync("/dashboard?days=7");

        Assert.Equal("Views 1", DashboardVisit.TextOf(page, "data-figure=\"Views\""));
        Assert.Equal("Clicks 1", DashboardVisit.TextOf(page, "data-figure=\"Clicks\""));
        Assert.Equal("Click rate 100.00%", DashboardVisit.TextOf(page, "data-figure=\"Click rate\""));
        Assert.Equal("Shop shop.example 1 click, 100.00%", DashboardVisit.TextOf(page, $"data-link=\"{link.Id}\""));
        Assert.StartsWith(
            "Actions per visit 2.0", DashboardVisit.TextOf(page, "data-figure=\"Actions per visit\""), StringComparison.Ordinal);
        Assert.Contains("(so far)</th><td>1</td><td>1</td>", page, StringComparison.Ordinal);
        Assert.Contains(
            "A view counts each time your page is opened, a click each time a link on it is clicked. Click rate: clicks per hundred views.",
            page,
            StringComparison.Ordinal);
        Assert.StartsWith(
            "from,until,views,visitors,clicks,clickRate,visits,bounceRate,visitDuration,viewsPerVisit\r\n2026-04-09T00:00:00.000Z,2026-04-16T00:00:00.000Z,1,1,1,100,1,0,",
            await visit.ReadAsync("/dashboard/export?type=overview&range=7d"),
            StringComparison.Ordinal);
        Assert.Equal(
            $"link,title,url,clicks,clickers,visits\r\n{link.Id},Shop,https://shop.example/,1,1,1\r\n",
            await visit.ReadAsync("/dashboard/export?type=link&range=7d"));
        // The published reports keep their definition.
        Assert.Equal(
            """{"totalViews":2,"uniqueVisitors":1,"totalClicks":1,"ctr":50,"days":7}""", await app.ReportAsync(creator, "overview?days=7"));
        using var export = await app.GetAsync("/api/v1/creators/analytics/export?type=overview&days=7", app.Token(creator));
        Assert.Equal(
            "totalViews,uniqueVisitors,totalClicks,ctr,days\r\n2,1,1,50,7\r\n",
            await export.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Theory, Engines(With = ["today", "7", "90"])]
    public async Task More_clicks_than_views_stay_inside_the_chart(EngineKind engine, string days)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (visit, creator) = await DashboardVisit.StartAsync(app);
        using var _ = visit;
        await app.AddSessionAsync(creator);
        await app.AddPageViewsAsync(creator, 3);
        await app.AddPageViewsAsync(creator, 700, Guid.NewGuid());

        var page = await visit.ReadAsync("/dashboard?days=" + days);

        Assert.Equal("Views 3", DashboardVisit.TextOf(page, "data-figure=\"Views\""));
        Assert.Equal("Click rate 23,333.33%", DashboardVisit.TextOf(page, "data-figure=\"Click rate\""));
        Assert.Contains("3 views, 700 clicks.", page, StringComparison.Ordinal);
        Assert.Contains(">800</text>", page, StringComparison.Ordinal);
        var plot =
            page[page.IndexOf("class=\"data\"", StringComparison.Ordinal)..page.IndexOf("class=\"axis\" x=", StringComparison.Ordinal)];
        Assert.DoesNotContain("=\"-", plot, StringComparison.Ordinal);
        Assert.DoesNotContain(" -", plot, StringComparison.Ordinal);
    }
}
