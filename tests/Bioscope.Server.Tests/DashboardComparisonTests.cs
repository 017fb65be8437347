namespace Bioscope.Server.Tests;

/// <summary>The headline figures compared with those of another period.</summary>
public sealed class DashboardComparisonTests
{
    [Theory, Engines]
    public async Task Running_days_are_compared_with_the_same_hours(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (visit, creator) = await DashboardVisit.StartAsync(app);
        using var _ = visit;
        var now = app.Clock.GetUtcNow();
        await app.AddSessionAsync(creator, "first", startedAt: now.AddDays(-20));
        await app.AddSessionAsync(await app.AddCreatorAsync(), "of another page", startedAt: now.AddDays(-10));
        foreach (var (visitor, daysAgo) in new[] { ("anna", 1), ("ben", 2), ("ben", 3), ("carla", 6), ("anna", 8), ("anna", 9),
            ("dora", 13) })
        {
            await app.AddSessionAsync(creator, visitor, startedAt: now.AddDays(-daysAgo));
        }

        var begin = new DateTimeOffset(2026, 4, 2, 0, 0, 0, TimeSpan.Zero);
        await app.AddPageViewsAsync(creator, 12, null, now.AddDays(-2));
        await app.AddPageViewsAsync(creator, 3, Guid.NewGuid(), now.AddDays(-2));
        await app.AddPageViewsAsync(creator, 7, null, now.AddDays(-7).AddMilliseconds(-1));
        await app.AddPageViewsAsync(creator, 80, null, now.AddDays(-7)); // later on that day
        await app.AddPageViewsAsync(creator, 3, Guid.NewGuid(), begin);
        await app.AddPageViewsAsync(creator, 90, null, begin.AddMilliseconds(-1));

        var page = await visit.ReadAsync("/dashboard?range=7d");

        Assert.Equal("Views 12 ▲ up 71% , 7 before", DashboardVisit.TextOf(page, "data-figure=\"Views\""));
        Assert.Equal("Visitors 3 ▲ up 50% , 2 before", DashboardVisit.TextOf(page, "data-figure=\"Visitors\""));
        Assert.Equal("Clicks 3 = unchanged 0.0% , 3 before", DashboardVisit.TextOf(page, "data-figure=\"Clicks\""));
        Assert.Equal("Click rate 25.00% ▼ down 17.9 points , 42.86% before", DashboardVisit.TextOf(page, "data-figure=\"Click rate\""));
        Assert.Contains("Compared with 2 Apr to 8 Apr, until 12:00 as today.", page, StringComparison.Ordinal);
        Assert.Equal(
            ["2026-04-09T00:00:00.000Z,2026-04-16T00:00:00.000Z,12,3,3,25",
                "2026-04-02T00:00:00.000Z,2026-04-08T12:00:00.000Z,7,2,3,42.86"],
            (await visit.ReadAsync("/dashboard/export?type=overview&range=7d")).Split("\r\n")[1..3].Select(
                row => string.Join(',', row.Split(',')[..6])));
    }

    [Theory, Engines]
    public async Task A_page_without_earlier_visits_is_not_compared(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (visit, creator) = await DashboardVisit.StartAsync(app);
        using var _ = visit;
        var begin = new DateTimeOffset(2026, 4, 2, 0, 0, 0, TimeSpan.Zero);
        await app.AddSessionAsync(creator, startedAt: begin.AddMilliseconds(1));
        await app.AddPageViewsAsync(creator, 4);

        var page = await visit.ReadAsync("/dashboard?range=7d");

        Assert.Equal("Views 4", DashboardVisit.TextOf(page, "data-figure=\"Views\""));
        Assert.Contains("Nothing to compare with yet", page, StringComparison.Ordinal);
        await app.AddSessionAsync(creator, startedAt: begin);
        Assert.Equal(
            "Views 4 ▲ up new , 0 before", DashboardVisit.TextOf(await visit.ReadAsync("/dashboard?range=7d"), "data-figure=\"Views\""));
    }

    [Theory, Engines]
    public async Task The_comparison_can_be_last_year_or_none(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (visit, creator) = await DashboardVisit.StartAsync(app);
        using var _ = visit;
        await app.AddSessionAsync(creator, startedAt: new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await app.AddPageViewsAsync(creator, 6, null, new DateTimeOffset(2026, 3, 10, 23, 0, 0, TimeSpan.Zero));
        await app.AddPageViewsAsync(creator, 4, null, new DateTimeOffset(2025, 3, 10, 23, 0, 0, TimeSpan.Zero));
        const string Dates = "/dashboard?from=2026-03-01&until=2026-03-10&compare=";

        var page = await visit.ReadAsync(Dates + "lastYear");
        Assert.Equal("Views 6 ▲ up 50% , 4 before", DashboardVisit.TextOf(page, "data-figure=\"Views\""));
        Assert.Contains("Compared with 1 Mar 2025 to 10 Mar 2025.", page, StringComparison.Ordinal);
        Assert.Contains("Nobody came by from 1 Mar to 10 Mar.", page, StringComparison.Ordinal);
        Assert.Contains("<option value=\"lastYear\" selected>", page, StringComparison.Ordinal);
        page = await visit.ReadAsync(Dates + "none");
        Assert.Equal("Views 6", DashboardVisit.TextOf(page, "data-figure=\"Views\""));
        Assert.Contains("Not compared.", page, StringComparison.Ordinal);
    }
}
