using System.Net;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Ingest;
using Bioscope.Engine.Rows;
using Microsoft.Extensions.DependencyInjection;

namespace Bioscope.Server.Tests;

/// <summary>Heartbeats, leave and identify events, whose response is always <c>{"ok":true}</c>.</summary>
public class SessionActivityTests
{
    private const string Ok = """{"success":true,"data":{"ok":true}}""";

    [Theory, Engines]
    public async Task A_heartbeat_adds_30_seconds_to_the_session(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        var session = (await app.PostSessionAsync(creator))!.Value;
        var other = (await app.PostSessionAsync(creator))!.Value;

        app.Clock.Advance(TimeSpan.FromSeconds(31));
        await AssertOkAsync(app, HttpMethod.Patch, $"session/{session}/heartbeat");
        app.Clock.Advance(TimeSpan.FromSeconds(40));
        await AssertOkAsync(app, HttpMethod.Post, $"session/{session}/heartbeat", "whatever", "text/plain");

        Assert.Equal("60 71", await SessionAsync(app, creator, session));
        Assert.Equal("0 0", await SessionAsync(app, creator, other));
        Assert.Equal(
            """{"totalSessions":2,"bounceRate":100,"avgDuration":60,"pagesPerSession":0}""", await app.ReportAsync(creator, "sessions"));
    }

