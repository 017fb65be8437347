using System.Data.Common;
using System.Runtime.CompilerServices;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Rows;

/// <summary>Finds the pages that have rows, whether or not they exist in the main database.</summary>
internal static class Pages
{
    // Each step jumps through an index to the next page, however many rows are in between.
    private const string NextSql = """
        -- next page
        SELECT "bioPageId" FROM (
          SELECT "bioPageId" FROM (SELECT "bioPageId" FROM "AnalyticsSession" WHERE "bioPageId" > @after ORDER BY "bioPageId" LIMIT 1) AS "session"
          UNION ALL
          SELECT "bioPageId" FROM (SELECT "bioPageId" FROM "AnalyticsPageView" WHERE "bioPageId" > @after ORDER BY "bioPageId" LIMIT 1) AS "view"
        ) AS "page" ORDER BY "bioPageId" LIMIT 1
        """;

    private static readonly string FirstSql = NextSql.Replace(" > @after", " >= @after", StringComparison.Ordinal);

    /// <summary>The order of both engines: by the hexadecimal digits.</summary>
    public static readonly Comparer<Guid> Order = Comparer<Guid>.Create((a, b) => string.CompareOrdinal(a.ToString(), b.ToString()));

    /// <summary>
    /// All pages with rows, by id. The nil UUID, which holds sessions without a page, is left out, because no report is about it. So are
    /// malformed ids.
    /// </summary>
    public static async IAsyncEnumerable<Guid> AllAsync(
        AnalyticsDatabase analytics, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var key in KeysAsync(analytics, default(Guid), cancellationToken))
        {
            if (IdOf(key) is { } page && page != default)
            {
                yield return page;
            }
        }
    }

    /// <summary>Every value in the columns of page ids, as stored; SQLite accepts anything.</summary>
    public static IAsyncEnumerable<object> KeysAsync(AnalyticsDatabase analytics, CancellationToken cancellationToken) =>
        KeysAsync(analytics, analytics.Dialect.Value(default(Guid)) is string ? "" : default(Guid), cancellationToken);

    /// <summary>A stored value as an id; null when it is not one.</summary>
    public static Guid? IdOf(object key) => key switch
    {
        Guid id => id,
        string text when Guid.TryParseExact(text, "D", out var id) && text == id.ToString("D") => id,
        _ => null,
    };

    /// <summary>All pages with rows, and those with rollups but no rows, by id.</summary>
    public static async Task<List<Guid>> KnownAsync(AnalyticsDatabase analytics, CancellationToken cancellationToken)
    {
        var pages = (await analytics.QueryAsync(
            """
            -- pages with rollups
            SELECT "bioPageId" FROM "RollupPage" UNION SELECT "bioPageId" FROM "Rollup" UNION SELECT "bioPageId" FROM "RollupVisitors"
            """,
            row => IdOf(row.GetValue(0)),
            cancellationToken)).OfType<Guid>().ToList();
        await foreach (var page in AllAsync(analytics, cancellationToken))
        {
            pages.Add(page);
        }

        return [.. pages.Distinct().Order(Order)];
    }

    private static async IAsyncEnumerable<object> KeysAsync(
        AnalyticsDatabase analytics, object from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (sql, after) = (FirstSql, from);
        while (await analytics.QueryAsync(sql, Key, cancellationToken, ("@after", after)) is [var key])
        {
            yield return key;
            (sql, after) = (NextSql, key);
        }

        static object Key(DbDataReader row) => row.GetValue(0);
    }
}
