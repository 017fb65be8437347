using Bioscope.Engine.Storage;
using Microsoft.Extensions.Caching.Memory;

namespace Bioscope.Engine.Ingest;

/// <summary>
/// Finds the page of a link: only clicks on existing links count, or every made-up id would become a permanent row. Results are cached
/// for a minute. A link that was not found is looked up each time, so that a new link counts from its first click.
/// </summary>
internal sealed class LinkPages(MainDatabase main) : IDisposable
{
    private const int MaxKnown = 20_000;

    private const string Sql = """
        -- page of link
        SELECT "bioPageId" FROM "BioLink" WHERE "id" = @link AND NOT "heading"
        """;

    private readonly MemoryCache _known = new(new MemoryCacheOptions { SizeLimit = MaxKnown });

    /// <returns>The page; null when no page has the link.</returns>
    /// <exception cref="System.Data.Common.DbException">The main database is unavailable.</exception>
    public async Task<Guid?> PageOfAsync(Guid link, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue(link, out Guid page))
        {
            return page;
        }

        if (await main.QueryAsync(Sql, row => main.Dialect.ReadGuid(row, 0), cancellationToken, ("@link", link)) is not [var found])
        {
            return null;
        }

        return _known.Set(link, found, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = TimeSpan.FromMinutes(1) });
    }

    public void Dispose() => _known.Dispose();
}
