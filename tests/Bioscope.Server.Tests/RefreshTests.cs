using System.Net;
using System.Net.Http.Json;
using System.Text;
using Bioscope.Server.Accounts;
using Microsoft.Extensions.DependencyInjection;

namespace Bioscope.Server.Tests;

public sealed class RefreshTests
{
    private const string Traffic = "/api/v1/creators/analytics/traffic";
    private const string Email = "anna@example.com";
    private const string Password = "correct horse";

    private static readonly (string, string) Unthrottled = ("Throttle:Enabled", "false");

    [Theory, Engines]
    public async Task A_refresh_cookie_gives_an_access_token_and_new_cookie(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        await app.AddCreatorAsync(Email, Password);
        var token = await app.SignInAsync(Email, Password);

        for (var i = 0; i < 3; i++)
        {
            using var response = await app.RefreshAsync(token);
            var data = await response.DataAsync();
            Assert.Equal(["accessToken", "expiresIn"], data.EnumerateObject().Select(property => property.Name));
            Assert.Equal(900, data.GetProperty("expiresIn").GetInt32());
            Assert.Equal(HttpStatusCode.OK, (await app.GetAsync(Traffic, data.GetProperty("accessToken").GetString())).StatusCode);
            Assert.Matches(
                "^bioscope_refresh=[A-Za-z0-9_-]{64}; max-age=2592000; path=/api/v1/auth; secure; samesite=strict; httponly$",
                response.SetCookie("bioscope_refresh"));
            Assert.NotEqual(token, token = response.Cookie("bioscope_refresh")!);
        }
    }

    [Theory, Engines]
    public async Task A_refresh_token_in_the_body_returns_one_there(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        await app.AddCreatorAsync(Email, Password);
        var token = await app.SignInAsync(Email, Password);

        for (var i = 0; i < 2; i++)
        {
            using var response = await app.PostAuthAsync("refresh", JsonContent.Create(new { refreshToken = token }));
            token = (await response.DataAsync()).GetProperty("refreshToken").GetString()!;
            Assert.Equal(token, response.Cookie("bioscope_refresh"));
        }

        // the cookie takes precedence
        await (await app.PostAuthAsync("refresh", JsonContent.Create(new { refreshToken = token }), "bioscope_refresh=x"))
            .AssertInvalidTokenAsync();
    }

    [Theory, Engines]
    public async Task Reusing_a_refresh_token_ends_only_its_login(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        string stolen, next, other;
        await using (var app = await TestApp.StartAsync(databases))
        {
            await app.AddCreatorAsync(Email, Password);
            (stolen, other) = (await app.SignInAsync(Email, Password), await app.SignInAsync(Email, Password));
            next = (await app.RefreshAsync(stolen)).Cookie("bioscope_refresh")!;

            using var reused = await app.RefreshAsync(stolen);
            await reused.AssertReuseAsync();
            Assert.Equal(
                "bioscope_refresh=; max-age=0; path=/api/v1/auth; secure; samesite=strict; httponly", reused.SetCookie("bioscope_refresh"));
        }

        await using var restarted = await TestApp.StartAsync(databases);
        await (await restarted.RefreshAsync(next)).AssertReuseAsync();
        await (await restarted.RefreshAsync(stolen)).AssertReuseAsync();
        Assert.Equal(HttpStatusCode.OK, (await restarted.RefreshAsync(other)).StatusCode);
    }

    [Theory, Engines]
    public async Task Simultaneous_refreshes_with_one_token_succeed_once(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        await using var one = await TestApp.StartAsync(databases, Unthrottled);
        await using var two = await TestApp.StartAsync(databases, Unthrottled);
        await one.AddCreatorAsync(Email, Password);
        for (var round = 0; round < 3; round++)
        {
            var token = await one.SignInAsync(Email, Password);

            var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => (i % 2 == 0 ? one : two).RefreshAsync(token)));

