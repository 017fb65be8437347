using System.Net;
using Bioscope.Core;

namespace Bioscope.Server.Tests;

public sealed class SessionTests
{
    [Theory, Engines]
    public async Task A_stored_session_has_nothing_that_identifies_the_visitor(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();

        var id = await app.PostSessionAsync(
            creator,
            ("visitorId", "Zoë's phone"),
            ("referrer", "https://L.Instagram.com/?u=1"),
            ("device", "desktop"),
            ("browser", "Safari"),
            ("os", "iOS"),
            ("osVersion", "18.3"),
            ("timezone", "Europe/Berlin"));

        Assert.Equal([id.ToString()], await app.SessionColumnAsync(creator.BioPageId, "id"));
        Assert.Equal(
            [VisitorHash.Of("visitor-secret-of-the-tests"u8, "Zoë's phone")], await app.SessionColumnAsync(creator.BioPageId, "visitorId"));
        Assert.Equal(["https://L.Instagram.com/?u=1"], await app.SessionColumnAsync(creator.BioPageId, "referrer"));
        Assert.Equal(["l.instagram.com"], await app.SessionColumnAsync(creator.BioPageId, "referrerDomain"));
        Assert.Equal(["mobile"], await app.SessionColumnAsync(creator.BioPageId, "device")); // the user agent's, not the client's
        Assert.Equal(["Safari"], await app.SessionColumnAsync(creator.BioPageId, "browser"));
        Assert.Equal(["18.3"], await app.SessionColumnAsync(creator.BioPageId, "osVersion"));
        Assert.Equal(["Europe/Berlin"], await app.SessionColumnAsync(creator.BioPageId, "timezone"));
        Assert.Equal(["0"], await app.SessionColumnAsync(creator.BioPageId, "pageViews"));
        Assert.Equal([null], await app.SessionColumnAsync(creator.BioPageId, "country"));
    }

    [Theory]
    [InlineData("Tablet", "tablet")]
    [InlineData("mobile", "mobile")]
    [InlineData("fridge", null)]
    [InlineData("+1", null)]
    [InlineData("mobile,tablet", null)]
    public async Task The_clients_device_is_used_if_it_is_known(string device, string? stored)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var creator = await app.AddCreatorAsync();
        app.Http.DefaultRequestHeaders.Remove("User-Agent");

        Assert.NotNull(await app.PostSessionAsync(creator, ("device", device)));

