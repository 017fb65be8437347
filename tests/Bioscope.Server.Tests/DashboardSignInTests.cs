using System.Net;
using Bioscope.Engine.Creators;
using Bioscope.Server.Accounts;
using Bioscope.Server.Dashboard;
using Bioscope.Server.Demo;
using Microsoft.Extensions.DependencyInjection;

namespace Bioscope.Server.Tests;

/// <summary>Who can see a dashboard, and for how long.</summary>
public sealed class DashboardSignInTests
{
    private const string Email = "anna@example.com";

    [Theory, Engines]
    public async Task The_dashboard_is_visible_until_sign_out(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (visit, _) = await DashboardVisit.StartAsync(app);
        using var browser = visit;
        var session = visit.Cookies["bioscope_session"]!.Value;
        var page = await visit.ReadAsync("/dashboard");

        using var again = await visit.GetAsync("/dashboard/sign-in");
        AssertLedTo("/dashboard", again);
        using var left = await visit.PostAsync("/dashboard/sign-out", ("form", DashboardVisit.FormField(page)));

        AssertLedTo("/dashboard/sign-in", left);
        Assert.Null(visit.Cookies["bioscope_session"]);
        await AssertSignedOutAsync(visit);
        // The session has also ended on the server, for anyone with a copy of the cookie.
        visit.Http.DefaultRequestHeaders.Add("Cookie", $"bioscope_session={session}");
        await AssertSignedOutAsync(visit);
    }

    [Theory]
    [InlineData("/dashboard")]
    [InlineData("/dashboard?days=7")]
    [InlineData("/dashboard/export?type=traffic")]
    public async Task Anonymous_users_are_redirected_to_the_form(string path)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        using var visit = new DashboardVisit(app);

        using var answer = await visit.GetAsync(path);

