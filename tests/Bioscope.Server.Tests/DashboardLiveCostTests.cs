using System.Net.Sockets;
using Bioscope.Server.Dashboard;
using Microsoft.Extensions.DependencyInjection;

namespace Bioscope.Server.Tests;

/// <summary>Runs alone, after all others, because it measures the memory of the whole process.</summary>
[CollectionDefinition("alone", DisableParallelization = true)]
public sealed class Alone;

[Collection("alone")]
public sealed class DashboardLiveCostTests
{
    [Fact]
    public async Task A_connection_costs_the_server_less_than_20_kb()
    {
        const int Connections = 600;
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var feed = app.Services.GetRequiredService<LiveFeed>();
        var visits = new List<DashboardVisit>();
        for (var i = 0; i < Connections / LiveFeed.MaxWatchers; i++)
        {
            var (visit, creator) = await DashboardVisit.StartAsync(app, $"creator{i}@example.com");
            await app.AddSessionsAsync(creator, "l.instagram.com", 8, app.Clock.GetUtcNow());
            visits.Add(visit);
        }

        // Pools that grow or shrink in the meantime are not a connection's cost: the median of several measurements is reproducible.
        feed.Longest = TimeSpan.FromMilliseconds(200);
        var costs = new List<long>();
        while (costs.Count < 7)
        {
            var before = await MeasureAsync();
            costs.Add((await MeasureAsync(keep: true) - before) / Connections);
        }

        TestContext.Current.SendDiagnosticMessage($"A live connection costs {string.Join(", ", costs)} bytes");
        Assert.InRange(costs.Order().ElementAt(costs.Count / 2), 1, 20 * 1024);

        async Task<long> MeasureAsync(bool keep = false)
        {
            var sockets = new List<Socket>();
            foreach (var visit in visits)
            {
                sockets.AddRange(await LiveSockets.OpenAsync(app, visit, LiveFeed.MaxWatchers));
            }

            await Patience.UntilAsync(() => feed.Watchers == Connections);
            sockets.ForEach(socket => Assert.True(LiveSockets.Drain(socket).Contains("data: ", StringComparison.Ordinal)));
            if (!keep)
            {
                sockets.ForEach(socket => socket.Dispose());
                await Patience.UntilAsync(() => feed.Watchers == 0);
            }

            var bytes = GC.GetTotalMemory(forceFullCollection: true);
            sockets.ForEach(socket => socket.Dispose());
            await Patience.UntilAsync(() => feed.Watchers == 0);
            return bytes;
        }
    }
}
