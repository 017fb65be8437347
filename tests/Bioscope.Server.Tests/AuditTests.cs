using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Bioscope.Engine.Auditing;
using Bioscope.Server.Api.Data;
using Microsoft.Extensions.DependencyInjection;

namespace Bioscope.Server.Tests;

/// <summary>Who did what is written down: by whom, when, and from which network, and not more often than is of use.</summary>
public sealed class AuditTests
{
    private const string Anna = "anna@example.com";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory, Engines]
    public async Task Sign_ins_are_written_and_failed_ones_counted_by_the_hour(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, ("Throttle:Enabled", "false"), ("Proxies:Trusted", "127.0.0.1"));
        var anna = await app.AddCreatorAsync(Anna, DashboardVisit.Password);
        app.Http.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.77");

        for (var i = 0; i < 5; i++)
        {
            using var wrong = await app.LoginAsync(Anna, "a wrong password");
            using var nobody = await app.LoginAsync($"nobody{i}@example.com", "a wrong password");
        }

        var refresh = await app.SignInAsync(Anna, DashboardVisit.Password);
        using var signedOut = await app.PostAuthAsync("logout", null, $"bioscope_refresh={refresh}");
        app.Clock.Advance(TimeSpan.FromHours(1));
        using var later = await app.LoginAsync(Anna, "a wrong password");

        var events = await OperatorTests.EventsAsync(app);
        Assert.Equal(
            [(AuditKind.SignInRefused, 1), (AuditKind.SignOut, 1), (AuditKind.SignInPassword, 1), (AuditKind.SignInRefused, 5)],
            events.Where(one => one.Event.UserId == anna.UserId).Select(one => (one.Event.Kind, one.Event.Count))
                .OrderBy(one => one is (AuditKind.SignInRefused, 1) ? 0 : one.Kind == AuditKind.SignOut ? 1 : one.Kind == AuditKind.SignInPassword ? 2 : 3));
        var unknown = Assert.Single(events, one => one.Event.UserId is null);
        Assert.Equal((5, "/api/v1/auth/login", "203.0.0.0/16"), (unknown.Event.Count, unknown.Event.Origin, unknown.Event.Network));
        Assert.DoesNotContain("203.0.113", JsonSerializer.Serialize(events.Select(one => one.ToString()).ToArray()), StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task Nobody_can_fill_the_table(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var audit = app.Services.GetRequiredService<AuditLog>();
        var anna = Guid.NewGuid();
        for (var i = 0; i < 400; i++)
        {
            await audit.WriteAsync(new AuditEvent(AuditKind.SignInRefused, "/") { UserId = Guid.NewGuid(), Network = $"{i}" }, Cancelled);
            await audit.WriteAsync(new AuditEvent(AuditKind.Rules, "/") { ActorId = anna, UserId = anna }, Cancelled);
        }

        var events = await OperatorTests.EventsAsync(app);
        Assert.Equal(AuditLog.MaxRefused + 1, events.Count(one => one.Event.Kind == AuditKind.SignInRefused));
        Assert.Equal(AuditLog.MaxOwnRows + 1, events.Count(one => one.Event.Kind == AuditKind.Rules));
        Assert.Equal(800, events.Sum(one => one.Event.Count));
    }

    [Theory, Engines]
    public async Task What_is_older_than_the_setting_is_removed(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, ("Audit:Months", "2"));
        var audit = app.Services.GetRequiredService<AuditLog>();
        await audit.WriteAsync(new AuditEvent(AuditKind.Command, "bioscope old"), Cancelled);
        app.Clock.Advance(TimeSpan.FromDays(40));
        await audit.WriteAsync(new AuditEvent(AuditKind.Command, "bioscope new"), Cancelled);
        app.Clock.Advance(TimeSpan.FromDays(30));

        await app.Services.GetRequiredService<ErasureService>().LookAsync(Cancelled);

        Assert.Equal(["bioscope new"], (await OperatorTests.EventsAsync(app)).Select(one => one.Event.Origin));
    }

    [Theory, Engines]
    public async Task Changes_are_written_with_who_did_them(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, ("Throttle:Enabled", "false"));
        var anna = await app.AddCreatorAsync(Anna, DashboardVisit.Password);
        using var visit = await DashboardVisit.SignedInAsync(app, Anna);
        var field = DashboardVisit.FormField(await visit.ReadAsync("/dashboard/account"));

        async Task SendAsync(HttpMethod method, string path, object? body, HttpStatusCode expected)
        {
            using var request = new HttpRequestMessage(method, "/api/v1/" + path) { Content = body is null ? null : JsonContent.Create(body) };
            request.Headers.Authorization = new("Bearer", app.Token(anna));
            using var answer = await app.Http.SendAsync(request, Cancelled);
            Assert.Equal((expected, path), (answer.StatusCode, path));
        }

        await SendAsync(HttpMethod.Put, "creators/bio", new { title = "Anna", handle = "anna" }, HttpStatusCode.OK);
        await SendAsync(HttpMethod.Put, "creators/bio", new { title = "Anna B", handle = "anna" }, HttpStatusCode.OK);
        await SendAsync(HttpMethod.Put, "creators/analytics/rules/referrer-spam", new { hide = false }, HttpStatusCode.OK);
        await SendAsync(HttpMethod.Post, "creators/team/invitations", new { role = "viewer" }, HttpStatusCode.Created);
        await SendAsync(HttpMethod.Delete, $"creators/team/members/{Guid.NewGuid()}", null, HttpStatusCode.NotFound);
        await SendAsync(HttpMethod.Get, "creators/data", null, HttpStatusCode.OK);
        using var changed = await visit.PostAsync(
            "/dashboard/account/password", ("form", field), ("current", DashboardVisit.Password), ("new", "another battery horse"));
        Assert.Equal(HttpStatusCode.SeeOther, changed.StatusCode);

        var events = (await OperatorTests.EventsAsync(app, anna.UserId)).ToDictionary(one => one.Event.Kind);
        Assert.Equal(
            new[] { AuditKind.SignInPassword, AuditKind.Handle, AuditKind.Rules, AuditKind.MemberInvited, AuditKind.Export, AuditKind.Password }.Order(StringComparer.Ordinal),
            events.Keys.Order(StringComparer.Ordinal));
        Assert.All(events.Values, one => Assert.Equal((Anna, anna.UserId), (one.Actor, one.Event.ActorId!.Value)));
        Assert.Equal("/dashboard/account/password", events[AuditKind.Password].Event.Origin);
        Assert.Equal(("/api/v1/creators/bio", "anna"), (events[AuditKind.Handle].Event.Origin, events[AuditKind.Handle].Handle));
    }

    [Theory, Engines]
    public async Task Files_of_figures_and_tokens_are_written_with_who_got_them(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        using var cli = Cli.For(databases);
        await using var app = await TestApp.StartAsync(databases, ("Throttle:Enabled", "false"));
        var anna = await app.AddCreatorAsync(Anna, DashboardVisit.Password);
        using var visit = await DashboardVisit.SignedInAsync(app, Anna);
        var key = await app.ReadKeyAsync(anna);
        for (var i = 0; i <= AuditLog.MaxOwnRows + 4; i++)
        {
            using var file = await app.SendAsync("GET /api/v1/creators/analytics/export?type=traffic", key);
            Assert.Equal(HttpStatusCode.OK, file.StatusCode);
        }

        using (var file = await visit.GetAsync("/dashboard/export?type=trend"))
        {
            Assert.Equal(HttpStatusCode.OK, file.StatusCode);
        }

        using (var none = await visit.GetAsync("/dashboard/export?type=nothing"))
        {
            Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
        }

        await cli.SucceedAsync(["token", "--user", anna.UserId.ToString()]);

        var figures = (await cli.SucceedAsync(["audit", "--kind", "figures"])).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(AuditLog.MaxOwnRows + 2, figures.Length);
        Assert.Single(figures, line => line.Contains($"figures  {Anna}  page {anna.BioPageId}  /dashboard/export", StringComparison.Ordinal));
        Assert.Single(figures, line => line.Contains($"figures × 5  API key Sheet  page {anna.BioPageId}  /api/v1/creators/analytics/export", StringComparison.Ordinal));
        Assert.Contains($"token-made  command line  about {Anna}  bioscope token", await cli.SucceedAsync(["audit", "--kind", "token-made"]), StringComparison.Ordinal);
        using var @operator = await OperatorTests.OperatorAsync(app);
        var page = await @operator.ReadAsync("/operator/audit?kind=figures");
        Assert.Contains("Figures downloaded as CSV", page, StringComparison.Ordinal);
        Assert.Contains("<bdi>API key Sheet</bdi>", page, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task The_command_line_lists_renames_suspends_and_tells_all(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        using var cli = Cli.For(databases);
        Assert.Equal(0, (await cli.RunAsync(["creator", "add", "--handle", "anna", "--email", Anna], DashboardVisit.Password + "\n")).ExitCode);
        Assert.Equal(0, (await cli.RunAsync(["operator", "add", "Olga@example.com"], DashboardVisit.Password + "\n")).ExitCode);
        Assert.Contains("is an operator already", await cli.SucceedAsync(["operator", "add", "olga@example.com"]), StringComparison.Ordinal);

        Assert.Contains("olga@example.com  active, operator", await cli.SucceedAsync(["operator", "list"]), StringComparison.Ordinal);
        Assert.Contains("@anna  anna@example.com  active", await cli.SucceedAsync(["creator", "list", "--search", "ANN"]), StringComparison.Ordinal);
        var shown = JsonSerializer.Deserialize<JsonElement>(await cli.SucceedAsync(["creator", "show", "@Anna", "--json"]));
        var user = shown.GetProperty("userId").GetGuid();
        Assert.Contains("handle  anna", await cli.SucceedAsync(["creator", "show", user.ToString()]), StringComparison.Ordinal);
        Assert.Contains("/@anna leads to it until", await cli.SucceedAsync(["creator", "rename", "anna", "@Annika"]), StringComparison.Ordinal);
        Assert.Contains("must be 1 to 30", (await cli.RunAsync(["creator", "rename", "annika", "no handle"])).Error, StringComparison.Ordinal);
        Assert.Equal(0, (await cli.RunAsync(["creator", "add", "--handle", "ben"])).ExitCode);
        Assert.Contains("belongs to another page", (await cli.RunAsync(["creator", "rename", "ben", "anna"])).Error, StringComparison.Ordinal);
        Assert.Contains("annika is suspended now", await cli.SucceedAsync(["creator", "suspend", Anna]), StringComparison.Ordinal);
        Assert.Contains("Nothing was changed", await cli.SucceedAsync(["creator", "suspend", "annika"]), StringComparison.Ordinal);
        Assert.Contains("suspended since", await cli.SucceedAsync(["creator", "show", "annika"]), StringComparison.Ordinal);
        await cli.SucceedAsync(["creator", "resume", shown.GetProperty("bioPageId").GetString()!]);
        await cli.SucceedAsync(["operator", "remove", "olga@example.com"]);
        Assert.Equal(1, (await cli.RunAsync(["operator", "remove", "olga@example.com"])).ExitCode);
        Assert.Contains("Nobody has the handle", (await cli.RunAsync(["creator", "show", "nobody"])).Error, StringComparison.Ordinal);

        var told = (await cli.SucceedAsync(["audit", "--json"])).Trim().Split('\n').Select(line => JsonSerializer.Deserialize<JsonElement>(line)).ToList();
        Assert.Equal(
            [
                AuditKind.OperatorRemoved, AuditKind.Resumed, AuditKind.Suspended, AuditKind.CreatorAdded, AuditKind.Handle, AuditKind.OperatorAdded,
                AuditKind.CreatorAdded,
            ],
            told.Select(one => one.GetProperty("kind").GetString()));
        Assert.All(told, one => Assert.StartsWith("bioscope ", one.GetProperty("origin").GetString(), StringComparison.Ordinal));
        Assert.Contains("suspended  command line  about anna@example.com  page @annika  bioscope creator suspend",
            await cli.SucceedAsync(["audit", "--kind", "suspended", "--since", "2020-01-31"]), StringComparison.Ordinal);
        Assert.Equal("", await cli.SucceedAsync(["audit", "--since", "2999-01-31"]));
        Assert.Contains("is none of", (await cli.RunAsync(["audit", "--kind", "x"])).Error, StringComparison.Ordinal);
        Assert.Contains("is not a day", (await cli.RunAsync(["audit", "--since", "yesterday"])).Error, StringComparison.Ordinal);
    }
}
