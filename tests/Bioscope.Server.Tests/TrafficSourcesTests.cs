using Bioscope.Core;

namespace Bioscope.Server.Tests;

public sealed class TrafficSourcesTests
{
    [Theory, Engines]
    public async Task A_page_without_sessions_has_no_sources(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();

        using var response = await app.GetAsync("/api/v1/creators/analytics/traffic", app.Token(creator));

        Assert.Equal(
            """{"success":true,"data":{"sources":[]}}""", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Theory, Engines]
    public async Task Sources_are_ordered_by_visits_with_whole_percentages(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        await app.AddSessionsAsync(creator, "youtube.com", 1);
        await app.AddSessionsAsync(creator, "instagram.com", 3);
        await app.AddSessionsAsync(creator, null, 2);

        Assert.Equal(["instagram.com 3 50%", "direct 2 33%", "youtube.com 1 17%"], await app.TrafficAsync(creator));
    }

    [Theory, Engines]
    public async Task Null_empty_and_literal_direct_are_one_row(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        await app.AddSessionsAsync(creator, null, 2);
        await app.AddSessionsAsync(creator, "", 3);
        await app.AddSessionsAsync(creator, "direct", 4);

        Assert.Equal(["direct 9 100%"], await app.TrafficAsync(creator));
    }

    [Theory, Engines]
    public async Task Percentages_round_half_up(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        await app.AddSessionsAsync(creator, "a.example", 7);
        await app.AddSessionsAsync(creator, "b.example", 1);

        // 87.5 and 12.5: rounding half to even would give 88 and 12.
        Assert.Equal(["a.example 7 88%", "b.example 1 13%"], await app.TrafficAsync(creator));
    }

    [Theory, Engines]
    public async Task Equal_visits_are_ordered_by_source_in_code_point_order(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        foreach (var domain in (string[])["b.example", "a-b.example", "ab.example", "a.example", "Z.example", "1.example", "[::1]"])
        {
            await app.AddSessionsAsync(creator, domain);
        }

        var sources = (await app.TrafficAsync(creator)).Select(line => line.Split(' ')[0]);

        Assert.Equal(["1.example", "Z.example", "[::1]", "a-b.example", "a.example", "ab.example", "b.example"], sources);
    }

    [Theory, Engines]
    public async Task Percentages_are_of_the_top_15_sources_shown(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        for (var i = 1; i <= 20; i++)
        {
            await app.AddSessionsAsync(creator, $"site{i:00}.example", i <= 10 ? 1 : 2);
        }

        var lines = await app.TrafficAsync(creator);

        // Ten with two visits, then five with one: 25 visits are shown of 30.
        Assert.Equal(15, lines.Length);
        Assert.Equal("site11.example 2 8%", lines[0]);
        Assert.Equal("site20.example 2 8%", lines[9]);
        Assert.Equal("site01.example 1 4%", lines[10]);
        Assert.Equal("site05.example 1 4%", lines[14]);
    }

    [Theory, Engines]
    public async Task The_range_starts_to_the_millisecond_without_end(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        app.Clock.Advance(TimeSpan.FromTicks(12_345_678)); // 1.2345678 s: the clock has a higher resolution than the window
        var creator = await app.AddCreatorAsync();
        var since = TestApp.Start.AddMilliseconds(1234).AddDays(-7);
        await app.AddSessionsAsync(creator, "before.example", 1, since.AddTicks(-1)); // is stored truncated to the millisecond, not rounded
        await app.AddSessionsAsync(creator, "first.example", 1, since);
        await app.AddSessionsAsync(creator, "future.example", 1, TestApp.Start.AddDays(1));

        Assert.Equal(["first.example 1 50%", "future.example 1 50%"], await app.TrafficAsync(creator, "?days=7"));
    }

    [Theory, Engines]
    public async Task The_range_defaults_to_30_days_and_ends_at_365(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        foreach (var days in (int[])[1, 30, 31, 365, 366])
        {
            await app.AddSessionsAsync(creator, $"day{days}.example", 1, app.Clock.GetUtcNow().AddDays(-days));
        }

        Assert.Equal(2, (await app.TrafficAsync(creator)).Length);
        Assert.Equal(2, (await app.TrafficAsync(creator, "?days=abc")).Length);
        Assert.Single(await app.TrafficAsync(creator, "?days=-5"));
        Assert.Equal(3, (await app.TrafficAsync(creator, "?days=%2031.9")).Length);
        Assert.Equal(4, (await app.TrafficAsync(creator, "?days=99999999999999999999")).Length);
        Assert.Single(await app.TrafficAsync(creator, "?days=1e3&days=365"));
        Assert.Equal(2, (await app.TrafficAsync(creator, "?DAYS=365")).Length);
        Assert.Equal(4, (await app.TrafficAsync(creator, "?d%61ys=%2B365")).Length);
    }

    [Theory, Engines]
    public async Task Creators_never_see_each_others_sessions(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (anna, ben) = (await app.AddCreatorAsync(), await app.AddCreatorAsync());
        await app.AddSessionsAsync(anna, "anna.example", 2);
        await app.AddSessionsAsync(ben, "ben.example", 3);

        Assert.Equal(["anna.example 2 100%"], await app.TrafficAsync(anna, $"?bioPageId={ben.BioPageId}"));
        Assert.Equal(["ben.example 3 100%"], await app.TrafficAsync(ben, $"?userId={anna.UserId}"));
    }

    [Theory, Engines]
    public async Task A_posted_session_is_in_the_next_report(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();

        Assert.NotNull(await app.PostSessionAsync(creator, ("referrer", "https://www.instagram.com/p/1/")));

        Assert.Equal(["instagram.com 1 100%"], await app.TrafficAsync(creator, "?days=1"));
    }

    [Theory, Engines]
    public async Task A_very_long_host_name_is_a_source(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        // Random letters, so that PostgreSQL cannot compress the text.
        var random = new Random(1);
        var host = string.Concat(Enumerable.Range(0, 7_000).Select(_ => (char)('a' + random.Next(26)))) + ".example";

        Assert.NotNull(await app.PostSessionAsync(creator, ("referrer", $"https://{host}/")));

        Assert.Equal([$"{host} 1 100%"], await app.TrafficAsync(creator));
        Assert.Equal(Referrer.MaxStoredLength, (await app.SessionColumnAsync(creator.BioPageId, "referrer")).Single()!.Length);
    }
}
