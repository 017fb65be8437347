namespace Bioscope.Server.Tests;

public sealed class SessionQualityTests
{
    [Theory, Engines]
    public async Task Session_quality_without_sessions_has_zeros(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);

        Assert.Equal(
            """{"totalSessions":0,"bounceRate":0,"avgDuration":0,"pagesPerSession":0}""",
            await app.ReportAsync(await app.AddCreatorAsync(), "sessions"));
    }

    [Theory, Engines]
    public async Task Bounces_have_under_two_views_and_zero_durations_are_ignored(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        await app.AddSessionAsync(creator, duration: 0, pageViews: 0); // opened, without further events
        await app.AddSessionAsync(creator, duration: 0, pageViews: 1);
        await app.AddSessionAsync(creator, duration: 30, pageViews: 1);
        await app.AddSessionAsync(creator, duration: 61, pageViews: 2);
        await app.AddSessionAsync(creator, duration: 61, pageViews: 4);
        await app.AddSessionAsync(creator, duration: 3_000, pageViews: 90, startedAt: app.Clock.GetUtcNow().AddDays(-31));

        // 3 of 5 bounce; 152 seconds over 3; 8 page views over 5.
        Assert.Equal(
            """{"totalSessions":5,"bounceRate":60,"avgDuration":51,"pagesPerSession":1.6}""", await app.ReportAsync(creator, "sessions"));
    }

    [Theory, Engines]
    public async Task Session_quality_rounds_half_up(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        await app.AddSessionAsync(creator, duration: 2, pageViews: 1);
        await app.AddSessionAsync(creator, duration: 3, pageViews: 2);
        for (var i = 0; i < 6; i++)
        {
            await app.AddSessionAsync(creator, pageViews: i == 0 ? 5 : 2);
        }

        // 12.5 %, 2.5 s, 18 ÷ 8 = 2.25 pages.
        Assert.Equal(
            """{"totalSessions":8,"bounceRate":13,"avgDuration":3,"pagesPerSession":2.3}""", await app.ReportAsync(creator, "sessions"));
    }
}
