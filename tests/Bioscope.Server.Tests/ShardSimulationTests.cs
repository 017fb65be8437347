using System.Text.Json.Nodes;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Rows;

namespace Bioscope.Server.Tests;

/// <summary>
/// What the server sends to Citus, on a PostgreSQL with a schema for each shard: figures are right, and no statement that visitors or reports cause
/// is about more than one shard. <see cref="StatementPageTests"/> reads what statements say; here they run.
/// </summary>
public sealed class ShardSimulationTests
{
    [Fact]
    public async Task Each_statement_is_about_one_shard()
    {
        var shards = await ShardSimulation.CreateAsync();
        using var databases = await TestDatabases.CreateAsync(EngineKind.Postgres);
        await using var app = await TestApp.StartAsync(
            databases, ("ConnectionStrings:Analytics", shards.ConnectionString), ("Throttle:Enabled", "false"), ("Counting:Mode", "anonymous"));
        Assert.True(app.Analytics.Dialect.IsDistributed);
        var creators = new List<Creator>();
        for (var i = 0; i < 8; i++)
        {
            creators.Add(await app.AddCreatorAsync());
        }

        await Task.WhenAll(creators.Select(creator => AddHistoryAsync(app, creator)));
        foreach (var creator in creators[..4])
        {
            await FilledTables.SealAsync(app, creator);
        }

        await Task.WhenAll(creators.Select(creator => VisitAsync(app, creator)));
        for (var time = 0; time < 2; time++)
        {
            await Task.WhenAll(creators.Select(creator => AssertReportsAsync(app, creator)));
        }

        app.Clock.Advance(TimeSpan.FromHours(3));
        await Task.WhenAll(creators.Select(creator => AssertReportsAsync(app, creator)));
        await app.StopAsync();

        var statements = await shards.StatementsAsync();
        var ofSeveral = statements.FindAll(one => one.Shards.Contains(' ', StringComparison.Ordinal));
        Assert.Empty(ofSeveral.Where(one => !IsMaintenance(one.Name)).Distinct());
        var ofOne = statements.Except(ofSeveral).Where(one => one.Shards.Length > 0).ToList();
        Assert.Empty(((string[])
        [
            "insert AnalyticsSession", "insert AnalyticsPageView", "update session", "identify session", "end page view", "leave page view",
            "save open visit", "tail of page",
        ]).Except(ofOne.Select(one => one.Name)));
        Assert.InRange(ofOne.DistinctBy(one => one.Name).Count(), 20, int.MaxValue);
        Assert.InRange(ofOne.DistinctBy(one => one.Shards).Count(), 3, 4); // eight pages in four
    }

    private static bool IsMaintenance(string statement) =>
        StatementPageTests.OfManyPages.TryGetValue(statement, out var why) && !why.StartsWith("an insert", StringComparison.Ordinal);

    private static Task AddHistoryAsync(TestApp app, Creator creator) => FilledTables.AddVisitsAsync(
        app,
        [.. Enumerable.Range(1, 40).Select(i => new SessionRow
        {
            BioPageId = creator.BioPageId, Id = Guid.NewGuid(), VisitorId = $"v{i % 9}", ReferrerDomain = i % 3 == 0 ? null : $"{i % 4}.example",
            Device = i % 2 == 0 ? "mobile" : "desktop", StartedAt = app.Clock.GetUtcNow().AddHours(-3 * i), PageViews = 1,
        })]);

    private static async Task VisitAsync(TestApp app, Creator creator)
    {
        await Task.WhenAll(Enumerable.Range(0, 5).Select(async i =>
        {
            var session = (await app.PostSessionAsync(creator, ("referrer", $"https://{i % 3}.example/")))!.Value;
            var first = (await app.PostPageViewAsync(session))!.Value;
            await app.PostPageViewAsync(session);
            foreach (var route in (string[])[$"session/{session}/heartbeat", $"session/{session}/identify", $"pageview/{first}/leave", $"pageview/{session}/leave"])
            {
                using var answer = await app.SendAsync(HttpMethod.Patch, route, """{"duration":9}""", token: app.Token(creator));
                answer.EnsureSuccessStatusCode();
            }

            Assert.NotNull(await app.PostSessionAsync(creator, ("consentAnalytics", "anonymous"), ("visitorId", null)));
        }));
        // Old and forged ids.
        using var forged = await app.SendAsync(HttpMethod.Patch, $"session/{Guid.NewGuid()}/heartbeat", "{}");
        forged.EnsureSuccessStatusCode();
    }

    private static async Task AssertReportsAsync(TestApp app, Creator creator)
    {
        foreach (var report in (string[])["overview", "trend", "traffic", "geo", "devices", "links", "sessions"])
        {
            var said = await app.ReportAsync(creator, $"{report}?days=7");
            Assert.Equal(JsonNode.Parse(await Recount.ReportAsync(app, creator, report, 7))!.ToJsonString(), JsonNode.Parse(said)!.ToJsonString());
        }

        using var answer = await app.QueryAsync("""{"metrics":["visits","visitors"],"dimensions":["source"],"range":"30d"}""", app.Token(creator));
        answer.EnsureSuccessStatusCode();
    }
}
