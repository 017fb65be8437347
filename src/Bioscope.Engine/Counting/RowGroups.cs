using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Bioscope.Engine.Columns;

namespace Bioscope.Engine.Counting;

/// <summary>Numbers the combinations of values that rows have in the dimensions of a question, as they occur.</summary>
internal sealed class RowGroups
{
    // As long as there are no more combinations than this, their numbers are found without hashing.
    private const int MaxDirect = 1 << 20;

    private readonly List<long> _keys = [];
    private readonly Dictionary<long, int> _numbers = [];
    private readonly int[] _direct; // 0 stands for none yet

    public RowGroups(CountQuery query, PageRows rows)
    {
        Parts = [.. query.Dimensions.Select(dimension => Part.Of(dimension, query, rows))];
        ByLink = Parts.Any(part => part.Dimension.Kind == DimensionKind.Link);
        ByTime = Parts.Any(part => part.Buckets is not null);
        OfSessions = Parts.Count > 0 && !ByLink && !ByTime;
        var combinations = Parts.Aggregate(1L, (product, part) => product * part.Count);
        _direct = combinations <= MaxDirect ? new int[combinations] : [];
    }

    /// <summary>One for each dimension of the question.</summary>
    public IReadOnlyList<Part> Parts { get; }

    /// <summary>Whether the link is one of the dimensions: then sessions count by the links that were clicked.</summary>
    public bool ByLink { get; }

    /// <summary>Whether one of the dimensions is of the rows' own time.</summary>
    public bool ByTime { get; }

    /// <summary>Whether a row's group is that of its session.</summary>
    public bool OfSessions { get; }

    /// <summary>How many groups there are so far; without dimensions one.</summary>
    public int Count => Parts.Count == 0 ? 1 : _keys.Count;

    private int Width => Parts.Count > 1 ? Parts[1].Count : 1;

    /// <summary>Numbers the groups of rows by their own time, where that is all they are grouped by: one for each stretch of time.</summary>
    /// <returns>Whether it is.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool TryNumber(ReadOnlySpan<long> times, ReadOnlySpan<int> rows, Span<int> groups)
    {
        if (!Parts.All(part => part.Buckets is not null))
        {
            return false;
        }

        var (from, until, group) = (0L, 0L, 0);
        foreach (var row in rows)
        {
            var time = times[row];
            if (time < from || time >= until)
            {
                var (first, second) = (Parts[0].Buckets!.At(time), Parts.Count > 1 ? Parts[1].Buckets!.At(time) : (TimeBucket?)null);
                (from, until) = (Math.Max(first.From, second?.From ?? first.From), Math.Min(first.Until, second?.Until ?? first.Until));
                group = NumberOf(((long)first.Value * Width) + (second?.Value ?? 0));
            }

            groups[row] = group;
        }

        return true;
    }

    /// <summary>Numbers the groups of rows.</summary>
    /// <param name="first">By row the number of its value in the first dimension.</param>
    /// <param name="second">The same of the second; empty where there is none.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="groups">Takes the number of each one's group, by row.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Number(ReadOnlySpan<int> first, ReadOnlySpan<int> second, ReadOnlySpan<int> rows, Span<int> groups)
    {
        var (known, width) = (_direct, Width);
        foreach (var row in rows)
        {
            var key = ((long)first[row] * width) + (second.IsEmpty ? 0 : second[row]);
            var next = key < known.Length ? known[key] : 0;
            groups[row] = next != 0 ? next - 1 : NumberOf(key);
        }
    }

    /// <summary>The number of the group whose value has this number, where there is one dimension.</summary>
    public int NumberOf(int first) => NumberOf((long)first);

    private int NumberOf(long key)
    {
        if (key < _direct.Length)
        {
            ref var next = ref _direct[key];
            return next == 0 ? (next = Add(key)) - 1 : next - 1;
        }

        ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(_numbers, key, out var isKnown);
        return isKnown ? number : number = Add(key) - 1;
    }

