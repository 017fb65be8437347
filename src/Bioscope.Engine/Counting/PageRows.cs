using Bioscope.Engine.Columns;

namespace Bioscope.Engine.Counting;

/// <summary>
/// The rows of a page that a question needs: sessions that started in the range, page views of the range, and the sessions of those page views
/// that began before it. Read in one snapshot, then never changed.
/// </summary>
/// <param name="Blocks">In the order of their sessions' numbers, which follow each other from 0 or from a later one on.</param>
/// <param name="Values">Numbers the values of all blocks.</param>
/// <param name="VisitorCount">One more than the highest number of a visitor.</param>
internal sealed record PageRows(IReadOnlyList<RowBlock> Blocks, PageValues Values, int VisitorCount)
{
    /// <summary>That of the question which is answered.</summary>
    public Naming Naming { get; init; } = Naming.None;

    /// <summary>Told how many bytes more counting needs, before it takes them; fewer than none when it gives them back.</summary>
    public Action<long> Take { get; init; } = static _ => { };

    /// <summary>Reads the columns of blocks that last, a portion at a time; null where all are there.</summary>
    public SegmentBlocks? Segments { get; init; }

    /// <summary>By key of a block, what it comes to: its columns were not read.</summary>
    public IReadOnlyDictionary<object, BlockCounts> Counted { get; init; } = new Dictionary<object, BlockCounts>();

    /// <summary>What the question came to after the blocks that last, which come first; null where they are to be counted.</summary>
    public Checkpoint? Checkpoint { get; init; }

    /// <summary>Takes what the question comes to after those blocks; null where it is not to be kept.</summary>
    public Action<Checkpoint>? KeepCheckpoint { get; init; }

    private readonly Dictionary<(RowBlock, Dimension, Naming), int[]> _maps = [];
    private readonly Dictionary<RowBlock, int[]> _links = [];

    /// <summary>The block that has the session of this number.</summary>
    public RowBlock BlockOf(int session)
    {
        var (low, high) = (0, Blocks.Count);
        while (high - low > 1)
        {
            var middle = (low + high) >> 1;
            (low, high) = Blocks[middle].FirstSession <= session ? (middle, high) : (low, middle);
        }

        return Blocks[low];
    }

    /// <summary>By the block's number of a dimension's facts, the page's number of the value; 0 is unknown.</summary>
    public int[] MapOf(RowBlock block, Dimension dimension) =>
        _maps.TryGetValue((block, dimension, Naming), out var map) ? map : _maps[(block, dimension, Naming)] = Values.MapOf(block, dimension, Naming);

    /// <summary>By the block's number of a link, the page's; 0 is none.</summary>
    public int[] LinksOf(RowBlock block) => _links.TryGetValue(block, out var map) ? map : _links[block] = Values.LinksOf(block);

    /// <summary>The link of each number; null for 0.</summary>
    public string?[] LinkTexts()
    {
        foreach (var block in Blocks.Where(block => block.Has(BlockColumn.Link)))
        {
            LinksOf(block); // every link has a number now
        }

        return Values.LinkTexts();
    }
}
