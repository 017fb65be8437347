using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Bioscope.Engine.Creators;
using Bioscope.Server.Api.Mails;
using Bioscope.Server.Web;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Bioscope.Server.Tests;

/// <summary>Members of a page: how somebody becomes one, what each role may do, and that nobody else may do anything.</summary>
public sealed partial class TeamTests
{
    private const string Team = "/api/v1/creators/team";

    // What a viewer may call for another page, and what is about no page of others.
    private static readonly string[] OpenToViewers =
    [
        "GET /api/v1/creators/analytics/query", "POST /api/v1/creators/analytics/query", "GET /api/v1/creators/analytics/sources",
        "GET /api/v1/creators/mails", "PUT /api/v1/creators/mails",
        "GET /dashboard", "GET /dashboard/export", "GET /dashboard/rows/{dimension}", "GET /dashboard/mails", "POST /dashboard/mails",
        "GET /dashboard/live",
    ];

    private static readonly string[] AboutNoPage =
    [
        "GET /api/v1/creators/pages", "POST /api/v1/creators/team/join", "GET /api/v1/creators/analytics/icons/{key}.svg",
        "GET /api/v1/creators/data", "POST /api/v1/creators/data/erase",
        "DELETE /api/v1/creators/team/memberships/{page}", "POST /dashboard/pages/leave", "GET /dashboard/pages", "POST /dashboard/pages", "GET /dashboard/team/join/{token}", "POST /dashboard/team/join/{token}",
    ];

