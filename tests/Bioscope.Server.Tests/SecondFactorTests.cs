using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Bioscope.Engine.Creators;
using Bioscope.Server.Accounts;

namespace Bioscope.Server.Tests;

/// <summary>Signing in with a second factor: codes of an app, and recovery codes.</summary>
public sealed partial class SecondFactorTests
{
    private const string Anna = "anna@example.com";
    private const string Password = DashboardVisit.Password;
    private const string Path = "/api/v1/auth/second-factor";
    private static readonly (string, string) Unthrottled = ("Throttle:Enabled", "false");

    [Theory, Engines]
    public async Task A_login_needs_a_code_once_it_is_on(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, Unthrottled);
        var anna = await app.AddCreatorAsync(Anna, Password);
        var (before, kept) = (await app.SignInAsync(Anna, Password), await app.SignInAsync(Anna, Password));

        var (secret, codes) = await TurnOnAsync(app, anna, kept);

        Assert.Equal(10, codes.Distinct().Count());
        using var ended = await app.RefreshAsync(before);
        await ended.AssertInvalidTokenAsync();
        using var goesOn = await app.RefreshAsync(kept);
        Assert.Equal(HttpStatusCode.OK, goesOn.StatusCode);
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        await AssertRefusedAsync(app, null, "auth.login.code_required");
        await AssertRefusedAsync(app, "000000", "auth.login.invalid_code");
        await AssertRefusedAsync(app, "no code", "auth.login.invalid_code");
        await AssertRefusedAsync(app, app.CodeOf(secret), "auth.login.invalid_credentials", "wrong");
        var code = app.CodeOf(secret);
        using (var signedIn = await LoginAsync(app, $" {code[..3]} {code[3..]}"))
        {
            Assert.Equal(HttpStatusCode.OK, signedIn.StatusCode);
            Assert.NotNull(signedIn.Cookie("bioscope_refresh"));
        }