        AssertLedTo("/dashboard/sign-in", answer);
        Assert.True(answer.Headers.CacheControl?.NoStore);
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("%00%ff")]
    public async Task A_made_up_cookie_gives_no_access(string cookie)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        await app.AddCreatorAsync(Email, DashboardVisit.Password);
        using var visit = new DashboardVisit(app);
        visit.Http.DefaultRequestHeaders.TryAddWithoutValidation("Cookie", "bioscope_session=" + cookie);

        await AssertSignedOutAsync(visit);
    }

    [Fact]
    public async Task A_session_cookie_needs_both_halves()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var (visit, _) = await DashboardVisit.StartAsync(app);
        using var browser = visit;
        var session = visit.Cookies["bioscope_session"]!.Value;
        using var stranger = new DashboardVisit(app);
        stranger.Http.DefaultRequestHeaders.Add("Cookie", $"bioscope_session={session[..32]}{new string('A', session.Length - 32)}");

        await AssertSignedOutAsync(stranger);
        await visit.ReadAsync("/dashboard"); // and does not end the session
    }

    [Theory]
    [InlineData(Email, "wrong")]
    [InlineData("nobody@example.com", DashboardVisit.Password)]
    [InlineData(Email, "")]
    [InlineData("", DashboardVisit.Password)]
    [InlineData("\"><script>alert(1)</script>", "x")]
    public async Task Every_failed_sign_in_has_the_same_message(string email, string password)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        await app.AddCreatorAsync(Email, DashboardVisit.Password);
        using var visit = new DashboardVisit(app);

        using var answer = await visit.SignInAsync(email, password);
        var page = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal(
            "The e-mail or the password is wrong. After ten failed attempts, sign-in is locked for 15 minutes.",
            DashboardVisit.TextOf(page, "class=\"problem\""));
        Assert.DoesNotContain("<script>alert", page, StringComparison.Ordinal);
        Assert.Null(visit.Cookies["bioscope_session"]);
        await AssertSignedOutAsync(visit);
    }

    [Fact]
    public async Task Sign_ins_share_the_attempt_limit_of_the_api()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, ("Throttle:Login", "100"));
        await app.AddCreatorAsync(Email, DashboardVisit.Password);
        using var visit = new DashboardVisit(app);
        for (var i = 0; i < LoginAttempts.MaxAttempts / 2; i++)
        {
            using var api = await app.LoginAsync(Email, "wrong");
            using var form = await visit.SignInAsync(Email, "wrong");
        }

        using var locked = await visit.SignInAsync(Email, DashboardVisit.Password);
        Assert.Equal(HttpStatusCode.Unauthorized, locked.StatusCode);
        app.Clock.Advance(LoginAttempts.Lock);
        using var free = await visit.SignInAsync(Email, DashboardVisit.Password);
        AssertLedTo("/dashboard", free);
    }

    [Fact]
    public async Task Sign_ins_share_the_request_limit_of_the_api()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, ("Throttle:Login", "2"));
        using var visit = new DashboardVisit(app);
        using var api = await app.LoginAsync(Email, "wrong");
        using var form = await visit.SignInAsync(Email, "wrong");

        using var over = await visit.SignInAsync(Email, "wrong");

        Assert.Equal(HttpStatusCode.TooManyRequests, over.StatusCode);
    }

    [Fact]
    public async Task A_forged_form_signs_nobody_in()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        await app.AddCreatorAsync(Email, DashboardVisit.Password);
        using var visit = new DashboardVisit(app);
        using var other = new DashboardVisit(app);
        var field = DashboardVisit.FormField(await visit.ReadAsync("/dashboard/sign-in"));
        var others = DashboardVisit.FormField(await other.ReadAsync("/dashboard/sign-in"));

        await AssertRefusedAsync();
        await AssertRefusedAsync(("form", ""));
        await AssertRefusedAsync(("form", others));
        visit.Http.DefaultRequestHeaders.Add("Sec-Fetch-Site", "cross-site");
        await AssertRefusedAsync(("form", field));
        visit.Http.DefaultRequestHeaders.Remove("Sec-Fetch-Site");
        visit.Http.DefaultRequestHeaders.Add("Sec-Fetch-Site", "same-origin");
        using var ours = await visit.PostAsync(
            "/dashboard/sign-in", ("form", field), ("email", Email), ("password", DashboardVisit.Password));
        AssertLedTo("/dashboard", ours);

        async Task AssertRefusedAsync(params (string, string)[] fields)
        {
            using var answer = await visit.PostAsync(
                "/dashboard/sign-in", [.. fields, ("email", Email), ("password", DashboardVisit.Password)]);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            Assert.Null(visit.Cookies["bioscope_session"]);
        }
    }

    [Fact]
    public async Task A_forged_form_signs_nobody_out()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var (visit, _) = await DashboardVisit.StartAsync(app);
        using var browser = visit;
        using var stranger = new DashboardVisit(app);
        // A field for the same cookie, but without a signed-in user.
        stranger.Http.DefaultRequestHeaders.Add("Cookie", $"bioscope_form={visit.Cookies["bioscope_form"]!.Value}");
        var field = DashboardVisit.FormField(await stranger.ReadAsync("/dashboard/sign-in"));

        using var answer = await visit.PostAsync("/dashboard/sign-out", ("form", field));

        await visit.ReadAsync("/dashboard");
    }

    [Fact]
    public async Task A_new_password_ends_every_session()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var (visit, _) = await DashboardVisit.StartAsync(app);
        using var browser = visit;

        await NewPassword.SetAsync(
            app.Main, app.Services.GetRequiredService<LoginAttempts>(), Email, "another password", TestContext.Current.CancellationToken);

        await AssertSignedOutAsync(visit);
    }

    [Fact]
    public async Task A_session_ends_after_thirty_days()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var (visit, _) = await DashboardVisit.StartAsync(app);
        using var browser = visit;
        app.Clock.Advance(RefreshFamilies.Life - TimeSpan.FromMilliseconds(1));
        await visit.ReadAsync("/dashboard");

        app.Clock.Advance(TimeSpan.FromMilliseconds(1));

        await AssertSignedOutAsync(visit);
    }

    [Fact]
    public async Task The_cookie_is_HttpOnly_and_limited_to_its_path()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, ("PublicUrl", "https://links.example"));
        await app.AddCreatorAsync(Email, DashboardVisit.Password);
        using var visit = new DashboardVisit(app);

        using var answer = await visit.SignInAsync(Email, DashboardVisit.Password);
        Assert.EndsWith(
            "; max-age=2592000; path=/dashboard; samesite=lax; httponly", answer.SetCookie("bioscope_session"), StringComparison.Ordinal);

        // Behind a proxy that terminates TLS, a browser sends the public name.
        visit.Http.DefaultRequestHeaders.Host = "links.example";
        using var page = await visit.GetAsync("/dashboard/sign-in");
        using var other = new DashboardVisit(app);
        other.Http.DefaultRequestHeaders.Host = "links.example";
        using var form = await other.GetAsync("/dashboard/sign-in");
        Assert.EndsWith("; path=/dashboard; secure; samesite=strict; httponly", form.SetCookie("bioscope_form"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("application/json", "{}", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("multipart/form-data; boundary=x", "--x--", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/x-www-form-urlencoded", "", HttpStatusCode.BadRequest)]
    [InlineData("application/x-www-form-urlencoded", "a&b&c&d&e&f&g&h&i&j&k&l", HttpStatusCode.BadRequest)]
    [InlineData("application/x-www-form-urlencoded", "%00=%ff&form=%zz&=&&&", HttpStatusCode.BadRequest)]
    public async Task Malformed_forms_are_refused(string contentType, string body, HttpStatusCode status)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        using var visit = new DashboardVisit(app);

        foreach (var path in (string[])["/dashboard/sign-in", "/dashboard/sign-out"])
        {
            using var content = new StringContent(body, System.Net.Http.Headers.MediaTypeHeaderValue.Parse(contentType));
            using var answer = await visit.Http.PostAsync(path, content, TestContext.Current.CancellationToken);
            // Users who cannot be signed out are redirected to the form.
            Assert.True(
                answer.StatusCode == status
                    || (path.EndsWith("out", StringComparison.Ordinal) && answer.StatusCode == HttpStatusCode.SeeOther),
                $"{path} {answer.StatusCode}");
        }
    }

    [Theory, Engines]
    public async Task Only_the_demos_own_address_signs_in(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var demo = DemoCreators.All[0];
        var logins = app.Services.GetRequiredService<DemoLogins>();
        using var visit = new DashboardVisit(app);
        using var tooEarly = await visit.GetAsync(DemoSignIn.AddressOf(demo, logins));
        Assert.Equal(HttpStatusCode.NotFound, tooEarly.StatusCode);
        await app.Main.TransactAsync(
            "demo creator",
            transaction => CreatorStore.AddAsync(
                app.Main.Dialect,
                transaction,
                new NewCreator(demo.UserId)
                {
                    CreatorId = demo.CreatorId,
                    BioPageId = demo.BioPageId,
                    Handle = demo.Handle,
                    Title = demo.Title,
                },
                app.Clock.GetUtcNow(),
                TestContext.Current.CancellationToken),
            TestContext.Current.CancellationToken);
        await logins.SetAsync(TestContext.Current.CancellationToken);

        foreach (var wrong in (string[])[$"/dashboard/demo/{demo.Handle}/{new string('0', 16)}", $"/dashboard/demo/{demo.Handle}/x",
            $"/dashboard/demo/{DemoCreators.All[1].Handle}/{logins.PasswordOf(DemoCreators.All[1])}",
            $"/dashboard/demo/nobody/{logins.PasswordOf(demo)}"])
        {
            using var refused = await visit.GetAsync(wrong);
            Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
        }

        using var answer = await visit.GetAsync(DemoSignIn.AddressOf(demo, logins));

        AssertLedTo("/dashboard", answer);
        Assert.Contains(demo.Title, await visit.ReadAsync("/dashboard"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_root_redirects_browsers_to_the_dashboard()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        using var visit = new DashboardVisit(app);

        using var answer = await visit.GetAsync("/");

        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Equal("/dashboard", answer.Headers.Location?.ToString());
    }

    private static async Task AssertSignedOutAsync(DashboardVisit visit)
    {
        using var answer = await visit.GetAsync("/dashboard");
        AssertLedTo("/dashboard/sign-in", answer);
    }

    private static void AssertLedTo(string address, HttpResponseMessage answer)
    {
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        Assert.Equal(address, answer.Headers.Location?.ToString());
    }
}
