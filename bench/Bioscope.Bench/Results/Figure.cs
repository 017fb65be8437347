using System.Text.Json.Serialization;
using Bioscope.Bench.Data;

namespace Bioscope.Bench.Results;

/// <summary>One thing that was measured.</summary>
/// <param name="Measure">What was looked at, such as <c>reports</c>.</param>
/// <param name="Engine">On which engine; empty when none was asked.</param>
/// <param name="Scale">Of the data set.</param>
/// <param name="Case">Which of them, such as <c>traffic, 365 days, 1,000,000 sessions</c>.</param>
/// <param name="Metric">Which figure of that, such as <c>hot</c>.</param>
/// <param name="Value">The figure.</param>
/// <param name="Unit">Its unit; <c>×</c> for ratios.</param>
internal sealed record Figure(string Measure, string Engine, double Scale, string Case, string Metric, double Value, string Unit);

/// <summary>What a run says: where it ran and what it measured.</summary>
internal sealed record BenchResults(IReadOnlyDictionary<string, string> Machine, DateTimeOffset At, IReadOnlyList<Figure> Figures);

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(BenchResults))]
[JsonSerializable(typeof(DataStamp))]
internal sealed partial class BenchJson : JsonSerializerContext;
