using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Bioscope.Server.Accounts;

namespace Bioscope.Server.Tests;

/// <summary>Accounts that people open with the operator's invitation.</summary>
public sealed class InvitationTests
{
    private const string Carla = "carla@example.com";
    private const string Password = "correct horse battery";
    private static readonly (string, string) ByInvitation = ("Accounts:SignUp", "invite");

    [Theory, Engines]
    public async Task An_invited_person_gets_an_account_with_a_page(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, ByInvitation);
        var invitation = await InviteAsync(app);

        using var response = await SignUpAsync(app, invitation, " Carla@Example.com ", "@Carla", "Carla Fuchs");

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.NotNull(response.Cookie("bioscope_refresh"));
        var token = (await JsonAsync(response)).GetProperty("data").GetProperty("accessToken").GetString();
        using var page = await app.GetAsync("/api/v1/creators/bio", token);
        var bio = await page.DataAsync();
        Assert.Equal(("carla", "Carla Fuchs"), (bio.GetProperty("handle").GetString(), bio.GetProperty("title").GetString()));
        await app.SignInAsync(Carla, Password);
        using var again = await SignUpAsync(app, invitation, "dora@example.com", "dora");
        await AssertNoInvitationAsync(again);
    }

    [Theory, Engines]
    public async Task Two_people_with_one_link_get_one_account(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        await using var first = await TestApp.StartAsync(databases, ByInvitation);
        await using var second = await TestApp.StartAsync(databases, ByInvitation);
        var invitation = await InviteAsync(first);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(
            i => SignUpAsync(i % 2 == 0 ? first : second, invitation, $"person{i}@example.com", $"person{i}")));

        Assert.Equal(
            [HttpStatusCode.Created, .. Enumerable.Repeat(HttpStatusCode.NotFound, 7)],
            answers.Select(answer => answer.StatusCode).Order());
        var users = await first.Main.QueryAsync(
            """SELECT COUNT(*) FROM "User" """, row => row.GetInt64(0), TestContext.Current.CancellationToken);
        Assert.Equal([1L], users);
    }

    [Theory, Engines]
    public async Task Invitations_that_do_not_work_get_one_answer(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, ByInvitation, ("Throttle:Enabled", "false"));
        await app.AddCreatorAsync(Carla, Password);
        var expired = await InviteAsync(app);
        app.Clock.Advance(TimeSpan.FromDays(7));
        var (revoked, token) = await Invitations.AddAsync(
            app.Main, null, app.Clock.GetUtcNow(), TimeSpan.FromDays(7), TestContext.Current.CancellationToken);
        Assert.True(await Invitations.RevokeAsync(app.Main, revoked.Id, TestContext.Current.CancellationToken));
        var used = await InviteAsync(app);
        using var opened = await SignUpAsync(app, used, "dora@example.com", "dora");
        Assert.Equal(HttpStatusCode.Created, opened.StatusCode);

        var answers = new HashSet<string>();
        foreach (var invitation in (string[])[expired, token.Text, used, "guessed", revoked.Id.ToString(), used[..^1] + "é", "' OR 1=1 --"])
        {
            // Also for an e-mail and a handle that are taken.
            using var answer = await SignUpAsync(app, invitation, Carla, "dora");
            answers.Add(JsonSerializer.Serialize(await AssertNoInvitationAsync(answer)).Split("correlationId")[0]);
            using var page = await app.GetAsync("/dashboard/join/" + Uri.EscapeDataString(invitation));
            Assert.Equal(HttpStatusCode.NotFound, page.StatusCode);
        }

        Assert.Single(answers);
    }

    [Fact]
    public async Task Nobody_joins_a_closed_server()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var invitation = await InviteAsync(app);

        using var response = await SignUpAsync(app, invitation, Carla, "carla");
        await AssertNoInvitationAsync(response);
        using var page = await app.GetAsync("/dashboard/join/" + invitation);
        Assert.Equal(HttpStatusCode.NotFound, page.StatusCode);
    }

    [Theory, Engines]
    public async Task A_refused_account_leaves_the_invitation_open(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, ByInvitation, ("Throttle:Enabled", "false"));
        await app.AddCreatorAsync("anna@example.com", Password);
        await app.Main.ExecuteAsync("""UPDATE "BioPage" SET "handle" = 'anna'""", TestContext.Current.CancellationToken);
        var invitation = await InviteAsync(app, Carla);

        await RefusedAsync(HttpStatusCode.Conflict, null, "anna", Password, "handle anna belongs to another page");
        await RefusedAsync(
            HttpStatusCode.BadRequest, "anna@example.com", "carla", Password, "email must be carla@example.com, to which the invitation was given");
        await RefusedAsync(HttpStatusCode.BadRequest, Carla, "carla", "password1", "password is too common and easy to guess; choose another");
        await RefusedAsync(HttpStatusCode.BadRequest, Carla, "car la", Password, "handle must be 1 to 30 letters a-z, digits, '.', '_' or '-'");
        using var opened = await SignUpAsync(app, invitation, null, "carla");
        Assert.Equal(HttpStatusCode.Created, opened.StatusCode);
        await app.SignInAsync(Carla, Password);

        var other = await InviteAsync(app);
        foreach (var (email, status) in ((string?, HttpStatusCode)[])[
            (Carla, HttpStatusCode.Conflict), (null, HttpStatusCode.BadRequest), ("nobody", HttpStatusCode.BadRequest)])
        {
            using var refused = await SignUpAsync(app, other, email, "dora");
            Assert.Equal(status, refused.StatusCode);
        }

        async Task RefusedAsync(HttpStatusCode status, string? email, string handle, string password, string detail)
        {
            using var refused = await SignUpAsync(app, invitation, email, handle, password: password);
            Assert.Equal(status, refused.StatusCode);
            Assert.Equal(
                detail, (await JsonAsync(refused)).GetProperty("error").GetProperty("details")[0].GetProperty("message").GetString());
        }
    }

    [Theory, Engines]
    public async Task The_link_leads_to_a_form_and_on_to_the_page(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, ByInvitation);
        await app.AddCreatorAsync("anna@example.com", Password);
        await app.Main.ExecuteAsync("""UPDATE "BioPage" SET "handle" = 'anna'""", TestContext.Current.CancellationToken);
        var address = "/dashboard/join/" + await InviteAsync(app, Carla);
        using var visit = new DashboardVisit(app);
        string form;
        using (var shown = await visit.GetAsync(address))
        {
            Assert.Equal("no-referrer", shown.Headers.GetValues("Referrer-Policy").Single());
            form = await shown.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.Contains($"value=\"{Carla}\" readonly", form, StringComparison.Ordinal);
        }

        using (var forged = await visit.PostAsync(address, ("form", "x"), ("email", Carla), ("handle", "carla"), ("password", Password)))
        {
            Assert.Equal(HttpStatusCode.BadRequest, forged.StatusCode);
        }

        using (var taken = await PostAsync("anna"))
        {
            var again = await taken.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.Conflict, taken.StatusCode);
            Assert.Contains("Not opened: handle anna belongs to another page.", again, StringComparison.Ordinal);
            Assert.Contains("value=\"&lt;script&gt;alert(1)&lt;/script&gt;\"", again, StringComparison.Ordinal);
            Assert.DoesNotContain("<script>alert", again, StringComparison.Ordinal);
            Assert.DoesNotContain(Password, again, StringComparison.Ordinal);
        }

        using (var joined = await PostAsync("carla"))
        {
            Assert.Equal((HttpStatusCode.SeeOther, "/dashboard/page"), (joined.StatusCode, joined.Headers.Location?.ToString()));
        }

        var page = await visit.ReadAsync("/dashboard/page");
        Assert.Contains("value=\"carla\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>alert", page, StringComparison.Ordinal);
        using var used = await visit.GetAsync(address);
        Assert.Equal(HttpStatusCode.NotFound, used.StatusCode);

        Task<HttpResponseMessage> PostAsync(string handle) => visit.PostAsync(
            address, ("form", DashboardVisit.FormField(form)), ("email", Carla), ("handle", handle), ("password", Password),
            ("title", "<script>alert(1)</script>"));
    }

    [Fact]
    public async Task The_operator_invites_lists_and_revokes()
    {
        using var cli = new Cli();
        var closed = await cli.RunAsync(["creator", "invite"]);
        Assert.Equal(1, closed.ExitCode);
        Assert.StartsWith("Accounts:SignUp is 'closed'", closed.Error, StringComparison.Ordinal);
        cli.Environment["Accounts__SignUp"] = "invite";

        var named = await cli.SucceedAsync(["creator", "invite", "--email", "Carla@example.com", "--PublicUrl", "https://links.example"]);
        var unnamed = await cli.SucceedAsync(["creator", "invite", "--days", "1"]);
        Assert.Matches("^https://links.example/dashboard/join/[A-Za-z0-9_-]{43}\nIt works once, until .* UTC. To revoke it: .*\n$", named);
        Assert.Matches("^http://localhost:5000/dashboard/join/[A-Za-z0-9_-]{43}\nIt works once, .*\nPublicUrl is not set. .*\n$", unnamed);
        var list = (await cli.SucceedAsync(["creator", "invitations"])).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["any e-mail address", Carla], list.Select(line => line.Split("UTC  ")[1]));

        await cli.SucceedAsync(["creator", "uninvite", "--id", list[0].Split(' ')[0]]);
        Assert.Single((await cli.SucceedAsync(["creator", "invitations"])).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(1, (await cli.RunAsync(["creator", "uninvite", "--id", "x"])).ExitCode);
        Assert.Equal(1, (await cli.RunAsync(["creator", "invite", "--days", "91"])).ExitCode);
        Assert.Equal(1, (await cli.RunAsync(["creator", "invite", "--email", "carla"])).ExitCode);
    }

    private static async Task<string> InviteAsync(TestApp app, string? email = null) => (await Invitations.AddAsync(
        app.Main, email, app.Clock.GetUtcNow(), TimeSpan.FromDays(7), TestContext.Current.CancellationToken)).Token.Text;

    private static Task<HttpResponseMessage> SignUpAsync(
        TestApp app, string invitation, string? email, string handle, string? title = null, string password = Password) =>
        app.PostAuthAsync("sign-up", JsonContent.Create(new { invitation, email, password, handle, title }));

    private static Task<JsonElement> AssertNoInvitationAsync(HttpResponseMessage response) =>
        response.AssertErrorAsync(HttpStatusCode.NotFound, "INVITATION_NOT_FOUND", "auth.sign_up.invitation_not_found");

    private static Task<JsonElement> JsonAsync(HttpResponseMessage response) =>
        response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
}
