using System.Globalization;
using System.Text.Json;
using Bioscope.Bench.Data;
using Bioscope.Bench.Engines;
using Bioscope.Bench.Measures;
using Bioscope.Bench.Processes;
using Bioscope.Bench.Results;

namespace Bioscope.Bench;

/// <summary>A run: each engine at each scale, one after the other, through all measures that were asked for.</summary>
internal static class Bench
{
    private static readonly (string Name, Func<BenchRun, Task> RunAsync)[] Measures =
    [
        (ReportTimes.Measure, ReportTimes.RunAsync),
        (PublishedSql.Measure, PublishedSql.RunAsync),
        (ZipfThroughput.Measure, ZipfThroughput.RunAsync),
        (IngestThroughput.Measure, IngestThroughput.RunAsync),
        (Sizes.Measure, Sizes.RunAsync),
    ];

    public static IReadOnlyList<string> MeasureNames { get; } = [.. Measures.Select(measure => measure.Name)];

    public static async Task<int> RunAsync(BenchOptions options, CancellationToken cancellation)
    {
        var machine = ThisMachine.Describe();
        var figures = new List<Figure>();
        foreach (var scale in options.Scales)
        {
            foreach (var name in options.Engines)
            {
                var folder = Path.Combine(options.Data, string.Create(CultureInfo.InvariantCulture, $"{name}-{scale}"));
                await using BenchEngine engine = name == "sqlite" ? new SqliteEngine(folder) : new PostgresEngine(folder);
                var run = new BenchRun(options, engine, new ServerProgram(options.Server), new Population(scale), scale, figures, cancellation);
                var data = await new DataSet(engine, run.Server, run.Population, scale, TimeProvider.System).PrepareAsync(cancellation);
                machine[name] = await engine.VersionAsync(cancellation);
                Note(run, data);
                foreach (var measure in Measures.Where(measure => options.Measures.Contains(measure.Name)))
                {
                    await measure.RunAsync(run);
                }
            }
        }

        var results = new BenchResults(machine, TimeProvider.System.GetUtcNow(), figures);
        Console.WriteLine(ResultsText.Of(results));
        if (options.Json is { } json)
        {
            await File.WriteAllTextAsync(json, JsonSerializer.Serialize(results, BenchJson.Default.BenchResults), cancellation);
        }

        if (options.Results is { } path)
        {
            await File.WriteAllTextAsync(path, ResultsText.Of(results), cancellation);
        }

        return 0;
    }

    private static void Note(BenchRun run, DataStamp data)
    {
        run.Add("data", $"{data.Sessions:N0} sessions", "load", data.LoadSeconds, "s");
        if (data.RebuildSeconds is { } seconds)
        {
            run.Add("data", $"{data.Sessions:N0} sessions", "rebuild", seconds, "s");
            run.Add("data", $"{data.Sessions:N0} sessions", "time to seal an hour", seconds * 1000 / (VisitTimes.Days * 24), "ms");
        }
    }
}
