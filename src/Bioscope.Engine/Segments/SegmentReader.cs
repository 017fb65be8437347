using System.Data;
using System.Data.Common;
using Bioscope.Engine.Columns;
using Bioscope.Engine.Storage;
using Microsoft.Extensions.Caching.Memory;

namespace Bioscope.Engine.Segments;

/// <summary>Caches parts of segments. They are immutable, so the cache cannot be stale.</summary>
/// <param name="maxBytes">How much memory it may take.</param>
internal sealed class SegmentCache(long maxBytes) : IDisposable
{
    private readonly MemoryCache _parts = new(new MemoryCacheOptions { SizeLimit = maxBytes });

    /// <summary>The part of a segment, if it is cached.</summary>
    public byte[]? Find(string part, Segment segment) => _parts.Get<byte[]>(KeyOf(part, segment));

    /// <summary>Caches a part, unless too many others were used recently.</summary>
    public void Keep(string part, Segment segment, byte[] bytes) => _parts.Set(
        KeyOf(part, segment), bytes, new MemoryCacheEntryOptions { Size = bytes.Length + 200, SlidingExpiration = TimeSpan.FromHours(1) });

    /// <inheritdoc />
    public void Dispose() => _parts.Dispose();

    private static (Guid, long, int, string) KeyOf(string part, Segment segment) =>
        (segment.BioPageId, segment.Version, segment.Number, part);
}

/// <summary>Reads parts of a page's segments in one snapshot, unless they are cached.</summary>
/// <param name="dialect">The engine's.</param>
/// <param name="snapshot">The transaction in which everything is read.</param>
/// <param name="cache">The cache; null to read each part once.</param>
/// <param name="take">Told how many bytes more are read; fewer than none when they are given back.</param>
/// <param name="cancellationToken">Cancels reading.</param>
internal sealed class SegmentReader(
    SqlDialect dialect, DbTransaction snapshot, SegmentCache? cache, Action<long> take, CancellationToken cancellationToken)
{
    private const int MaxNumbersInStatement = 500;

    private const string Sql = """
        -- segment columns
        SELECT "number", "bytes" FROM "SegmentColumn" WHERE "bioPageId" = @page AND "part" = @part AND "number" {isAnyOfNumbers}
        """;

    /// <summary>How many bytes were read and not given back.</summary>
    public long Taken { get; private set; }

    /// <summary>Gives back the bytes of what is not needed any more.</summary>
    /// <param name="but">All but so many.</param>
    public void GiveBack(long but = 0)
    {
        take(but - Taken);
        Taken = but;
    }

    /// <summary>One part of each of these segments, in their order.</summary>
    /// <exception cref="FormatException">One is missing.</exception>
    public async Task<byte[][]> ReadAsync(string part, IReadOnlyList<Segment> segments)
    {
        var bytes = new byte[]?[segments.Count];
        var missing = new Dictionary<int, int>(); // index by number
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
            await using var command = dialect.Command(
                snapshot.Connection!, snapshot, Sql, ("@page", segments[0].BioPageId), ("@part", part), ("@numbers", numbers));
            // Straight into each array: PostgreSQL's driver would hold the whole row in a buffer first.
            await using var row = await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, cancellationToken);
            while (await row.ReadAsync(cancellationToken))
            {
                var place = missing[row.GetInt32(0)];
                var found = bytes[place] = await row.GetFieldValueAsync<byte[]>(1, cancellationToken);
                take(found.Length);
                Taken += found.Length;
                cache?.Keep(part, segments[place], found);
            }
        }

        return [.. bytes.Select((found, i) => found ?? throw new FormatException($"segment {segments[i].Number} has no {part}"))];
    }

    /// <summary>A column of each of these segments, in their order.</summary>
    /// <exception cref="FormatException">A column is missing or malformed.</exception>
    public async Task<NumberColumn[]> ReadAsync(BlockColumn column, IReadOnlyList<Segment> segments)
    {
        var parts = await ReadAsync(SegmentPart.Of(column), segments);
        var isOfViews = SegmentPart.IsOfViews(column);
        return [.. parts.Select((bytes, i) => NumberColumn.Read(bytes, isOfViews ? segments[i].Views : segments[i].Sessions))];
    }
}
