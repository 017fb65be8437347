using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;

namespace Bioscope.Server.Tests;

/// <summary>A new password by a link in a mail: once, for 30 minutes, and without a word about who has an account.</summary>
public sealed class PasswordResetTests
{
    private const string Old = DashboardVisit.Password, New = "another horse battery";

    [Theory, Engines]
    public async Task A_link_sets_a_new_password_once_and_ends_every_session(EngineKind engine)
    {
        await using var smtp = SmtpHost.Start();
        await using var app = await TestApp.StartAsync(engine, smtp.Settings);
        var (visit, _) = await DashboardVisit.StartAsync(app);
        using var signedIn = visit;
        using var stranger = new DashboardVisit(app);

        var page = await stranger.ReadAsync("/dashboard/forgot");
        using var asked = await stranger.PostAsync("/dashboard/forgot", ("form", DashboardVisit.FormField(page)), ("email", "Anna@example.com"));
        Assert.Equal(HttpStatusCode.OK, asked.StatusCode);
        var path = SmtpHost.PathIn(await smtp.NextAsync(1), "/dashboard/reset/");

        using var form = await stranger.GetAsync(path);
        Assert.Equal("no-referrer", Assert.Single(form.Headers.GetValues("Referrer-Policy")));
        var field = DashboardVisit.FormField(await form.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        using var weak = await stranger.PostAsync(path, ("form", field), ("new", "password1"));
        Assert.Equal(HttpStatusCode.BadRequest, weak.StatusCode);
        using var foreign = await stranger.PostAsync(path, ("form", "0"), ("new", New));
        Assert.Equal(HttpStatusCode.BadRequest, foreign.StatusCode);
        using var done = await stranger.PostAsync(path, ("form", field), ("new", New));
        Assert.Equal("/dashboard/sign-in?done=password", done.Headers.Location?.ToString());

        using var again = await stranger.PostAsync(path, ("form", field), ("new", "yet another horse"));
        Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);
        using var opened = await stranger.GetAsync(path);
        Assert.Equal(HttpStatusCode.NotFound, opened.StatusCode);
        using var ended = await signedIn.GetAsync("/dashboard/account");
        Assert.Equal("/dashboard/sign-in", ended.Headers.Location?.ToString());
        Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.SignInAsync("anna@example.com", Old)).StatusCode);
        Assert.Equal(HttpStatusCode.SeeOther, (await stranger.SignInAsync("anna@example.com", New)).StatusCode);
    }

    [Theory, Engines]
    public async Task Nobody_learns_who_has_an_account(EngineKind engine)
    {
        await using var smtp = SmtpHost.Start();
        await using var app = await TestApp.StartAsync(engine, smtp.Settings);
        await app.AddCreatorAsync("anna@example.com", Old);

        var (known, unknown) = (await ForgotAsync(app, "anna@example.com"), await ForgotAsync(app, "nobody@example.com"));
        Assert.Equal(known, unknown);

        await smtp.NextAsync(1);
        await Patience.UntilAsync(async () => await CountAsync(app, """SELECT COUNT(*) FROM "Outbox" WHERE "outcome" = 'dropped'""") == 1);
        Assert.Equal(0, await CountAsync(app, """SELECT COUNT(*) FROM "Outbox" WHERE "data" LIKE '%example.com%'"""));
        Assert.Single(smtp.Accepted);
    }

    [Theory, Engines]
    public async Task Asking_again_and_again_fills_no_mailbox(EngineKind engine)
    {
        await using var smtp = SmtpHost.Start();
        await using var app = await TestApp.StartAsync(engine, [.. smtp.Settings, ("Throttle:Enabled", "false")]);
        await app.AddCreatorAsync("anna@example.com", Old);

        for (var i = 1; i <= 3; i++)
        {
            await ForgotAsync(app, "anna@example.com");
            await ForgotAsync(app, "anna@example.com"); // within five minutes
            await smtp.NextAsync(i);
            app.Clock.Advance(TimeSpan.FromMinutes(5));
        }

        await ForgotAsync(app, "anna@example.com");
        await Patience.UntilAsync(async () => await CountAsync(app, """SELECT COUNT(*) FROM "Outbox" WHERE "outcome" = 'dropped'""") == 1);
        Assert.Equal(3, smtp.Accepted.Count);
    }

    [Theory, Engines]
    public async Task A_link_ends_after_30_minutes_with_another_password_and_with_another_link(EngineKind engine)
    {
        await using var smtp = SmtpHost.Start();
        await using var app = await TestApp.StartAsync(engine, smtp.Settings);
        await app.AddCreatorAsync("anna@example.com", Old);

        var late = await TokenAsync(app, smtp, 1);
        app.Clock.Advance(TimeSpan.FromMinutes(30));
        Assert.Equal(HttpStatusCode.BadRequest, await ResetAsync(app, late));

        var (first, second) = (await TokenAsync(app, smtp, 2), "");
        app.Clock.Advance(TimeSpan.FromMinutes(5));
        second = await TokenAsync(app, smtp, 3);
        Assert.Equal(HttpStatusCode.OK, await ResetAsync(app, second));
        Assert.Equal(HttpStatusCode.BadRequest, await ResetAsync(app, first));
    }

    [Theory, Engines]
    public async Task Two_at_once_set_one_password(EngineKind engine)
    {
        await using var smtp = SmtpHost.Start();
        await using var app = await TestApp.StartAsync(engine, smtp.Settings);
        await app.AddCreatorAsync("anna@example.com", Old);
        var token = await TokenAsync(app, smtp, 1);

        var results = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => ResetAsync(app, token, $"another horse battery {i}")));

        Assert.Single(results, HttpStatusCode.OK);
        Assert.Equal(5, results.Count(result => result == HttpStatusCode.BadRequest));
    }

    [Fact]
    public async Task A_forged_link_opens_nothing()
    {
        await using var smtp = SmtpHost.Start();
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, [.. smtp.Settings, ("Throttle:Enabled", "false")]);
        var anna = await app.AddCreatorAsync("anna@example.com", Old);
        var token = await TokenAsync(app, smtp, 1);
        using var asked = await SendAsync(app, HttpMethod.Put, "email", app.Token(anna), new { email = "anna@example.com", password = Old });
        Assert.Equal(HttpStatusCode.OK, asked.StatusCode);
        var confirm = SmtpHost.PathIn(await smtp.NextAsync(2), "/dashboard/confirm/").Split('/')[^1];

        string[] forged =
        [
            "", "x", confirm, token[..^1], token + "A", token[..^1] + (token[^1] == 'A' ? 'B' : 'A'), (token[0] == 'A' ? 'B' : 'A') + token[1..],
            token + "=", " " + token, new string('A', 43), new string('A', 100_000), "../" + token, token.ToUpperInvariant(),
        ];
        foreach (var text in forged)
        {
            Assert.Equal(HttpStatusCode.BadRequest, await ResetAsync(app, text));
        }

        Assert.Equal(HttpStatusCode.OK, await ResetAsync(app, token));
    }

    [Theory, Engines]
    public async Task An_address_is_confirmed_by_a_link_and_then_signs_in(EngineKind engine)
    {
        await using var smtp = SmtpHost.Start();
        await using var app = await TestApp.StartAsync(engine, smtp.Settings);
        var (visit, _) = await DashboardVisit.StartAsync(app);
        using var anna = visit;
        await app.AddCreatorAsync("ben@example.com", Old);

        Assert.Contains("password is wrong", await PostEmailAsync(anna, "new@example.com", "wrong"), StringComparison.Ordinal);
        Assert.Contains("not an e-mail address", await PostEmailAsync(anna, "new@example.com\r\nBcc: all@example.com", Old), StringComparison.Ordinal);
        await PostEmailAsync(anna, "ben@example.com", Old); // somebody else's: said to nobody
        await PostEmailAsync(anna, "new@example.com", Old);
        var mail = await smtp.NextAsync(1);
        Assert.Equal("new@example.com", mail.To.ToString());
        var path = SmtpHost.PathIn(mail, "/dashboard/confirm/");

        var page = await anna.ReadAsync(path); // by her mail program, as likely as not
        Assert.Contains("new@example.com", page, StringComparison.Ordinal);
        Assert.Contains("anna@example.com", await anna.ReadAsync("/dashboard/account"), StringComparison.Ordinal);
        using var done = await anna.PostAsync(path, ("form", DashboardVisit.FormField(page)));
        Assert.Equal("/dashboard/account?done=email", done.Headers.Location?.ToString());

        Assert.Equal("anna@example.com", (await smtp.NextAsync(2)).To.ToString());
        Assert.Equal("Your account has another e-mail address", smtp.Accepted[1].Subject);
        using var other = new DashboardVisit(app);
        Assert.Equal(HttpStatusCode.Unauthorized, (await other.SignInAsync("anna@example.com", Old)).StatusCode);
        Assert.Equal(HttpStatusCode.SeeOther, (await other.SignInAsync("new@example.com", Old)).StatusCode);
        using var again = await anna.GetAsync(path);
        Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);
    }

    [Theory, Engines]
    public async Task A_link_to_an_address_that_is_somebody_elses_by_now_opens_nothing(EngineKind engine)
    {
        await using var smtp = SmtpHost.Start();
        await using var app = await TestApp.StartAsync(engine, smtp.Settings);
        await app.AddCreatorAsync("anna@example.com", Old);
        var token = await TokenAsync(app, smtp, 1);
        await app.Main.ExecuteAsync("""UPDATE "User" SET "email" = 'new@example.com'""", TestContext.Current.CancellationToken);
        await app.AddCreatorAsync("anna@example.com", Old);

        Assert.Equal(HttpStatusCode.BadRequest, await ResetAsync(app, token));
        using var login = await app.LoginAsync("anna@example.com", Old);
        Assert.Equal(HttpStatusCode.OK, login.StatusCode);
    }

    [Theory, Engines]
    public async Task An_unconfirmed_address_gets_no_password(EngineKind engine)
    {
        await using var smtp = SmtpHost.Start();
        await using var app = await TestApp.StartAsync(engine, smtp.Settings);
        await app.AddCreatorAsync("typo@example.com", Old);
        await app.Main.ExecuteAsync("""UPDATE "User" SET "emailConfirmedAt" = NULL""", TestContext.Current.CancellationToken);

        await ForgotAsync(app, "typo@example.com");

        await Patience.UntilAsync(async () => await CountAsync(app, """SELECT COUNT(*) FROM "Outbox" WHERE "outcome" = 'dropped'""") == 1);
        Assert.Empty(smtp.Accepted);
    }

    [Fact]
    public async Task Without_a_mail_server_the_pages_say_who_helps()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var (visit, creator) = await DashboardVisit.StartAsync(app);
        using var anna = visit;

        Assert.Contains("Its operator can set a new password", await anna.ReadAsync("/dashboard/forgot"), StringComparison.Ordinal);
        Assert.Contains("This server sends no mail", await anna.ReadAsync("/dashboard/account"), StringComparison.Ordinal);
        using var forgot = await app.PostAuthAsync("password/forgot", JsonContent.Create(new { email = "anna@example.com" }));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, forgot.StatusCode);
        using var email = await SendAsync(app, HttpMethod.Put, "email", app.Token(creator), new { email = "new@example.com", password = Old });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, email.StatusCode);
    }

    private static async Task<string> PostEmailAsync(DashboardVisit visit, string email, string password)
    {
        var field = DashboardVisit.FormField(await visit.ReadAsync("/dashboard/account"));
        using var answer = await visit.PostAsync("/dashboard/account/email", ("form", field), ("email", email), ("password", password));
        return answer.Headers.Location?.ToString() ?? await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    private static async Task<string> ForgotAsync(TestApp app, string email)
    {
        using var answer = await app.PostAuthAsync("password/forgot", JsonContent.Create(new { email }));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return System.Text.RegularExpressions.Regex.Replace(text, "\"meta\":.*", "");
    }

    private static async Task<string> TokenAsync(TestApp app, SmtpHost smtp, int mails)
    {
        await ForgotAsync(app, "anna@example.com");
        return SmtpHost.PathIn(await smtp.NextAsync(mails), "/dashboard/reset/").Split('/')[^1];
    }

    private static async Task<HttpStatusCode> ResetAsync(TestApp app, string token, string password = New)
    {
        using var answer = await app.PostAuthAsync("password/reset", JsonContent.Create(new { token, newPassword = password }));
        return answer.StatusCode;
    }

    private static async Task<HttpResponseMessage> SendAsync(TestApp app, HttpMethod method, string route, string token, object body)
    {
        using var request = new HttpRequestMessage(method, "/api/v1/auth/" + route) { Content = JsonContent.Create(body) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await app.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static async Task<long> CountAsync(TestApp app, string sql) =>
        (await app.Main.QueryAsync(sql, row => row.GetInt64(0), TestContext.Current.CancellationToken)).Single();
}
