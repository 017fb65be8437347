using System.Runtime.InteropServices;
using Bioscope.Engine.Columns;

namespace Bioscope.Engine.Counting;

/// <summary>
/// Numbers the values of dimensions, and links, for all blocks of a page: each block has numbers of its own, so the same value may have
/// another one in each. Grows only, and may be used by several questions at once.
/// </summary>
/// <param name="maxBytesOfCounts">
/// All kept counts and sessions are dropped together when they take more memory than this: what is asked now is counted again.
/// </param>
internal sealed class PageValues(long maxBytesOfCounts = PageHistory.UsualBytes / 32)
{
    // Stands for links, which are no fact of a session.
    private static readonly object Links = new();

    // A filter that finds more in a block is not kept: it would take the place of many others.
    private const int MaxKeptSessions = 16_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<(object Block, CountQuery Question), BlockCounts> _counts = [];
    private readonly Dictionary<(object Block, Filter Filter), int[]> _sessions = [];
    private long _bytesOfCounts;
    private readonly Dictionary<object, Values> _values = [];

    /// <summary>About how much memory it takes, in bytes.</summary>
    public long Bytes => _bytesOfValues + Interlocked.Read(ref _bytesOfCounts);

    private long _bytesOfValues = 1_000;

    /// <summary>By the block's number of a dimension's facts, the page's number of the value; 0 is unknown.</summary>
    /// <param name="block">The block.</param>
    /// <param name="dimension">The dimension.</param>
    /// <param name="naming">What the creator says: another one may give other values.</param>
    public int[] MapOf(RowBlock block, Dimension dimension, Naming naming) => MapOf(
        KeyOf(dimension, naming),
        block,
        () => block.Facts.TryGetValue(dimension.Set!, out var entries)
            ? entries.Select(entry => entry.Length == 0 ? null : dimension.ValueOf(entry, naming))
            : null);

    /// <summary>By the block's number of a link, the page's; 0 is none.</summary>
    public int[] LinksOf(RowBlock block) => MapOf(Links, block, () => block.Links);

    /// <summary>Whether the block's numbers are known: if so, what they stand for need not be read.</summary>
    public bool Knows(object block, Dimension? dimension, Naming naming)
    {
        lock (_gate)
        {
            return _values.TryGetValue(dimension is null ? Links : KeyOf(dimension, naming), out var values) && values.Maps.ContainsKey(block);
        }
    }

    /// <summary>What a block comes to, see <see cref="BlockCounts.QuestionOf"/>; null where it was not counted.</summary>
    public BlockCounts? CountsOf(object block, CountQuery question)
    {
        lock (_gate)
        {
            return _counts.GetValueOrDefault((block, question));
        }
    }

    /// <summary>Keeps what a block comes to.</summary>
    public void Keep(object block, CountQuery question, BlockCounts counts)
    {
        lock (_gate)
        {
            MakeRoom(counts.Bytes);
            _bytesOfCounts += _counts.TryAdd((block, question), counts) ? counts.Bytes : 0;
        }
    }

    /// <summary>The sessions of a block's clicks that a filter of links looks for, from memory or by finding them.</summary>
    public int[] SessionsOf(object block, Filter filter, Func<int[]> find)
    {
        lock (_gate)
        {
            if (_sessions.TryGetValue((block, filter), out var known))
            {
                return known;
            }
        }

        var found = find();
        if (found.Length <= MaxKeptSessions)
        {
            lock (_gate)
            {
                var bytes = 200 + (found.Length * 4L);
                MakeRoom(bytes);
                _bytesOfCounts += _sessions.TryAdd((block, filter), found) ? bytes : 0;
            }
        }

        return found;
    }

    /// <summary>The value of each number of a dimension so far; null for 0.</summary>
    public string?[] Texts(Dimension dimension, Naming naming) => TextsOf(KeyOf(dimension, naming));

    /// <summary>The link of each number so far; null for 0.</summary>
    public string?[] LinkTexts() => TextsOf(Links);

    // Where origins are joined with referrers they have other numbers.
    private static (Dimension Dimension, Naming? Naming) KeyOf(Dimension dimension, Naming naming) =>
        (dimension, dimension.IsNamed || (dimension.Set == FactSet.Origin && naming.LooksAtReferrers) ? naming : null);

    private void MakeRoom(long bytes)
    {
        if (_bytesOfCounts + bytes > maxBytesOfCounts)
        {
            _counts.Clear();
            _sessions.Clear();
            _bytesOfCounts = 0;
        }
    }

    private string?[] TextsOf(object of)
    {
        lock (_gate)
        {
            return _values.TryGetValue(of, out var values) ? values.SnapshotOfTexts() : [null];
        }
    }

    private int[] MapOf(object of, RowBlock block, Func<IEnumerable<string?>?> read)
    {
        lock (_gate)
        {
            ref var values = ref CollectionsMarshal.GetValueRefOrAddDefault(_values, of, out _);
            values ??= new Values();
            if (values.Maps.TryGetValue(block.Key, out var map))
            {
                return map;
            }

            var texts = read() ?? throw new InvalidOperationException($"What {of} stands for was not read.");
            var before = values.TextBytes;
            map = [.. texts.Select(values.CodeOf)];
            _bytesOfValues += values.TextBytes - before;
            if (block.IsLasting)
            {
                values.Maps[block.Key] = map;
                _bytesOfValues += (map.Length * 4L) + 100;
            }

            return map;
        }
    }

    private sealed class Values
    {
        private readonly List<string?> _texts = [null];
        private readonly Dictionary<string, int> _codes = new(StringComparer.Ordinal);
        private string?[] _snapshot = [null];

        public Dictionary<object, int[]> Maps { get; } = [];

        public long TextBytes { get; private set; }

        public string?[] SnapshotOfTexts() => _snapshot.Length == _texts.Count ? _snapshot : _snapshot = [.. _texts];

        public int CodeOf(string? text)
        {
            if (string.IsNullOrEmpty(text))
            {
                return 0;
            }

            ref var code = ref CollectionsMarshal.GetValueRefOrAddDefault(_codes, text, out var isKnown);
            if (!isKnown)
            {
                code = _texts.Count;
                _texts.Add(text);
                TextBytes += 100 + (text.Length * 2L);
            }

            return code;
        }
    }
}
