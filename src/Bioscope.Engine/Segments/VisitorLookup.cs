using System.Numerics;

namespace Bioscope.Engine.Segments;

/// <summary>Finds visitors among those of a page's segments.</summary>
internal static class VisitorLookup
{
    // The maximum of parts in memory at once without a cache.
    private const int SegmentsAtOnce = 16;

    /// <summary>The numbers of those visitors that are in the segments.</summary>
    /// <exception cref="FormatException">A segment's visitors are damaged.</exception>
    public static async Task<Dictionary<VisitorKey, int>> FindAsync(
        SegmentReader reader, IReadOnlyList<Segment> segments, IReadOnlyCollection<VisitorKey> wanted)
    {
        var found = new Dictionary<VisitorKey, int>();
        if (wanted.Count == 0)
        {
            return found;
        }

        var filter = new Filter(wanted);
        foreach (var some in segments.Chunk(SegmentsAtOnce))
        {
            var parts = await reader.ReadAsync(SegmentPart.Visitors, some);
            for (var i = 0; i < parts.Length; i++)
            {
                Find(parts[i], some[i], filter, found);
            }
        }

        return found;
    }

    /// <summary>The visitors of a segment as bytes.</summary>
    public static byte[] Write(IReadOnlyList<VisitorKey> visitors)
    {
        var bytes = new byte[visitors.Count * VisitorKey.Bytes];
        for (var i = 0; i < visitors.Count; i++)
        {
            visitors[i].Write(bytes.AsSpan(i * VisitorKey.Bytes));
        }

        return bytes;
    }

    private static void Find(byte[] bytes, Segment segment, Filter filter, Dictionary<VisitorKey, int> found)
    {
        if (bytes.Length != segment.Visitors * VisitorKey.Bytes)
        {
            throw new FormatException($"segment {segment.Number} has {bytes.Length} bytes for {segment.Visitors} visitors");
        }

        for (var i = 0; i < segment.Visitors; i++)
        {
            var visitor = VisitorKey.Read(bytes.AsSpan(i * VisitorKey.Bytes, VisitorKey.Bytes));
            if (filter.Has(visitor))
            {
                found[visitor] = segment.FirstVisitor + i;
            }
        }
    }

    /// <summary>A set that rejects most other keys without hashing them: keys are random bits already.</summary>
    private sealed class Filter
    {
        private readonly HashSet<VisitorKey> _wanted;
        private readonly ulong[] _bits;
        private readonly ulong _mask;

        public Filter(IReadOnlyCollection<VisitorKey> wanted)
        {
            _wanted = [.. wanted];
            _mask = BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(wanted.Count, 64, 1 << 26) * 16UL) - 1;
            _bits = new ulong[(_mask + 1) / 64];
            foreach (var visitor in wanted)
            {
                var bit = visitor.High & _mask;
                _bits[bit / 64] |= 1UL << (int)(bit % 64);
            }
        }

        public bool Has(VisitorKey visitor)
        {
            var bit = visitor.High & _mask;
            return (_bits[bit / 64] & (1UL << (int)(bit % 64))) != 0 && _wanted.Contains(visitor);
        }
    }
}
