using System.Data.Common;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Storage;
using Microsoft.Extensions.Caching.Memory;

namespace Bioscope.Engine.Ingest;

/// <summary>
/// Whether a page is hidden by its creator, suspended or erased: then no visit of it is counted. That it is not hidden is cached for a minute; that it
/// is is looked up each time, so that a page counts from the moment it is published.
/// </summary>
internal sealed class PublishedPages(MainDatabase main, SuspendedCreators suspended) : IDisposable
{
    private const int MaxKnown = 20_000;

    private const string Sql = """
        -- is page hidden
        SELECT 1 FROM "BioPage" WHERE "id" = @page AND NOT "published"
        UNION ALL SELECT 1 FROM "Erasure" WHERE "bioPageId" = @page AND "kind" = 'creator'
        """;

    private readonly MemoryCache _published = new(new MemoryCacheOptions { SizeLimit = MaxKnown });

    /// <returns>False without the main database: visits are counted then.</returns>
    public async Task<bool> IsHiddenAsync(Guid page, CancellationToken cancellationToken)
    {
        if (await suspended.HasPageAsync(page, cancellationToken))
        {
            return true;
        }

        if (_published.TryGetValue(page, out _))
        {
            return false;
        }

        try
        {
            if (await main.QueryAsync(Sql, _ => true, cancellationToken, ("@page", page)) is [_, ..])
            {
                return true;
            }
        }
        catch (DbException e) when (main.Dialect.IsUnavailable(e))
        {
            return false;
        }

        _published.Set(page, true, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = TimeSpan.FromMinutes(1) });
        return false;
    }

    /// <summary>Looks the page up again, because it is erased.</summary>
    public void Forget(Guid page) => _published.Remove(page);

    public void Dispose() => _published.Dispose();
}
