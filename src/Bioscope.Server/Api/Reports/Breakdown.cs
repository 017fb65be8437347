using Bioscope.Core;
using Bioscope.Engine.Counting;

namespace Bioscope.Server.Api.Reports;

/// <summary>One value of a measure: its sessions, and their share of the sessions shown in whole percent.</summary>
internal sealed record Slice(string Value, long Sessions, int Percentage);

/// <summary>Counts the sessions of a window by a measure.</summary>
internal static class Breakdown
{
    /// <summary>
    /// The values with the most sessions, at most <paramref name="limit"/>; ties are ordered by value, in code point order.
    /// </summary>
    public static async Task<List<Slice>> ReadAsync(
        ReportScope scope, string report, Measure measure, int limit, CancellationToken cancellationToken)
    {
        var counts = await scope.CountAsync(report, [measure], cancellationToken);
        var top = Ranking.Of(counts[measure].ByValue, limit);
        var total = top.Sum(row => row.Value);
        return top.ConvertAll(row => new Slice(row.Key, row.Value, Percentage.Of(row.Value, total)));
    }
}

/// <summary>Values with the number of their occurrences.</summary>
internal static class Ranking
{
    /// <summary>The most frequent values, at most <paramref name="limit"/>; ties are ordered by value, in code point order.</summary>
    public static List<KeyValuePair<string, long>> Of(IReadOnlyDictionary<string, long> counts, int limit = int.MaxValue) =>
        [.. counts.OrderByDescending(row => row.Value).ThenBy(row => row.Key, CodePointOrder.Instance).Take(limit)];
}
