using System.Text.Json;
using Bioscope.Engine.Counting;

namespace Bioscope.Bench.Questions;

/// <summary>From an instant (included) to another.</summary>
internal readonly record struct AnswerRange(DateTimeOffset From, DateTimeOffset Until);

/// <summary>What the server answered.</summary>
internal sealed class Answer
{
    private readonly Metric[] _metrics;
    private readonly int _rowCount;
    private readonly List<(string Key, double[] Metrics, double[]? Comparison)> _rows = [];

    public Answer(string query, ReadOnlyMemory<byte> body)
    {
        using var asked = JsonDocument.Parse(query);
        _metrics = [.. asked.RootElement.GetProperty("metrics").EnumerateArray().Select(name => MetricName.Read(name.GetString()!)!.Value)];
        Dimensions = asked.RootElement.TryGetProperty("dimensions", out var dimensions) ? dimensions.GetArrayLength() : 0;

        using var answer = JsonDocument.Parse(body);
        var data = answer.RootElement.GetProperty("data");
        Range = RangeOf(data.GetProperty("range"));
        Compared = data.GetProperty("comparisonRange") is { ValueKind: JsonValueKind.Object } compared ? RangeOf(compared) : null;
        _rowCount = data.GetProperty("rowCount").GetInt32();
        foreach (var row in data.GetProperty("rows").EnumerateArray())
        {
            var comparison = row.GetProperty("comparison");
            _rows.Add((
                CountedRows.Key(row.GetProperty("dimensions").EnumerateArray().Select(value => value.GetString())),
                Numbers(row.GetProperty("metrics")),
                comparison.ValueKind == JsonValueKind.Null ? null : Numbers(comparison)));
        }
    }

    public int Dimensions { get; }

    public AnswerRange Range { get; }

    /// <summary>The range that it is compared with; null without one.</summary>
    public AnswerRange? Compared { get; }

    /// <summary>Compares it with what SQL counted.</summary>
    /// <exception cref="BenchException">They differ.</exception>
    public void Check(string who, CountedRows counted, CountedRows? compared)
    {
        var expected = counted.Keys.Union(compared?.Keys ?? Enumerable.Empty<string>()).ToHashSet();
        if (_rowCount != expected.Count || _rows.Count != Math.Min(_rowCount, Question.Limit))
        {
            throw new BenchException($"{who}: the server has {_rowCount} rows and shows {_rows.Count}, SQL has {expected.Count}.");
        }

        foreach (var (key, metrics, comparison) in _rows)
        {
            if (!expected.Remove(key))
            {
                throw new BenchException($"{who}: SQL has no row {key}, or the server has it twice.");
            }

            Check($"{who}: {key}", metrics, counted);
            if (compared is not null)
            {
                Check($"{who}: {key}, compared", comparison ?? [], compared);
            }

            void Check(string place, double[] shown, CountedRows rows)
            {
                var same = _metrics.Select(metric => rows.GetValueOrDefault(key).Of(metric, 0)).ToArray();
                if (!shown.SequenceEqual(same))
                {
                    throw new BenchException($"{place}: the server has {string.Join(", ", shown)}, SQL has {string.Join(", ", same)}.");
                }
            }
        }
    }

    private static double[] Numbers(JsonElement list) => [.. list.EnumerateArray().Select(number => number.GetDouble())];

    private static AnswerRange RangeOf(JsonElement range) =>
        new(range.GetProperty("from").GetDateTimeOffset(), range.GetProperty("until").GetDateTimeOffset());
}
