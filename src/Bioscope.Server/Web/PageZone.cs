using Bioscope.Engine.Counting;
using Bioscope.Engine.Storage;
using Bioscope.Server.Configuration;
using Microsoft.Extensions.Caching.Memory;
using NodaTime;

namespace Bioscope.Server.Web;

/// <summary>
/// The time zone stored with a creator's page: it determines the days of a query that names no zone. There is none in databases of
/// another service.
/// </summary>
internal sealed class PageZone(MainDatabase main, Settings settings) : IDisposable
{
    private const int MaxKnown = 10_000; // about 2 MB
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

    /// <summary>The page's zone, or UTC; a zone just stored by another instance takes effect a minute later.</summary>
    public async Task<DateTimeZone> FindAsync(Guid page, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue(page, out DateTimeZone? known))
        {
            return known!;
        }

        var zone = await ReadAsync(page, cancellationToken) ?? DateTimeZone.Utc;
        return _known.Set(page, zone, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = KnownFor });
    }

    /// <summary>The page's zone as stored now; null when there is none.</summary>
    public async Task<DateTimeZone?> ReadAsync(Guid page, CancellationToken cancellationToken)
    {
        if (settings.SharedOwnership)
        {
            return null;
        }

        var found = await main.QueryAsync(ZoneOfPage, row => row.IsDBNull(0) ? null : row.GetString(0), cancellationToken, ("@page", page));
        return found is [{ } name, ..] ? TimeZoneName.Find(name) : null;
    }

    /// <summary>Stores a zone.</summary>
    /// <param name="page">The page.</param>
    /// <param name="zone">The zone.</param>
    /// <param name="onlyFirst">Whether to keep a zone that is stored already.</param>
    /// <param name="cancellationToken">Cancels writing.</param>
    public async Task KeepAsync(Guid page, DateTimeZone zone, bool onlyFirst, CancellationToken cancellationToken)
    {
        await main.ExecuteAsync(
            Keep + (onlyFirst ? """ AND "timeZone" IS NULL""" : ""), cancellationToken, ("@zone", zone.Id), ("@page", page));
        _known.Remove(page);
    }

    public void Dispose() => _known.Dispose();
}
