using Bioscope.Bench.Data;
using Bioscope.Bench.Engines;
using Bioscope.Bench.Processes;
using Bioscope.Bench.Results;

namespace Bioscope.Bench.Measures;

/// <summary>What a measure works with: one engine filled with one data set, and where its figures go.</summary>
internal sealed record BenchRun(
    BenchOptions Options, BenchEngine Engine, ServerProgram Server, Population Population, double Scale, List<Figure> Figures, CancellationToken Cancellation)
{
    public static readonly string[] Reports = ["traffic", "overview", "trend", "geo", "devices", "links", "sessions"];

    /// <summary>What this engine at this scale has come to so far.</summary>
    public IEnumerable<Figure> FiguresOf(string measure) =>
        Figures.Where(figure => figure.Measure == measure && figure.Engine == Engine.Name && figure.Scale.Equals(Scale));

    public void Add(string measure, string @case, string metric, double value, string unit)
    {
        var figure = new Figure(measure, Engine.Name, Scale, @case, metric, value, unit);
        Figures.Add(figure);
        Console.Error.WriteLine(string.Create(
            System.Globalization.CultureInfo.InvariantCulture, $"  {Engine.Name} ×{Scale} {measure}: {@case}, {metric}: {value:G4} {unit}"));
    }

    /// <summary>Starts the server over this run's data; the most memory it had is noted when the measure ends.</summary>
    public async Task ServeAsync(string measure, Func<WebProcess, Task> use, string? analyticsConnection = null)
    {
        await using var server = await Server.ServeAsync(Engine, Cancellation, analyticsConnection);
        await use(server);
        NoteMemory(measure, server);
    }

    public void NoteMemory(string measure, WebProcess server) => Add("memory", measure, "peak", server.PeakMemory / 1048576.0, "MB");
}
