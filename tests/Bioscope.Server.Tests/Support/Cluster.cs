using Bioscope.Server.Web;
using Microsoft.Extensions.DependencyInjection;

namespace Bioscope.Server.Tests.Support;

/// <summary>Several servers on one pair of PostgreSQL databases, which know of each other.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    private readonly TestDatabases _databases;

    private Cluster(TestDatabases databases) => _databases = databases;

    public List<TestApp> Apps { get; } = [];

    public static async Task<Cluster> StartAsync(int instances, params (string Key, string Value)[] settings)
    {
        PostgresCluster.SkipWhereMissing();
        var cluster = new Cluster(await TestDatabases.CreateAsync(EngineKind.Postgres));
        for (var i = 0; i < instances; i++)
        {
            var app = await TestApp.StartAsync(cluster._databases, settings);
            // On a busy machine each would count by itself.
            app.Services.GetRequiredService<SharedBudgets>().MaxWait = Patience.Limit;
            cluster.Apps.Add(app);
        }

        await Patience.UntilAsync(async () =>
        {
            cluster.Apps.ForEach(app => app.Clock.Advance(TimeSpan.FromSeconds(15)));
            // Who has not said for 90 seconds that it runs counts as gone: the machine must have time to let each say so.
            await Task.Delay(200, TestContext.Current.CancellationToken);
            return cluster.Apps.TrueForAll(app => app.Services.GetRequiredService<InstanceCount>().Value == instances);
        });
        return cluster;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var app in Apps)
        {
            await app.DisposeAsync();
        }

        _databases.Dispose();
    }
}
