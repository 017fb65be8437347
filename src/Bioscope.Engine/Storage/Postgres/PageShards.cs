using System.Collections.Concurrent;

namespace Bioscope.Engine.Storage.Postgres;

/// <summary>
/// Which shard of Citus has a page's rows, as far as it was asked lately. A statement about pages of one shard goes to one machine, as one about
/// one page does. A page whose shard is not known is by itself. Shards that are moved keep their numbers; where one is divided, statements
/// about its pages may be refused until it is asked again.
/// </summary>
internal sealed class PageShards
{
    private const int MaxKnown = 100_000;

    private readonly ConcurrentDictionary<Guid, long> _known = new();

    /// <summary>Notes the shard that a page is in.</summary>
    public void Set(Guid page, long shard)
    {
        if (_known.TryGetValue(page, out var known) && known == shard)
        {
            return;
        }

        if (_known.Count >= MaxKnown)
        {
            _known.Clear(); // each batch says again where its pages are
        }

        _known[page] = shard;
    }

    /// <summary>
    /// Divides items by the shard of their page; those of a shard keep their order. The shards are in one order for all, so that servers that lock
    /// rows do not deadlock.
    /// </summary>
    public IEnumerable<List<T>> Divide<T>(IEnumerable<T> items, Func<T, Guid> page) => items
        .GroupBy(item => _known.TryGetValue(page(item), out var shard) ? (Shard: shard, Page: Guid.Empty) : (Shard: long.MaxValue, Page: page(item)))
        .OrderBy(group => group.Key)
        .Select(group => group.ToList());
}
