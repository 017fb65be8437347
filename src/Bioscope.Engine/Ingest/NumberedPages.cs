using System.Data.Common;
using System.Globalization;
using Bioscope.Core;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Storage;
using Microsoft.Extensions.Caching.Memory;

namespace Bioscope.Engine.Ingest;

/// <summary>
/// Finds pages by the numbers that ids of their sessions carry (<see cref="PagedId"/>). Nothing is stored for it: a page's number is the end of
/// its id. What was found is asked again after a minute, because another page may have the same number, but is kept while the main database is
/// unavailable. A number that no page has is asked each time, so that a new page counts at once.
/// </summary>
internal sealed class NumberedPages(MainDatabase main, TimeProvider clock) : IDisposable
{
    private const int MaxKnown = 100_000, MaxInStatement = 1_000;

    // The index has this very expression: the last eight hexadecimal digits.
    private const string Sql = """
        -- pages of numbers
        SELECT "id" FROM "BioPage" WHERE substr(CAST("id" AS {text}), 29) {isAnyOfTexts}
        """;

    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(1);

    private readonly MemoryCache _known = new(new MemoryCacheOptions { SizeLimit = MaxKnown });

    /// <summary>The pages that ids of sessions or page views may be of, and those of the given pages that exist.</summary>
    /// <param name="ids">The ids.</param>
    /// <param name="pages">Pages; one that does not exist is left out.</param>
    /// <param name="cancellationToken">Cancels reading.</param>
    public async Task<PageNumbers> FindAsync(IEnumerable<Guid> ids, IEnumerable<Guid> pages, CancellationToken cancellationToken)
    {
        var found = new PageNumbers();
        var asked = new HashSet<uint>();
        foreach (var number in ids.Where(id => PagedId.TimeOf(id) is not null).Select(PagedId.NumberOf).Distinct())
        {
            if (!TryTake(number, null, found))
            {
                asked.Add(number);
            }
        }

        foreach (var page in pages.Distinct().Where(page => !NoPage.Is(page)))
        {
            if (!TryTake(PagedId.NumberOf(page), page, found))
            {
                asked.Add(PagedId.NumberOf(page));
            }
        }

        foreach (var some in asked.Chunk(MaxInStatement))
        {
            await ReadAsync(some, found, cancellationToken);
        }

        return found;
    }

    public void Dispose() => _known.Dispose();

    /// <summary>Whether the number's pages are known, and the page is one of them where one is given.</summary>
    private bool TryTake(uint number, Guid? page, PageNumbers found)
    {
        if (!_known.TryGetValue(number, out Known? known) || clock.GetElapsedTime(known!.ReadAt) > Kept
            || (page is { } one && !known.Pages.Contains(one)))
        {
            return false;
        }

        known.Pages.ForEach(found.Add);
        return true;
    }

    private async Task ReadAsync(uint[] numbers, PageNumbers found, CancellationToken cancellationToken)
    {
        List<Guid> pages;
        try
        {
            pages = await main.QueryAsync(
                Sql, row => main.Dialect.ReadGuid(row, 0), cancellationToken,
                ("@texts", Array.ConvertAll(numbers, number => number.ToString("x8", CultureInfo.InvariantCulture))));
        }
        catch (DbException e) when (main.Dialect.IsUnavailable(e))
        {
            foreach (var number in numbers)
            {
                if (_known.TryGetValue(number, out Known? known))
                {
                    known!.Pages.ForEach(found.Add);
                }
            }

            return;
        }

        pages.ForEach(found.Add);
        foreach (var group in pages.Concat(numbers.SelectMany(NoPage.Numbered)).GroupBy(PagedId.NumberOf))
        {
            var known = new Known([.. group], clock.GetTimestamp());
            _known.Set(group.Key, known, new MemoryCacheEntryOptions { Size = known.Pages.Count });
        }
    }

    private sealed record Known(List<Guid> Pages, long ReadAt);
}