            var winner = Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.OK);
            foreach (var loser in answers.Except([winner]))
            {
                await loser.AssertReuseAsync();
            }

            await (await two.RefreshAsync(winner.Cookie("bioscope_refresh")!)).AssertReuseAsync();
        }
    }

    [Theory, Engines]
    public async Task Forged_refresh_tokens_do_not_end_the_login(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, Unthrottled);
        await app.AddCreatorAsync(Email, Password);
        var token = await app.SignInAsync(Email, Password);
        var otherFamily = RefreshToken.New(Guid.NewGuid()).Text;

        foreach (var forged in (string[])["x", token[..^1], token + "A", token[..63] + "=", token[..63] + "%00", otherFamily,
            otherFamily[..21] + token[21..], new string('A', 64), "' OR 1=1 --"])
        {
            using var response = await app.RefreshAsync(forged);
            await response.AssertInvalidTokenAsync();
            Assert.Equal("", response.Cookie("bioscope_refresh"));
        }

        foreach (var body in (HttpContent?[])[null, JsonContent.Create(new { }), JsonContent.Create(new { refreshToken = "x" }),
            JsonContent.Create(new { refreshToken = token + token })])
        {
            await (await app.PostAuthAsync("refresh", body)).AssertInvalidTokenAsync();
        }

        foreach (var body in (string[])["7", "", "{\"refreshToken\":7}", "{\"refreshToken\":\"\\ud800\"}"])
        {
            await (await app.PostAuthAsync("refresh", new ChunkedContent(body))).AssertErrorAsync(
                HttpStatusCode.BadRequest, "VALIDATION_ERROR", "error.validation");
        }

        await (await app.PostAuthAsync("refresh", new StringContent(token))).AssertErrorAsync(
            HttpStatusCode.UnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE", "error.unsupported_media_type");
        Assert.Equal(HttpStatusCode.OK, (await app.RefreshAsync(token)).StatusCode);
    }

    [Fact]
    public async Task Cross_site_requests_count_as_without_a_cookie()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        await app.AddCreatorAsync(Email, Password);
        var token = await app.SignInAsync(Email, Password);

        await (await app.PostAuthAsync("refresh", null, $"bioscope_refresh={token}", ("Sec-Fetch-Site", "cross-site")))
            .AssertInvalidTokenAsync();
        using var logout = await app.PostAuthAsync("logout", null, $"bioscope_refresh={token}", ("Sec-Fetch-Site", "cross-site"));
        Assert.False(logout.Headers.Contains("Set-Cookie")); // nor can it remove the cookie

        Assert.Equal(
            HttpStatusCode.OK,
            (await app.PostAuthAsync("refresh", null, $"bioscope_refresh={token}", ("Sec-Fetch-Site", "same-origin"))).StatusCode);
    }

    [Theory, Engines]
    public async Task A_logout_ends_the_login_and_always_succeeds(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, Unthrottled);
        await app.AddCreatorAsync(Email, Password);
        var (token, app2) = (await app.SignInAsync(Email, Password), await app.SignInAsync(Email, Password));

        using var response = await app.PostAuthAsync("logout", null, $"bioscope_refresh={token}");
        Assert.Equal("""{"ok":true}""", (await response.DataAsync()).GetRawText());
        Assert.Equal(
            "bioscope_refresh=; max-age=0; path=/api/v1/auth; secure; samesite=strict; httponly", response.SetCookie("bioscope_refresh"));
        await (await app.RefreshAsync(token)).AssertInvalidTokenAsync();

        await app.PostAuthAsync("logout", JsonContent.Create(new { refreshToken = app2 }));
        await (await app.RefreshAsync(app2)).AssertInvalidTokenAsync();

        foreach (var body in (HttpContent?[])[null, new StringContent("garbage"),
            new StringContent(new string('x', 200_000), Encoding.UTF8, "application/json")])
        {
            Assert.Equal(
                """{"ok":true}""", (await (await app.PostAuthAsync("logout", body, "bioscope_refresh=")).DataAsync()).GetRawText());
        }
    }

    [Theory, Engines]
    public async Task A_login_ends_after_30_days_despite_refreshes(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, Unthrottled);
        await app.AddCreatorAsync(Email, Password);
        var (token, unused) = (await app.SignInAsync(Email, Password), await app.SignInAsync(Email, Password));

        app.Clock.Advance(TimeSpan.FromDays(29));
        token = (await app.RefreshAsync(token)).Cookie("bioscope_refresh")!;
        app.Clock.Advance(TimeSpan.FromDays(1) - TimeSpan.FromMilliseconds(1));
        token = (await app.RefreshAsync(token)).Cookie("bioscope_refresh")!;
        app.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await (await app.RefreshAsync(token)).AssertInvalidTokenAsync();

        Assert.Equal(1, await FamiliesAsync());
        await app.SignInAsync(Email, Password); // removes the expired ones
        Assert.Equal(1, await FamiliesAsync());
        app.Clock.StepTo(TestApp.Start);
        await (await app.RefreshAsync(token)).AssertInvalidTokenAsync();
        await (await app.RefreshAsync(unused)).AssertInvalidTokenAsync();

        async Task<int> FamiliesAsync() =>
            (await app.Main.QueryAsync("""SELECT CAST(COUNT(*) AS integer) FROM "RefreshFamily" """, row => row.GetInt32(0), TestContext.Current.CancellationToken))[0];
    }

    [Theory, Engines]
    public async Task Setting_the_clock_back_revives_no_used_token(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        await app.AddCreatorAsync(Email, Password);
        var used = await app.SignInAsync(Email, Password);
        var next = (await app.RefreshAsync(used)).Cookie("bioscope_refresh")!;

        app.Clock.StepTo(TestApp.Start.AddDays(-1));

        next = (await app.RefreshAsync(next)).Cookie("bioscope_refresh")!;
        await (await app.RefreshAsync(used)).AssertReuseAsync();
        await (await app.RefreshAsync(next)).AssertReuseAsync();
    }

    [Theory, Engines]
    public async Task A_deleted_user_gets_no_token(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync(Email, Password);
        var token = await app.SignInAsync(Email, Password);

        await app.Main.ExecuteAsync(
            """DELETE FROM "User" WHERE "id" = @id""", TestContext.Current.CancellationToken, ("@id", creator.UserId));

        await (await app.RefreshAsync(token)).AssertInvalidTokenAsync();
    }

    [Theory, Engines]
    public async Task A_new_password_ends_every_login_and_lock(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, Unthrottled);
        var creator = await app.AddCreatorAsync(Email, Password);
        var token = await app.SignInAsync(Email, Password);
        var families = app.Services.GetRequiredService<RefreshFamilies>();
        var oldHash = (
            await app.Main.QueryAsync(
                """SELECT "passwordHash" FROM "User" """, row => row.GetString(0), TestContext.Current.CancellationToken))[0];
        for (var i = 0; i < 10; i++)
        {
            await app.LoginAsync(Email, "wrong");
        }

        Assert.True(
            await NewPassword.SetAsync(
                app.Main,
                app.Services.GetRequiredService<LoginAttempts>(),
                "ANNA@example.com",
                "battery staple",
                TestContext.Current.CancellationToken));

        await (await app.RefreshAsync(token)).AssertInvalidTokenAsync();
        // verified before, started after
        Assert.Null(await families.StartAsync(creator.UserId, oldHash, passedSecondFactor: false, null, TestContext.Current.CancellationToken));
        await app.SignInAsync(Email, "battery staple");
        await (await app.LoginAsync(Email, Password)).AssertInvalidCredentialsAsync();
        Assert.False(
            await NewPassword.SetAsync(
                app.Main,
                app.Services.GetRequiredService<LoginAttempts>(),
                "nobody@example.com",
                "battery staple",
                TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Refreshes_and_logouts_are_throttled_by_address()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, ("Throttle:Refresh", "2"));
        foreach (var route in (string[])["refresh", "logout"])
        {
            await app.PostAuthAsync(route, null);
            await app.PostAuthAsync(route, null);
            using var refused = await app.PostAuthAsync(route, null);
            await refused.AssertErrorAsync(HttpStatusCode.TooManyRequests, "RATE_LIMIT_EXCEEDED", "error.rate_limit.exceeded");
            Assert.Equal("3600", refused.Headers.GetValues("X-RateLimit-Reset").Single());
        }
    }

    [Fact]
    public async Task Only_hashes_of_tokens_are_stored()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        await app.AddCreatorAsync(Email, Password);
        var token = await app.SignInAsync(Email, Password);

        var stored = await app.Main.QueryAsync(
            """SELECT "id" || ' ' || "tokenHash" FROM "RefreshFamily" """, row => row.GetString(0), TestContext.Current.CancellationToken);

        Assert.Equal(
            $"{RefreshToken.Parse(token)!.Family} " +
            $"{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.ASCII.GetBytes(token)))}",
            Assert.Single(stored));
    }

    /// <summary>JSON of undeclared length.</summary>
    private sealed class ChunkedContent : HttpContent
    {
        private readonly byte[] _body;

        public ChunkedContent(string body)
        {
            _body = Encoding.UTF8.GetBytes(body);
            Headers.ContentType = new("application/json");
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => stream.WriteAsync(_body).AsTask();

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
