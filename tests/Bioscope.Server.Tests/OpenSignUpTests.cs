using System.Net;
using System.Net.Http.Json;

namespace Bioscope.Server.Tests;

/// <summary>Anybody opens an account by a link to her address, where the operator says so; nobody learns who has one.</summary>
public sealed class OpenSignUpTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory, Engines]
    public async Task From_an_address_to_a_page(EngineKind engine)
    {
        await using var smtp = SmtpHost.Start();
        await using var app = await TestApp.StartAsync(engine, [.. smtp.Settings, ("Accounts:SignUp", "open")]);
        using var visit = new DashboardVisit(app);
        Assert.Contains("/dashboard/sign-up", await visit.ReadAsync("/dashboard/sign-in"), StringComparison.Ordinal);
        var field = DashboardVisit.FormField(await visit.ReadAsync("/dashboard/sign-up"));

        using var asked = await visit.PostAsync("/dashboard/sign-up", ("form", field), ("email", "Carla@Example.com"));
        Assert.Equal(HttpStatusCode.OK, asked.StatusCode);
        var mail = await smtp.NextAsync(1);
        Assert.Equal("carla@example.com", mail.To.ToString());
        var path = SmtpHost.PathIn(mail, "/dashboard/join/");
        var join = await visit.ReadAsync(path);
        using var joined = await visit.PostAsync(
            path, ("form", DashboardVisit.FormField(join)), ("title", "Carla"), ("handle", "carla"), ("email", "carla@example.com"),
            ("password", DashboardVisit.Password));
        Assert.Equal("/dashboard/page", joined.Headers.Location?.ToString());

        Assert.Contains("You sign in as <b><bdi>carla@example.com</bdi></b>.", await visit.ReadAsync("/dashboard/account"), StringComparison.Ordinal);
        using var again = await visit.GetAsync(path);
        Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);
    }

    [Theory, Engines]
    public async Task Who_has_an_account_is_told_so_by_mail_only(EngineKind engine)
    {
        await using var smtp = SmtpHost.Start();
        await using var app = await TestApp.StartAsync(engine, [.. smtp.Settings, ("Accounts:SignUp", "open")]);
        await app.AddCreatorAsync("anna@example.com", DashboardVisit.Password);

        Assert.Equal(await AskAsync(app, "anna@example.com"), await AskAsync(app, "new@example.com"));

        await Patience.UntilAsync(() => smtp.Accepted.Count == 2);
        Assert.Equal(
            ["You have an account already", "Open your account"],
            smtp.Accepted.OrderBy(mail => mail.To.ToString(), StringComparer.Ordinal).Select(mail => mail.Subject));
    }

    [Theory, Engines]
    public async Task A_stranger_fills_no_mailbox(EngineKind engine)
    {
        await using var smtp = SmtpHost.Start();
        await using var app = await TestApp.StartAsync(engine, [.. smtp.Settings, ("Accounts:SignUp", "open"), ("Throttle:Enabled", "false")]);
        for (var i = 1; i <= 5; i++)
        {
            await AskAsync(app, "carla@example.com");
            await AskAsync(app, "carla@example.com");
            await Patience.UntilAsync(async () => await app.Main.QueryAsync(
                """SELECT 1 FROM "Outbox" WHERE "doneAt" IS NULL""", row => row.GetInt32(0), Cancelled) is []);
            app.Clock.Advance(TimeSpan.FromMinutes(5));
        }

        Assert.Equal(3, smtp.Accepted.Count);
    }

    [Fact]
    public async Task Closed_stays_closed()
    {
        await using var smtp = SmtpHost.Start();
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, smtp.Settings);
        using var visit = new DashboardVisit(app);
        Assert.DoesNotContain("/dashboard/sign-up", await visit.ReadAsync("/dashboard/sign-in"), StringComparison.Ordinal);
        var page = await visit.ReadAsync("/dashboard/forgot");

        using var posted = await visit.PostAsync("/dashboard/sign-up", ("form", DashboardVisit.FormField(page)), ("email", "carla@example.com"));
        Assert.Equal(HttpStatusCode.BadRequest, posted.StatusCode);
        using var asked = await app.PostAuthAsync("sign-up/link", JsonContent.Create(new { email = "carla@example.com" }));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, asked.StatusCode);
        Assert.Empty(await app.Main.QueryAsync("""SELECT 1 FROM "Outbox" """, row => row.GetInt32(0), Cancelled));
    }

    [Fact]
    public async Task Open_needs_mail()
    {
        using var cli = new Cli();
        var answer = await cli.RunAsync(["doctor", "--Accounts:SignUp", "open"]);
        Assert.Equal(1, answer.ExitCode);
        Assert.Contains("Mail:Server: it must be set when Accounts:SignUp is 'open'", answer.Error, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task An_address_that_was_typed_is_confirmed_by_mail(EngineKind engine)
    {
        await using var smtp = SmtpHost.Start();
        await using var app = await TestApp.StartAsync(engine, [.. smtp.Settings, ("Accounts:SignUp", "invite")]);
        var (_, token) = await Server.Accounts.Invitations.AddAsync(app.Main, null, app.Clock.GetUtcNow(), TimeSpan.FromDays(1), Cancelled);
        using var visit = new DashboardVisit(app);
        var path = "/dashboard/join/" + token.Text;
        using var joined = await visit.PostAsync(
            path, ("form", DashboardVisit.FormField(await visit.ReadAsync(path))), ("title", "Carla"), ("handle", "carla"),
            ("email", "carla@example.com"), ("password", DashboardVisit.Password));
        Assert.Equal("/dashboard/page", joined.Headers.Location?.ToString());
        Assert.Contains("which is not confirmed yet", await visit.ReadAsync("/dashboard/account"), StringComparison.Ordinal);

        var confirm = SmtpHost.PathIn(await smtp.NextAsync(1), "/dashboard/confirm/");
        using var confirmed = await visit.PostAsync(confirm, ("form", DashboardVisit.FormField(await visit.ReadAsync(confirm))));
        Assert.Equal(HttpStatusCode.SeeOther, confirmed.StatusCode);
        Assert.DoesNotContain("which is not confirmed yet", await visit.ReadAsync("/dashboard/account"), StringComparison.Ordinal);
    }

    private static async Task<string> AskAsync(TestApp app, string email)
    {
        using var answer = await app.PostAuthAsync("sign-up/link", JsonContent.Create(new { email }));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync(Cancelled);
    }
}
