using System.Globalization;
using Bioscope.Bench.Data;
using Bioscope.Bench.Engines;
using Bioscope.Bench.Measures;
using Bioscope.Bench.Processes;
using Bioscope.Bench.Questions;
using Bioscope.Bench.Results;

namespace Bioscope.Bench;

/// <summary>A run: each engine at each scale, one after the other, through all measures that were asked for.</summary>
internal static class Bench
{
    private static readonly (string Name, Func<BenchRun, Task> RunAsync)[] Measures =
    [
        (ReportTimes.Measure, ReportTimes.RunAsync),
        (PublishedSql.Measure, PublishedSql.RunAsync),
        (QuestionTimes.Measure, QuestionTimes.RunAsync),
        (ZipfThroughput.Measure, ZipfThroughput.RunAsync),
        (IngestThroughput.Measure, IngestThroughput.RunAsync),
        (ViralHour.Measure, ViralHour.RunAsync),
        (Sizes.Measure, Sizes.RunAsync),
    ];

    public static IReadOnlyList<string> MeasureNames { get; } = [.. Measures.Select(measure => measure.Name)];

    public static async Task<int> RunAsync(BenchOptions options, CancellationToken cancellationToken)
    {
        var output = new ResultsOutput(options);
        foreach (var scale in options.Measures.Count > 0 ? options.Scales : [])
        {
            foreach (var name in options.Engines)
            {
                await MeasureAsync(options, output, name, scale, cancellationToken);
            }
        }

        await output.WriteAsync(cancellationToken);
        Console.WriteLine(output.Text);
        return 0;
    }

    private static async Task MeasureAsync(BenchOptions options, ResultsOutput output, string name, double scale, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(options.Data, string.Create(CultureInfo.InvariantCulture, $"{name}-{scale}"));
        await using BenchEngine engine = name == "sqlite" ? new SqliteEngine(folder) : new PostgresEngine(folder);
        var run = new BenchRun(options, engine, new ServerProgram(options.Server), new Population(scale), scale, output.Figures, cancellationToken);
        var data = await new DataSet(engine, run.Server, run.Population, scale, MaxAge(options), TimeProvider.System).PrepareAsync(cancellationToken);
        output.Machine[name] = await engine.VersionAsync(cancellationToken);
        Note(run, data);
        foreach (var measure in Measures.Where(measure => options.Measures.Contains(measure.Name)))
        {
            await measure.RunAsync(run);
            await output.WriteAsync(cancellationToken); // a long run may be stopped
        }
    }

    /// <summary>
    /// Reports of one day end now: by and by they would have no visits. Questions are about months, and to make the data takes longer than to ask.
    /// </summary>
    private static TimeSpan MaxAge(BenchOptions options) =>
        options.Measures.All(measure => measure is QuestionTimes.Measure or Sizes.Measure) ? TimeSpan.FromDays(7) : TimeSpan.FromHours(4);

    private static void Note(BenchRun run, DataStamp data)
    {
        var @case = string.Create(CultureInfo.InvariantCulture, $"{data.Sessions:N0} sessions");
        Add("load", data.LoadSeconds, "s");
        Add("all hours sealed", data.RebuildSeconds, "s");
        Add("all segments made by a server", data.SegmentSeconds, "s");
        Add("an hour's share of that", data.RebuildSeconds * 1000 / (VisitTimes.Days * 24), "ms");
        Add("rows of the last hours sealed", data.HourRows, "");
        Add("time to seal them", data.HourMilliseconds, "ms");
        if (data.SealingMemory is { } bytes)
        {
            run.Add("memory", "sealing everything", "peak", bytes / 1048576.0, "MB");
        }

        void Add(string metric, double? value, string unit)
        {
            if (value is { } known)
            {
                run.Add("data", @case, metric, known, unit);
            }
        }
    }
}
