using System.Globalization;
using System.Net;

namespace Bioscope.Server.Tests;

public sealed class ThrottleTests
{
    private const string Traffic = "/api/v1/creators/analytics/traffic";

    [Fact]
    public async Task The_61st_request_of_a_minute_is_429()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var token = app.Token(await app.AddCreatorAsync());
        for (var i = 1; i <= 60; i++)
        {
            using var response = await app.GetAsync(Traffic, token);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal(("60", $"{60 - i}", "60"), Limits(response));
        }

        app.Clock.Advance(TimeSpan.FromMilliseconds(20_500));
        using var refused = await app.GetAsync(Traffic, token);
        var error = await refused.AssertErrorAsync(HttpStatusCode.TooManyRequests, "RATE_LIMIT_EXCEEDED", "error.rate_limit.exceeded");
        Assert.Equal(("60", "0", "40"), Limits(refused));
        Assert.Equal("40", refused.Headers.GetValues("Retry-After").Single());
        Assert.Equal(40, error.GetProperty("i18nVars").GetProperty("retryAfter").GetInt32());

        app.Clock.Advance(TimeSpan.FromMilliseconds(39_499));
        Assert.Equal(HttpStatusCode.TooManyRequests, (await app.GetAsync(Traffic, token)).StatusCode);
        app.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(HttpStatusCode.OK, (await app.GetAsync(Traffic, token)).StatusCode);
    }

    [Fact]
    public async Task Creators_behind_one_address_have_separate_limits()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, ("Throttle:Reports", "1"));
        var (anna, ben) = (app.Token(await app.AddCreatorAsync()), app.Token(await app.AddCreatorAsync()));

        Assert.Equal(HttpStatusCode.OK, (await app.GetAsync(Traffic, anna)).StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await app.GetAsync(Traffic, anna)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await app.GetAsync(Traffic, ben)).StatusCode);
    }

    [Fact]
    public async Task Requests_without_valid_bearer_do_not_use_creators_limits()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, ("Throttle:Reports", "2"));
        var creator = await app.AddCreatorAsync();
        var expired = app.Token(creator.UserId.ToString(), TimeSpan.FromSeconds(1));
        var token = app.Token(creator);
        app.Clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(HttpStatusCode.Unauthorized, (await app.GetAsync(Traffic, expired)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await app.GetAsync(Traffic)).StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await app.GetAsync(Traffic, expired)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await app.GetAsync(Traffic, token)).StatusCode);
    }

    [Fact]
    public async Task Changing_the_clock_does_not_reset_a_limit()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, ("Throttle:Reports", "1"));
        var token = app.Token(await app.AddCreatorAsync());
        Assert.Equal(HttpStatusCode.OK, (await app.GetAsync(Traffic, token)).StatusCode);

        app.Clock.StepTo(TestApp.Start.AddDays(1));

        Assert.Equal(HttpStatusCode.TooManyRequests, (await app.GetAsync(Traffic, token)).StatusCode);
    }

    [Fact]
    public async Task Throttling_can_be_switched_off()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, ("Throttle:Enabled", "false"), ("Throttle:Reports", "1"));
        var token = app.Token(await app.AddCreatorAsync());

        Assert.Equal(HttpStatusCode.OK, (await app.GetAsync(Traffic, token)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await app.GetAsync(Traffic, token)).StatusCode);
    }

    [Fact]
    public async Task A_visitor_may_open_ten_sessions_per_minute()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, ("Throttle:SessionAddress", "14"));
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(HttpStatusCode.OK, await PostAsync("anna"));
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, await PostAsync("anna"));
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(HttpStatusCode.OK, await PostAsync($"visitor {i}"));
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, await PostAsync("somebody else"));

        async Task<HttpStatusCode> PostAsync(string visitor) =>
            (await app.PostSessionAsync(new { visitorId = visitor, consentAnalytics = "granted" })).StatusCode;
    }

    [Fact]
    public async Task Headers_show_the_stricter_of_two_limits()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, ("Throttle:SessionAddress", "2"));

        using var first = await app.PostSessionAsync(new { visitorId = "v", consentAnalytics = "denied" });
        Assert.Equal(("2", "1", "60"), Limits(first));
        using var second = await app.PostSessionAsync(new { visitorId = "v", consentAnalytics = "denied" });
        Assert.Equal(("2", "0", "60"), Limits(second));
        using var third = await app.PostSessionAsync(new { visitorId = "v", consentAnalytics = "denied" });
        await third.AssertErrorAsync(HttpStatusCode.TooManyRequests, "RATE_LIMIT_EXCEEDED", "error.rate_limit.exceeded");
    }

    [Theory]
    // The socket is 127.0.0.1; no proxy is trusted.
    [InlineData("", null, "203.0.113.1", true)]
    // The socket is a trusted proxy: the right-most address that is not a trusted proxy counts.
    [InlineData("127.0.0.1", null, "203.0.113.{0}", false)]
    [InlineData("127.0.0.0/8, 10.0.0.0/8", null, "203.0.113.{0}, 10.1.2.3", false)]
    [InlineData("127.0.0.1", null, "203.0.113.{0}, 198.51.100.1", true)]
    [InlineData("127.0.0.1", null, "198.51.100.1, 203.0.113.{0}:4711", false)]
    [InlineData("127.0.0.1", null, "198.51.100.1, [2001:db8:0:{0}::1]:4711", false)]
    // One IPv6 network is one caller: a client with one of its addresses has them all.
    [InlineData("127.0.0.1", null, "2001:db8::{0}", true)]
    [InlineData("127.0.0.1", "203.0.113.{0}", "198.51.100.1", false)]
    [InlineData("127.0.0.1", "garbage {0}", "198.51.100.1", true)]
    public async Task Only_a_trusted_proxy_may_name_the_client(string trusted, string? cloudflare, string forwardedFor, bool oneCaller)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, ("Proxies:Trusted", trusted), ("Throttle:Reports", "1"));

        Assert.Equal(HttpStatusCode.Unauthorized, await GetAsync(1));
        Assert.Equal(oneCaller ? HttpStatusCode.TooManyRequests : HttpStatusCode.Unauthorized, await GetAsync(2));

        async Task<HttpStatusCode> GetAsync(int client)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, Traffic);
            request.Headers.Add("X-Forwarded-For", string.Format(CultureInfo.InvariantCulture, forwardedFor, client));
            if (cloudflare is not null)
            {
                request.Headers.Add("CF-Connecting-IP", string.Format(CultureInfo.InvariantCulture, cloudflare, client));
            }

            return (await app.Http.SendAsync(request, TestContext.Current.CancellationToken)).StatusCode;
        }
    }

    private static (string Limit, string Remaining, string Reset) Limits(HttpResponseMessage response)
    {
        return (Header("X-RateLimit-Limit"), Header("X-RateLimit-Remaining"), Header("X-RateLimit-Reset"));

        string Header(string name) => response.Headers.GetValues(name).Single();
    }
}
