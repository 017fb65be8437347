using Bioscope.Core;
using Bioscope.Engine.Storage;
using Microsoft.Extensions.Caching.Memory;

namespace Bioscope.Engine.Ingest;

/// <summary>
/// Knows whose sites are whose: a visit that comes from a site of a page needs no token. Results are kept for a few seconds, so that a new
/// site counts, and a removed one does not, soon and on every instance.
/// </summary>
internal sealed class PageSites(MainDatabase main) : IDisposable
{
    private const int MaxKnown = 20_000;

    private const string Sql = """
        -- sites of page
        SELECT "origin" FROM "Site" WHERE "bioPageId" = @page
        """;

    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(10);

    private readonly MemoryCache _known = new(new MemoryCacheOptions { SizeLimit = MaxKnown });

    /// <summary>Whether the page has a site with this origin, whatever its scheme and with or without <c>www.</c></summary>
    /// <param name="page">The page.</param>
    /// <param name="origin">As <see cref="SiteOrigin.Of"/> gives it.</param>
    /// <param name="cancellationToken">Cancels reading.</param>
    /// <exception cref="System.Data.Common.DbException">The main database is unavailable.</exception>
    public async Task<bool> HasAsync(Guid page, string origin, CancellationToken cancellationToken)
    {
        if (!_known.TryGetValue(page, out string[]? sites))
        {
            var origins = await main.QueryAsync(Sql, row => row.GetString(0), cancellationToken, ("@page", page));
            sites = [.. origins.Select(SiteOrigin.SiteOf)];
            _known.Set(page, sites, new MemoryCacheEntryOptions { Size = 1 + sites.Length, AbsoluteExpirationRelativeToNow = Kept });
        }

        return sites!.Contains(SiteOrigin.SiteOf(origin));
    }

    /// <summary>Forgets the page's sites: they have changed.</summary>
    public void Forget(Guid page) => _known.Remove(page);

    /// <inheritdoc />
    public void Dispose() => _known.Dispose();
}