        Assert.Equal([stored], await app.SessionColumnAsync(creator.BioPageId, "device"));
    }

    [Theory, Engines]
    public async Task Sessions_without_a_page_are_stored_and_spread(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);

        for (var i = 0; i < 20; i++)
        {
            using var response = await app.PostSessionAsync(new { visitorId = $"v{i}", consentAnalytics = "granted", trackingToken = "ignored" });
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        var pages = await app.RowsWithoutPageAsync("AnalyticsSession", "bioPageId");
        Assert.Equal(20, pages.Count);
        Assert.Equal(app.Analytics.Dialect.IsDistributed, pages.Distinct().Count() > 1);
    }

    /// <summary>
    /// The request limit is far higher: a client that makes up visits as fast as it can gets responses, but is not counted.
    /// </summary>
    [Theory, Engines]
    public async Task One_address_may_begin_a_bounded_number_of_visits(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();

        var ids = await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => app.PostSessionAsync(creator)));

        Assert.Equal(60, ids.Count(id => id is not null));
        Assert.Equal("440", await app.MetricAsync("""bioscope_ingest_drops_total{reason="throttle"}"""));
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.NotNull(await app.PostSessionAsync(creator));
    }

    [Theory]
    [InlineData("3", "", 60)]
    [InlineData("600", "", 60)]
    [InlineData("5000", "", 500)]
    [InlineData("5000", "7", 7)]
    public async Task The_visit_limit_defaults_to_a_tenth_of_sessions(string sessions, string visits, int expected)
    {
        await using var app = await TestApp.StartAsync(
            EngineKind.Sqlite, ("Throttle:SessionAddress", sessions), ("Throttle:VisitsAddress", visits));

        Assert.Equal(expected, app.Settings.VisitsPerMinutePerAddress);
    }

    [Theory]
    [InlineData("denied")]
    [InlineData("Granted")]
    [InlineData("")]
    public async Task Without_consent_nothing_is_stored(string consent)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var creator = await app.AddCreatorAsync();

        Assert.Null(await app.PostSessionAsync(creator, ("consentAnalytics", consent)));

        Assert.Empty(await app.SessionColumnAsync(creator.BioPageId, "id"));
    }

    [Fact]
    public async Task Sessions_of_bots_are_not_stored()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var creator = await app.AddCreatorAsync();
        app.Http.DefaultRequestHeaders.Remove("User-Agent");
        app.Http.DefaultRequestHeaders.UserAgent.ParseAdd("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)");

        Assert.Null(await app.PostSessionAsync(creator));

        Assert.Empty(await app.SessionColumnAsync(creator.BioPageId, "id"));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(299, true)]
    [InlineData(599, true)]
    [InlineData(600, false)]
    [InlineData(-1, false)]
    public async Task A_tracking_token_is_valid_for_two_periods(int secondsLater, bool kept)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var creator = await app.AddCreatorAsync();
        var token = app.TrackingTokenFor(creator); // the clock is at the start of a bucket
        app.Clock.StepTo(TestApp.Start.AddSeconds(secondsLater));

        Assert.Equal(kept, await app.PostSessionAsync(creator, ("trackingToken", token)) is not null);
    }

    [Fact]
    public async Task A_session_needs_its_pages_tracking_token()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var (anna, ben) = (await app.AddCreatorAsync(), await app.AddCreatorAsync());

        Assert.Null(await app.PostSessionAsync(anna, ("trackingToken", app.TrackingTokenFor(ben))));
        Assert.Null(await app.PostSessionAsync(anna, ("trackingToken", null)));
        Assert.Null(await app.PostSessionAsync(anna, ("trackingToken", "")));
        Assert.Null(await app.PostSessionAsync(anna, ("trackingToken", app.TrackingTokenFor(anna).ToUpperInvariant())));
        Assert.Null(await app.PostSessionAsync(anna, ("trackingToken", new string('é', 32))));
        Assert.Empty(await app.SessionColumnAsync(anna.BioPageId, "id"));
    }

    [Theory, Engines]
    public async Task Visitors_get_a_null_id_while_the_database_fails(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        await app.Analytics.ExecuteAsync("""ALTER TABLE "AnalyticsSession" RENAME TO "Away" """, TestContext.Current.CancellationToken);

        Assert.Null(await app.PostSessionAsync(creator));

        await app.Analytics.ExecuteAsync("""ALTER TABLE "Away" RENAME TO "AnalyticsSession" """, TestContext.Current.CancellationToken);
        Assert.NotNull(await app.PostSessionAsync(creator));
    }

    [Theory, Engines]
    public async Task Any_referrer_text_can_be_stored(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();

        Assert.NotNull(await app.PostSessionAsync(creator, ("referrer", " \u0000\nhttps://exa\tmple.com/\u0000😀\u2028")));

        Assert.Equal(["example.com"], await app.SessionColumnAsync(creator.BioPageId, "referrerDomain"));
        Assert.Equal([" \uFFFD\nhttps://exa\tmple.com/\uFFFD😀\u2028"], await app.SessionColumnAsync(creator.BioPageId, "referrer"));
    }

    [Theory, Engines]
    public async Task Simultaneous_sessions_are_all_stored(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, ("Throttle:Enabled", "false"));
        var creator = await app.AddCreatorAsync();

        var ids = await Task.WhenAll(Enumerable.Range(0, 2_000).Select(_ => app.PostSessionAsync(creator)));

        Assert.DoesNotContain(null, ids);
        Assert.Equal(ids.Select(id => id.ToString()).Order(), (await app.SessionColumnAsync(creator.BioPageId, "id")).Order());
    }
}
