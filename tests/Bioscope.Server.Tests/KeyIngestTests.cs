using System.Net;
using System.Text.Json;
using Bioscope.Engine.Creators;
using Bioscope.Server.Web;

namespace Bioscope.Server.Tests;

/// <summary>Back-ends that report visits with an API key, instead of their visitors' browsers.</summary>
public sealed class KeyIngestTests
{
    private const string Session = "POST /api/v1/analytics/session", Told = $"{KeyAccess.VisitorHeader}: {KeyCalls.Visitor}";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory, Engines]
    public async Task A_back_end_reports_a_visit_with_its_clicks(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var anna = await app.AddCreatorAsync();
        var link = await app.AddLinkAsync(anna, "Shop", "https://shop.example/");
        var key = (await app.AddKeyAsync(KeyScope.Ingest, anna.BioPageId)).Text;

        var session = await StartAsync(app, key, new { visitorId = "v", consentAnalytics = "granted", referrer = "https://instagram.com/" }, Told, "Accept-Language: de-AT");
        using var click = await app.SendAsync(
            "POST /api/v1/analytics/pageview", key, new { sessionId = session, linkClicked = link.Id }, $"{KeyAccess.VisitorHeader}: 2a02:2e0:3fe:1001:302::");
        using var beat = await app.SendAsync($"PATCH /api/v1/analytics/session/{session}/heartbeat", key, null, Told);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (click.StatusCode, beat.StatusCode));
        Assert.Equal(
            ["instagram.com DE Germany mobile de-AT"],
            await app.RowsAsync("AnalyticsSession", anna.BioPageId, "referrerDomain", "countryCode", "country", "device", "language"));
        Assert.Equal([link.Id.ToString()], (await app.RowsAsync("AnalyticsPageView", anna.BioPageId, "linkClicked")).Select(text => text.ToLowerInvariant()));
    }

    [Theory, Engines]
    public async Task The_visitors_address_is_told_by_keys_only(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, ("Throttle:Enabled", "false"));
        var anna = await app.AddCreatorAsync();
        var key = (await app.AddKeyAsync(KeyScope.Ingest, anna.BioPageId)).Text;
        var body = new { visitorId = "v", consentAnalytics = "granted", bioPageId = anna.BioPageId, trackingToken = app.TrackingTokenFor(anna) };

        foreach (var headers in (string[][])[[], [$"{KeyAccess.VisitorHeader}: nowhere"], [$"{KeyAccess.VisitorHeader}: "], [Told, Told], [$"X-Forwarded-For: {KeyCalls.Visitor}"]])
        {
            using var refused = await app.SendAsync(Session, key, body, headers);
            var error = await refused.AssertErrorAsync(HttpStatusCode.BadRequest, "VALIDATION_ERROR", "error.validation");
            Assert.Equal(["X-Visitor-Address must be the visitor's IP address, because the request has an API key"], error.Details());
        }

        foreach (var token in (string?[])[null, app.Token(anna)])
        {
            Assert.NotNull(await StartAsync(app, token, body, Told));
        }

        Assert.Equal(["- -", "- -"], await app.RowsAsync("AnalyticsSession", anna.BioPageId, "countryCode", "country"));
    }

    [Theory, Engines]
    public async Task A_key_reports_for_its_pages_only(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, ("Throttle:Enabled", "false"));
        var (anna, ben) = (await app.AddCreatorAsync(), await app.AddCreatorAsync());
        var (own, all) = ((await app.AddKeyAsync(KeyScope.Ingest, anna.BioPageId)).Text, (await app.AddKeyAsync(KeyScope.Ingest, null)).Text);
        object Of(Guid? page) => new { visitorId = "v", consentAnalytics = "granted", bioPageId = page };

        Assert.NotNull(await StartAsync(app, own, Of(anna.BioPageId), Told));
        Assert.NotNull(await StartAsync(app, own, Of(null), Told));
        Assert.NotNull(await StartAsync(app, all, Of(ben.BioPageId), Told));
        Assert.NotNull(await StartAsync(app, all, Of(null), Told, $"{CallerPage.Header}: {ben.BioPageId}"));
        foreach (var (key, page, status) in ((string, Guid?, HttpStatusCode)[])
            [(own, ben.BioPageId, HttpStatusCode.NotFound), (own, Guid.NewGuid(), HttpStatusCode.NotFound), (all, Guid.NewGuid(), HttpStatusCode.NotFound), (all, null, HttpStatusCode.BadRequest)])
        {
            using var refused = await app.SendAsync(Session, key, Of(page), Told);
            Assert.Equal((page, status), (page, refused.StatusCode));
        }

        Assert.Equal((2, 2), (await CountAsync(app, anna), await CountAsync(app, ben)));
        Assert.Equal([4], await app.Analytics.QueryAsync("""SELECT COUNT(*) FROM "AnalyticsSession" """, row => row.GetInt32(0), Cancelled));
    }

    [Theory, Engines]
    public async Task A_removed_key_and_one_that_reads_store_nothing(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, ("Throttle:Enabled", "false"));
        var anna = await app.AddCreatorAsync();
        var read = (await app.AddKeyAsync(KeyScope.Read, anna.BioPageId)).Text;
        // Even with all that a browser would need.
        var body = new { visitorId = "v", consentAnalytics = "granted", bioPageId = anna.BioPageId, trackingToken = app.TrackingTokenFor(anna) };

        using var forbidden = await app.SendAsync(Session, read, body, Told);
        using var unknown = await app.SendAsync(Session, KeyText.New().Text, body, Told);

        await forbidden.AssertErrorAsync(HttpStatusCode.Forbidden, "FORBIDDEN", "error.key.forbidden");
        await unknown.AssertErrorAsync(HttpStatusCode.Unauthorized, "AUTH_UNAUTHORIZED", "error.auth.unauthorized");
        Assert.Equal(0, await CountAsync(app, anna));
    }

    [Theory, Engines]
    public async Task Visitors_of_a_back_end_are_limited_and_dropped_as_their_own(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, ("Throttle:SessionAddress", "2"));
        var anna = await app.AddCreatorAsync();
        var key = (await app.AddKeyAsync(KeyScope.Ingest, anna.BioPageId)).Text;
        object Of(string visitor, string consent = "granted") => new { visitorId = visitor, consentAnalytics = consent };

        Assert.Null(await StartAsync(app, key, Of("a", "denied"), Told));
        Assert.Null(await StartAsync(app, key, Of("b"), $"{KeyAccess.VisitorHeader}: 8.8.8.8", "User-Agent: Googlebot/2.1 (+http://www.google.com/bot.html)"));
        Assert.NotNull(await StartAsync(app, key, Of("c"), Told));
        using (var over = await app.SendAsync(Session, key, Of("d"), Told))
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, over.StatusCode);
        }

        Assert.NotNull(await StartAsync(app, key, Of("e"), $"{KeyAccess.VisitorHeader}: 8.8.4.4"));
        using var drops = JsonDocument.Parse(await app.ReportAsync(anna, "drops"));
        Assert.Equal(
            ["bot 1", "consent 1", "throttle 1"],
            drops.RootElement.GetProperty("reasons").EnumerateArray().Select(row => $"{row.GetProperty("reason")} {row.GetProperty("count")}"));
    }

    [Theory, Engines]
    public async Task The_tracker_has_no_keys(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var anna = await app.AddCreatorAsync();
        var key = (await app.AddKeyAsync(KeyScope.Ingest, anna.BioPageId)).Text;

        using var answer = await app.SendAsync("POST /hi", key, new { kind = "visit", visitor = "v", consent = "granted", page = anna.BioPageId }, Told);

        Assert.Equal("""{"success":true,"data":{"id":null,"view":null}}""", await answer.Content.ReadAsStringAsync(Cancelled));
        Assert.Equal(0, await CountAsync(app, anna));
    }

    private static async Task<Guid?> StartAsync(TestApp app, string? key, object body, params string[] headers)
    {
        using var answer = await app.SendAsync(Session, key, body, headers);
        var id = (await answer.DataAsync()).GetProperty("id");
        return id.ValueKind == JsonValueKind.Null ? null : id.GetGuid();
    }

    private static async Task<int> CountAsync(TestApp app, Creator creator) => (await app.RowsAsync("AnalyticsSession", creator.BioPageId, "id")).Count;
}
