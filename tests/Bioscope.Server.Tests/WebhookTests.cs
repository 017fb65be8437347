using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Bioscope.Engine.Creators;
using Bioscope.Server.Api.Webhooks;
using Bioscope.Server.Dashboard.Mails;
using Bioscope.Server.Dashboard.Webhooks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Bioscope.Server.Tests;

/// <summary>Webhooks: what they are told, signed and once; what is tried again; and that nobody can make the server call its own network.</summary>
public sealed class WebhookTests
{
    private const string Path = "/api/v1/creators/webhooks";

    private static readonly (string, string) LoopbackAllowed = ("Webhooks:Allowed", "127.0.0.0/8");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory, Engines]
    public async Task A_webhook_is_told_a_weeks_figures_once_and_signed(EngineKind engine)
    {
        await using var host = await WebhookHost.StartAsync();
        using var databases = await TestDatabases.CreateAsync(engine);
        await using var one = await TestApp.StartAsync(databases, LoopbackAllowed);
        await using var two = await TestApp.StartAsync(databases, LoopbackAllowed);
        var anna = await one.AddCreatorAsync();
        var webhook = await AddAsync(one, anna, host.Url, Webhook.Weekly);
        var monday = new DateTimeOffset(2026, 4, 20, 0, 0, 0, TimeSpan.Zero);
        await one.AddSessionsAsync(anna, "instagram.com", 3, monday.AddDays(-2));

        await Task.WhenAll(MoveToAsync(one, monday.AddHours(8.5)), MoveToAsync(two, monday.AddHours(8.5)));

        var (body, headers) = Assert.Single(host.Told);
        var told = JsonNode.Parse(body)!;
        Assert.Equal("report.weekly", (string)told["type"]!);
        Assert.Equal((3, "2026-04-13", "2026-04-19"), ((int)told["data"]!["totals"]!["visits"]!, (string)told["data"]!["from"]!, (string)told["data"]!["until"]!));
        Assert.Equal("""[{"name":"Instagram","visits":3,"before":null}]""", told["data"]!["sources"]!.ToJsonString());
        Assert.Equal("application/json; charset=utf-8", headers["content-type"]);
        var key = Convert.FromBase64String(((string)webhook["secret"]!)["whsec_".Length..]);
        var signed = $"{headers["webhook-id"]}.{headers["webhook-timestamp"]}.{body}";
        Assert.Equal("v1," + Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(signed))), headers["webhook-signature"]);
        var at = DateTimeOffset.FromUnixTimeSeconds(long.Parse(headers["webhook-timestamp"], CultureInfo.InvariantCulture));
        Assert.Equal(monday.AddHours(8.5), at);
        Assert.Equal(["report.weekly 1 204"], await DeliveriesAsync(one, anna, webhook));
    }

    [Theory, Engines]
    public async Task A_webhook_is_told_of_a_spike_by_her_threshold(EngineKind engine)
    {
        await using var host = await WebhookHost.StartAsync();
        await using var app = await TestApp.StartAsync(engine, LoopbackAllowed);
        var anna = await app.AddCreatorAsync();
        await AddAsync(app, anna, host.Url, Webhook.Spike, Webhook.Drop);
        using (var chosen = await SendAsync(
            app, HttpMethod.Put, "/api/v1/creators/mails", anna, new { weekly = false, monthly = false, spikes = false, drops = false, times = 2, minVisits = 5 }))
        {
            Assert.Equal(HttpStatusCode.OK, chosen.StatusCode);
        }

        var hour = new DateTimeOffset(2026, 4, 20, 14, 0, 0, TimeSpan.Zero);
        await app.AddSessionsAsync(anna, "instagram.com", 5, hour.AddMinutes(1));

        await MoveToAsync(app, hour.AddMinutes(10));

        var told = JsonNode.Parse(Assert.Single(host.Told).Body)!;
        Assert.Equal(("visits.spike", "2026-04-20T14:00:00", 5), ((string)told["type"]!, (string)told["data"]!["hour"]!, (int)told["data"]!["visits"]!));
    }

    [Theory, Engines]
    public async Task What_fails_is_tried_again_and_what_is_gone_is_not(EngineKind engine)
    {
        await using var host = await WebhookHost.StartAsync();
        await using var app = await TestApp.StartAsync(engine, LoopbackAllowed);
        var anna = await app.AddCreatorAsync();
        var webhook = await AddAsync(app, anna, host.Url, Webhook.Weekly);
        var hour = app.Clock.GetUtcNow();
        await app.Main.ExecuteAsync(
            """
            INSERT INTO "Outbox" ("key", "channel", "kind", "data", "createdAt", "dueAt", "expiresAt", "attempts")
            VALUES ('k', 'webhook', 'visits.spike', @data, @now, @now, @until, 0)
            """,
            Cancelled,
            ("@data", $$"""{"webhook":"{{(string)webhook["id"]!}}","page":"{{anna.BioPageId}}"}"""), ("@now", hour), ("@until", hour.AddDays(1)));
        await AttemptAsync(app, host, 1, 500, "it answered 500");
        await AttemptAsync(app, host, 2, 301, "it redirects");
        await AttemptAsync(app, host, 3, 200, "sent");

        Assert.Equal(
            ["visits.spike 3 200", "visits.spike 2 301 it redirects, which is not followed", "visits.spike 1 500 it answered 500"],
            await DeliveriesAsync(app, anna, webhook));
        Assert.Single(host.Told.Select(told => told.Headers["webhook-id"]).Distinct());

        host.Status = 410;
        await TestAsync(app, anna, webhook);
        await Patience.UntilAsync(() => host.Told.Count == 4);
        await Patience.UntilAsync(async () => (await app.Main.QueryAsync(
            """SELECT "outcome" FROM "Outbox" ORDER BY "outcome" """, row => row.IsDBNull(0) ? "" : row.GetString(0), Cancelled)) is ["refused", "sent"]);
    }

    [Theory]
    [InlineData("http://127.0.0.1:{port}/")]
    [InlineData("http://localhost:{port}/")]
    [InlineData("http://[::ffff:127.0.0.1]:{port}/")]
    [InlineData("http://2130706433:{port}/")]
    [InlineData("http://0x7f.1:{port}/")]
    [InlineData("http://127.1:{port}/")]
    [InlineData("http://169.254.169.254/latest/meta-data/")]
    [InlineData("http://[::1]:{port}/")]
    [InlineData("http://0.0.0.0:{port}/")]
    public async Task Nothing_within_our_network_is_called(string url)
    {
        await using var host = await WebhookHost.StartAsync();
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var anna = await app.AddCreatorAsync();
        var webhook = await AddAsync(app, anna, url.Replace("{port}", host.Port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal), Webhook.Spike);

        await TestAsync(app, anna, webhook);
        await Patience.UntilAsync(async () => (await DeliveriesAsync(app, anna, webhook)).Count > 0);

        Assert.Equal(
            "test 1  its address is not a public one; the operator can allow it by Webhooks:Allowed", Assert.Single(await DeliveriesAsync(app, anna, webhook)));
        Assert.Empty(host.Told);
    }

    [Theory, Engines]
    public async Task Webhooks_of_others_are_not_there(EngineKind engine)
    {
        await using var host = await WebhookHost.StartAsync();
        await using var app = await TestApp.StartAsync(engine, LoopbackAllowed);
        var (anna, ben) = (await app.AddCreatorAsync(), await app.AddCreatorAsync());
        var webhook = await AddAsync(app, anna, host.Url, Webhook.Spike);
        var id = (string)webhook["id"]!;

        foreach (var (method, path) in ((HttpMethod, string)[])[(HttpMethod.Post, "/test"), (HttpMethod.Get, "/deliveries"), (HttpMethod.Delete, "")])
        {
            using var refused = await SendAsync(app, method, $"{Path}/{id}{path}", ben, null);
            Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
        }

        Assert.Empty((await app.ReadAsync(ben, Path))["webhooks"]!.AsArray());
        Assert.Single((await app.ReadAsync(anna, Path))["webhooks"]!.AsArray());
        using var removed = await SendAsync(app, HttpMethod.Delete, $"{Path}/{id}", anna, null);
        Assert.Equal(HttpStatusCode.OK, removed.StatusCode);
        Assert.Empty(host.Told);
    }

    [Fact]
    public async Task The_last_fifty_attempts_are_kept()
    {
        await using var host = await WebhookHost.StartAsync();
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, LoopbackAllowed);
        var anna = await app.AddCreatorAsync();
        var webhook = await AddAsync(app, anna, host.Url, Webhook.Spike);
        for (var i = 1; i <= 55; i++)
        {
            await new WebhookDelivery($"m{i}", "test", app.Clock.GetUtcNow().AddSeconds(i), 1, 200, null).AddAsync(
                app.Main, Guid.Parse((string)webhook["id"]!), Cancelled);
        }

        var kept = (await app.ReadAsync(anna, $"{Path}/{(string)webhook["id"]!}/deliveries"))["deliveries"]!.AsArray();
        Assert.Equal(50, kept.Count);
        Assert.Equal(("m55", "m6"), ((string)kept[0]!["messageId"]!, (string)kept[^1]!["messageId"]!));
    }

    [Fact]
    public async Task Addresses_and_events_are_checked_and_a_page_has_five()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var anna = await app.AddCreatorAsync();
        foreach (var url in (string[])["", "hooks.example", "ftp://hooks.example/", "javascript:alert(1)", "https://user:pass@hooks.example/", "https://hooks.example/\u0000"])
        {
            using var refused = await SendAsync(app, HttpMethod.Post, Path, anna, new { url, events = new[] { "visits.spike" } });
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        }

        using var none = await SendAsync(app, HttpMethod.Post, Path, anna, new { url = "https://hooks.example/", events = Array.Empty<string>() });
        Assert.Equal(HttpStatusCode.BadRequest, none.StatusCode);
        using var unknown = await SendAsync(app, HttpMethod.Post, Path, anna, new { url = "https://hooks.example/", events = new[] { "test" } });
        Assert.Equal(HttpStatusCode.BadRequest, unknown.StatusCode);
        for (var i = 0; i < 5; i++)
        {
            await AddAsync(app, anna, $"https://hooks.example/{i}", Webhook.Drop);
        }

        using var sixth = await SendAsync(app, HttpMethod.Post, Path, anna, new { url = "https://hooks.example/", events = new[] { "visits.drop" } });
        Assert.Equal(HttpStatusCode.Conflict, sixth.StatusCode);
    }

    [Theory, Engines]
    public async Task The_page_adds_tries_and_removes(EngineKind engine)
    {
        await using var host = await WebhookHost.StartAsync();
        await using var app = await TestApp.StartAsync(engine, LoopbackAllowed);
        var (visit, anna) = await DashboardVisit.StartAsync(app);
        using var browser = visit;
        var field = DashboardVisit.FormField(await browser.ReadAsync(WebhooksPage.Path));
        using (var refused = await browser.PostAsync(WebhooksPage.Path, ("form", field), ("url", "\"><script>alert(1)</script>"), ("event", Webhook.Spike)))
        {
            var page = await refused.Content.ReadAsStringAsync(Cancelled);
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
            Assert.DoesNotContain("<script>alert", page, StringComparison.Ordinal);
            Assert.Contains("&lt;script&gt;alert", page, StringComparison.Ordinal);
        }

        using var forged = await browser.PostAsync(WebhooksPage.Path, ("form", "0"), ("url", host.Url), ("event", Webhook.Spike));
        Assert.Equal(HttpStatusCode.BadRequest, forged.StatusCode);
        using var added = await browser.PostAsync(WebhooksPage.Path, ("form", field), ("url", host.Url), ("event", Webhook.Spike), ("event", "nonsense"));
        Assert.Equal(HttpStatusCode.SeeOther, added.StatusCode);
        var webhook = (await app.ReadAsync(anna, Path))["webhooks"]!.AsArray().Single()!;
        Assert.Equal("""["visits.spike"]""", webhook["events"]!.ToJsonString());
        Assert.Contains((string)webhook["secret"]!, WebUtility.HtmlDecode(await browser.ReadAsync(WebhooksPage.Path)), StringComparison.Ordinal);

        using var tried = await browser.PostAsync($"{WebhooksPage.Path}/{(string)webhook["id"]!}", ("form", field), ("do", "test"));
        Assert.Equal(HttpStatusCode.SeeOther, tried.StatusCode);
        await Patience.UntilAsync(async () => (await browser.ReadAsync(WebhooksPage.Path)).Contains("<b>arrived</b>", StringComparison.Ordinal));
        using var removed = await browser.PostAsync($"{WebhooksPage.Path}/{(string)webhook["id"]!}", ("form", field), ("do", "remove"));
        Assert.Empty((await app.ReadAsync(anna, Path))["webhooks"]!.AsArray());
    }

    private static async Task<JsonNode> AddAsync(TestApp app, Creator creator, string url, params string[] events)
    {
        using var answer = await SendAsync(app, HttpMethod.Post, Path, creator, new { url, events });
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancelled))!["data"]!;
    }

    private static async Task TestAsync(TestApp app, Creator creator, JsonNode webhook)
    {
        using var answer = await SendAsync(app, HttpMethod.Post, $"{Path}/{(string)webhook["id"]!}/test", creator, null);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private static async Task<List<string>> DeliveriesAsync(TestApp app, Creator creator, JsonNode webhook) =>
    [
        .. (await app.ReadAsync(creator, $"{Path}/{(string)webhook["id"]!}/deliveries"))["deliveries"]!.AsArray()
            .Select(delivery => $"{delivery!["event"]} {delivery["attempt"]} {delivery["status"]} {delivery["problem"]}".TrimEnd()),
    ];

    private static async Task<HttpResponseMessage> SendAsync(TestApp app, HttpMethod method, string path, Creator creator, object? body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", app.Token(creator));
        return await app.Http.SendAsync(request, Cancelled);
    }

    /// <summary>
    /// Lets time pass until the only message is taken, and then none until its attempt is over: whoever takes longer than its lease leaves it to another.
    /// </summary>
    private static async Task AttemptAsync(TestApp app, WebhookHost host, int number, int status, string end)
    {
        host.Status = status;
        await Patience.UntilAsync(async () =>
        {
            app.Clock.Advance(TimeSpan.FromSeconds(10));
            return await app.Main.QueryAsync("""SELECT "attempts" FROM "Outbox" """, row => row.GetInt32(0), Cancelled) is [var attempts] && attempts == number;
        });
        await Patience.UntilAsync(async () => await app.Main.QueryAsync(
            """SELECT COALESCE("outcome", "problem", '') FROM "Outbox" """, row => row.GetString(0), Cancelled) is [var ended]
            && ended.StartsWith(end, StringComparison.Ordinal));
        Assert.Equal(number, host.Told.Count);
    }

    /// <summary>Moves the clock, looks for what is due then, and waits until it was sent; no time passes meanwhile, however long it takes.</summary>
    private static async Task MoveToAsync(TestApp app, DateTimeOffset time)
    {
        app.Clock.Advance(time - app.Clock.GetUtcNow());
        await app.Services.GetServices<IHostedService>().OfType<MailScheduler>().Single().LookAsync(Cancelled);
        await Patience.UntilAsync(async () => await app.Main.QueryAsync(
            """SELECT 1 FROM "Outbox" WHERE "doneAt" IS NULL""", row => row.GetInt32(0), Cancelled) is []);
    }
}