    /// <summary>The number of a group as <see cref="BlockCounts"/> name it.</summary>
    public int NumberOf((long First, long Second) key)
    {
        return Parts.Count == 0 ? 0 : NumberOf((CodeOf(0, key.First) * Width) + (Parts.Count > 1 ? CodeOf(1, key.Second) : 0));

        long CodeOf(int part, long code) => Parts[part].Buckets?.At(code).Value ?? code;
    }

    /// <summary>The groups that occur in a block, as <see cref="BlockCounts"/> name them.</summary>
    /// <param name="block">The block; all of it is in the range.</param>
    /// <param name="tallies">By group, what was counted there.</param>
    /// <param name="occurring">What was counted in those that occur.</param>
    public List<(long First, long Second)> Keys(RowBlock block, ReadOnlySpan<Tally> tallies, out List<Tally> occurring)
    {
        var (keys, keyOf) = (new List<(long, long)>(), KeyOf(block.From, block.Until));
        occurring = [];
        for (var group = 0; group < Count; group++)
        {
            if (!tallies[group].IsEmpty)
            {
                keys.Add(keyOf(group));
                occurring.Add(tallies[group]);
            }
        }

        return keys;
    }

    /// <summary>All groups by number, named in the same way.</summary>
    /// <param name="from">Where the rows that were counted begin, in the range.</param>
    /// <param name="until">Where they end, in the range.</param>
    public IReadOnlyList<(long First, long Second)> Keys(long from, long until) => [.. Enumerable.Range(0, Count).Select(KeyOf(from, until))];

    private Func<int, (long First, long Second)> KeyOf(long from, long until)
    {
        var times = Parts.Select(part => part.Buckets?.Samples(from, until)).ToArray();
        return group =>
        {
            var (first, second) = Parts.Count == 0 ? (0, 0) : CodesOf(group);
            return (CodeOf(0, first), CodeOf(1, second));
        };

        long CodeOf(int part, int code) => times.Length > part && times[part] is { } samples ? samples[code] : code;
    }

    /// <summary>The values that make the group.</summary>
    public EquatableList<DimensionValue> ValuesOf(int group)
    {
        if (Parts.Count == 0)
        {
            return [];
        }

        var (first, second) = CodesOf(group);
        return Parts.Count == 1 ? [Parts[0].ValueOf(first)] : [Parts[0].ValueOf(first), Parts[1].ValueOf(second)];
    }

    /// <summary>The numbers of a group's values; the second is 0 where there is one dimension.</summary>
    private (int First, int Second) CodesOf(int group) => ((int)(_keys[group] / Width), (int)(_keys[group] % Width));

    private int Add(long key)
    {
        _keys.Add(key);
        return _keys.Count;
    }

    /// <summary>One dimension of the question.</summary>
    /// <param name="Dimension">Which one.</param>
    /// <param name="Texts">The value of each number; none of a time, whose text is worked out.</param>
    /// <param name="Buckets">Those of a time; null for others.</param>
    public sealed record Part(Dimension Dimension, string?[] Texts, TimeBuckets? Buckets)
    {
        /// <summary>How many values there can be; one at least.</summary>
        public int Count { get; } = Math.Max(1, Buckets?.Count ?? Texts.Length);

        public DimensionValue ValueOf(int code) => Buckets is { } buckets ? new(buckets.Text(code), code) : new(Texts[code]);

        public static Part Of(Dimension dimension, CountQuery query, PageRows rows) => dimension.Kind switch
        {
            DimensionKind.Session or DimensionKind.VisitorKind => new(dimension, SessionCodes.TextsOf(dimension, rows), null),
            DimensionKind.Time => new(dimension, [], TimeBuckets.Of(dimension, query.Range, query.Zone)),
            DimensionKind.Link => new(dimension, rows.LinkTexts(), null),
            _ => throw new ArgumentOutOfRangeException(nameof(dimension), dimension.Kind, null),
        };
    }
}
