namespace Bioscope.Server.Tests;

public sealed class TrendTests
{
    [Theory, Engines]
    public async Task Trend_days_are_UTC_ascending_without_empty_days(EngineKind engine)
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
        Assert.Equal(
            """{"days":1,"daily":[{"day":"2026-04-14T00:00:00.000Z","views":1,"clicks":1},{"day":"2026-04-15T00:00:00.000Z","views":2,"clicks":0}]}""",
            await app.ReportAsync(creator, "trend?days=1"));
    }

    [Theory, Engines]
    public async Task The_first_trend_day_starts_with_the_range(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        var since = app.Clock.GetUtcNow().AddDays(-1);
        await app.AddPageViewsAsync(creator, 1, null, since);
        await app.AddPageViewsAsync(creator, 4, null, since.AddMilliseconds(-1));

        Assert.Equal(
            """{"days":1,"daily":[{"day":"2026-04-14T00:00:00.000Z","views":1,"clicks":0}]}""",
            await app.ReportAsync(creator, "trend?days=1"));
    }
}
