using System.Net;
using Bioscope.Engine.Creators;
using Bioscope.Server.Accounts;
using Bioscope.Server.Api.Mails;
using Bioscope.Server.Api.Webhooks;
using Bioscope.Server.Web;
using Microsoft.Extensions.DependencyInjection;

namespace Bioscope.Server.Tests;

/// <summary>Who gets what of a suspended creator's page. <see cref="OperatorTests"/> has what she herself and visitors get.</summary>
public sealed class SuspensionTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory, Engines]
    public async Task No_key_opens_the_page_of_a_suspended_creator(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, ("Throttle:Enabled", "false"), ("Mcp:Enabled", "true"));
        var (anna, ben) = (await app.AddCreatorAsync(), await app.AddCreatorAsync());
        var (own, all) = (await app.ReadKeyAsync(anna), (await app.AddKeyAsync(KeyScope.Read, null)).Text);
        var (ingest, ingestAll) = ((await app.AddKeyAsync(KeyScope.Ingest, anna.BioPageId)).Text, (await app.AddKeyAsync(KeyScope.Ingest, null)).Text);
        var query = new { metrics = (string[])["visits"] };
        var visit = new { visitorId = "v", consentAnalytics = "granted", bioPageId = anna.BioPageId };
        var tools = new { jsonrpc = "2.0", id = 1, method = "tools/list" };
        (string Route, object? Body)[] reads =
        [
            ("GET /api/v1/creators/analytics/overview", null), ("GET /api/v1/creators/analytics/sources", null), ("GET /api/v1/creators/analytics/rules", null),
            ("GET /api/v1/creators/analytics/export?type=traffic", null), ("POST /api/v1/creators/analytics/query", query), ("GET /api/v1/creators/bio", null),
            ("GET /api/v1/creators/bio/links", null), ("GET /api/v1/creators/bio/placements", null), ("GET /api/v1/creators/bio/sites", null), ("POST /mcp", tools),
        ];

        async Task<HttpStatusCode[]> StatusesAsync(string key, (string Route, object? Body)[] calls)
        {
            var statuses = new HashSet<HttpStatusCode>();
            foreach (var (route, body) in calls)
            {
                using var answer = await app.SendAsync(
                    route, key, body, "Accept: application/json, text/event-stream", $"{CallerPage.Header}: {anna.BioPageId}",
                    $"{KeyAccess.VisitorHeader}: {KeyCalls.Visitor}");
                statuses.Add(answer.StatusCode);
            }

            return [.. statuses];
        }

        async Task<Guid[]> PagesAsync()
        {
            using var list = await app.SendAsync("GET /api/v1/creators/pages", all);
            return [.. (await list.DataAsync()).GetProperty("pages").EnumerateArray().Select(page => page.GetProperty("id").GetGuid()).Order()];
        }

        (string, object?)[] visits = [("POST /api/v1/analytics/session", visit)];
        HttpStatusCode[] ok = [HttpStatusCode.OK], unauthorized = [HttpStatusCode.Unauthorized], notFound = [HttpStatusCode.NotFound];
        async Task<HttpStatusCode[][]> CallAsync() =>
            [await StatusesAsync(own, reads), await StatusesAsync(all, reads), await StatusesAsync(ingest, visits), await StatusesAsync(ingestAll, visits)];

        Assert.Equal([ok, ok, ok, ok], await CallAsync());
        await SuspendAsync(app, anna);
        Assert.Equal([unauthorized, notFound, unauthorized, notFound], await CallAsync());
        Assert.Equal([ben.BioPageId], await PagesAsync());
        Assert.Equal(2, (await app.SessionColumnAsync(anna.BioPageId, "id")).Count);

        await Suspension.EndAsync(app.Main, anna.UserId, Cancelled);
        app.Services.GetRequiredService<SuspendedCreators>().Forget();
        Assert.Equal([ok, ok, ok, ok], await CallAsync());
        Assert.Equal(new[] { anna.BioPageId, ben.BioPageId }.Order(), await PagesAsync());
    }

    [Theory, Engines]
    public async Task A_suspended_creator_gets_no_mails_and_no_webhooks_that_waited(EngineKind engine)
    {
        await using var host = await WebhookHost.StartAsync();
        await using var app = await TestApp.StartAsync(engine, ("Webhooks:Allowed", "127.0.0.0/8"), ("Throttle:Enabled", "false"));
        var anna = await app.AddCreatorAsync("anna@example.com", DashboardVisit.Password);
        using (var stored = await app.SendAsync(
            "PUT /api/v1/creators/mails", app.Token(anna), new { weekly = true, monthly = false, spikes = false, drops = false }))
        {
            Assert.Equal(HttpStatusCode.OK, stored.StatusCode);
        }

        using var added = await app.SendAsync("POST /api/v1/creators/webhooks", app.Token(anna), new { url = host.Url, events = (string[])[Webhook.Weekly] });
        var webhook = (await added.CreatedAsync()).GetProperty("id").GetGuid();
        Assert.Single(await MailSubscription.ReceiversAsync(app.Main, Cancelled));
        Assert.Single(await Webhook.ReceiversAsync(app.Main, Cancelled));
        await SuspendAsync(app, anna);
        var now = app.Clock.GetUtcNow();
        await app.Main.ExecuteAsync(
            """
            INSERT INTO "Outbox" ("key", "channel", "kind", "data", "createdAt", "dueAt", "expiresAt", "attempts")
            VALUES ('k', 'webhook', 'visits.spike', @data, @now, @now, @until, 1)
            """,
            Cancelled,
            ("@data", $$"""{"webhook":"{{webhook}}","page":"{{anna.BioPageId}}"}"""), ("@now", now), ("@until", now.AddDays(1)));

        await Patience.UntilAsync(async () =>
        {
            app.Clock.Advance(TimeSpan.FromSeconds(15));
            return await app.Main.QueryAsync("""SELECT "outcome" FROM "Outbox" """, row => row.IsDBNull(0) ? "" : row.GetString(0), Cancelled) is ["dropped"];
        });

        Assert.Empty(host.Told);
        Assert.Empty(await MailSubscription.ReceiversAsync(app.Main, Cancelled));
        Assert.Empty(await Webhook.ReceiversAsync(app.Main, Cancelled));
    }

    private static async Task SuspendAsync(TestApp app, Creator creator)
    {
        Assert.True(await Suspension.BeginAsync(app.Main, creator.UserId, app.Clock.GetUtcNow(), Cancelled));
        app.Services.GetRequiredService<SuspendedCreators>().Forget();
    }
}
