using Bioscope.Core;
using Bioscope.Engine.Counting;

namespace Bioscope.Server.Api.Reports;

/// <summary>One value of a dimension: its sessions, and their share of the sessions shown in whole percent.</summary>
internal sealed record Slice(string Value, long Sessions, int Percentage);

/// <summary>Counts the sessions of a window by a dimension.</summary>
internal static class Breakdown
{
    /// <summary>
    /// The values with the most sessions, at most <paramref name="limit"/>; ties are ordered by value, in code point order.
    /// </summary>
    public static async Task<List<Slice>> ReadAsync(
        ReportScope scope, Dimension dimension, int limit, CancellationToken cancellationToken)
    {
        var counts = await scope.CountAsync(dimension, [Metric.Visits], cancellationToken);
        var top = Ranking.Of(counts, tally => tally.Visits, limit);
        var total = top.Sum(row => row.Count);
        return top.ConvertAll(row => new Slice(row.Value, row.Count, Percentage.Of(row.Count, total)));
    }
}

/// <summary>Values with the number of their occurrences.</summary>
internal static class Ranking
{
    /// <summary>The most frequent values, at most <paramref name="limit"/>; ties are ordered by value, in code point order.</summary>
    public static List<(string Value, long Count)> Of(CountResult counts, Func<Tally, long> count, int limit = int.MaxValue) =>
    [
        .. counts.Rows.Select(row => (Value: row.Values[0].Text!, Count: count(row.Tally)))
            .OrderByDescending(row => row.Count).ThenBy(row => row.Value, CodePointOrder.Instance).Take(limit),
    ];
}
