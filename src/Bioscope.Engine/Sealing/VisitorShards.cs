using System.Data.Common;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Segments;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Sealing;

/// <summary>
/// The visitors of the sessions being sealed: when each last visited the page before. A page's visitors are stored in 2^n shards, by the
/// first bits of their keys; a shard is read and written whole.
/// </summary>
internal sealed class VisitorShards
{
    // Few enough for rows of one or two kilobytes, and enough to make the row's own overhead negligible.
    private const int MaxInShard = 96;
    private const int GoodInShard = 64;
    private const int MaxBits = PageState.MaxShardBits;
    private const int ShardsAtOnce = 1_000;

    private readonly Dictionary<VisitorKey, int> _lastHours = [];
    private readonly HashSet<VisitorKey> _seen = [];

    /// <summary>The number of visitors new to the page.</summary>
    public int New { get; private set; }

    /// <summary>Looks the visitors up.</summary>
    public static async Task<VisitorShards> ReadAsync(
        SqlDialect dialect, DbTransaction transaction, PageState page, IReadOnlySet<VisitorKey> visitors,
        CancellationToken cancellationToken)
    {
        var found = new VisitorShards();
        if (page.SealedUntil is null)
        {
            return found; // any existing shards are leftovers
        }

        foreach (var chunk in visitors.Select(visitor => visitor.Shard(page.ShardBits)).Distinct().Chunk(ShardsAtOnce))
        {
            foreach (var shard in await ReadAsync(dialect, transaction, page.BioPageId, chunk, cancellationToken))
            {
                foreach (var (visitor, lastHour) in VisitorShard.Entries(shard).Where(entry => visitors.Contains(entry.Visitor)))
                {
                    found._lastHours[visitor] = lastHour;
                }
            }
        }

        return found;
    }

    /// <summary>Records a session, in time order, and returns the hour of the visitor's previous session, if there was one.</summary>
    public int? Visit(VisitorKey visitor, int hour)
    {
        int? previous = _lastHours.TryGetValue(visitor, out var lastHour) ? lastHour : null;
        New += previous is null ? 1 : 0;
        _lastHours[visitor] = hour;
        _seen.Add(visitor);
        return previous;
    }

    /// <summary>The number of shard bits for this many visitors; increases only when shards have become too full.</summary>
    public static int BitsFor(int visitors, int bits)
    {
        if (visitors <= (long)MaxInShard << bits)
        {
            return bits;
        }

        while (visitors > (long)GoodInShard << bits && bits < MaxBits)
        {
            bits++;
        }

        return bits;
    }

    /// <summary>
    /// Writes what was recorded. Afterwards the shards have <paramref name="bits"/> bits; <paramref name="page"/> has their previous
    /// number.
    /// </summary>
    public async Task WriteAsync(
        SqlDialect dialect, DbTransaction transaction, PageState page, int bits, CancellationToken cancellationToken)
    {
        if (bits != page.ShardBits)
        {
            await SplitAsync(dialect, transaction, page, bits, cancellationToken);
        }

        foreach (var chunk in _seen.GroupBy(visitor => visitor.Shard(bits)).Chunk(ShardsAtOnce))
        {
            var numbers = Array.ConvertAll(chunk, shard => shard.Key);
            var entries = (await ReadAsync(dialect, transaction, page.BioPageId, numbers, cancellationToken))
                .SelectMany(VisitorShard.Entries).ToDictionary(entry => entry.Visitor, entry => entry.LastHour);
            foreach (var visitor in chunk.SelectMany(shard => shard))
            {
                entries[visitor] = _lastHours[visitor];
            }

            await ReplaceAsync(dialect, transaction, page.BioPageId, numbers, entries, bits, cancellationToken);
        }
    }

    /// <summary>From the last shard to the first, so that a new number never overwrites an old shard that is still to be split.</summary>
    private static async Task SplitAsync(
        SqlDialect dialect, DbTransaction transaction, PageState page, int bits, CancellationToken cancellationToken)
    {
        foreach (var numbers in Enumerable.Range(0, 1 << page.ShardBits).Reverse().Chunk(ShardsAtOnce))
        {
            var entries = (await ReadAsync(dialect, transaction, page.BioPageId, numbers, cancellationToken))
                .SelectMany(VisitorShard.Entries).ToDictionary(entry => entry.Visitor, entry => entry.LastHour);
            await ReplaceAsync(dialect, transaction, page.BioPageId, numbers, entries, bits, cancellationToken);
        }
    }

    private static async Task ReplaceAsync(
        SqlDialect dialect, DbTransaction transaction, Guid page, int[] numbers, Dictionary<VisitorKey, int> entries, int bits,
        CancellationToken cancellationToken)
    {
        await dialect.ExecuteAsync(
            transaction,
            """
            -- remove visitor shards
            DELETE FROM "RollupVisitors" WHERE "bioPageId" = @page AND "shard" {isAnyOfNumbers}
            """,
            cancellationToken,
            ("@page", page),
            ("@numbers", numbers));
        var shards = entries.GroupBy(entry => entry.Key.Shard(bits)).Select(shard => VisitorShard.Of(page, shard.Key, [.. shard])).ToList();
        await dialect.InsertAsync(transaction, VisitorShard.Table, shards, cancellationToken);
    }

    private static Task<List<byte[]>> ReadAsync(
        SqlDialect dialect, DbTransaction transaction, Guid page, int[] numbers, CancellationToken cancellationToken) =>
        dialect.QueryAsync(transaction, VisitorShard.ReadSql, VisitorShard.Read, cancellationToken, ("@page", page), ("@numbers", numbers));
}
