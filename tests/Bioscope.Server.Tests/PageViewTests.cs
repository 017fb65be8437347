using System.Net;
using System.Text.Json;

namespace Bioscope.Server.Tests;

public class PageViewTests
{
    private static readonly (string, string) Unlimited = ("Throttle:Enabled", "false");

    [Theory, Engines]
    public async Task A_page_view_is_stored_and_counted_in_its_session(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, Unlimited);
        var creator = await app.AddCreatorAsync();
        var link = (await app.AddLinkAsync(creator, "Shop", "https://shop.example/")).Id;
        var session = (await app.PostSessionAsync(creator))!.Value;

        Assert.Equal([$"0 {True(engine)}"], await app.RowsAsync("AnalyticsSession", creator.BioPageId, "pageViews", "bounced"));
        using (var first = await app.SendAsync(
            HttpMethod.Post, "pageview", $$"""{"sessionId":"{{session}}","path":"/@anna","title":"Anna"}"""))
        {
            Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        }

        Assert.Equal([$"1 {True(engine)}"], await app.RowsAsync("AnalyticsSession", creator.BioPageId, "pageViews", "bounced"));
        app.Clock.Advance(TimeSpan.FromSeconds(12.9));
        await app.PostPageViewAsync(session, link);

        Assert.Equal([$"2 {False(engine)}"], await app.RowsAsync("AnalyticsSession", creator.BioPageId, "pageViews", "bounced"));
        Assert.Equal(
            [$"{session} /@anna Anna - 12 -", $"{session} - - {link} - -"],
            await app.RowsAsync(
                "AnalyticsPageView", creator.BioPageId, "sessionId", "path", "title", "linkClicked", "duration", "scrollDepth"));
        Assert.Equal(
            """{"totalViews":2,"uniqueVisitors":1,"totalClicks":1,"ctr":50,"days":30}""", await app.ReportAsync(creator, "overview"));
        Assert.Equal(
            """{"totalSessions":1,"bounceRate":0,"avgDuration":0,"pagesPerSession":2}""", await app.ReportAsync(creator, "sessions"));
    }

    [Theory, Engines]
    public async Task Simultaneous_page_views_are_all_counted(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, Unlimited);
        var creator = await app.AddCreatorAsync();
        var session = (await app.PostSessionAsync(creator))!.Value;

        var ids = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => app.PostPageViewAsync(session)));

        Assert.Equal(100, ids.OfType<Guid>().Distinct().Count());
        Assert.Equal([$"100 {False(engine)}"], await app.RowsAsync("AnalyticsSession", creator.BioPageId, "pageViews", "bounced"));
        Assert.Equal(100, (await app.RowsAsync("AnalyticsPageView", creator.BioPageId, "id")).Count);
    }

    [Theory, Engines]
    public async Task Two_servers_count_page_views_of_one_session_exactly(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        await using var one = await TestApp.StartAsync(databases, Unlimited);
        await using var two = await TestApp.StartAsync(databases, Unlimited);
        var creator = await one.AddCreatorAsync();
        var sessions = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => one.PostSessionAsync(creator)));

        await Task.WhenAll(Enumerable.Range(0, 400).Select(i => (i % 2 == 0 ? one : two).PostPageViewAsync(sessions[i * 7 % 10]!.Value)));

        Assert.Equal(Enumerable.Repeat("40", 10), await one.RowsAsync("AnalyticsSession", creator.BioPageId, "pageViews"));
        Assert.Equal(400, (await one.RowsAsync("AnalyticsPageView", creator.BioPageId, "id")).Count);
    }

    [Theory, Engines]
    public async Task A_stay_over_an_hour_sets_no_page_duration(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, Unlimited);
        var creator = await app.AddCreatorAsync();
        var session = (await app.PostSessionAsync(creator))!.Value;

        foreach (var seconds in (double[])[3600.9, 3601, 0, -5])
        {
            await app.PostPageViewAsync(session);
            app.Clock.StepTo(app.Clock.GetUtcNow().AddSeconds(seconds));
        }

        await app.PostPageViewAsync(session);

        Assert.Equal(["-", "-", "-", "0", "3600"], (await app.RowsAsync("AnalyticsPageView", creator.BioPageId, "duration")).Order());
    }

    [Theory, Engines]
    public async Task A_session_accepts_page_views_for_24_hours(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, Unlimited);
        var creator = await app.AddCreatorAsync();
        var session = (await app.PostSessionAsync(creator))!.Value;

        app.Clock.Advance(TimeSpan.FromHours(24) - TimeSpan.FromMilliseconds(1));
        Assert.NotNull(await app.PostPageViewAsync(session));
        app.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Null(await app.PostPageViewAsync(session));

        Assert.Equal(["1"], await app.RowsAsync("AnalyticsSession", creator.BioPageId, "pageViews"));
        Assert.Single(await app.RowsAsync("AnalyticsPageView", creator.BioPageId, "id"));
    }

    [Theory, Engines]
    public async Task Page_views_of_an_unknown_session_are_not_stored(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);

        Assert.Null(await app.PostPageViewAsync(Guid.NewGuid()));
        Assert.Equal(
            [0L],
            await app.Analytics.QueryAsync(
                """SELECT COUNT(*) FROM "AnalyticsPageView" """, row => row.GetInt64(0), TestContext.Current.CancellationToken));
    }

    [Theory, Engines]
    public async Task Sessions_without_a_page_have_page_views_too(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        using var response = await app.PostSessionAsync(
            new Dictionary<string, string> { ["visitorId"] = "v", ["consentAnalytics"] = "granted" });
        var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        var session = body.RootElement.GetProperty("data").GetProperty("id").GetGuid();

        Assert.NotNull(await app.PostPageViewAsync(session));
        Assert.Equal([$"{session}"], await app.RowsWithoutPageAsync("AnalyticsPageView", "sessionId"));
    }

    [Theory]
    [InlineData("{}", "sessionId is required")]
    [InlineData("""{"sessionId":"x"}""", "sessionId must be a UUID")]
    [InlineData("""{"sessionId":5,"path":1,"title":[],"linkClicked":"https://t.co"}""",
        "sessionId must be a string", "path must be a string", "title must be a string", "linkClicked must be a UUID")]
    [InlineData("[]", "The body must be a JSON object.")]
    public async Task A_page_view_refuses_each_invalid_field(string json, params string[] details)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);

        using var response = await app.SendAsync(HttpMethod.Post, "pageview", json, "text/plain;charset=UTF-8");

        var error = await response.AssertErrorAsync(HttpStatusCode.BadRequest, "VALIDATION_ERROR", "error.validation");
        Assert.Equal(details, error.Details());
    }

    [Fact]
    public async Task Page_views_must_be_JSON_or_plain_text()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);

        using var response = await app.SendAsync(HttpMethod.Post, "pageview", "{}", "application/x-www-form-urlencoded");

        await response.AssertErrorAsync(HttpStatusCode.UnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE", "error.unsupported_media_type");
    }

    [Fact]
    public async Task The_31st_page_view_in_a_minute_is_refused()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        for (var i = 0; i < 30; i++)
        {
            Assert.Null(await app.PostPageViewAsync(Guid.NewGuid()));
        }

        using var response = await app.SendAsync(HttpMethod.Post, "pageview", $$"""{"sessionId":"{{Guid.NewGuid()}}"}""");

        await response.AssertErrorAsync(HttpStatusCode.TooManyRequests, "RATE_LIMIT_EXCEEDED", "error.rate_limit.exceeded");
    }

    private static string True(EngineKind engine) => engine == EngineKind.Sqlite ? "1" : "True";

    private static string False(EngineKind engine) => engine == EngineKind.Sqlite ? "0" : "False";
}
