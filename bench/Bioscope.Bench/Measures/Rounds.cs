using Bioscope.Bench.Load;
using Bioscope.Bench.Processes;

namespace Bioscope.Bench.Measures;

/// <summary>Throughput of several servers side by side.</summary>
internal static class Rounds
{
    /// <summary>Measures each in turn, some rounds, and notes the medians and those of the share that the last one, the server, has of each of the others.</summary>
    public static async Task RunAsync(
        BenchRun run, string measure, string @case, LoadFile load, int connections, (string Name, WebProcess Process)[] contestants)
    {
        var rounds = contestants.ToDictionary(contestant => contestant.Name, _ => new List<Throughput>());
        foreach (var (_, process) in contestants)
        {
            // Until hot code is compiled well.
            await Driver.RunAsync(process, load, connections, run.Options.Round * 2, run.Cancellation);
        }

        for (var round = 0; round < run.Options.Rounds; round++)
        {
            foreach (var (name, process) in contestants)
            {
                rounds[name].Add(await Driver.RunAsync(process, load, connections, run.Options.Round, run.Cancellation));
            }
        }

        var server = rounds[contestants[^1].Name];
        foreach (var (name, _) in contestants)
        {
            var taken = rounds[name];
            run.Add(measure, @case, name, Median.Of(taken.Select(round => round.PerSecond)), "/s");
            run.Add(measure, @case, $"{name}, processor", Median.Of(taken.Select(round => round.ProcessorMicroseconds)), "µs a request");
            if (taken != server)
            {
                run.Add(measure, @case, $"of {name}", Median.Of(server.Zip(taken, (ours, theirs) => ours.PerSecond / theirs.PerSecond * 100)), "%");
            }
        }

        run.Add(measure, @case, "server, p50", Median.Of(server.Select(round => round.P50)), "ms");
        run.Add(measure, @case, "server, p99", Median.Of(server.Select(round => round.P99)), "ms");
    }
}
