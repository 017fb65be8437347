using System.Data.Common;
using System.Runtime.CompilerServices;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Rows;

/// <summary>Finds the pages that have rows, whether or not they exist in the main database.</summary>
internal static class Pages
{
    // So many in one statement.
    private const int MaxAtOnce = 1_000;

    // Each step jumps through an index to the next page, however many rows are in between.
    private static readonly string NextSql = $"""
        -- next pages
        WITH RECURSIVE "page" ("id", "number") AS (
          SELECT {Next("> @after")}, 1
          UNION ALL
          SELECT {Next("> \"page\".\"id\"")}, "number" + 1 FROM "page" WHERE "id" IS NOT NULL AND "number" < {MaxAtOnce}
        )
        SELECT "id" FROM "page" WHERE "id" IS NOT NULL ORDER BY "number"
        """;

    private static readonly string FirstSql = NextSql.Replace(" > @after", " >= @after", StringComparison.Ordinal);

    /// <summary>The order of both engines: by the hexadecimal digits, as the framework compares.</summary>
    public static readonly Comparer<Guid> Order = Comparer<Guid>.Default;

    /// <summary>
    /// All pages with rows, by id. What stands for none (<see cref="NoPage"/>) is left out, because no report is about it. So are malformed ids.
    /// </summary>
    public static async IAsyncEnumerable<Guid> AllAsync(
        AnalyticsDatabase analytics, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var key in KeysAsync(analytics, default(Guid), cancellationToken))
        {
            if (IdOf(key) is { } page && !NoPage.Is(page))
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
        await (await analytics.OpenAsync(cancellationToken)).DisposeAsync(); // after it is known whether they are distributed
        if (analytics.Dialect.IsDistributed)
        {
            await foreach (var page in DistributedPages.FromAsync(analytics, (Guid)from, cancellationToken))
            {
                yield return page;
            }

            yield break;
        }

        var (sql, after) = (FirstSql, from);
        while (await analytics.QueryAloneAsync(sql, Key, cancellationToken, ("@after", after)) is [.., var last] keys)
        {
            foreach (var key in keys)
            {
                yield return key;
            }

            if (keys.Count < MaxAtOnce)
            {
                yield break;
            }

            (sql, after) = (NextSql, last);
        }

        static object Key(DbDataReader row) => row.GetValue(0);
    }

    /// <summary>Selects the first page with rows among those that the condition names; null when there is none.</summary>
    public static string Next(string condition) => $"""
        (SELECT "bioPageId" FROM (
            SELECT "bioPageId" FROM (SELECT "bioPageId" FROM "AnalyticsSession" WHERE "bioPageId" {condition} ORDER BY "bioPageId" LIMIT 1) AS "session"
            UNION ALL
            SELECT "bioPageId" FROM (SELECT "bioPageId" FROM "AnalyticsPageView" WHERE "bioPageId" {condition} ORDER BY "bioPageId" LIMIT 1) AS "view"
          ) AS "either" ORDER BY "bioPageId" LIMIT 1)
        """;
}
