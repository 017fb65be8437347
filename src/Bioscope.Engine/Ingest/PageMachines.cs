using Bioscope.Engine.Storage;
using Microsoft.Extensions.Caching.Memory;

namespace Bioscope.Engine.Ingest;

/// <summary>
/// In which shard a page's rows are, and on which machine, where Citus has spread them. What was found is asked again after a minute, because
/// shards move. Until then an event may wait in the queue of the machine that had its page, which is no more than that: its statements go where its
/// rows are.
/// </summary>
internal class PageMachines(AnalyticsDatabase analytics, TimeProvider clock) : IDisposable
{
    private const int MaxKnown = 100_000;

    // Citus's number of it.
    private const int Coordinator = 0;

    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(1);

    // The coordinator answers from its own tables.
    private const string Sql = """
        -- machines of pages
        SELECT "page"."id", "groupid", "page"."shard", (SELECT count(DISTINCT "groupid")::integer FROM pg_dist_placement)
        FROM (
          SELECT "id", get_shard_id_for_distribution_column('"AnalyticsSession"', "id") AS "shard" FROM unnest(@ids) AS "asked" ("id")
        ) AS "page"
        JOIN pg_dist_placement ON "shardid" = "page"."shard"
        """;

    private readonly MemoryCache _known = new(new MemoryCacheOptions { SizeLimit = MaxKnown });

    /// <summary>Whether there are several: known after the first connection.</summary>
    public virtual bool AreSeveral => analytics.Dialect.IsDistributed;

    /// <summary>Where each page's rows are.</summary>
    public virtual async Task<IReadOnlyDictionary<Guid, PlaceOfPage>> FindAsync(IEnumerable<Guid> pages, CancellationToken cancellationToken)
    {
        var found = new Dictionary<Guid, PlaceOfPage>();
        var asked = new List<Guid>();
        foreach (var page in pages.Distinct())
        {
            if (_known.TryGetValue(page, out Known? known) && clock.GetElapsedTime(known!.ReadAt) < Kept)
            {
                found[page] = known.Place;
            }
            else
            {
                asked.Add(page);
            }
        }

        foreach (var (page, place) in asked.Count == 0 ? [] : await analytics.QueryAsync(
            Sql,
            row => (analytics.Dialect.ReadGuid(row, 0), new PlaceOfPage(row.GetInt32(1), row.GetInt64(2), row.GetInt32(3))),
            cancellationToken,
            ("@ids", asked.ToArray())))
        {
            if (place.Machine == Coordinator)
            {
                analytics.TakeOwnShards();
            }

            found[page] = place;
            _known.Set(page, new Known(place, clock.GetTimestamp()), new MemoryCacheEntryOptions { Size = 1 });
        }

        // Also those that were known here: the statements' memory of shards is another one, and may have lost them.
        foreach (var (page, place) in found)
        {
            analytics.TakeShard(page, place.Shard);
        }

        return found;
    }

    public void Dispose()
    {
        _known.Dispose();
        GC.SuppressFinalize(this);
    }

    private sealed record Known(PlaceOfPage Place, long ReadAt);
}

/// <summary>Where a page's rows are.</summary>
/// <param name="Machine">Citus's number of the machine.</param>
/// <param name="Shard">Its number of the part of the table of sessions.</param>
/// <param name="Machines">How many machines have such parts.</param>
internal readonly record struct PlaceOfPage(int Machine, long Shard, int Machines);
