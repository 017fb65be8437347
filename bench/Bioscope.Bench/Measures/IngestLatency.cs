using System.Diagnostics;
using Bioscope.Bench.Load;
using Bioscope.Bench.Processes;

namespace Bioscope.Bench.Measures;

/// <summary>
/// How long a visitor waits at half of the load that the server can take: sessions are sent when they are due, whether earlier ones
/// were answered or not, and a session's time begins when it was due.
/// </summary>
internal static class IngestLatency
{
    public const string Case = "POST session, half the load of 64 connections";
    private const int Connections = 64;
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(5);

    public static async Task RunAsync(BenchRun run, WebProcess server)
    {
        var full = run.FiguresOf(IngestThroughput.Measure).Last(figure => figure.Case == IngestThroughput.Case(Connections) && figure.Metric == "server");
        var rate = full.Value / 2;
        using var posts = Posts.Make(run.Population);
        var requests = posts.Requests.Select(Driver.Bytes).ToArray();
        var duration = run.Options.IsQuick ? run.Options.Round : Duration;
        var opened = await Task.WhenAll(Enumerable.Range(0, Connections).Select(async i =>
        {
            var connection = await HttpConnection.OpenAsync(server.Address, run.Cancellation);
            await connection.SendAsync(requests[i], run.Cancellation);
            return connection;
        }));
        var (next, watch) = (-1, Stopwatch.StartNew());
        var clients = opened.Select(connection => Task.Run(
            async () =>
            {
                var times = new List<double>();
                while (true)
                {
                    var turn = Interlocked.Increment(ref next);
                    var due = TimeSpan.FromSeconds(turn / rate);
                    if (due > duration)
                    {
                        return times;
                    }

                    if (due - watch.Elapsed is var wait && wait > TimeSpan.Zero)
                    {
                        await Task.Delay(wait, run.Cancellation);
                    }

                    await connection.SendAsync(requests[turn % requests.Length], run.Cancellation);
                    times.Add((watch.Elapsed - due).TotalMilliseconds);
                }
            },
            run.Cancellation));
        var all = (await Task.WhenAll(clients)).SelectMany(times => times).ToArray();
        Array.ForEach(opened, connection => connection.Dispose());
        run.Add(IngestThroughput.Measure, Case, "asked", rate, "/s");
        run.Add(IngestThroughput.Measure, Case, "answered", all.Length / watch.Elapsed.TotalSeconds, "/s");
        run.Add(IngestThroughput.Measure, Case, "server, p50", Median.Percentile(all, 0.5), "ms");
        run.Add(IngestThroughput.Measure, Case, "server, p99", Median.Percentile(all, 0.99), "ms");
    }
}
