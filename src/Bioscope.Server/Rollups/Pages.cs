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

    /// <summary>That of both engines: by the hexadecimal digits.</summary>
    public static readonly Comparer<Guid> Order = Comparer<Guid>.Create((a, b) => string.CompareOrdinal(a.ToString(), b.ToString()));

    /// <summary>
    /// All of them, by id. The nil UUID, under which sessions without a page are, is nobody's page: no report is about it.
    /// </summary>
    public static async IAsyncEnumerable<Guid> AllAsync(AnalyticsDatabase analytics, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var after = default(Guid);
        while (await analytics.QueryAsync(NextSql, row => analytics.Dialect.ReadGuid(row, 0), cancellation, ("@after", after)) is [var page])
        {
            yield return page;
            after = page;
        }
    }

    /// <summary>All of them and those that have rollups but no rows any more, by id.</summary>
    public static async Task<List<Guid>> KnownAsync(AnalyticsDatabase analytics, CancellationToken cancellation)
    {
        var pages = await analytics.QueryAsync(
            """
            -- pages with rollups
            SELECT "bioPageId" FROM "RollupPage" UNION SELECT "bioPageId" FROM "Rollup" UNION SELECT "bioPageId" FROM "RollupVisitors"
            """,
            row => analytics.Dialect.ReadGuid(row, 0),
            cancellation);
        await foreach (var page in AllAsync(analytics, cancellation))
        {
            pages.Add(page);
        }

        return [.. pages.Distinct().Order(Order)];
    }
}
