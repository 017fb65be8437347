using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Bioscope.Engine.Creators;

namespace Bioscope.Server.Tests;

/// <summary>A PostgreSQL that is replaced by its standby under load: what was acknowledged is there, and the server comes back by itself.</summary>
public sealed class FailoverTests
{
    // How long a visit waits for a standby that is gone; migrations, which wait for one that is there, may take some of it on a busy machine.
    private const string MaxWait = ";Command Timeout=10";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_failover_under_load_loses_no_acknowledged_visit()
    {
        PostgresCluster.SkipWhereMissing();
        await using var pair = await PostgresPair.StartAsync();
        using var databases = await TestDatabases.CreateAsync(EngineKind.Sqlite);
        await using var app = await StartAsync(databases, pair);
        var creator = await app.AddCreatorAsync();
        var acknowledged = new ConcurrentBag<Guid>();
        using var over = new CancellationTokenSource();
        var load = Enumerable.Range(0, 8).Select(_ => Task.Run(() => VisitAsync(app, creator, acknowledged, over.Token), Cancelled)).ToList();
        await Patience.UntilAsync(() => acknowledged.Count > 200);

        await pair.CrashAsync(0);
        var away = Stopwatch.StartNew();
        await Patience.UntilAsync(async () => await StatusAsync(app, creator) == HttpStatusCode.ServiceUnavailable);
        await Patience.UntilAsync(async () =>
        {
            app.Clock.Advance(TimeSpan.FromSeconds(1)); // it asks once a second
            return (await app.GetAsync("/readyz")).StatusCode == HttpStatusCode.ServiceUnavailable;
        });
        await pair.PromoteAsync(1);
        var promoted = away.Elapsed;
        var before = acknowledged.Count;
        await Patience.UntilAsync(() => acknowledged.Count > before + 200);
        var back = away.Elapsed;
        await Patience.UntilAsync(async () => await StatusAsync(app, creator) == HttpStatusCode.OK);
        await over.CancelAsync();
        await Task.WhenAll(load);

        var stored = (await app.Analytics.QueryAsync("""SELECT "id" FROM "AnalyticsSession" """, row => row.GetGuid(0), Cancelled)).ToHashSet();
        Assert.Subset(stored, acknowledged.ToHashSet());
        TestContext.Current.SendDiagnosticMessage(
            $"{acknowledged.Count} acknowledged, {stored.Count} stored; promoted after {promoted.TotalSeconds:0.0} s, 200 more visits after {back.TotalSeconds:0.0} s");
    }

    /// <summary>PostgreSQL ends such a wait with a success and a warning.</summary>
    [Fact]
    public async Task A_visit_that_no_standby_confirms_is_not_acknowledged()
    {
        PostgresCluster.SkipWhereMissing();
        await using var pair = await PostgresPair.StartAsync();
        using var databases = await TestDatabases.CreateAsync(EngineKind.Sqlite);
        await using var app = await StartAsync(databases, pair);
        var creator = await app.AddCreatorAsync();
        await Patience.UntilAsync(async () => await app.PostSessionAsync(creator) is not null);
        await pair.CrashAsync(1);
        Assert.Null(await app.PostSessionAsync(creator));
    }

    private static async Task VisitAsync(TestApp app, Creator creator, ConcurrentBag<Guid> acknowledged, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            if (await app.PostSessionAsync(creator) is { } id)
            {
                acknowledged.Add(id);
            }
            else
            {
                await Task.Delay(20, CancellationToken.None);
            }
        }
    }

    private static async Task<HttpStatusCode> StatusAsync(TestApp app, Creator creator) =>
        (await app.GetAsync("/api/v1/creators/analytics/traffic", app.Token(creator))).StatusCode;

    private static Task<TestApp> StartAsync(TestDatabases databases, PostgresPair pair) => TestApp.StartAsync(
        databases,
        ("Throttle:Enabled", "false"),
        ("ConnectionStrings:Main", pair.ConnectionString("main") + MaxWait), ("ConnectionStrings:Analytics", pair.ConnectionString("analytics") + MaxWait));
}
