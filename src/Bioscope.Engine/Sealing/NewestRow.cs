using Bioscope.Engine.Rows;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Sealing;

/// <summary>Finds when rows were last stored by checking every page; the only other evidence of time that every database has.</summary>
internal static class NewestRow
{
    // Reads the ends of two indexes for each page.
    private const string BeforeSql = """
        -- newest row
        SELECT "at" FROM (
          SELECT "at" FROM (SELECT "startedAt" AS "at" FROM "AnalyticsSession"
            WHERE "bioPageId" = @page AND "startedAt" <= @until AND {startedAtIsInstant} ORDER BY "startedAt" DESC LIMIT 1) AS "session"
          UNION ALL
          SELECT "at" FROM (SELECT "enteredAt" AS "at" FROM "AnalyticsPageView"
            WHERE "bioPageId" = @page AND "enteredAt" <= @until AND {enteredAtIsInstant} ORDER BY "enteredAt" DESC LIMIT 1) AS "view"
        ) AS "row" ORDER BY "at" DESC LIMIT 1
        """;

    private const string AfterSql = """
        -- rows after
        SELECT MIN("at"), MAX("at") FROM (
          SELECT MIN("startedAt") AS "at" FROM "AnalyticsSession" WHERE "bioPageId" = @page AND "startedAt" > @after AND {startedAtIsInstant}
          UNION ALL SELECT MAX("startedAt") FROM "AnalyticsSession" WHERE "bioPageId" = @page AND "startedAt" > @after AND {startedAtIsInstant}
          UNION ALL SELECT MIN("enteredAt") FROM "AnalyticsPageView" WHERE "bioPageId" = @page AND "enteredAt" > @after AND {enteredAtIsInstant}
          UNION ALL SELECT MAX("enteredAt") FROM "AnalyticsPageView" WHERE "bioPageId" = @page AND "enteredAt" > @after AND {enteredAtIsInstant}
        ) AS "row"
        """;

    /// <summary>Of these pages the time of the newest row up to <paramref name="until"/>, or of any that is not before <paramref name="enough"/>.</summary>
    /// <returns>Null when there is none.</returns>
    public static async Task<DateTimeOffset?> UntilAsync(
        AnalyticsDatabase analytics, IAsyncEnumerable<Guid> pages, DateTimeOffset until, DateTimeOffset enough, CancellationToken cancellationToken)
    {
        DateTimeOffset? newest = null;
        await foreach (var page in pages.WithCancellation(cancellationToken))
        {
            if (await analytics.QueryAsync(BeforeSql, row => analytics.Dialect.ReadInstant(row, 0), cancellationToken, ("@page", page), ("@until", until)) is [var at]
                && !(newest >= at))
            {
                newest = at;
                if (at >= enough)
                {
                    break;
                }
            }
        }

        return newest;
    }

    /// <summary>The times of the first and the last row after an instant.</summary>
    /// <returns>Null when there is none.</returns>
    public static async Task<(DateTimeOffset First, DateTimeOffset Last)?> AfterAsync(
        AnalyticsDatabase analytics, DateTimeOffset after, CancellationToken cancellationToken)
    {
        (DateTimeOffset First, DateTimeOffset Last)? found = null;
        await foreach (var page in Pages.AllAsync(analytics, cancellationToken))
        {
            var (first, last) = (await analytics.QueryAsync(
                AfterSql,
                row => (analytics.Dialect.ReadInstantIfSound(row, 0), analytics.Dialect.ReadInstantIfSound(row, 1)),
                cancellationToken,
                ("@page", page),
                ("@after", after))).Single();
            if (first is { } from && last is { } to)
            {
                found = found is { } known ? (known.First < from ? known.First : from, known.Last > to ? known.Last : to) : (from, to);
            }
        }

        return found;
    }
}
