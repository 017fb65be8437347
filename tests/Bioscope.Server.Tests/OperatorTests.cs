using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using Bioscope.Engine.Auditing;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Rows;
using Bioscope.Server.Accounts;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Bioscope.Server.Tests;

/// <summary>The operator's pages: who sees them, what they show, and what their forms do.</summary>
public sealed class OperatorTests
{
    private const string Olga = "olga@example.com", Anna = "anna@example.com";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory, Engines]
    public async Task Everybody_else_gets_what_an_unknown_page_gets(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, ("Throttle:Enabled", "false"));
        var (creator, _) = await DashboardVisit.StartAsync(app, Anna);
        using var signedOut = new DashboardVisit(app);
        using var suspended = await OperatorAsync(app, "sven@example.com");
        await Suspension.BeginAsync(app.Main, (await CreatorList.FindAsync(app.Main, "sven@example.com", Cancelled))!.UserId, app.Clock.GetUtcNow(), Cancelled);
        using var former = await OperatorAsync(app, "fred@example.com");
        Assert.True(await Operators.RemoveAsync(app.Main, (await CreatorList.FindAsync(app.Main, "fred@example.com", Cancelled))!.UserId, Cancelled));
        var routes = app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(route => route.RoutePattern.RawText!.StartsWith("/operator", StringComparison.Ordinal)).ToList();
        Assert.Equal(7, routes.Count);

        foreach (var visit in (DashboardVisit[])[creator, signedOut, suspended, former])
        {
            var field = DashboardVisit.FormField(await new DashboardVisit(app).ReadAsync("/dashboard/sign-in"));
            foreach (var route in routes)
            {
                var path = route.RoutePattern.RawText!.Replace("{id}", Guid.NewGuid().ToString(), StringComparison.Ordinal);
                var isPost = route.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Contains("POST");
                using var answer = isPost ? await visit.PostAsync(path, ("form", field), ("do", "delete")) : await visit.GetAsync(path);
                using var unknown = await visit.GetAsync("/unknown");
                Assert.Equal((HttpStatusCode.NotFound, path), (answer.StatusCode, path));
                Assert.Equal(await TextAsync(unknown), await TextAsync(answer));
                Assert.Equal(HeadersOf(unknown), HeadersOf(answer));
            }
        }

        using var token = await app.GetAsync("/operator", app.Token(await app.AddCreatorAsync()));
        Assert.Equal(HttpStatusCode.NotFound, token.StatusCode);
        creator.Dispose();

        async Task<string> TextAsync(HttpResponseMessage answer) => System.Text.RegularExpressions.Regex.Replace(
            await answer.Content.ReadAsStringAsync(Cancelled), "[0-9a-f-]{32,36}", "");

        static string HeadersOf(HttpResponseMessage answer) => string.Join(
            ' ', answer.Headers.Select(header => header.Key).Where(name => name is not "Date").Order(StringComparer.Ordinal));
    }

    [Theory, Engines]
    public async Task An_operator_without_a_page_sees_the_state_and_her_account(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, ("Throttle:Enabled", "false"));
        using var visit = await OperatorAsync(app);

        using var dashboard = await visit.GetAsync("/dashboard");
        Assert.Equal((HttpStatusCode.SeeOther, "/operator"), (dashboard.StatusCode, dashboard.Headers.Location!.ToString()));
        var state = await visit.ReadAsync("/operator");
        Assert.Contains("Nothing needs your attention.", state, StringComparison.Ordinal);
        Assert.Contains(engine == EngineKind.Sqlite ? "SQLite, " : "PostgreSQL, ", DashboardVisit.TextOf(state, "storage-title"), StringComparison.Ordinal);
        Assert.Contains("Not counted today", state, StringComparison.Ordinal);
        Assert.Contains("Change", await visit.ReadAsync("/dashboard/account"), StringComparison.OrdinalIgnoreCase);
        await visit.ReadAsync("/dashboard/account/second-factor");
        await visit.ReadAsync("/operator/audit");

        using var signedOut = await visit.PostAsync("/operator/sign-out", ("form", DashboardVisit.FormField(state)));
        Assert.Equal(HttpStatusCode.SeeOther, signedOut.StatusCode);
        using var gone = await visit.GetAsync("/operator");
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
    }

    [Fact]
    public async Task The_state_names_an_untrusted_proxy_with_the_line_to_set()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        using var visit = await OperatorAsync(app);
        visit.Http.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.7");
        await visit.ReadAsync("/operator");

        Assert.Contains("set Proxies:Trusted=127.0.0.1", await visit.ReadAsync("/operator"), StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task Texts_of_creators_are_no_markup_and_are_found(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync("\"><img src=x onerror=alert(1)>@example.com", DashboardVisit.Password);
        await app.Main.ExecuteAsync(
            """UPDATE "BioPage" SET "handle" = 'anna', "title" = '<script>alert("Ünal")</script>' WHERE "id" = @page""", Cancelled,
            ("@page", creator.BioPageId));
        using var visit = await OperatorAsync(app);

        foreach (var path in (string[])[
            "/operator/creators", "/operator/creators?search=@ANNA", "/operator/creators?search=%C3%9Cnal", "/operator/creators?search=img+src",
            $"/operator/creators/{creator.UserId}", $"/operator/creators/{creator.BioPageId}"])
        {
            var page = await visit.ReadAsync(path);
            Assert.Contains("&lt;script&gt;", page, StringComparison.Ordinal);
            Assert.DoesNotContain("<script>alert", page, StringComparison.Ordinal);
            Assert.DoesNotContain("<img", page, StringComparison.Ordinal);
        }

        var hostile = await visit.ReadAsync("/operator/creators?search=%22%3E%3Cscript%3E&offset=-1");
        Assert.Contains("Nobody was found.", hostile, StringComparison.Ordinal);
        Assert.DoesNotContain("\"><script>", hostile, StringComparison.Ordinal);
        await visit.ReadAsync("/operator/audit?kind=%27&person=%27+OR+1%3D1&from=0001-01-01&until=9999-12-31&offset=99999999");
        using var nobody = await visit.GetAsync($"/operator/creators/{Guid.NewGuid()}");
        Assert.Equal(HttpStatusCode.NotFound, nobody.StatusCode);
    }

    [Theory, Engines]
    public async Task A_thousand_creators_are_listed_within_300_ms(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, ("Throttle:Enabled", "false"));
        var users = Enumerable.Range(0, 1_000).Select(i => (User: Guid.NewGuid(), Profile: Guid.NewGuid(), Page: Guid.NewGuid(), Name: $"person{i:0000}")).ToList();
        await app.Main.InsertAsync(UserRow.Table, [.. users.Select(one => new UserRow(one.User, $"{one.Name}@example.com", null, app.Clock.GetUtcNow()))], Cancelled);
        await app.Main.InsertAsync(CreatorRow.Table, [.. users.Select(one => new CreatorRow(one.Profile, one.User, app.Clock.GetUtcNow()))], Cancelled);
        await app.Main.InsertAsync(BioPageRow.Table, [.. users.Select(one => new BioPageRow(one.Page, one.Profile, one.Name, app.Clock.GetUtcNow()))], Cancelled);
        using var visit = await OperatorAsync(app);
        await visit.ReadAsync("/operator/creators");

        // A busy machine may delay each of some requests, but a page that takes longer by itself does so every time.
        var (page, took) = ("", TimeSpan.MaxValue);
        for (var i = 0; i < 20 && took >= TimeSpan.FromMilliseconds(300); i++)
        {
            var started = Stopwatch.GetTimestamp();
            page = await visit.ReadAsync("/operator/creators?offset=950");
            took = Stopwatch.GetElapsedTime(started);
        }

        Assert.True(took < TimeSpan.FromMilliseconds(300), $"{took.TotalMilliseconds:0} ms");
        Assert.Contains("@person0960", page, StringComparison.Ordinal);
        Assert.Equal(50, page.Split("<tr><th scope=\"row\">").Length - 1);
        Assert.Contains("951–1,000 of 1,001", page, StringComparison.Ordinal);
        TestContext.Current.TestOutputHelper!.WriteLine($"{took.TotalMilliseconds:0} ms");
    }

    [Theory, Engines]
    public async Task A_suspended_creator_is_out_on_every_instance_until_resumed(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        await using var app = await TestApp.StartAsync(databases, ("Throttle:Enabled", "false"));
        await using var other = await TestApp.StartAsync(databases, ("Throttle:Enabled", "false"));
        var anna = await app.AddCreatorAsync(Anna, DashboardVisit.Password);
        await app.Main.ExecuteAsync("""UPDATE "BioPage" SET "handle" = 'anna' WHERE "id" = @page""", Cancelled, ("@page", anna.BioPageId));
        await app.Main.ExecuteAsync(
            """INSERT INTO "OldHandle" ("handle", "bioPageId", "until") VALUES ('annika', @page, @until)""", Cancelled,
            ("@page", anna.BioPageId), ("@until", app.Clock.GetUtcNow().AddDays(1)));
        using var session = await DashboardVisit.SignedInAsync(app, Anna);
        var (token, refresh) = (app.Token(anna), await app.SignInAsync(Anna, DashboardVisit.Password));
        var shared = await ShareAsync(app, token);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(other, shared));
        using var visit = await OperatorAsync(app);
        Assert.NotNull(await app.PostSessionAsync(anna));
        Assert.NotNull(await other.PostSessionAsync(anna));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(other, "/api/v1/creators/bio", token));
        var path = $"/operator/creators/{anna.UserId}";
        var field = DashboardVisit.FormField(await visit.ReadAsync(path));

        using (var done = await visit.PostAsync(path, ("form", field), ("do", "suspend")))
        {
            Assert.Equal(HttpStatusCode.SeeOther, done.StatusCode);
        }

        other.Clock.Advance(SuspendedCreators.FreshFor);
        foreach (var server in (TestApp[])[app, other])
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(server, "/api/v1/creators/bio", token));
            Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(server, "/@anna"));
            Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(server, "/@annika"));
            Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(server, shared));
            Assert.Null(await server.PostSessionAsync(anna));
            using var refused = await server.LoginAsync(Anna, DashboardVisit.Password);
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
            using var refreshed = await server.RefreshAsync(refresh);
            Assert.Equal(HttpStatusCode.Unauthorized, refreshed.StatusCode);
        }

        using (var ended = await session.GetAsync("/dashboard"))
        {
            Assert.Equal("/dashboard/sign-in", ended.Headers.Location!.ToString());
        }

        app.Clock.Advance(TimeSpan.FromSeconds(1));
        using (var resumed = await visit.PostAsync(path, ("form", field), ("do", "resume")))
        {
            Assert.Equal(HttpStatusCode.SeeOther, resumed.StatusCode);
        }

        other.Clock.Advance(SuspendedCreators.FreshFor);
        foreach (var server in (TestApp[])[app, other])
        {
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(server, "/api/v1/creators/bio", token));
            Assert.NotNull(await server.PostSessionAsync(anna));
            await server.SignInAsync(Anna, DashboardVisit.Password);
        }

        Assert.Equal(4, (await app.SessionColumnAsync(anna.BioPageId, "id")).Count);
        Assert.Equal([AuditKind.Suspended, AuditKind.Resumed], (await KindsAsync(app)).Where(kind => kind is AuditKind.Suspended or AuditKind.Resumed).Reverse());
    }

    [Theory, Engines]
    public async Task Deleting_needs_the_operators_password_and_leaves_only_ids(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, ("Throttle:Enabled", "false"));
        var (creator, anna) = await DashboardVisit.StartAsync(app, Anna);
        creator.Dispose();
        await app.AddSessionsAsync(anna, null, 3);
        using var visit = await OperatorAsync(app);
        var path = $"/operator/creators/{anna.UserId}";
        var field = DashboardVisit.FormField(await visit.ReadAsync(path));

        foreach (var fields in (((string, string)[] Fields, HttpStatusCode Status)[])[
            ([("do", "delete"), ("password", DashboardVisit.Password)], HttpStatusCode.BadRequest),
            ([("form", field), ("do", "delete"), ("password", "wrong")], HttpStatusCode.BadRequest)])
        {
            using var refused = await visit.PostAsync(path, fields.Fields);
            Assert.Equal(fields.Status, refused.StatusCode);
        }

        using (var crossSite = new HttpRequestMessage(HttpMethod.Post, path))
        {
            crossSite.Headers.Add("Sec-Fetch-Site", "cross-site");
            crossSite.Content = new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["form"] = field,
                ["do"] = "delete",
                ["password"] = DashboardVisit.Password,
            });
            using var refused = await visit.Http.SendAsync(crossSite, Cancelled);
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        }

        var olga = (await CreatorList.FindAsync(app.Main, Olga, Cancelled))!.UserId;
        using (var herself = await visit.PostAsync($"/operator/creators/{olga}", ("form", field), ("do", "delete"), ("password", DashboardVisit.Password)))
        {
            Assert.Equal(HttpStatusCode.Conflict, herself.StatusCode);
        }

        Assert.NotNull(await CreatorList.FindAsync(app.Main, Anna, Cancelled));
        using var done = await visit.PostAsync(path, ("form", field), ("do", "delete"), ("password", DashboardVisit.Password));

        Assert.Equal((HttpStatusCode.SeeOther, "/operator/creators?deleted=1"), (done.StatusCode, done.Headers.Location!.ToString()));
        Assert.Null(await CreatorList.FindAsync(app.Main, Anna, Cancelled));
        Assert.Empty(await app.SessionColumnAsync(anna.BioPageId, "id"));
        var events = await EventsAsync(app, anna.UserId);
        Assert.Equal([AuditKind.Erasure, AuditKind.SignInPassword], events.Select(one => one.Event.Kind).Order(StringComparer.Ordinal));
        Assert.All(events, one => Assert.Equal((null, null, null, anna.UserId), (one.User, one.Event.Network, one.Event.Country, one.Event.UserId!.Value)));
        var page = await visit.ReadAsync($"/operator/audit?person={anna.UserId}");
        Assert.Contains(anna.UserId.ToString("D"), page, StringComparison.Ordinal);
        Assert.DoesNotContain(Anna, page, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task An_invitation_of_the_page_opens_an_account(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, ("Accounts:SignUp", "invite"));
        using var visit = await OperatorAsync(app);
        var field = DashboardVisit.FormField(await visit.ReadAsync("/operator/creators"));

        using var invited = await visit.PostAsync("/operator/creators", ("form", field), ("email", "carla@example.com"));

        var page = await invited.Content.ReadAsStringAsync(Cancelled);
        var token = page.Split("/dashboard/join/")[1].Split('<')[0];
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        using var opened = await app.PostAuthAsync("sign-up", JsonContent.Create(
            new { invitation = token, email = "carla@example.com", password = DashboardVisit.Password, handle = "carla" }));
        Assert.Equal(HttpStatusCode.Created, opened.StatusCode);
        using var wrong = await visit.PostAsync("/operator/creators", ("form", field), ("email", "no address"));
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        Assert.Equal([AuditKind.CreatorAdded, AuditKind.Invitation], (await KindsAsync(app)).Where(kind => kind != AuditKind.SignInPassword));
    }

    private static async Task<string> ShareAsync(TestApp app, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/creators/analytics/shared-views")
        {
            Content = JsonContent.Create(new { title = "Figures", question = new { range = "7d" }, blocks = new[] { "figures" } }),
        };
        request.Headers.Authorization = new("Bearer", token);
        using var answer = await app.Http.SendAsync(request, Cancelled);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        var body = await answer.Content.ReadFromJsonAsync<System.Text.Json.JsonElement>(Cancelled);
        return new Uri(body.GetProperty("data").GetProperty("url").GetString()!).AbsolutePath;
    }

    internal static async Task<DashboardVisit> OperatorAsync(TestApp app, string email = Olga)
    {
        var user = new UserRow(Guid.CreateVersion7(app.Clock.GetUtcNow()), email, Passwords.Hash(DashboardVisit.Password), app.Clock.GetUtcNow())
        {
            EmailConfirmedAt = app.Clock.GetUtcNow(),
        };
        await app.Main.InsertAsync(UserRow.Table, [user], Cancelled);
        Assert.True(await Operators.AddAsync(app.Main, user.Id, app.Clock.GetUtcNow(), Cancelled));
        return await DashboardVisit.SignedInAsync(app, email);
    }

    internal static Task<List<NamedEvent>> EventsAsync(TestApp app, Guid? person = null, string? kind = null) =>
        app.Services.GetRequiredService<AuditLog>().ReadAsync(
            new AuditQuery(kind, person, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200)), 1_000, 0, Cancelled);

    private static async Task<IEnumerable<string>> KindsAsync(TestApp app) => (await EventsAsync(app)).Select(one => one.Event.Kind);

    private static async Task<HttpStatusCode> StatusAsync(TestApp app, string path, string? token = null)
    {
        using var answer = await app.GetAsync(path, token);
        return answer.StatusCode;
    }
}