    [Theory, Engines]
    public async Task Simultaneous_heartbeats_all_count(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, ("Throttle:Enabled", "false"));
        var creator = await app.AddCreatorAsync();
        var session = (await app.PostSessionAsync(creator))!.Value;
        app.Clock.Advance(TimeSpan.FromMinutes(30));

        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => AssertOkAsync(app, HttpMethod.Post, $"session/{session}/heartbeat")));

        Assert.Equal("1500 1800", await SessionAsync(app, creator, session));
    }

    /// <summary>A client that sends heartbeats as fast as it can cannot make a visit longer than it is.</summary>
    [Theory, Engines]
    public async Task A_session_lasts_at_most_real_time_plus_a_heartbeat(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, ("Throttle:Enabled", "false"));
        var creator = await app.AddCreatorAsync();
        var session = (await app.PostSessionAsync(creator))!.Value;

        for (var i = 0; i < 3; i++)
        {
            await AssertOkAsync(app, HttpMethod.Post, $"session/{session}/heartbeat");
        }

        Assert.Equal("30 0", await SessionAsync(app, creator, session));
        app.Clock.Advance(TimeSpan.FromSeconds(11));
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => AssertOkAsync(app, HttpMethod.Post, $"session/{session}/heartbeat")));
        Assert.Equal("41 11", await SessionAsync(app, creator, session));
    }

    [Theory, Engines]
    public async Task A_session_accepts_heartbeats_for_24_hours(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        var session = (await app.PostSessionAsync(creator))!.Value;

        app.Clock.Advance(TimeSpan.FromHours(24));
        await AssertOkAsync(app, HttpMethod.Patch, $"session/{session}/heartbeat");
        await AssertOkAsync(app, HttpMethod.Patch, $"session/{session}/identify", token: app.Token(creator));

        Assert.Equal("0 0", await SessionAsync(app, creator, session));
        Assert.Equal(["-"], await app.RowsAsync("AnalyticsSession", creator.BioPageId, "userId"));
    }

    [Theory, Engines]
    public async Task Leave_sets_the_page_views_duration_and_scroll_depth(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        var session = (await app.PostSessionAsync(creator))!.Value;
        var first = (await app.PostPageViewAsync(session))!.Value;
        app.Clock.Advance(TimeSpan.FromSeconds(5));
        var second = (await app.PostPageViewAsync(session))!.Value;

        await AssertOkAsync(
            app, HttpMethod.Post, $"pageview/{first}/leave", """{"duration":3600,"scrollDepth":100}""", "text/plain;charset=UTF-8");
        await AssertOkAsync(app, HttpMethod.Patch, $"pageview/{second}/leave", """{"duration":0,"scrollDepth":40.9}""");
        await AssertOkAsync(app, HttpMethod.Patch, $"pageview/{second}/leave", """{"duration":7.5}""");

        Assert.Equal(
            [$"{first} 3600 100", $"{second} 7 40"],
            await app.RowsAsync("AnalyticsPageView", creator.BioPageId, "id", "duration", "scrollDepth"));
    }

    [Theory, Engines]
    public async Task Leave_with_a_session_id_updates_its_latest_view(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        var session = (await app.PostSessionAsync(creator))!.Value;
        await AssertOkAsync(app, HttpMethod.Post, $"pageview/{session}/leave", """{"duration":1}"""); // there is no page view yet
        await app.PostPageViewAsync(session);
        app.Clock.Advance(TimeSpan.FromSeconds(2));
        await app.PostPageViewAsync(session);

        await AssertOkAsync(app, HttpMethod.Post, $"pageview/{session}/leave", """{"duration":9,"scrollDepth":50}""");

        Assert.Equal(["2 -", "9 50"], await app.RowsAsync("AnalyticsPageView", creator.BioPageId, "duration", "scrollDepth"));
    }

    [Theory, Engines]
    public async Task A_page_view_accepts_leave_for_24_hours(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        var view = await app.PostPageViewAsync((await app.PostSessionAsync(creator))!.Value);

        app.Clock.Advance(TimeSpan.FromHours(24));
        await AssertOkAsync(app, HttpMethod.Post, $"pageview/{view}/leave", """{"duration":9}""");

        Assert.Equal(["-"], await app.RowsAsync("AnalyticsPageView", creator.BioPageId, "duration"));
    }

    [Theory, Engines(With = [true, false])]
    public async Task The_later_of_leave_and_next_view_sets_duration(EngineKind engine, bool isLeftFirst)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        var session = (await app.PostSessionAsync(creator))!.Value;
        var writer = app.Services.GetRequiredService<IngestWriter>();
        var first = (await app.PostPageViewAsync(session))!.Value;
        app.Clock.Advance(TimeSpan.FromSeconds(20));

        // While another process writes, events wait and then go into one batch.
        Task[] together;
        await using (var other = await app.Analytics.OpenAsync(TestContext.Current.CancellationToken))
        await using (var transaction = await other.BeginTransactionAsync(TestContext.Current.CancellationToken))
        {
            if (engine != EngineKind.Sqlite)
            {
                await app.Analytics.Dialect.QueryAsync(
                    transaction, """SELECT 1 FROM "AnalyticsSession" WHERE "bioPageId" = @page AND "id" = @id FOR UPDATE""", _ =>
                        true, TestContext.Current.CancellationToken, ("@page", creator.BioPageId), ("@id", session));
            }

            IngestEvent left = new PageLeft(first, 5, 80), viewed = new PageViewed(session, "/second", null, null);
            together =
            [
                writer.WriteAsync(new HeartbeatReceived(session)), // keeps the writer busy
                writer.WriteAsync(isLeftFirst ? left : viewed),
                writer.WriteAsync(isLeftFirst ? viewed : left),
                writer.WriteAsync(new PageLeft(session, 7, 60)),
            ];
        }

        await Task.WhenAll(together);
        Assert.Equal(
            [isLeftFirst ? "20 80" : "5 80", "7 60"],
            await app.RowsAsync("AnalyticsPageView", creator.BioPageId, "duration", "scrollDepth"));
    }

    [Theory]
    [InlineData("{}", "duration is required")]
    [InlineData(
        """{"duration":3601,"scrollDepth":101}""",
        "duration must be a number from 0 to 3600",
        "scrollDepth must be a number from 0 to 100")]
    [InlineData(
        """{"duration":-1,"scrollDepth":-0.5}""", "duration must be a number from 0 to 3600", "scrollDepth must be a number from 0 to 100")]
    [InlineData("""{"duration":"5"}""", "duration must be a number from 0 to 3600")]
    [InlineData("""{"duration":1e999}""", "duration must be a number from 0 to 3600")]
    public async Task Leave_refuses_each_invalid_field(string json, params string[] details)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);

        using var response = await app.SendAsync(HttpMethod.Post, $"pageview/{Guid.NewGuid()}/leave", json);

        var error = await response.AssertErrorAsync(HttpStatusCode.BadRequest, "VALIDATION_ERROR", "error.validation");
        Assert.Equal(details, error.Details());
    }

    [Theory, Engines]
    public async Task Identify_sets_the_sessions_user(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        var session = (await app.PostSessionAsync(creator))!.Value;

        using (var anonymous = await app.SendAsync(HttpMethod.Patch, $"session/{session}/identify"))
        {
            await anonymous.AssertErrorAsync(HttpStatusCode.Unauthorized, "AUTH_UNAUTHORIZED", "error.auth.unauthorized");
        }

        await AssertOkAsync(app, HttpMethod.Patch, $"session/{session}/identify", token: app.Token("auth0|not-a-uuid"));
        Assert.Equal(["-"], await app.RowsAsync("AnalyticsSession", creator.BioPageId, "userId"));
        await AssertOkAsync(app, HttpMethod.Patch, $"session/{session}/identify", token: app.Token(creator));
        Assert.Equal([$"{creator.UserId}"], await app.RowsAsync("AnalyticsSession", creator.BioPageId, "userId"));
    }

    [Theory, Engines]
    public async Task Unknown_and_invalid_ids_get_ok_and_change_nothing(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, ("Throttle:Enabled", "false"));
        var creator = await app.AddCreatorAsync();
        var session = (await app.PostSessionAsync(creator))!.Value;
        await app.PostPageViewAsync(session);

        foreach (var id in (string[])[Guid.NewGuid().ToString(), Guid.Empty.ToString(), "x", "%27%20OR%201=1--",
            creator.BioPageId.ToString()])
        {
            await AssertOkAsync(app, HttpMethod.Patch, $"session/{id}/heartbeat");
            await AssertOkAsync(app, HttpMethod.Patch, $"session/{id}/identify", token: app.Token(creator));
            await AssertOkAsync(app, HttpMethod.Patch, $"pageview/{id}/leave", """{"duration":9}""");
        }

        Assert.Equal(["0 -"], await app.RowsAsync("AnalyticsSession", creator.BioPageId, "duration", "userId"));
        Assert.Equal(["-"], await app.RowsAsync("AnalyticsPageView", creator.BioPageId, "duration"));
    }

    [Theory]
    [InlineData("session/{0}/heartbeat", "", 5)]
    [InlineData("pageview/{0}/leave", """{"duration":1}""", 10)]
    public async Task Each_event_route_has_its_own_limit(string route, string json, int limit)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        for (var i = 0; i < limit; i++)
        {
            await AssertOkAsync(app, HttpMethod.Post, string.Format(null, route, Guid.NewGuid()), json);
        }

        using var response = await app.SendAsync(HttpMethod.Patch, string.Format(null, route, Guid.NewGuid()), json);

        await response.AssertErrorAsync(HttpStatusCode.TooManyRequests, "RATE_LIMIT_EXCEEDED", "error.rate_limit.exceeded");
    }

    /// <summary>Each event of a failed batch is retried alone; what was already done must not be repeated.</summary>
    [Theory, Engines]
    public async Task An_event_that_cannot_be_stored_duplicates_no_other(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        var session = (await app.PostSessionAsync(creator))!.Value;
        var writer = app.Services.GetRequiredService<IngestWriter>();
        app.Clock.Advance(TimeSpan.FromMinutes(30));
        var impossible = new SessionRow { BioPageId = creator.BioPageId, Id = default, StartedAt = default, VisitorId = null! };

        await Task.WhenAll(Enumerable.Range(0, 90).Select(i => writer.WriteAsync((i % 3) switch
        {
            0 => new PageViewed(session, null, null, null),
            1 => new HeartbeatReceived(session),
            _ => new SessionStarted(impossible),
        })));

        Assert.Equal(["30 900"], await app.RowsAsync("AnalyticsSession", creator.BioPageId, "pageViews", "duration"));
        Assert.Equal(30, (await app.RowsAsync("AnalyticsPageView", creator.BioPageId, "id")).Count);
    }

    /// <summary>A failure that is not the database's also affects only its own event.</summary>
    [Theory, Engines]
    public async Task One_event_that_throws_loses_no_other(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        var session = (await app.PostSessionAsync(creator))!.Value;
        var writer = app.Services.GetRequiredService<IngestWriter>();

        var stored = await Task.WhenAll(Enumerable.Range(0, 200).Select(i =>
            writer.WriteAsync(i % 50 == 7 ? new Unheard() : new PageViewed(session, null, null, null))));

        Assert.Equal([7, 57, 107, 157], stored.Index().Where(id => id.Item is null).Select(id => id.Index));
        Assert.Equal(["196"], await app.RowsAsync("AnalyticsSession", creator.BioPageId, "pageViews"));
        Assert.Equal("4", await app.MetricAsync("""bioscope_ingest_drops_total{reason="storage"}"""));
        Assert.NotNull(await app.PostSessionAsync(creator)); // the writer continues
    }

    private sealed record Unheard : IngestEvent;

    private static async Task AssertOkAsync(
        TestApp app, HttpMethod method, string route, string? json = null, string contentType = "application/json", string? token = null)
    {
        using var response = await app.SendAsync(method, route, json, contentType, token);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(Ok, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>A session's duration, and the seconds from the start of the test to its last activity.</summary>
    private static async Task<string> SessionAsync(TestApp app, Creator creator, Guid session)
    {
        var rows = await app.RowsAsync("AnalyticsSession", creator.BioPageId, "id", "duration", "lastActivityAt");
        var parts = rows.Single(row => row.StartsWith($"{session} ", StringComparison.Ordinal)).Split(' ', 3);
        var at = long.TryParse(parts[2], out var milliseconds)
            ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)
            : DateTimeOffset.Parse(parts[2], null, System.Globalization.DateTimeStyles.AssumeUniversal);
        return $"{parts[1]} {(at - TestApp.Start).TotalSeconds}";
    }
}
