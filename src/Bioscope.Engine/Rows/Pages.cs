using System.Data.Common;
using System.Runtime.CompilerServices;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Rows;

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

    private static readonly string FirstSql = NextSql.Replace(" > @after", " >= @after", StringComparison.Ordinal);

    /// <summary>That of both engines: by the hexadecimal digits.</summary>
    public static readonly Comparer<Guid> Order = Comparer<Guid>.Create((a, b) => string.CompareOrdinal(a.ToString(), b.ToString()));

    /// <summary>
    /// All of them, by id. The nil UUID, under which sessions without a page are, is nobody's page: no report is about it. What is no id is
    /// nobody's page either.
    /// </summary>
    public static async IAsyncEnumerable<Guid> AllAsync(AnalyticsDatabase analytics, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var key in KeysAsync(analytics, default(Guid), cancellationToken))
        {
            if (IdOf(key) is { } page && page != default)
            {
                yield return page;
            }
        }
    }

    /// <summary>All that stands in the place of a page's id, as it is stored; SQLite takes anything.</summary>
    public static IAsyncEnumerable<object> KeysAsync(AnalyticsDatabase analytics, CancellationToken cancellationToken) =>
        KeysAsync(analytics, analytics.Dialect.Value(default(Guid)) is string ? "" : default(Guid), cancellationToken);

    /// <summary>The id that a stored value is; null when it is none.</summary>
    public static Guid? IdOf(object key) => key switch
    {
        Guid id => id,
        string text when Guid.TryParseExact(text, "D", out var id) && text == id.ToString("D") => id,
        _ => null,
    };

    /// <summary>All of them and those that have rollups but no rows any more, by id.</summary>
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

    private static async IAsyncEnumerable<object> KeysAsync(AnalyticsDatabase analytics, object from, [EnumeratorCancellation] CancellationToken cancellationToken)
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
