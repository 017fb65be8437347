using System.Collections.Concurrent;
using System.Globalization;
using Bioscope.Engine.Segments;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Counting;

/// <summary>
/// Distinct visitors without sets. In a window that ends now each visitor has exactly one session that is its first there: the one whose
/// previous session is before the window, or none. So visitors are sessions less those whose previous session is in the window too.
/// The latter are counted by the hour of the previous session (<see cref="Rollup.Returns"/>); only in the edge and in the tail, which are
/// raw, it takes a look at who was there.
/// </summary>
internal sealed class SealedVisitors
{
    private const string ShardsSql = """
        -- visitors of page
        SELECT page."version", shard."visitors"
        FROM "RollupPage" page LEFT JOIN "RollupVisitors" shard ON shard."bioPageId" = page."bioPageId" AND shard."shard" {isAnyOfNumbers}
        WHERE page."bioPageId" = @page
        """;

    private readonly AnalyticsDatabase _analytics;
    private readonly Guid _bioPageId;
    private readonly SealedPage _page;
    private readonly int _edgeEnd;
    private readonly long _sessions, _returns;
    private readonly List<(DateTimeOffset At, string Visitor)> _edge = [];

    // When visitors of the edge were last in it.
    private readonly Dictionary<string, DateTimeOffset> _lastInEdge = new(StringComparer.Ordinal);

    // The hour of a visitor's latest sealed session; null when there was none.
    private readonly ConcurrentDictionary<string, int?> _lastHours = new(StringComparer.Ordinal);

    public SealedVisitors(AnalyticsDatabase analytics, Guid bioPageId, SealedPage page, int edgeEnd, long sessions, Counts returns)
    {
        (_analytics, _bioPageId, _page, _edgeEnd, _sessions) = (analytics, bioPageId, page, edgeEnd, sessions);
        _returns = returns.ByValue.Where(hour => int.Parse(hour.Key, CultureInfo.InvariantCulture) >= edgeEnd).Sum(hour => hour.Value);
    }

    public long Bytes => 500 + (_edge.Count * 200L);

    public void AddEdge(DateTimeOffset at, string visitor)
    {
        _edge.Add((at, visitor));
        _lastInEdge[visitor] = _lastInEdge.TryGetValue(visitor, out var last) && last > at ? last : at;
    }

    /// <summary>Looks the visitors of the edge up.</summary>
    public Task<bool> ReadEdgeAsync(CancellationToken cancellationToken) => LookUpAsync(_lastInEdge.Keys, cancellationToken);

    /// <summary>Counts a window that starts in the edge, whose sessions that are not sealed are in <paramref name="tail"/> by visitor.</summary>
    /// <returns>Distinct visitors, or null when the page has another version meanwhile.</returns>
    public async Task<long?> CountAsync(Window window, Counts tail, CancellationToken cancellationToken)
    {
        if (!await LookUpAsync(tail.ByValue.Keys, cancellationToken))
        {
            return null;
        }

        // In the edge every session but a visitor's latest one has a later one.
        var edge = _edge.Count(session => session.At >= window.Since);
        var latest = _lastInEdge.Count(visitor => visitor.Value >= window.Since && _lastHours[visitor.Key] < _edgeEnd);
        var returns = _returns + (edge - latest);

        // In the tail all of a visitor's sessions but the first have an earlier one there; the first may have one in the sealed part.
        returns += tail.ByValue.Sum(visitor => visitor.Value - 1) + tail.ByValue.Keys.Count(visitor => WasThere(visitor, window.Since));
        return _sessions + edge + tail.Total - returns;
    }

    private bool WasThere(string visitor, DateTimeOffset since) =>
        _lastHours[visitor] is { } lastHour && (lastHour >= _edgeEnd || (_lastInEdge.TryGetValue(visitor, out var last) && last >= since));

    private async Task<bool> LookUpAsync(IEnumerable<string> visitors, CancellationToken cancellationToken)
    {
        var unknown = visitors.Where(visitor => !_lastHours.ContainsKey(visitor)).ToDictionary(VisitorKey.Of);
        if (unknown.Count == 0)
        {
            return true;
        }

        var found = new Dictionary<VisitorKey, int>();
        foreach (var chunk in unknown.Keys.Select(visitor => visitor.Shard(_page.ShardBits)).Distinct().Chunk(1_000))
        {
            var shards = await _analytics.QueryAsync(
                ShardsSql,
                row => (Version: row.GetInt64(0), Visitors: row.IsDBNull(1) ? [] : row.GetFieldValue<byte[]>(1)),
                cancellationToken,
                ("@page", _bioPageId),
                ("@numbers", chunk));
            if (shards.Count == 0 || shards.Exists(shard => shard.Version != _page.Version))
            {
                return false;
            }

            foreach (var (visitor, lastHour) in shards.SelectMany(shard => VisitorShard.Entries(shard.Visitors)).Where(entry => unknown.ContainsKey(entry.Visitor)))
            {
                found[visitor] = lastHour;
            }
        }

        foreach (var (key, visitor) in unknown)
        {
            _lastHours[visitor] = found.TryGetValue(key, out var lastHour) ? lastHour : null;
        }

        return true;
    }
}
