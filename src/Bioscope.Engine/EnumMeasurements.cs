using System.Diagnostics.Metrics;

namespace Bioscope.Engine;

/// <summary>Counts by the values of an enumeration, in the form that a meter needs.</summary>
internal static class EnumMeasurements
{
    /// <summary>One measurement per value, including zeros; the label is the value's name in lower case.</summary>
    public static IEnumerable<Measurement<long>> Of<T>(long[] counts, string label)
        where T : struct, Enum =>
        Enum.GetValues<T>().Select(
            (value, i) => new Measurement<long>(
                Interlocked.Read(ref counts[i]), new KeyValuePair<string, object?>(label, value.ToString().ToLowerInvariant())));
}
