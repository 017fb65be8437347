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
        SELECT "part", "number", "bytes" FROM "SegmentColumn" WHERE "bioPageId" = @page AND "part" {isAnyOfTexts} AND "number" {isAnyOfNumbers}
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
    public async Task<byte[][]> ReadAsync(string part, IReadOnlyList<Segment> segments) => (await ReadAsync([(part, segments)]))[0];

    /// <summary>Several columns, each of its segments, in their order: read together, so that the database goes on while they are taken over.</summary>
    /// <exception cref="FormatException">A column is missing or malformed.</exception>
    public async Task<NumberColumn[][]> ReadAsync(IReadOnlyList<(BlockColumn Column, IReadOnlyList<Segment> Segments)> wanted)
    {
        var parts = await ReadAsync([.. wanted.Select(some => (SegmentPart.Of(some.Column), some.Segments))]);
        return [.. wanted.Select((some, i) => Columns(some.Column, some.Segments, parts[i]))];
    }

    /// <summary>A column of each of these segments, in their order.</summary>
    /// <exception cref="FormatException">A column is missing or malformed.</exception>
    public async Task<NumberColumn[]> ReadAsync(BlockColumn column, IReadOnlyList<Segment> segments) => (await ReadAsync([(column, segments)]))[0];

    private static NumberColumn[] Columns(BlockColumn column, IReadOnlyList<Segment> segments, byte[][] parts)
    {
        var isOfViews = SegmentPart.IsOfViews(column);
        return [.. parts.Select((bytes, i) => NumberColumn.Read(bytes, isOfViews ? segments[i].Views : segments[i].Sessions))];
    }

    private async Task<byte[][][]> ReadAsync(IReadOnlyList<(string Part, IReadOnlyList<Segment> Segments)> wanted)
    {
        var bytes = wanted.Select(some => some.Segments.Select(segment => cache?.Find(some.Part, segment)).ToArray()).ToArray();
        var missing = new Dictionary<(string Part, int Number), (int Of, int Place)>();
        for (var i = 0; i < bytes.Length; i++)
        {
            for (var place = 0; place < bytes[i].Length; place++)
            {
                if (bytes[i][place] is null)
                {
                    missing.Add((wanted[i].Part, wanted[i].Segments[place].Number), (i, place));
                }
            }
        }

        // A statement has parts of some segments: mostly the same segments are missing of all parts.
        foreach (var alike in missing.Keys.GroupBy(key => key.Part, key => key.Number).GroupBy(part => string.Join(' ', part)))
        {
            foreach (var numbers in alike.First().Chunk(MaxNumbersInStatement))
            {
                await ReadAsync([.. alike.Select(part => part.Key)], numbers);
            }
        }

        return bytes.Select((parts, i) => parts.Select((found, place) =>
            found ?? throw new FormatException($"segment {wanted[i].Segments[place].Number} has no {wanted[i].Part}")).ToArray()).ToArray();

        async Task ReadAsync(string[] parts, int[] numbers)
        {
            await using var command = dialect.Command(
                snapshot.Connection!, snapshot, Sql, ("@page", wanted[0].Segments[0].BioPageId), ("@texts", parts), ("@numbers", numbers));
            // Straight into each array: PostgreSQL's driver would hold the whole row in a buffer first.
            await using var row = await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, cancellationToken);
            while (await row.ReadAsync(cancellationToken))
            {
                var (of, place) = missing[(row.GetString(0), row.GetInt32(1))];
                var found = bytes[of][place] = await row.GetFieldValueAsync<byte[]>(2, cancellationToken);
                take(found.Length);
                Taken += found.Length;
                cache?.Keep(wanted[of].Part, wanted[of].Segments[place], found);
            }
        }
    }
}
