using Bioscope.Core;
using Bioscope.Engine.Storage;
using Microsoft.Extensions.Caching.Memory;

namespace Bioscope.Engine.Counting;

/// <summary>
/// Reads what of a window is sealed, and caches it: it is the same for every window of the page that starts in the same hour, until the page
/// has another version. Nothing cached can be out of date, since every question asks for the version that it has just read.
/// </summary>
internal sealed class SealedCountsCache(AnalyticsDatabase analytics) : IDisposable
{
    private const long MaxBytes = 48 << 20;

    private readonly MemoryCache _kept = new(new MemoryCacheOptions { SizeLimit = MaxBytes });

    /// <returns>Null when the page has changed its version in the meantime.</returns>
    public async Task<SealedCounts?> ReadAsync(RollupPlan plan, Window window, SealedPage page, CancellationToken cancellationToken)
    {
        var key = KeyOf(plan, window);
        if (_kept.TryGetValue(key, out (long Version, SealedCounts Counts) kept) && kept.Version == page.Version)
        {
            return kept.Counts;
        }

        var counts = await SealedCounts.ReadAsync(analytics, plan, window with { Since = key.Hour }, page, cancellationToken);
        if (counts is not null)
        {
            // Entries of other hours are no longer requested.
            _kept.Set(
                key, (page.Version, counts), new MemoryCacheEntryOptions { Size = counts.Bytes, SlidingExpiration = TimeSpan.FromHours(1) });
        }

        return counts;
    }

    /// <summary>What was read last, which may be of an older version than the page has.</summary>
    public SealedCounts? Find(RollupPlan plan, Window window) =>
        _kept.TryGetValue(KeyOf(plan, window), out (long Version, SealedCounts Counts) kept) ? kept.Counts : null;

    private static (RollupPlan Plan, Guid Page, DateTimeOffset Hour) KeyOf(RollupPlan plan, Window window) =>
        (plan, window.BioPageId, Grain.Hour.Floor(window.Since));

    public void Dispose() => _kept.Dispose();
}
