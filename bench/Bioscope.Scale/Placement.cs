namespace Bioscope.Scale;

/// <summary>On which node a page's rows are: pages are hashed to shards, and shards are dealt to nodes.</summary>
internal sealed class Placement
{
    private readonly int[] _nodeOfShard;

    /// <param name="shards">How many there are.</param>
    /// <param name="nodes">How many hold them.</param>
    /// <param name="without">A node whose shards the others have taken over, or null.</param>
    public Placement(int shards, int nodes, int? without = null)
    {
        Nodes = nodes;
        _nodeOfShard = new int[shards];
        var next = 0;
        for (var shard = 0; shard < shards; shard++)
        {
            _nodeOfShard[shard] = shard % nodes;
            if (_nodeOfShard[shard] == without && nodes > 1)
            {
                var other = next++ % (nodes - 1);
                _nodeOfShard[shard] = other >= without ? other + 1 : other;
            }
        }
    }

    public int Nodes { get; }

    public int ShardOf(int page) => (int)(Hash((ulong)page) % (ulong)_nodeOfShard.Length);

    public int NodeOf(int page) => _nodeOfShard[ShardOf(page)];

    /// <summary>The part of all visits, and so of all rows, that each node has.</summary>
    public double[] SharesOf(Pages pages)
    {
        var shares = new double[Nodes];
        for (var page = 0; page < pages.Count; page++)
        {
            shares[NodeOf(page)] += pages.ShareOf(page);
        }

        return shares;
    }

    // Mixes like SplitMix64, so that neighbouring ranks are on any shards.
    private static ulong Hash(ulong value)
    {
        unchecked
        {
            value += 0x9E3779B97F4A7C15;
            value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
            value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
            return value ^ (value >> 31);
        }
    }
}
