using Bioscope.Core;
using Bioscope.Engine.Storage;
using Microsoft.Extensions.Caching.Memory;

namespace Bioscope.Engine.Counting;

/// <summary>
/// Reads the sealed part of a window and caches it: it is the same for every window of the page that starts in the same hour, until the
/// page's version changes. The cache cannot be stale, since every report asks for the version that it has just read.
/// </summary>
internal sealed class SealedParts(AnalyticsDatabase analytics) : IDisposable
{
    private const long MaxBytes = 48 << 20;

    private readonly MemoryCache _kept = new(new MemoryCacheOptions { SizeLimit = MaxBytes });

    /// <returns>Null when the page's version has changed in the meantime.</returns>
    public async Task<SealedPart?> ReadAsync(
        string report, Window window, SealedPage page, Measure[] measures, CancellationToken cancellationToken)
    {
        var hour = Grain.Hour.Floor(window.Since);
        var key = (report, window.BioPageId, hour);
        if (_kept.TryGetValue(key, out (long Version, SealedPart Part) kept) && kept.Version == page.Version)
        {
            return kept.Part;
        }

        var part = await SealedPart.ReadAsync(analytics, report, window with { Since = hour }, page, measures, cancellationToken);
        if (part is not null)
        {
            // Entries of other hours are no longer requested.
            _kept.Set(key, (page.Version, part), new MemoryCacheEntryOptions { Size = part.Bytes, SlidingExpiration = TimeSpan.FromHours(1) });
        }

        return part;
    }

    public void Dispose() => _kept.Dispose();
}
