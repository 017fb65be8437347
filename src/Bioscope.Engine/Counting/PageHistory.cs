using System.Data.Common;
using Bioscope.Engine.Segments;
using Bioscope.Engine.Storage;
using Microsoft.Extensions.Caching.Memory;

namespace Bioscope.Engine.Counting;

/// <summary>
/// Keeps in memory what questions need of pages again and again: parts of segments, the sealed rows after them, the numbers of values. Each is
/// of one version of its page, which every question has read in its own snapshot, so nothing kept can be out of date.
/// </summary>
/// <param name="damaged">Told of pages whose sealed rows cannot be read.</param>
/// <param name="maxBytes">How much memory all of it may take: five eighths are for parts of segments.</param>
internal sealed class PageHistory(DamagedPages damaged, long maxBytes = PageHistory.UsualBytes) : IDisposable
{
    /// <summary>Enough for the questions about some pages with a million visits a year.</summary>
    public const long UsualBytes = 128 << 20;

    private readonly MemoryCache _pages = new(new MemoryCacheOptions { SizeLimit = maxBytes * 3 / 16 });

    /// <summary>So many sealed rows after a page's segments are kept. Sealing soon puts more into segments; until then they are read for each question.</summary>
    public int MaxRecentRows { get; set; } = 200_000;

    /// <summary>What questions come to after segments is kept from so many rows on: fewer are counted again about as soon as a copy is made.</summary>
    public int MinCheckpointRows { get; set; } = 50_000;

    /// <summary>
    /// So many rows of segments are read at once; a larger page is counted in portions. A page with a year of a million visits is one portion of
    /// some 40 MB.
    /// </summary>
    public int MaxRowsAtOnce { get; set; } = 3_000_000;

    /// <summary>Parts of segments.</summary>
    public SegmentCache Segments { get; } = new(maxBytes * 10 / 16);

    /// <summary>What questions came to after segments.</summary>
    public Checkpoints Checkpoints { get; } = new(maxBytes * 3 / 16);

    /// <summary>What is sealed of a page, as a snapshot has it; null where nothing is, or where it is damaged.</summary>
    public async Task<PageSnapshot?> OpenAsync(SqlDialect dialect, DbTransaction snapshot, Guid page, MemoryLease memory, CancellationToken cancellationToken)
    {
        PageState? state = null;
        try
        {
            state = await PageState.ReadAsync(dialect, snapshot, page, cancellationToken);
            return state.SealedUntil is null ? null : await PageSnapshot.OpenAsync(this, state, dialect, snapshot, memory, cancellationToken);
        }
        catch (Exception e) when (DamagedPages.IsDamage(e, dialect))
        {
            Damaged(page, state?.Version ?? -1, e);
            return null;
        }
    }

    /// <summary>Notes a page whose sealed rows cannot be read.</summary>
    public void Damaged(Guid page, long version, Exception failure) => damaged.Add(page, version, failure);

    /// <summary>The segments of a page's version, from memory or by reading them.</summary>
    public Task<List<Segment>> SegmentsAsync(PageState state, Func<Task<List<Segment>>> read) =>
        KeptAsync(("segments", state.BioPageId), state.Version, read, segments => 100 + (segments.Count * 150L));

    /// <summary>The sealed rows after a page's segments, from memory or by reading them.</summary>
    public Task<SealedRecent> RecentAsync(PageState state, Func<Task<SealedRecent>> read) =>
        KeptAsync(("recent", state.BioPageId), state.Version, read, recent => recent.Rows?.Bytes ?? 100);

    /// <summary>The numbers of a page's values.</summary>
    public PageValues Values(Guid page) => _pages.Get<PageValues>(("values", page)) ?? new PageValues(maxBytes / 32);

    /// <summary>Keeps the numbers of a page's values, as long as they are not too many.</summary>
    public void Keep(Guid page, PageValues values) => Keep(("values", page), values, values.Bytes);

    /// <summary>The version of a page that is known to have no spam before its watermark; −1 where none is known.</summary>
    public long VersionWithoutSpam(Guid page) => _pages.TryGetValue(("spam", page), out long version) ? version : -1;

    /// <summary>Keeps that no visit before the watermark of a page's version is spam.</summary>
    public void KeepVersionWithoutSpam(Guid page, long version) => Keep(("spam", page), version, bytes: 100);

    /// <inheritdoc />
    public void Dispose()
    {
        _pages.Dispose();
        Segments.Dispose();
        Checkpoints.Dispose();
    }

    private async Task<T> KeptAsync<T>(object key, long version, Func<Task<T>> read, Func<T, long> bytes)
        where T : class
    {
        if (_pages.TryGetValue(key, out (long Version, T Value) kept) && kept.Version == version)
        {
            return kept.Value;
        }

        var value = await read();
        Keep(key, (version, value), bytes(value));
        return value;
    }

    private void Keep<T>(object key, T value, long bytes) =>
        _pages.Set(key, value, new MemoryCacheEntryOptions { Size = bytes, SlidingExpiration = TimeSpan.FromHours(1) });
}

/// <summary>
/// The sealed rows after a page's segments up to some instant, null where they are too many to keep; and their visitors once they were asked for.
/// </summary>
internal sealed class SealedRecent(RecentRows? rows, DateTimeOffset until)
{
    private volatile RecentVisitors? _visitors;

    public RecentRows? Rows => rows;

    public DateTimeOffset Until => until;

    public RecentVisitors? Visitors
    {
        get => _visitors;
        set => _visitors = value;
    }
}
