using System.Text.Json;

namespace Bioscope.Bench.Results;

/// <summary>Where the figures of a run are gathered, and the files that they are written to.</summary>
internal sealed class ResultsOutput(BenchOptions options)
{
    private readonly IReadOnlyList<BenchResults> _earlier = [.. options.With.Select(path =>
        JsonSerializer.Deserialize(File.ReadAllText(path), BenchJson.Default.BenchResults) ?? throw new BenchException($"There are no results in {path}."))];

    public List<Figure> Figures { get; } = [];

    public Dictionary<string, string> Machine { get; } = ThisMachine.Describe();

    public string Text => ResultsText.Of(Results());

    public async Task WriteAsync(CancellationToken cancellationToken)
    {
        if (options.Json is { } json)
        {
            await File.WriteAllTextAsync(json, JsonSerializer.Serialize(Results(), BenchJson.Default.BenchResults), cancellationToken);
        }

        if (options.Results is { } path)
        {
            await File.WriteAllTextAsync(path, Text, cancellationToken);
        }
    }

    private BenchResults Results()
    {
        foreach (var (name, value) in _earlier.SelectMany(results => results.Machine))
        {
            Machine.TryAdd(name, value);
        }

        var all = _earlier.SelectMany(results => results.Figures).Concat(Figures);
        // The latest one of each; the order is that of the first.
        return new BenchResults(
            Machine,
            TimeProvider.System.GetUtcNow(),
            [.. all.GroupBy(figure => figure with { Value = 0 }).Select(same => same.Last())]);
    }
}
