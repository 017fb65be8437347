using System.Data.Common;
using Bioscope.Engine.Columns;
using Bioscope.Engine.Storage;
using Microsoft.Extensions.Caching.Memory;

namespace Bioscope.Engine.Segments;

/// <summary>Keeps parts of segments in memory. They never change, so nothing kept can be out of date.</summary>
internal sealed class SegmentCache : IDisposable
{
    private const long MaxBytes = 80 << 20;

    private readonly MemoryCache _parts = new(new MemoryCacheOptions { SizeLimit = MaxBytes });

    /// <summary>The part of a segment, if it is kept.</summary>
    public byte[]? Find(string part, Segment segment) => _parts.Get<byte[]>(KeyOf(part, segment));

    /// <summary>Keeps a part, unless too many others were used just now.</summary>
    public void Keep(string part, Segment segment, byte[] bytes) => _parts.Set(
        KeyOf(part, segment), bytes, new MemoryCacheEntryOptions { Size = bytes.Length + 200, SlidingExpiration = TimeSpan.FromHours(1) });

    /// <inheritdoc />
    public void Dispose() => _parts.Dispose();

    private static (Guid, long, int, string) KeyOf(string part, Segment segment) => (segment.BioPageId, segment.Version, segment.Number, part);
}

/// <summary>Reads parts of a page's segments in one snapshot, those that are not in memory.</summary>
/// <param name="dialect">The engine's.</param>
/// <param name="snapshot">In which everything is read.</param>
/// <param name="cache">Where parts are kept; null where each is read once.</param>
/// <param name="take">Told how many bytes are read.</param>
/// <param name="cancellationToken">Ends the reading.</param>
internal sealed class SegmentReader(SqlDialect dialect, DbTransaction snapshot, SegmentCache? cache, Action<long> take, CancellationToken cancellationToken)
{
    private const int MaxNumbersInStatement = 500;

    private const string Sql = """
        -- segment columns
        SELECT "number", "bytes" FROM "SegmentColumn" WHERE "bioPageId" = @page AND "part" = @part AND "number" {isAnyOfNumbers}
        """;

    /// <summary>A part of each of these segments, in their order.</summary>
    /// <exception cref="FormatException">One is missing.</exception>
    public async Task<byte[][]> ReadAsync(string part, IReadOnlyList<Segment> segments)
    {
        var bytes = new byte[]?[segments.Count];
        var missing = new Dictionary<int, int>(); // place by number
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] = cache?.Find(part, segments[i]);
            if (bytes[i] is null)
            {
                missing.Add(segments[i].Number, i);
            }
        }

        foreach (var numbers in missing.Keys.Chunk(MaxNumbersInStatement))
        {
            await dialect.QueryAsync(
                snapshot,
                Sql,
                row =>
                {
                    var place = missing[row.GetInt32(0)];
                    bytes[place] = row.GetFieldValue<byte[]>(1);
                    take(bytes[place]!.Length);
                    cache?.Keep(part, segments[place], bytes[place]!);
                    return false;
                },
                cancellationToken,
                ("@page", segments[0].BioPageId),
                ("@part", part),
                ("@numbers", numbers));
        }

        return [.. bytes.Select((found, i) => found ?? throw new FormatException($"segment {segments[i].Number} has no {part}"))];
    }

    /// <summary>A column of each of these segments, in their order.</summary>
    /// <exception cref="FormatException">One is missing, or is none.</exception>
    public async Task<NumberColumn[]> ReadAsync(BlockColumn column, IReadOnlyList<Segment> segments)
    {
        var parts = await ReadAsync(SegmentPart.Of(column), segments);
        var isOfViews = SegmentPart.IsOfViews(column);
        return [.. parts.Select((bytes, i) => NumberColumn.Read(bytes, isOfViews ? segments[i].Views : segments[i].Sessions))];
    }
}
