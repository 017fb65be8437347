using Bioscope.Engine.Counting;
using Bioscope.Engine.Storage;
using Bioscope.Server.Configuration;
using Microsoft.Extensions.Caching.Memory;
using NodaTime;

namespace Bioscope.Server.Web;

/// <summary>
/// The time zone that a creator keeps on her page: it decides what a day is where a question names no zone. Beside another service there is
/// none.
/// </summary>
internal sealed class PageZone(MainDatabase main, Settings settings) : IDisposable
{
    private const int MaxKnown = 10_000; // some 2 MB
    private static readonly TimeSpan KnownFor = TimeSpan.FromMinutes(1);

    private const string ZoneOfPage = """
        -- zone of page
        SELECT "timeZone" FROM "BioPage" WHERE "id" = @page
        """;

    private const string Keep = """
        -- keep zone of page
        UPDATE "BioPage" SET "timeZone" = @zone WHERE "id" = @page
        """;

    private readonly MemoryCache _known = new(new MemoryCacheOptions { SizeLimit = MaxKnown });

    /// <summary>The page's zone, else UTC; one that another instance has just kept counts a minute later.</summary>
    public async Task<DateTimeZone> FindAsync(Guid page, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue(page, out DateTimeZone? known))
        {
            return known!;
        }

        var zone = await ReadAsync(page, cancellationToken) ?? DateTimeZone.Utc;
        return _known.Set(page, zone, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = KnownFor });
    }

    /// <summary>The page's zone as it is kept now; null when none is kept.</summary>
    public async Task<DateTimeZone?> ReadAsync(Guid page, CancellationToken cancellationToken)
    {
        if (settings.SharedOwnership)
        {
            return null;
        }

        var found = await main.QueryAsync(ZoneOfPage, row => row.IsDBNull(0) ? null : row.GetString(0), cancellationToken, ("@page", page));
        return found is [{ } name, ..] ? TimeZoneName.Find(name) : null;
    }

    /// <summary>Keeps a zone.</summary>
    /// <param name="page">Whose.</param>
    /// <param name="zone">Which one.</param>
    /// <param name="onlyFirst">Whether one that is kept already stays.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    public async Task KeepAsync(Guid page, DateTimeZone zone, bool onlyFirst, CancellationToken cancellationToken)
    {
        await main.ExecuteAsync(Keep + (onlyFirst ? """ AND "timeZone" IS NULL""" : ""), cancellationToken, ("@zone", zone.Id), ("@page", page));
        _known.Remove(page);
    }

    public void Dispose() => _known.Dispose();
}
