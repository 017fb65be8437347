using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using Bioscope.Server.Accounts;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;

namespace Bioscope.Server.Tests;

public sealed class LoginTests
{
    private const string Email = "anna@example.com";
    private const string Password = "correct horse";

    private static readonly (string, string) Unthrottled = ("Throttle:Enabled", "false");

    [Theory, Engines]
    public async Task A_login_gives_an_access_token_and_an_HttpOnly_cookie(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync(Email, Password);

        using var response = await app.LoginAsync("  Anna@Example.COM ", Password);

        var data = await response.DataAsync();
        Assert.Equal(["accessToken", "expiresIn"], data.EnumerateObject().Select(property => property.Name));
        Assert.Equal(900, data.GetProperty("expiresIn").GetInt32());
        var token = data.GetProperty("accessToken").GetString()!;
        Assert.Equal(HttpStatusCode.OK, (await app.GetAsync("/api/v1/creators/analytics/traffic", token)).StatusCode);
        Assert.Equal(creator.UserId.ToString(), new Microsoft.IdentityModel.JsonWebTokens.JsonWebToken(token).Subject);
        Assert.Matches(
            "^bioscope_refresh=[A-Za-z0-9_-]{64}; max-age=2592000; path=/api/v1/auth; secure; samesite=strict; httponly$",
            response.SetCookie("bioscope_refresh"));
        Assert.Matches(
            "^bioscope_device=[0-9a-f]{96}; max-age=34560000; path=/api/v1/auth; secure; samesite=strict; httponly$",
            response.SetCookie("bioscope_device"));
        Assert.Equal("no-store", response.Headers.CacheControl?.ToString());

        app.Clock.Advance(TimeSpan.FromSeconds(900));
        Assert.Equal(HttpStatusCode.Unauthorized, (await app.GetAsync("/api/v1/creators/analytics/traffic", token)).StatusCode);
    }

    [Theory, Engines]
    public async Task Every_refused_login_looks_alike_and_computes_one_hash(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, Unthrottled);
        await app.AddCreatorAsync(Email, Password);
        await app.AddCreatorAsync("no-password@example.com");
        await app.AddCreatorAsync("garbage@example.com", Password);
        await app.AddCreatorAsync("locked@example.com", Password);
        await app.Main.ExecuteAsync(
            """UPDATE "User" SET "passwordHash" = 'AQ==' WHERE "email" = 'garbage@example.com'""", TestContext.Current.CancellationToken);
        for (var i = 0; i < LoginAttempts.MaxAttempts; i++)
        {
            await (await app.LoginAsync("locked@example.com", "wrong")).AssertInvalidCredentialsAsync();
        }

        var bodies = new HashSet<string>();
        foreach (var (email, password) in ((string, string)[])[
            (Email, "wrong"), ("nobody@example.com", Password), ("no-password@example.com", Password), ("garbage@example.com", Password),
            ("locked@example.com", "wrong"), ("locked@example.com", Password), ("' OR 1=1 --", Password), (Email + "\" OR \"\"=\"", "x")])
        {
            var hashes = await CountAsync(app, Verifications);
            using var response = await app.LoginAsync(email, password);
            var error = await response.AssertInvalidCredentialsAsync();
            Assert.Equal(hashes + 1, await CountAsync(app, Verifications));
            Assert.False(response.Headers.Contains("Set-Cookie"));
            bodies.Add(error.GetRawText().Replace(error.GetProperty("correlationId").GetString()!, "", StringComparison.Ordinal));
        }

