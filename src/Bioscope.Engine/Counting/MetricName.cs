using System.Text.Json;

namespace Bioscope.Engine.Counting;

/// <summary>The metrics by their JSON names.</summary>
public static class MetricName
{
    /// <summary>Every name, in the order of <see cref="Metric"/>.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Enum.GetNames<Metric>().Select(JsonNamingPolicy.CamelCase.ConvertName)];

    /// <summary>The metric's name.</summary>
    public static string Of(Metric metric) => All[(int)metric];

    /// <summary>The metric with that name, case-sensitive; null when there is none.</summary>
    public static Metric? Read(string name)
    {
        for (var i = 0; i < All.Count; i++)
        {
            if (All[i] == name)
            {
                return (Metric)i;
            }
        }

        return null;
    }
}
