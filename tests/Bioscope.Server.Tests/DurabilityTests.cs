using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;

namespace Bioscope.Server.Tests;

public sealed class DurabilityTests
{
    [Theory, Engines]
    public async Task After_a_kill_in_the_middle_every_answered_id_is_stored_and_the_server_starts_again(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        using var cli = Cli.For(databases);
        cli.Environment["Throttle__Enabled"] = "false";
        var (process, http) = await cli.ServeAsync("serve");
        var answered = new ConcurrentBag<Guid>();

        var posts = Task.WhenAll(Enumerable.Range(0, 2_000).Select(_ => PostAsync(http, answered)));
        while (answered.Count < 200)
            await Task.Delay(1, TestContext.Current.CancellationToken);
        process.Kill(); // SIGKILL: nothing is flushed, nobody says goodbye
        await posts;

        Assert.InRange(answered.Count, 200, 2_000);
        var (_, restarted) = await cli.ServeAsync("serve");
        await using var analytics = new Storage.AnalyticsDatabase(databases.Settings["ConnectionStrings:Analytics"]!);
        var stored = await analytics.QueryAsync(
            """SELECT "id" FROM "AnalyticsSession" """, row => analytics.Dialect.ReadGuid(row, 0), TestContext.Current.CancellationToken);
        Assert.Empty(answered.Except(stored));
        await PostAsync(restarted, answered);
        Assert.Equal(stored.Count + 1, await CountAsync(analytics));
    }

    [Theory, Engines]
    public async Task A_server_that_is_asked_to_stop_answers_what_it_has_taken(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        using var cli = Cli.For(databases);
        cli.Environment["Throttle__Enabled"] = "false";
        var (process, http) = await cli.ServeAsync("serve");
        var answered = new ConcurrentBag<Guid>();

        var posts = Task.WhenAll(Enumerable.Range(0, 500).Select(_ => PostAsync(http, answered)));
        while (answered.IsEmpty)
            await Task.Delay(1, TestContext.Current.CancellationToken);
        using (var terminate = Process.Start("kill", ["-TERM", $"{process.Id}"]))
            await terminate.WaitForExitAsync(TestContext.Current.CancellationToken);
        await posts;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, process.ExitCode);
        await using var analytics = new Storage.AnalyticsDatabase(databases.Settings["ConnectionStrings:Analytics"]!);
        Assert.Equal(answered.Count, await CountAsync(analytics));
    }

    [Theory, Engines]
    public async Task Two_servers_that_start_at_once_make_the_schema_once_and_share_the_database(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        using var cli = Cli.For(databases);
        foreach (var secret in (string[])["Auth__JwtSecret", "Tracking__HmacSecret", "Tracking__VisitorSecret"])
            cli.Environment[secret] = null; // also the secrets are made by one and used by both

        var servers = await Task.WhenAll(cli.ServeAsync("serve"), cli.ServeAsync(), cli.ServeAsync("serve"));
        var answered = new ConcurrentBag<Guid>();
        await Task.WhenAll(servers.SelectMany(server => Enumerable.Range(0, 30).Select(_ => PostAsync(server.Http, answered))));

        Assert.Equal(90, answered.Distinct().Count());
        await using var analytics = new Storage.AnalyticsDatabase(databases.Settings["ConnectionStrings:Analytics"]!);
        Assert.Equal(90, await CountAsync(analytics));
        Assert.Equal(["secrets.json"], Directory.GetFiles(Path.Combine(cli.Folder, "data")).Select(Path.GetFileName));
    }

    private static async Task<int> CountAsync(Storage.AnalyticsDatabase analytics) => (await analytics.QueryAsync(
        """SELECT "id" FROM "AnalyticsSession" """, row => row.GetValue(0), TestContext.Current.CancellationToken)).Count;

    private static async Task PostAsync(HttpClient http, ConcurrentBag<Guid> answered)
    {
        try
        {
            using var response = await http.PostAsJsonAsync(
                "/api/v1/analytics/session",
                new { visitorId = Guid.NewGuid(), consentAnalytics = "granted", referrer = "https://t.co/x" },
                TestContext.Current.CancellationToken);
            var body = await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
            if (body.GetProperty("data").GetProperty("id") is { ValueKind: JsonValueKind.String } id)
                answered.Add(id.GetGuid());
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException)
        {
            // The server is gone: nothing was answered.
        }
    }
}
