namespace Bioscope.Server.Tests;

public sealed class OverviewTests
{
    [Theory, Engines]
    public async Task Overview_of_a_page_without_traffic_has_zeros(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();

        Assert.Equal(
            """{"totalViews":0,"uniqueVisitors":0,"totalClicks":0,"ctr":0,"days":30}""", await app.ReportAsync(creator, "overview"));
    }

    [Theory, Engines]
    public async Task Overview_counts_page_views_clicks_and_distinct_visitors(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        await app.AddSessionAsync(creator, "anna");
        await app.AddSessionAsync(creator, "anna");
        await app.AddSessionAsync(creator, "ben");
        await app.AddSessionAsync(creator, "before", startedAt: app.Clock.GetUtcNow().AddDays(-8));
        await app.AddPageViewsAsync(creator, 5);
        await app.AddPageViewsAsync(creator, 1, Guid.NewGuid());
        // A page view counts by the time it was entered: its session may have started before the window.
        await app.AddPageViewsAsync(creator, 1, Guid.NewGuid(), app.Clock.GetUtcNow().AddDays(-7));
        await app.AddPageViewsAsync(creator, 1, null, app.Clock.GetUtcNow().AddDays(-7).AddMilliseconds(-1));

        Assert.Equal(
            """{"totalViews":7,"uniqueVisitors":2,"totalClicks":2,"ctr":28.57,"days":7}""",
            await app.ReportAsync(creator, "overview?days=7"));
        Assert.Equal(
            """{"totalViews":8,"uniqueVisitors":3,"totalClicks":2,"ctr":25,"days":365}""",
            await app.ReportAsync(creator, "overview?days=4000"));
    }
}
