namespace Bioscope.Server.Tests;

public sealed class TrendTests
{
    [Theory, Engines]
    public async Task Days_are_utc_ascending_and_absent_without_page_views(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        await app.AddPageViewsAsync(creator, 2, null, new(2026, 4, 15, 0, 0, 0, TimeSpan.Zero));
        await app.AddPageViewsAsync(creator, 1, Guid.NewGuid(), new(2026, 4, 14, 23, 59, 59, 999, TimeSpan.Zero));
        await app.AddPageViewsAsync(creator, 3, Guid.NewGuid(), new(2026, 3, 31, 13, 0, 0, TimeSpan.Zero));
        await app.AddPageViewsAsync(creator, 1, null, new(2026, 3, 31, 13, 0, 0, TimeSpan.Zero));
        await app.AddSessionAsync(creator); // no page view: no day

        Assert.Equal(
            """
            {"days":30,"daily":[{"day":"2026-03-31T00:00:00.000Z","views":4,"clicks":3},{"day":"2026-04-14T00:00:00.000Z","views":1,"clicks":1},{"day":"2026-04-15T00:00:00.000Z","views":2,"clicks":0}]}
            """,
            await app.ReportAsync(creator, "trend"));
        Assert.Equal("""{"days":1,"daily":[{"day":"2026-04-14T00:00:00.000Z","views":1,"clicks":1},{"day":"2026-04-15T00:00:00.000Z","views":2,"clicks":0}]}""", await app.ReportAsync(creator, "trend?days=1"));
    }

    [Theory, Engines]
    public async Task The_first_day_is_cut_where_the_window_starts(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        var since = app.Clock.GetUtcNow().AddDays(-1);
        await app.AddPageViewsAsync(creator, 1, null, since);
        await app.AddPageViewsAsync(creator, 4, null, since.AddMilliseconds(-1));

        Assert.Equal("""{"days":1,"daily":[{"day":"2026-04-14T00:00:00.000Z","views":1,"clicks":0}]}""", await app.ReportAsync(creator, "trend?days=1"));
    }
}
