using System.Runtime.InteropServices;

namespace Bioscope.Engine.Counting;

/// <summary>Numbers the combinations of values that rows have in the dimensions of a question, as they occur.</summary>
internal sealed class RowGroups
{
    private readonly PageRows _rows;
    private readonly Part[] _parts;
    // Of one dimension most values have small codes: their numbers are found without hashing. 0 stands for none yet.
    private const int MaxDirect = 64 * 1024;

    private readonly Dictionary<long, int> _numbers = [];
    private int[] _direct = new int[256];
    private readonly List<long> _keys = [];

    public RowGroups(CountQuery query, PageRows rows)
    {
        _rows = rows;
        _parts = [.. query.Dimensions.Select(dimension => Part.Of(dimension, query, rows))];
        ByLink = query.Dimensions.Any(dimension => dimension.Kind == DimensionKind.Link);
    }

    /// <summary>Whether the link is one of the dimensions: then sessions count by the links that were clicked.</summary>
    public bool ByLink { get; }

    /// <summary>The group of a session, by its own time.</summary>
    public int OfSession(int session) => NumberOf(session, _rows.StartedAt[session], 0);

    /// <summary>The group of a page view, by its own time.</summary>
    public int OfView(int view) => NumberOf(_rows.Sessions[view], _rows.EnteredAt[view], _rows.Links.Codes[view]);

    /// <summary>The group of a session for one of its clicks, by the session's time.</summary>
    public int OfVisitByLink(int session, int click) => NumberOf(session, _rows.StartedAt[session], _rows.Links.Codes[click]);

    /// <summary>The values that make the group.</summary>
    public EquatableList<DimensionValue> ValuesOf(int group)
    {
        var key = _keys[group];
        return _parts.Length switch
        {
            0 => [],
            1 => [_parts[0].ValueOf(key)],
            _ => [_parts[0].ValueOf(key >> 32), _parts[1].ValueOf(key & uint.MaxValue)],
        };
    }

    private int NumberOf(int session, long at, int link)
    {
        if (_parts.Length == 1 && _parts[0].CodeOf(session, at, link) is < MaxDirect and var only)
        {
            return DirectNumberOf(only);
        }

        var key = 0L;
        foreach (var part in _parts)
        {
            key = key << 32 | (uint)part.CodeOf(session, at, link);
        }

        ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(_numbers, key, out var isKnown);
        if (!isKnown)
        {
            number = _keys.Count;
            _keys.Add(key);
        }

        return number;
    }

    private int DirectNumberOf(int code)
    {
        if (code >= _direct.Length)
        {
            Array.Resize(ref _direct, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)code + 1));
        }

        ref var next = ref _direct[code];
        if (next == 0)
        {
            _keys.Add(code);
            next = _keys.Count;
        }

        return next - 1;
    }

    /// <summary>One dimension of the question.</summary>
    private abstract class Part
    {
        public abstract DimensionValue ValueOf(long code);

        public abstract int CodeOf(int session, long at, int link);

        public static Part Of(Dimension dimension, CountQuery query, PageRows rows) => dimension.Kind switch
        {
            DimensionKind.Session => new OfSessions([.. rows.Fact(dimension).Codes], rows.Fact(dimension).Values),
            DimensionKind.VisitorKind => new OfSessions(VisitorKinds.Codes(rows), VisitorKinds.Values),
            DimensionKind.Time => new OfTimes(TimeBuckets.Of(dimension, query.Range, query.Zone)),
            DimensionKind.Link => new OfLinks(rows.Links.Values),
            _ => throw new ArgumentOutOfRangeException(nameof(dimension), dimension.Kind, null),
        };
    }

    private sealed class OfSessions(int[] codes, IReadOnlyList<string?> values) : Part
    {
        public override DimensionValue ValueOf(long code) => new(values[(int)code]);

        public override int CodeOf(int session, long at, int link) => codes[session];
    }

    private sealed class OfTimes(TimeBuckets buckets) : Part
    {
        private TimeBucketCursor _cursor = buckets.Cursor();

        public override DimensionValue ValueOf(long code) => new(buckets.Text((int)code), (int)code);

        public override int CodeOf(int session, long at, int link) => _cursor.ValueAt(at);
    }

    private sealed class OfLinks(IReadOnlyList<string?> values) : Part
    {
        public override DimensionValue ValueOf(long code) => new(values[(int)code]);

        public override int CodeOf(int session, long at, int link) => link;
    }
}
