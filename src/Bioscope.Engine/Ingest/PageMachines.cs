using Bioscope.Engine.Storage;
using Microsoft.Extensions.Caching.Memory;

namespace Bioscope.Engine.Ingest;

/// <summary>
/// Which machine has a page's rows, where Citus has spread them. What was found is asked again after a minute, because shards move. Until
/// then an event may wait in the queue of the machine that had its page, which is no more than that: its statements go where its rows are.
/// </summary>
internal class PageMachines(AnalyticsDatabase analytics, TimeProvider clock) : IDisposable
{
    private const int MaxKnown = 100_000;

    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(1);

    // The coordinator answers from its own tables.
    private const string Sql = """
        -- machines of pages
        SELECT "page"."id", "groupid"
        FROM (
          SELECT "id", get_shard_id_for_distribution_column('"AnalyticsSession"', "id") AS "shard" FROM unnest(@ids) AS "asked" ("id")
        ) AS "page"
        JOIN pg_dist_placement ON "shardid" = "page"."shard"
        """;

    private readonly MemoryCache _known = new(new MemoryCacheOptions { SizeLimit = MaxKnown });

    /// <summary>Whether there are several: known after the first connection.</summary>
    public virtual bool AreSeveral => analytics.Dialect.IsDistributed;

    /// <summary>The number of the machine for each page.</summary>
    public virtual async Task<IReadOnlyDictionary<Guid, int>> FindAsync(IEnumerable<Guid> pages, CancellationToken cancellationToken)
    {
        var found = new Dictionary<Guid, int>();
        var asked = new List<Guid>();
        foreach (var page in pages.Distinct())
        {
            if (_known.TryGetValue(page, out Known? known) && clock.GetElapsedTime(known!.ReadAt) < Kept)
            {
                found[page] = known.Machine;
            }
            else
            {
                asked.Add(page);
            }
        }

        foreach (var (page, machine) in asked.Count == 0 ? [] : await analytics.QueryAsync(
            Sql, row => (analytics.Dialect.ReadGuid(row, 0), row.GetInt32(1)), cancellationToken, ("@ids", asked.ToArray())))
        {
            found[page] = machine;
            _known.Set(page, new Known(machine, clock.GetTimestamp()), new MemoryCacheEntryOptions { Size = 1 });
        }

        return found;
    }

    public void Dispose()
    {
        _known.Dispose();
        GC.SuppressFinalize(this);
    }

    private sealed record Known(int Machine, long ReadAt);
}
