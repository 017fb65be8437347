using System.Data.Common;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Segments;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Sealing;

/// <summary>
/// The visitors of the sessions that are being sealed: when each was last on the page before. A page's visitors are in 2^n shards, by the
/// first bits of their keys; a shard is read and written whole.
/// </summary>
internal sealed class VisitorShards
{
    // Few enough for a row of a kilobyte or two, enough that the row's own bytes hardly count.
    private const int MaxInShard = 96;
    private const int GoodInShard = 64;
    private const int MaxBits = PageState.MaxShardBits;
    private const int ShardsAtOnce = 1_000;

    private readonly Dictionary<VisitorKey, int> _lastHours = [];
    private readonly HashSet<VisitorKey> _seen = [];

    /// <summary>Visitors that the page did not have before.</summary>
    public int New { get; private set; }

    /// <summary>Looks the visitors up.</summary>
    public static async Task<VisitorShards> ReadAsync(
        SqlDialect dialect, DbTransaction transaction, PageState page, IReadOnlySet<VisitorKey> visitors, CancellationToken cancellationToken)
    {
        var found = new VisitorShards();
        if (page.SealedUntil is null)
        {
            return found; // what is there is left over
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

    /// <summary>Notes a session, in the order of time, and tells in which hour the visitor's previous one was, if there was one.</summary>
    public int? Visit(VisitorKey visitor, int hour)
    {
        int? previous = _lastHours.TryGetValue(visitor, out var lastHour) ? lastHour : null;
        New += previous is null ? 1 : 0;
        _lastHours[visitor] = hour;
        _seen.Add(visitor);
        return previous;
    }

    /// <summary>How many bits name the shards when there are that many visitors; more than before only when shards have become too full.</summary>
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

    /// <summary>Writes what was noted. The shards have <paramref name="bits"/> afterwards, <paramref name="page"/> tells what they had before.</summary>
    public async Task WriteAsync(SqlDialect dialect, DbTransaction transaction, PageState page, int bits, CancellationToken cancellationToken)
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

    /// <summary>From the last to the first, so that no new number is that of an old shard which still has to be split.</summary>
    private static async Task SplitAsync(SqlDialect dialect, DbTransaction transaction, PageState page, int bits, CancellationToken cancellationToken)
    {
        foreach (var numbers in Enumerable.Range(0, 1 << page.ShardBits).Reverse().Chunk(ShardsAtOnce))
        {
            var entries = (await ReadAsync(dialect, transaction, page.BioPageId, numbers, cancellationToken))
                .SelectMany(VisitorShard.Entries).ToDictionary(entry => entry.Visitor, entry => entry.LastHour);
            await ReplaceAsync(dialect, transaction, page.BioPageId, numbers, entries, bits, cancellationToken);
        }
    }

    private static async Task ReplaceAsync(
        SqlDialect dialect, DbTransaction transaction, Guid page, int[] numbers, Dictionary<VisitorKey, int> entries, int bits, CancellationToken cancellationToken)
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