        Assert.Equal((true, 10), await StateAsync(app, anna));
    }

    [Theory, Engines]
    public async Task A_code_works_once_on_all_instances(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        await using var first = await TestApp.StartAsync(databases, Unthrottled);
        await using var second = await TestApp.StartAsync(databases, Unthrottled);
        var anna = await first.AddCreatorAsync(Anna, Password);
        var (secret, codes) = await TurnOnAsync(first, anna);
        await AssertRefusedAsync(first, first.CodeOf(secret), "auth.login.invalid_code"); // it turned the second factor on
        foreach (var app in (TestApp[])[first, second])
        {
            app.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        foreach (var code in (string[])[first.CodeOf(secret), codes[0]])
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => LoginAsync(i % 2 == 0 ? first : second, code)));
            Assert.Equal(1, answers.Count(answer => answer.StatusCode == HttpStatusCode.OK));
            await AssertRefusedAsync(second, code, "auth.login.invalid_code");
        }

        Assert.Equal((true, 9), await StateAsync(first, anna));
    }

    [Fact]
    public async Task The_app_may_be_30_seconds_off_and_not_60()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, Unthrottled);
        var (secret, _) = await TurnOnAsync(app, await app.AddCreatorAsync(Anna, Password));
        app.Clock.Advance(TimeSpan.FromMinutes(10));
        var code = app.CodeOf(secret);

        app.Clock.Advance(TimeSpan.FromSeconds(60));
        await AssertRefusedAsync(app, code, "auth.login.invalid_code");
        app.Clock.StepTo(app.Clock.GetUtcNow().AddSeconds(-90));
        using var early = await LoginAsync(app, code);
        Assert.Equal(HttpStatusCode.OK, early.StatusCode);
        // An older one, although it would be in time.
        app.Clock.StepTo(app.Clock.GetUtcNow().AddSeconds(-30));
        code = app.CodeOf(secret);
        app.Clock.Advance(TimeSpan.FromSeconds(30));
        await AssertRefusedAsync(app, code, "auth.login.invalid_code");
    }

    [Theory, Engines]
    public async Task Guessed_codes_lock_the_account_like_guessed_passwords(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, Unthrottled);
        var (secret, codes) = await TurnOnAsync(app, await app.AddCreatorAsync(Anna, Password));
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        for (var i = 0; i < LoginAttempts.MaxAttempts; i++)
        {
            await AssertRefusedAsync(app, $"{100000 + i}", "auth.login.invalid_code");
        }

        // Whether password and code are right or not.
        foreach (var (code, password) in ((string?, string)[])[
            (app.CodeOf(secret), Password), (codes[0], Password), (null, Password), ("000000", Password), (null, "wrong")])
        {
            await AssertRefusedAsync(app, code, "auth.login.invalid_credentials", password);
        }

        app.Clock.Advance(LoginAttempts.Lock);
        using var signedIn = await LoginAsync(app, codes[0]);
        Assert.Equal(HttpStatusCode.OK, signedIn.StatusCode);
    }

    [Theory, Engines]
    public async Task Turning_it_off_takes_password_and_code(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, Unthrottled);
        var anna = await app.AddCreatorAsync(Anna, Password);
        var (secret, codes) = await TurnOnAsync(app, anna);
        app.Clock.Advance(TimeSpan.FromMinutes(1));

        foreach (var (password, code) in ((string, string)[])[("wrong", app.CodeOf(secret)), (Password, "000000"), (Password, "x")])
        {
            using var refused = await SendAsync(app, anna, HttpMethod.Post, "/off", new { password, code });
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
            Assert.Contains(
                "password or code is wrong", await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }

        using (var renewed = await SendAsync(app, anna, HttpMethod.Post, "/recovery-codes", new { password = Password, code = codes[0] }))
        {
            Assert.Equal(10, (await renewed.DataAsync()).GetProperty("recoveryCodes").GetArrayLength());
        }

        await AssertRefusedAsync(app, codes[1], "auth.login.invalid_code");
        using (var off = await SendAsync(app, anna, HttpMethod.Post, "/off", new { password = Password, code = app.CodeOf(secret) }))
        {
            Assert.Equal(HttpStatusCode.OK, off.StatusCode);
        }

        Assert.Equal((false, 0), await StateAsync(app, anna));
        await app.SignInAsync(Anna, Password);
    }

    [Theory, Engines]
    public async Task A_new_password_keeps_it_and_a_right_one_pays_for_no_guess(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, Unthrottled);
        var anna = await app.AddCreatorAsync(Anna, Password);
        await TurnOnAsync(app, anna);
        await ChangeAsync(Password, "a longer one, of words");
        await AssertRefusedAsync(app, null, "auth.login.code_required", "a longer one, of words");

        // Who has the password and a session cannot end the count of guesses.
        for (var i = 0; i < 5; i++)
        {
            using var begun = await SendAsync(app, anna, HttpMethod.Post, "", new { password = "a longer one, of words" });
            Assert.Equal(HttpStatusCode.Conflict, begun.StatusCode);
            await AssertRefusedAsync(app, $"{100000 + i}", i < 4 ? "auth.login.invalid_code" : "auth.login.invalid_credentials", "a longer one, of words");
        }

        async Task ChangeAsync(string currentPassword, string newPassword)
        {
            using var request = new HttpRequestMessage(HttpMethod.Put, "/api/v1/auth/password")
            {
                Headers = { Authorization = new AuthenticationHeaderValue("Bearer", app.Token(anna)) },
                Content = JsonContent.Create(new { currentPassword, newPassword }),
            };
            using var changed = await app.Http.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        }
    }

    [Theory, Engines]
    public async Task A_copied_secret_opens_no_other_account(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, Unthrottled);
        var (anna, ben) = (await app.AddCreatorAsync(Anna, Password), await app.AddCreatorAsync("ben@example.com", Password));
        var (secret, codes) = await TurnOnAsync(app, ben, email: "ben@example.com");
        await TurnOnAsync(app, anna);
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        // Who can write to the database, but does not have the installation's secret.
        await app.Main.ExecuteAsync(
            """UPDATE "User" SET "secondFactor" = (SELECT "secondFactor" FROM "User" WHERE "id" = @ben) WHERE "id" = @anna""",
            TestContext.Current.CancellationToken, ("@ben", ben.UserId), ("@anna", anna.UserId));
        await app.Main.ExecuteAsync(
            """DELETE FROM "RecoveryCode" WHERE "userId" = @anna""", TestContext.Current.CancellationToken, ("@anna", anna.UserId));
        await app.Main.ExecuteAsync(
            """UPDATE "RecoveryCode" SET "userId" = @anna""", TestContext.Current.CancellationToken, ("@anna", anna.UserId));

        await AssertRefusedAsync(app, app.CodeOf(secret), "auth.login.invalid_code");
        await AssertRefusedAsync(app, codes[0], "auth.login.invalid_code");
        var stored = await app.Main.QueryAsync(
            """SELECT "secondFactor" FROM "User" WHERE "id" = @ben""", row => row.GetFieldValue<byte[]>(0), TestContext.Current.CancellationToken,
            ("@ben", ben.UserId));
        Assert.Equal(-1, stored[0].AsSpan().IndexOf(OtpNet.Base32Encoding.ToBytes(secret)));
    }

    [Theory]
    [InlineData(60, "setup has expired; please start again")]
    [InlineData(59, "code is wrong")]
    public async Task A_setup_ends_after_an_hour_and_is_one_users(int minutes, string detail)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, Unthrottled);
        var (anna, ben) = (await app.AddCreatorAsync(Anna, Password), await app.AddCreatorAsync("ben@example.com", Password));
        using var begun = await SendAsync(app, anna, HttpMethod.Post, "", new { password = Password });
        var setup = (await begun.DataAsync()).GetProperty("setup").GetString()!;
        app.Clock.Advance(TimeSpan.FromMinutes(minutes));

        await RefusedAsync(anna, setup, detail);
        await RefusedAsync(ben, setup, "setup has expired; please start again");
        await RefusedAsync(anna, "forged", "setup has expired; please start again");
        using var guessed = await SendAsync(app, anna, HttpMethod.Post, "", new { password = "wrong" });
        Assert.Equal(HttpStatusCode.BadRequest, guessed.StatusCode);

        async Task RefusedAsync(Creator user, string setup, string detail)
        {
            using var refused = await SendAsync(app, user, HttpMethod.Put, "", new { setup, code = "000000" });
            Assert.Contains(detail, await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
    }

    [Theory, Engines]
    public async Task The_dashboard_turns_it_on_and_asks_for_it(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, Unthrottled);
        var (visit, _) = await DashboardVisit.StartAsync(app);
        using var browser = visit;
        using var elsewhere = await DashboardVisit.SignedInAsync(app, Anna);
        var page = await visit.ReadAsync("/dashboard/account/second-factor");
        var shown = await PostAsync(page, "", HttpStatusCode.OK, ("password", Password));
        var secret = DashboardVisit.TextOf(shown, "<code tabindex").Replace(" ", "", StringComparison.Ordinal);
        Assert.Contains("aria-label=\"QR code for your app\"", shown, StringComparison.Ordinal);
        var setup = SetupPattern().Match(shown).Groups[1].Value;
        shown = await PostAsync(page, "/on", HttpStatusCode.BadRequest, ("setup", setup), ("code", "000000"));
        Assert.Contains("Not done: code is wrong.", shown, StringComparison.Ordinal);
        Assert.Contains(setup, shown, StringComparison.Ordinal);
        shown = await PostAsync(page, "/on", HttpStatusCode.OK, ("setup", setup), ("code", app.CodeOf(secret)));
        var codes = DashboardVisit.TextOf(shown, "<code tabindex").Split('\n');
        Assert.Equal(10, codes.Length);
        Assert.Contains("You have 10 recovery codes left.", await visit.ReadAsync("/dashboard/account"), StringComparison.Ordinal);
        using (var ended = await elsewhere.GetAsync("/dashboard/account"))
        {
            Assert.Equal(HttpStatusCode.SeeOther, ended.StatusCode);
        }

        app.Clock.Advance(TimeSpan.FromMinutes(1));
        using var phone = new DashboardVisit(app);
        string asked;
        using (var first = await phone.SignInAsync(Anna, Password))
        {
            asked = await first.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.Contains("One more step.", asked, StringComparison.Ordinal);
        }

        using (var without = await phone.GetAsync("/dashboard/account"))
        {
            Assert.Equal("/dashboard/sign-in", without.Headers.Location?.ToString());
        }

        var ticket = TicketPattern().Match(asked).Groups[1].Value;
        Assert.Equal(HttpStatusCode.Unauthorized, await CodeAsync(ticket, "000000"));
        Assert.Equal(HttpStatusCode.BadRequest, await CodeAsync(ticket[..^2] + "AA", app.CodeOf(secret)));
        Assert.Equal(HttpStatusCode.SeeOther, await CodeAsync(ticket, app.CodeOf(secret)));
        asked = await phone.ReadAsync("/dashboard/account");
        Assert.Equal(HttpStatusCode.Unauthorized, await CodeAsync(ticket, app.CodeOf(secret)));
        app.Clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(HttpStatusCode.BadRequest, await CodeAsync(ticket, app.CodeOf(secret)));

        page = await visit.ReadAsync("/dashboard/account/second-factor");
        await PostAsync(page, "/codes", HttpStatusCode.OK, ("password", Password), ("code", codes[0]));
        await PostAsync(page, "/off", HttpStatusCode.BadRequest, ("password", Password), ("code", codes[1]));
        await PostAsync("name=\"form\" value=\"0\"", "/off", HttpStatusCode.BadRequest, ("password", Password), ("code", app.CodeOf(secret)));
        Assert.Contains(
            "It is off.", await PostAsync(page, "/off", HttpStatusCode.OK, ("password", Password), ("code", app.CodeOf(secret))), StringComparison.Ordinal);

        async Task<HttpStatusCode> CodeAsync(string ticket, string code)
        {
            var field = DashboardVisit.FormField(asked);
            using var answer = await phone.PostAsync("/dashboard/sign-in/code", ("form", field), ("ticket", ticket), ("code", code));
            return answer.StatusCode;
        }

        async Task<string> PostAsync(string page, string path, HttpStatusCode status, params (string, string)[] fields)
        {
            using var answer = await visit.PostAsync(
                "/dashboard/account/second-factor" + path, [("form", DashboardVisit.FormField(page)), .. fields]);
            Assert.Equal(status, answer.StatusCode);
            return await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        }
    }

    [Theory, Engines]
    public async Task A_ticket_of_the_first_step_ends_with_the_password(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, Unthrottled);
        var (secret, _) = await TurnOnAsync(app, await app.AddCreatorAsync(Anna, Password));
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        using var visit = new DashboardVisit(app);
        using var first = await visit.SignInAsync(Anna, Password);
        var asked = await first.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        await app.Main.ExecuteAsync(
            """UPDATE "User" SET "passwordHash" = @hash""", TestContext.Current.CancellationToken, ("@hash", Passwords.Hash("another one of words")));

        using var answer = await visit.PostAsync(
            "/dashboard/sign-in/code", ("form", DashboardVisit.FormField(asked)), ("ticket", TicketPattern().Match(asked).Groups[1].Value),
            ("code", app.CodeOf(secret)));

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Theory, Engines]
    public async Task The_operator_turns_it_off_for_who_lost_everything(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        await using var app = await TestApp.StartAsync(databases, Unthrottled);
        await TurnOnAsync(app, await app.AddCreatorAsync(Anna, Password));
        using var cli = Cli.For(databases);

        var none = await cli.RunAsync(["creator", "remove-second-factor", "--email", "ben@example.com"]);
        Assert.Equal((1, "No user with the e-mail address ben@example.com has a second factor. Nothing was changed.\n"), (none.ExitCode, none.Error));
        await cli.SucceedAsync(["creator", "remove-second-factor", "--email", "Anna@example.com"]);

        await app.SignInAsync(Anna, Password);
    }

    /// <summary>By the API, with the code of that moment.</summary>
    private static async Task<(string Secret, string[] Codes)> TurnOnAsync(
        TestApp app, Creator user, string? refreshToken = null, string email = Anna)
    {
        using var begun = await SendAsync(app, user, HttpMethod.Post, "", new { password = Password });
        var setup = await begun.DataAsync();
        var secret = setup.GetProperty("secret").GetString()!;
        Assert.Equal(
            $"otpauth://totp/127.0.0.1:{Uri.EscapeDataString(email)}?secret={secret}&issuer=127.0.0.1", setup.GetProperty("uri").GetString());
        using var on = await SendAsync(
            app, user, HttpMethod.Put, "", new { setup = setup.GetProperty("setup").GetString(), code = app.CodeOf(secret) }, refreshToken);
        return (secret, (await on.DataAsync()).GetProperty("recoveryCodes").Deserialize<string[]>()!);
    }

    private static async Task<(bool, int)> StateAsync(TestApp app, Creator user)
    {
        using var response = await app.GetAsync(Path, app.Token(user));
        var state = await response.DataAsync();
        return (state.GetProperty("enabled").GetBoolean(), state.GetProperty("recoveryCodesLeft").GetInt32());
    }

    private static Task<HttpResponseMessage> SendAsync(
        TestApp app, Creator user, HttpMethod method, string path, object body, string? refreshToken = null)
    {
        var request = new HttpRequestMessage(method, Path + path)
        {
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", app.Token(user)) },
            Content = JsonContent.Create(body),
        };
        if (refreshToken is not null)
        {
            request.Headers.Add("Cookie", "bioscope_refresh=" + refreshToken);
        }

        return app.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static Task<HttpResponseMessage> LoginAsync(TestApp app, string? code, string password = Password) =>
        app.PostAuthAsync("login", JsonContent.Create(new { email = Anna, password, code }));

    private static async Task AssertRefusedAsync(TestApp app, string? code, string i18nKey, string password = Password)
    {
        using var response = await LoginAsync(app, code, password);
        await response.AssertErrorAsync(HttpStatusCode.Unauthorized, "AUTH_UNAUTHORIZED", i18nKey);
        Assert.False(response.Headers.Contains("Set-Cookie"));
    }

    [GeneratedRegex("name=\"setup\" value=\"([^\"]+)\"")]
    private static partial Regex SetupPattern();

    [GeneratedRegex("name=\"ticket\" value=\"([^\"]+)\"")]
    private static partial Regex TicketPattern();
}