        Assert.Single(bodies);
        var before = await CountAsync(app, Verifications);
        await app.SignInAsync(Email, Password);
        Assert.Equal(before + 1, await CountAsync(app, Verifications));
    }

    [Theory, Engines]
    public async Task Ten_failures_lock_an_account_for_15_minutes_everywhere(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        await using (var first = await TestApp.StartAsync(databases, Unthrottled))
        {
            await first.AddCreatorAsync(Email, Password);
            for (var i = 0; i < 10; i++)
            {
                await (await first.LoginAsync(Email, "wrong")).AssertInvalidCredentialsAsync();
            }

            await (await first.LoginAsync(Email, Password)).AssertInvalidCredentialsAsync();
        }

        await using var second = await TestApp.StartAsync(databases, Unthrottled);
        second.Clock.Advance(LoginAttempts.Lock - TimeSpan.FromSeconds(1));
        await (await second.LoginAsync(Email, Password)).AssertInvalidCredentialsAsync();
        second.Clock.Advance(TimeSpan.FromSeconds(1)); // attempts during the lock did not extend it
        await second.SignInAsync(Email, Password);
    }

    [Fact]
    public async Task A_successful_login_resets_the_failure_count()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, Unthrottled);
        await app.AddCreatorAsync(Email, Password);
        for (var i = 0; i < 2; i++)
        {
            for (var j = 0; j < 9; j++)
            {
                await (await app.LoginAsync(Email, "wrong")).AssertInvalidCredentialsAsync();
            }

            await app.SignInAsync(Email, Password);
        }
    }

    [Theory, Engines]
    public async Task Strangers_cannot_lock_out_a_known_browser(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, Unthrottled);
        await app.AddCreatorAsync(Email, Password);
        await app.AddCreatorAsync("eve@example.com", Password);
        var (annas, eves) = (await DeviceAsync(Email), await DeviceAsync("eve@example.com"));
        for (var i = 0; i < 10; i++)
        {
            await (await app.LoginAsync(Email, "wrong")).AssertInvalidCredentialsAsync();
        }

        // Of another account, forged, or truncated: those count as strangers.
        foreach (var device in (string[])[eves, new string('0', 96), annas[..^1], annas[..32], annas + "0", "x", "%C3%BC"])
        {
            await (await app.LoginAsync(Email, Password, device)).AssertInvalidCredentialsAsync();
        }

        Assert.Equal(HttpStatusCode.OK, (await app.LoginAsync(Email, Password, annas)).StatusCode);

        // It has a lock of its own.
        for (var i = 0; i < 10; i++)
        {
            await (await app.LoginAsync(Email, "wrong", annas)).AssertInvalidCredentialsAsync();
        }

        await (await app.LoginAsync(Email, Password, annas)).AssertInvalidCredentialsAsync();

        async Task<string> DeviceAsync(string email)
        {
            using var response = await app.LoginAsync(email, Password);
            return response.Cookie("bioscope_device")!;
        }
    }

    [Theory, Engines]
    public async Task Simultaneous_guesses_get_at_most_ten_attempts(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        await using var one = await TestApp.StartAsync(databases, Unthrottled);
        await using var two = await TestApp.StartAsync(databases, Unthrottled);

        var statuses = await Task.WhenAll(
            Enumerable.Range(0, 40).Select(async i => (await (i % 2 == 0 ? one : two).LoginAsync(Email, $"guess {i}")).StatusCode));

        Assert.All(statuses, status => Assert.Equal(HttpStatusCode.Unauthorized, status));
        Assert.Equal(10, await CountAsync(one, Logins("refused")) + await CountAsync(two, Logins("refused")));
        Assert.Equal(30, await CountAsync(one, Logins("locked")) + await CountAsync(two, Logins("locked")));
    }

    [Theory, Engines]
    public async Task Failure_counts_expire_even_after_a_clock_change(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, Unthrottled);
        await app.AddCreatorAsync(Email, Password);
        for (var i = 0; i < 10; i++)
        {
            await (await app.LoginAsync(Email, "wrong")).AssertInvalidCredentialsAsync();
        }

        await (await app.LoginAsync("somebody else", "wrong")).AssertInvalidCredentialsAsync();
        Assert.Equal(2, await AttemptsAsync());

        app.Clock.StepTo(TestApp.Start.AddDays(-365));
        await app.SignInAsync(Email, Password); // not locked for a year
        Assert.Equal(0, await AttemptsAsync());

        await (await app.LoginAsync("somebody else", "wrong")).AssertInvalidCredentialsAsync();
        app.Clock.Advance(LoginAttempts.Lock);
        await (await app.LoginAsync("another", "wrong")).AssertInvalidCredentialsAsync();
        Assert.Equal(1, await AttemptsAsync());

        async Task<int> AttemptsAsync() =>
            (await app.Main.QueryAsync("""SELECT CAST(COUNT(*) AS integer) FROM "LoginAttempt" """, row => row.GetInt32(0), TestContext.Current.CancellationToken))[0];
    }

    [Theory]
    [InlineData("""{}""", "email is required", "password is required")]
    [InlineData("""{"email":7,"password":["x"]}""", "email must be a string", "password must be a string")]
    [InlineData("""{"email":"","password":""}""", "email must have 1 to 255 characters", "password must have 1 to 1000 characters")]
    [InlineData(
        """{"email":"a\u0000b","password":"x\u0000"}""",
        "email must not contain the character U+0000",
        "password must not contain the character U+0000")]
    [InlineData("""{"email":"\ud800","password":"\udc00x"}""", "email must be well-formed Unicode", "password must be well-formed Unicode")]
    public async Task An_invalid_login_body_is_400(string body, params string[] details)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);

        using var response = await app.PostAuthAsync("login", new StringContent(body, Encoding.UTF8, "application/json"));

        Assert.Equal(
            details, (await response.AssertErrorAsync(HttpStatusCode.BadRequest, "VALIDATION_ERROR", "error.validation")).Details());
    }

    [Fact]
    public async Task A_password_over_1000_characters_is_never_hashed()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var longest = string.Concat(Enumerable.Repeat("🔑", 500));
        await app.AddCreatorAsync(Email, longest);

        await app.SignInAsync(Email, longest);
        var hashes = await CountAsync(app, Verifications);
        await (await app.LoginAsync(Email, longest + "x")).AssertErrorAsync(
            HttpStatusCode.BadRequest, "VALIDATION_ERROR", "error.validation");
        await (await app.LoginAsync(Email, new string('x', 127 * 1024))).AssertErrorAsync(
            HttpStatusCode.BadRequest, "VALIDATION_ERROR", "error.validation");
        await (await app.LoginAsync(Email, new string('x', 128 * 1024))).AssertErrorAsync(
            HttpStatusCode.RequestEntityTooLarge, "PAYLOAD_TOO_LARGE", "error.payload_too_large");
        Assert.Equal(hashes, await CountAsync(app, Verifications));
    }

    [Theory, Engines]
    public async Task Lookalike_letters_are_different_accounts(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, Unthrottled);
        await app.AddCreatorAsync("kiss@example.com", Password);
        await app.AddCreatorAsync("straße@example.com", Password);

        foreach (var email in (string[])["ki\u017Fs@example.com", "k\u0131ss@example.com", "kiss\u200B@example.com",
            "\uFF4Biss@example.com", "kiss@exampl\u0435.com", "STRASSE@example.com"])
        {
            await (await app.LoginAsync(email, Password)).AssertInvalidCredentialsAsync();
        }

        await app.SignInAsync("\u00A0KISS@EXAMPLE.COM\u2003", Password);
        await app.SignInAsync("STRAßE@example.com", Password);
    }

    [Theory, Engines]
    public async Task A_login_replaces_an_outdated_hash(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        await app.AddCreatorAsync(Email);
        var weak = new PasswordHasher<string>().HashPassword("", Password); // the framework's 100,000 iterations
        await app.Main.ExecuteAsync("""UPDATE "User" SET "passwordHash" = @hash""", TestContext.Current.CancellationToken, ("@hash", weak));

        await (await app.LoginAsync(Email, "wrong")).AssertInvalidCredentialsAsync();
        Assert.Equal(weak, await HashAsync());
        var token = await app.SignInAsync(Email, Password);

        var strong = await HashAsync();
        Assert.NotEqual(weak, strong);
        Assert.Equal(HttpStatusCode.OK, (await app.RefreshAsync(token)).StatusCode);
        await app.SignInAsync(Email, Password);
        Assert.Equal(strong, await HashAsync());

        async Task<string> HashAsync() =>
            (await app.Main.QueryAsync("""SELECT "passwordHash" FROM "User" """, row => row.GetString(0), TestContext.Current.CancellationToken))[0];
    }

    [Fact]
    public async Task The_21st_login_of_an_hour_is_429()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        for (var i = 0; i < 20; i++)
        {
            using var response = await app.PostAuthAsync("login", JsonContent.Create(new { }));
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        }

        using var refused = await app.LoginAsync(Email, Password);
        await refused.AssertErrorAsync(HttpStatusCode.TooManyRequests, "RATE_LIMIT_EXCEEDED", "error.rate_limit.exceeded");
        Assert.Equal(
            ("20", "3600"), (refused.Headers.GetValues("X-RateLimit-Limit").Single(), refused.Headers.GetValues("Retry-After").Single()));
    }

    [Theory, Engines]
    public async Task A_flood_of_logins_blocks_neither_visits_nor_reports(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, Unthrottled);
        var creator = await app.AddCreatorAsync(Email, Password);

        var flood = Enumerable.Range(0, 2_000).Select(async i =>
        {
            using var response = await app.LoginAsync($"{i % 50}@example.com", "wrong");
            return response.StatusCode;
        }).ToList();
        for (var i = 0; i < 20; i++)
        {
            Assert.NotNull(await app.PostSessionAsync(creator));
            Assert.Equal(HttpStatusCode.OK, (await app.GetAsync("/api/v1/creators/analytics/traffic", app.Token(creator))).StatusCode);
        }

        var counts = (await Task.WhenAll(flood)).CountBy(status => status).ToDictionary();
        Assert.Equal(2_000, counts[HttpStatusCode.Unauthorized] + counts[HttpStatusCode.ServiceUnavailable]);
        Assert.Equal(20, (await app.SessionColumnAsync(creator.BioPageId, "id")).Count);
        await app.SignInAsync(Email, Password);
    }

    [Fact]
    public async Task Shared_databases_serve_no_login()
    {
        using var databases = await TestDatabases.CreateAsync(EngineKind.Sqlite);
        await using (var own = await TestApp.StartAsync(databases))
        {
            await own.AddCreatorAsync(Email, Password);
        }

        await using var app = await TestApp.StartAsync(databases, ("Storage:Ownership", "shared"));
        foreach (var route in (string[])["login", "refresh", "logout"])
        {
            await (await app.PostAuthAsync(route, JsonContent.Create(new { email = Email, password = Password })))
                .AssertErrorAsync(HttpStatusCode.NotFound, "NOT_FOUND", "error.not_found");
        }
    }

    [Fact]
    public async Task The_log_names_refused_logins_by_correlation_id_only()
    {
        using var cli = new Cli();
        var (process, http) = await cli.ServeAsync("serve");

        using var response = await http.PostAsJsonAsync(
            "/api/v1/auth/login", new { email = "secret@example.com", password = "hunter22" }, TestContext.Current.CancellationToken);
        await Cli.TerminateAsync(process); // it writes its log to the end
        var log = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Contains(
            $"A login was refused: Refused correlationId={response.Headers.GetValues("X-Correlation-Id").Single()}",
            log,
            StringComparison.Ordinal);
        foreach (var secret in (string[])["secret@", "hunter22", "127.0.0.1"])
        {
            Assert.DoesNotContain(secret, log, StringComparison.Ordinal);
        }
    }

    private const string Verifications = "bioscope_accounts_verifications_total";

    private static string Logins(string result) => $$"""bioscope_accounts_logins_total{result="{{result}}"}""";

    private static async Task<int> CountAsync(TestApp app, string metric) =>
        int.Parse((await app.MetricAsync(metric))!, CultureInfo.InvariantCulture);
}