    // Of the dashboard: the account is the user's own, whichever page is chosen; the others need nobody to be signed in.
    private static readonly string[] OwnOrPublic =
    [
        "account", "unsubscribe", "forgot", "sign-up", "reset", "confirm", "sign-in", "sign-out", "join", "demo",
    ];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory, Engines]
    public async Task A_viewer_is_refused_on_every_other_route_of_the_api(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, ("Throttle:Enabled", "false"));
        var (anna, vera) = (await app.AddCreatorAsync(), await app.AddCreatorAsync());
        await JoinAsync(app, anna, vera, "viewer");
        var routes = RoutesOf(app, "/api/v1/creators/").Except(AboutNoPage).ToArray();
        Assert.True(routes.Length > 40);

        foreach (var route in routes)
        {
            using var asViewer = await SendAsync(app, route, vera, anna.BioPageId);
            Assert.True(
                OpenToViewers.Contains(route) ? asViewer.StatusCode is HttpStatusCode.OK or HttpStatusCode.BadRequest : asViewer.StatusCode == HttpStatusCode.Forbidden,
                $"{route}: {asViewer.StatusCode}");
        }
    }

    [Theory, Engines]
    public async Task Strangers_find_no_page_of_others(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, ("Throttle:Enabled", "false"));
        var (anna, stranger) = (await app.AddCreatorAsync(), await app.AddCreatorAsync());

        foreach (var route in RoutesOf(app, "/api/v1/creators/").Except(AboutNoPage))
        {
            foreach (var page in (string[])[anna.BioPageId.ToString(), Guid.NewGuid().ToString(), "no-uuid", "", $"{stranger.BioPageId},{anna.BioPageId}"])
            {
                using var refused = await SendAsync(app, route, stranger, page);
                Assert.True(refused.StatusCode == HttpStatusCode.NotFound, $"{route} for {page}: {refused.StatusCode}");
            }
        }
    }

    [Theory, Engines]
    public async Task A_viewer_is_refused_on_every_form_and_page_that_changes_something(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, ("Throttle:Enabled", "false"));
        var (anna, vera) = (await app.AddCreatorAsync(), await app.AddCreatorAsync("vera@example.com", DashboardVisit.Password));
        await JoinAsync(app, anna, vera, "viewer");
        using var visit = await DashboardVisit.SignedInAsync(app, "vera@example.com");
        var field = await ChooseAsync(visit, anna);
        var routes = RoutesOf(app, "/dashboard").Except(AboutNoPage)
            .Where(route => !OwnOrPublic.Any(own => route.Contains($" /dashboard/{own}", StringComparison.Ordinal))).ToArray();
        Assert.True(routes.Count(route => route.StartsWith("POST", StringComparison.Ordinal)) >= 20);

        foreach (var route in routes.Where(route => route != "GET /dashboard/live"))
        {
            var path = PathOf(route.Split(' ')[1]);
            using HttpContent form = path.EndsWith("/avatar", StringComparison.Ordinal)
                ? new MultipartFormDataContent { { new StringContent(field), "form" } }
                : new FormUrlEncodedContent([KeyValuePair.Create("form", field)]);
            using var answer = route.StartsWith("POST", StringComparison.Ordinal) ? await visit.Http.PostAsync(path, form, Cancelled) : await visit.GetAsync(path);
            Assert.True(
                OpenToViewers.Contains(route) ? answer.StatusCode != HttpStatusCode.Forbidden : answer.StatusCode == HttpStatusCode.Forbidden,
                $"{route}: {answer.StatusCode}");
        }
    }

    [Theory, Engines]
    public async Task From_an_invitation_to_the_figures(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (owner, anna) = await DashboardVisit.StartAsync(app);
        using var _ = owner;
        await app.AddCreatorAsync("vera@example.com", DashboardVisit.Password);
        await app.AddSessionsAsync(anna, "instagram.com", 3);
        var team = await owner.ReadAsync("/dashboard/team");
        using (var invited = await owner.PostAsync("/dashboard/team", ("form", DashboardVisit.FormField(team)), ("role", "viewer"), ("email", "")))
        {
            Assert.Equal(HttpStatusCode.SeeOther, invited.StatusCode);
        }

        var path = new Uri(LinkPattern().Match(await owner.ReadAsync("/dashboard/team")).Value).AbsolutePath;
        using var visit = new DashboardVisit(app);
        Assert.Contains("Sign in to accept", await visit.ReadAsync(path), StringComparison.Ordinal);
        using (await visit.SignInAsync("vera@example.com", DashboardVisit.Password))
        {
            using var back = await visit.GetAsync("/dashboard");
            Assert.Equal(path, back.Headers.Location?.ToString());
        }

        using (var joined = await visit.PostAsync(path, ("form", DashboardVisit.FormField(await visit.ReadAsync(path)))))
        {
            Assert.Equal("/dashboard", joined.Headers.Location?.ToString());
        }

        var dashboard = await visit.ReadAsync("/dashboard");
        Assert.Equal("Visits 3 How often someone came to your page.", DashboardVisit.TextOf(dashboard, "data-figure=\"Visits\""));
        Assert.DoesNotContain("Your links", dashboard, StringComparison.Ordinal);
        Assert.DoesNotContain("action=\"/dashboard/zone\"", dashboard, StringComparison.Ordinal);
        Assert.Contains("You sign in as <b><bdi>vera@example.com</bdi></b>.", await visit.ReadAsync("/dashboard/account"), StringComparison.Ordinal);
        Assert.Contains("vera@example.com", await owner.ReadAsync("/dashboard/team"), StringComparison.Ordinal);
        using var again = await visit.GetAsync(path);
        Assert.Equal(HttpStatusCode.BadRequest, again.StatusCode);
    }

    [Theory, Engines]
    public async Task Who_is_removed_is_out_at_once_and_changes_no_other_page(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        await using var app = await TestApp.StartAsync(databases);
        await using var other = await TestApp.StartAsync(databases);
        var (anna, vera) = (await app.AddCreatorAsync(), await app.AddCreatorAsync("vera@example.com", DashboardVisit.Password));
        await JoinAsync(app, anna, vera, "editor");
        using var visit = await DashboardVisit.SignedInAsync(app, "vera@example.com");
        var field = await ChooseAsync(visit, anna);
        using (var saved = await visit.PostAsync("/dashboard/links", ("form", field), ("url", "shop.example")))
        {
            Assert.Equal(HttpStatusCode.SeeOther, saved.StatusCode);
        }

        Assert.Equal(1, await LinksAsync(app, anna));
        using (var bio = await SendAsync(other, "GET /api/v1/creators/bio", vera, anna.BioPageId))
        {
            Assert.Equal(HttpStatusCode.OK, bio.StatusCode);
        }

        using (var removed = await SendAsync(app, $"DELETE {Team}/members/{vera.UserId}", anna))
        {
            Assert.Equal(HttpStatusCode.OK, removed.StatusCode);
        }

        using (var bio = await SendAsync(other, "GET /api/v1/creators/bio", vera, anna.BioPageId))
        {
            Assert.Equal(HttpStatusCode.NotFound, bio.StatusCode);
        }

        using var late = await visit.PostAsync("/dashboard/links", ("form", field), ("url", "late.example"));
        Assert.Equal("/dashboard/pages", late.Headers.Location?.ToString());
        Assert.Equal((1, 0), (await LinksAsync(app, anna), await LinksAsync(app, vera)));
        Assert.Contains("Nobody has been here yet", await visit.ReadAsync("/dashboard"), StringComparison.Ordinal);
        Assert.DoesNotContain(visit.Cookies, cookie => cookie.Name == "bioscope_page");
    }

    [Theory, Engines]
    public async Task A_form_of_one_page_does_not_change_another(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (anna, vera) = (await app.AddCreatorAsync(), await app.AddCreatorAsync("vera@example.com", DashboardVisit.Password));
        await JoinAsync(app, anna, vera, "editor");
        using var visit = await DashboardVisit.SignedInAsync(app, "vera@example.com");
        var own = DashboardVisit.FormField(await visit.ReadAsync("/dashboard/links"));
        await ChooseAsync(visit, anna);

        using var refused = await visit.PostAsync("/dashboard/links", ("form", own), ("url", "shop.example"));

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Equal((0, 0), (await LinksAsync(app, anna), await LinksAsync(app, vera)));
    }

    [Theory, Engines]
    public async Task An_invitation_makes_one_member_and_ends(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (anna, vera, dora) = (await app.AddCreatorAsync(), await app.AddCreatorAsync(), await app.AddCreatorAsync());
        var once = TokenIn(await InviteAsync(app, anna, "viewer"));

        var answers = await Task.WhenAll(((Creator[])[anna, vera, dora, vera]).Select(async who => await AcceptAsync(app, who, once)));
        Assert.Equal(HttpStatusCode.BadRequest, answers[0]);
        Assert.Single(answers, HttpStatusCode.OK);

        var revoked = await InviteAsync(app, anna, "viewer");
        using (await SendAsync(app, $"DELETE {Team}/invitations/{(string)revoked["id"]!}", anna))
        {
            Assert.Equal(HttpStatusCode.BadRequest, await AcceptAsync(app, dora, TokenIn(revoked)));
        }

        var late = TokenIn(await InviteAsync(app, anna, "viewer"));
        app.Clock.Advance(TimeSpan.FromDays(7));
        Assert.Equal(HttpStatusCode.BadRequest, await AcceptAsync(app, dora, late));
        Assert.Equal(HttpStatusCode.BadRequest, await AcceptAsync(app, dora, late[..^1] + (late[^1] == 'A' ? 'B' : 'A')));
    }

    [Theory, Engines]
    public async Task Members_and_invitations_of_others_are_not_there(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (anna, vera, eve) = (await app.AddCreatorAsync(), await app.AddCreatorAsync(), await app.AddCreatorAsync());
        await JoinAsync(app, anna, vera, "viewer");
        var invitation = await InviteAsync(app, anna, "editor");

        foreach (var route in (string[])[$"DELETE {Team}/members/{vera.UserId}", $"PUT {Team}/members/{vera.UserId}", $"DELETE {Team}/invitations/{invitation["id"]}"])
        {
            foreach (var who in (Creator[])[eve, vera])
            {
                using var refused = await SendAsync(app, route, who, json: new { role = "editor" });
                Assert.Equal((route, HttpStatusCode.NotFound), (route, refused.StatusCode));
            }
        }

        using var team = await SendAsync(app, "GET " + Team, anna);
        var read = (await team.Content.ReadFromJsonAsync<JsonNode>(Cancelled))!["data"]!;
        Assert.Equal("viewer", (string)Assert.Single(read["members"]!.AsArray())!["role"]!);
        Assert.Single(read["invitations"]!.AsArray());
    }

    [Theory, Engines]
    public async Task A_member_leaves_a_page_and_no_other(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (anna, ben) = (await app.AddCreatorAsync(), await app.AddCreatorAsync());
        var vera = await app.AddCreatorAsync("vera@example.com", DashboardVisit.Password);
        foreach (var owner in (Creator[])[anna, ben])
        {
            await JoinAsync(app, owner, vera, "editor");
        }

        using (var owner = await SendAsync(app, $"DELETE {Team}/memberships/{anna.BioPageId}", anna))
        using (var left = await SendAsync(app, $"DELETE {Team}/memberships/{anna.BioPageId}", vera))
        using (var again = await SendAsync(app, $"DELETE {Team}/memberships/{anna.BioPageId}", vera))
        {
            Assert.Equal(
                [HttpStatusCode.NotFound, HttpStatusCode.OK, HttpStatusCode.NotFound], new[] { owner.StatusCode, left.StatusCode, again.StatusCode });
        }

        using var visit = await DashboardVisit.SignedInAsync(app, "vera@example.com");
        var field = await ChooseAsync(visit, ben);
        using (var foreign = await visit.PostAsync("/dashboard/pages/leave", ("page", ben.BioPageId.ToString())))
        {
            Assert.Equal(HttpStatusCode.BadRequest, foreign.StatusCode);
        }

        Assert.Contains(ben.BioPageId.ToString(), await visit.ReadAsync("/dashboard/pages"), StringComparison.Ordinal);
        using (var left = await visit.PostAsync("/dashboard/pages/leave", ("form", field), ("page", ben.BioPageId.ToString())))
        {
            Assert.Equal("/dashboard/pages?left=1", left.Headers.Location?.ToString());
        }

        var pages = await visit.ReadAsync("/dashboard/pages?left=1");
        Assert.Contains("You have left the page.", pages, StringComparison.Ordinal);
        Assert.DoesNotContain(ben.BioPageId.ToString(), pages, StringComparison.Ordinal);
        await visit.ReadAsync("/dashboard"); // her own page
    }

    [Theory, Engines]
    public async Task An_editor_gives_herself_no_other_role(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (anna, vera) = (await app.AddCreatorAsync(), await app.AddCreatorAsync());
        await JoinAsync(app, anna, vera, "editor");

        foreach (var route in RoutesOf(app, Team).Except(AboutNoPage))
        {
            using var refused = await SendAsync(app, route, vera, anna.BioPageId, new { role = "editor" });
            Assert.Equal((route, HttpStatusCode.Forbidden), (route, refused.StatusCode));
        }

        using var bio = await SendAsync(app, "PUT /api/v1/creators/bio", vera, anna.BioPageId, new { title = "Anna" });
        Assert.Equal(HttpStatusCode.OK, bio.StatusCode);
    }

    [Theory, Engines]
    public async Task A_member_gets_mails_about_the_page_until_removed(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (anna, vera) = (await app.AddCreatorAsync(), await app.AddCreatorAsync("vera@example.com", DashboardVisit.Password));
        await JoinAsync(app, anna, vera, "viewer");
        using (var chosen = await SendAsync(
            app, "PUT /api/v1/creators/mails", vera, anna.BioPageId, new { weekly = true, monthly = false, spikes = false, drops = false }))
        {
            Assert.Equal(HttpStatusCode.OK, chosen.StatusCode);
        }

        await app.Main.ExecuteAsync("""UPDATE "User" SET "emailConfirmedAt" = "createdAt" """, Cancelled);
        Assert.Equal(anna.BioPageId, Assert.Single(await MailSubscription.ReceiversAsync(app.Main, Cancelled)).Page);
        using var removed = await SendAsync(app, $"DELETE {Team}/members/{vera.UserId}", anna);
        Assert.Empty(await MailSubscription.ReceiversAsync(app.Main, Cancelled));
    }

    [Theory, Engines]
    public async Task An_invitation_is_sent_once_a_day(EngineKind engine)
    {
        await using var smtp = SmtpHost.Start();
        await using var app = await TestApp.StartAsync(engine, smtp.Settings);
        var (anna, vera) = (await app.AddCreatorAsync(), await app.AddCreatorAsync());
        await InviteAsync(app, anna, "editor", "Vera@Example.com");
        await InviteAsync(app, anna, "editor", "vera@example.com");

        var mail = await smtp.NextAsync(1);

        Assert.Equal("vera@example.com", mail.To.ToString());
        Assert.Equal(HttpStatusCode.OK, await AcceptAsync(app, vera, SmtpHost.PathIn(mail, "/dashboard/team/join/").Split('/')[^1]));
        Assert.Single(await app.Main.QueryAsync("""SELECT 1 FROM "Outbox" WHERE "kind" = 'team'""", _ => true, Cancelled));
    }

    private static async Task JoinAsync(TestApp app, Creator owner, Creator member, string role) =>
        Assert.Equal(HttpStatusCode.OK, await AcceptAsync(app, member, TokenIn(await InviteAsync(app, owner, role))));

    private static async Task<JsonNode> InviteAsync(TestApp app, Creator owner, string role, string? email = null)
    {
        using var answer = await SendAsync(app, $"POST {Team}/invitations", owner, json: new { role, email });
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<JsonNode>(Cancelled))!["data"]!;
    }

    private static string TokenIn(JsonNode invitation) => ((string)invitation["url"]!).Split('/')[^1];

    private static async Task<HttpStatusCode> AcceptAsync(TestApp app, Creator who, string token)
    {
        using var answer = await SendAsync(app, $"POST {Team}/join", who, json: new { token });
        return answer.StatusCode;
    }

    /// <summary>Chooses a page in the list and returns the hidden field of its forms.</summary>
    private static async Task<string> ChooseAsync(DashboardVisit visit, Creator creator)
    {
        var field = DashboardVisit.FormField(await visit.ReadAsync("/dashboard/pages"));
        using var chosen = await visit.PostAsync("/dashboard/pages", ("form", field), ("page", creator.BioPageId.ToString()));
        Assert.Equal("/dashboard", chosen.Headers.Location?.ToString());
        return DashboardVisit.FormField(await visit.ReadAsync("/dashboard"));
    }

    private static async Task<int> LinksAsync(TestApp app, Creator creator) => (await app.Main.QueryAsync(
        """SELECT 1 FROM "BioLink" WHERE "bioPageId" = @page""", _ => true, Cancelled, ("@page", creator.BioPageId))).Count;

    /// <summary>Every route below a path, as method and pattern: also those that nobody has thought of here.</summary>
    private static IEnumerable<string> RoutesOf(TestApp app, string path) =>
        from endpoint in app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        let pattern = "/" + endpoint.RoutePattern.RawText!.Trim('/')
        where pattern == path || pattern.StartsWith(path.TrimEnd('/') + "/", StringComparison.Ordinal)
        from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods
        where method != "HEAD"
        select $"{method} {pattern}";

    private static string PathOf(string pattern) => Parameter().Replace(pattern, match => match.Value == "{dimension}" ? "country" : Guid.NewGuid().ToString());

    private static Task<HttpResponseMessage> SendAsync(TestApp app, string route, Creator who, Guid page, object? json = null) =>
        SendAsync(app, route, who, page.ToString(), json);

    private static async Task<HttpResponseMessage> SendAsync(TestApp app, string route, Creator who, string? page = null, object? json = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(route.Split(' ')[0]), PathOf(route.Split(' ')[1]));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", app.Token(who));
        if (page is not null)
        {
            request.Headers.TryAddWithoutValidation(CallerPage.Header, page);
        }

        if (request.Method != HttpMethod.Get)
        {
            request.Content = JsonContent.Create(json ?? new { });
        }

        return await app.Http.SendAsync(request, Cancelled);
    }

    [GeneratedRegex(@"http://[^<""]+/dashboard/team/join/[\w-]+")]
    private static partial Regex LinkPattern();

    [GeneratedRegex(@"\{\w+\}")]
    private static partial Regex Parameter();
}
