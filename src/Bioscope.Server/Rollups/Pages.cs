using System.Runtime.CompilerServices;
using Bioscope.Server.Storage;

namespace Bioscope.Server.Rollups;

/// <summary>Finds the pages that have rows, whoever made them.</summary>
internal static class Pages
{
    // Each step goes through an index to the next page, however many rows there are between.
    private const string NextSql = """
        -- next page
        SELECT "bioPageId" FROM (
          SELECT "bioPageId" FROM (SELECT "bioPageId" FROM "AnalyticsSession" WHERE "bioPageId" > @after ORDER BY "bioPageId" LIMIT 1) AS "session"
          UNION ALL
          SELECT "bioPageId" FROM (SELECT "bioPageId" FROM "AnalyticsPageView" WHERE "bioPageId" > @after ORDER BY "bioPageId" LIMIT 1) AS "view"
        ) AS "page" ORDER BY "bioPageId" LIMIT 1
        """;

    /// <summary>
    /// All of them after <paramref name="after"/>, by id. The nil UUID, under which sessions without a page are, is nobody's page: no report
    /// is about it.
    /// </summary>
    public static async IAsyncEnumerable<Guid> AllAsync(
        AnalyticsDatabase analytics, [EnumeratorCancellation] CancellationToken cancellation, Guid after = default)
    {
        while (await analytics.QueryAsync(NextSql, row => analytics.Dialect.ReadGuid(row, 0), cancellation, ("@after", after)) is [var page])
        {
            yield return page;
            after = page;
        }
    }
}
