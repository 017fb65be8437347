using System.Globalization;
using Bioscope.Bench.Load;
using Bioscope.Bench.Processes;

namespace Bioscope.Bench.Measures;

/// <summary>
/// How many sessions a second the server takes, each durable before its answer, into a copy of the loaded database: against a bare
/// Kestrel that reads the same POSTs and answers an id, and against what the engine takes in batches of the same size into the same
/// table when nobody else does anything. In turn, like every throughput here.
/// </summary>
internal static class IngestThroughput
{
    public const string Measure = "ingest";
    public static readonly int[] Connections = [1, 16, 64, 256];

    public static string Case(int connections) => string.Create(CultureInfo.InvariantCulture, $"POST session, {connections} connections");

    public static async Task RunAsync(BenchRun run)
    {
        var copy = await run.Engine.CopyAnalyticsAsync(run.Cancellation);
        try
        {
            await run.ServeAsync(
                Measure,
                async server =>
                {
                    await using var bare = await BareServer.StartAsync(BareMode.Post, "none", run.Cancellation);
                    await using var engine = await EngineInserts.OpenAsync(run.Population, copy, run.Cancellation);
                    foreach (var connections in Connections)
                    {
                        await LevelAsync(run, server, bare, engine, connections);
                    }

                    await IngestLatency.RunAsync(run, server);
                },
                copy);
            await IngestCrash.RunAsync(run, copy);
        }
        finally
        {
            await run.Engine.DropCopyAsync(CancellationToken.None);
        }
    }

    private static async Task LevelAsync(BenchRun run, WebProcess server, WebProcess bare, EngineInserts engine, int connections)
    {
        using var posts = Posts.Make(run.Population);
        await Driver.RunAsync(bare, posts, connections, run.Options.Round, run.Cancellation);
        await Driver.RunAsync(server, posts, connections, run.Options.Round, run.Cancellation);
        var (bares, servers, engines, batches) = (new List<Throughput>(), new List<Throughput>(), new List<double>(), new List<double>());
        for (var round = 0; round < run.Options.Rounds; round++)
        {
            bares.Add(await Driver.RunAsync(bare, posts, connections, run.Options.Round, run.Cancellation));
            var before = await ServerCounters.ReadAsync(server, run.Cancellation);
            servers.Add(await Driver.RunAsync(server, posts, connections, run.Options.Round, run.Cancellation));
            var during = (await ServerCounters.ReadAsync(server, run.Cancellation)).Since(before);
            if (during.Dropped > 0 || during.Kept < 1)
            {
                throw new BenchException($"The server dropped {during.Dropped} of the sessions it answered, and kept {during.Kept}.");
            }

            batches.Add(during.EventsABatch);
            engines.Add(await engine.RunAsync((int)Math.Max(1, Math.Floor(during.EventsABatch)), run.Options.Round, run.Cancellation));
        }

        var @case = Case(connections);
        run.Add(Measure, @case, "bare POST", Median.Of(bares.Select(round => round.PerSecond)), "/s");
        run.Add(Measure, @case, "server", Median.Of(servers.Select(round => round.PerSecond)), "/s");
        run.Add(Measure, @case, "server, processor", Median.Of(servers.Select(round => round.ProcessorMicroseconds)), "µs a request");
        run.Add(Measure, @case, "server, p50", Median.Of(servers.Select(round => round.P50)), "ms");
        run.Add(Measure, @case, "server, p99", Median.Of(servers.Select(round => round.P99)), "ms");
        run.Add(Measure, @case, "sessions a batch", Median.Of(batches), "");
        run.Add(Measure, @case, "engine alone, same batches", Median.Of(engines), "/s");
        run.Add(Measure, @case, "of bare POST", Median.Of(servers.Zip(bares, (ours, theirs) => ours.PerSecond / theirs.PerSecond * 100)), "%");
        run.Add(Measure, @case, "of engine alone", Median.Of(servers.Zip(engines, (ours, theirs) => ours.PerSecond / theirs * 100)), "%");
    }
}
