using System.Runtime.CompilerServices;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Rows;

/// <summary>
/// Finds the pages that have rows where Citus has spread them. Citus sends no recursive statement to all shards, and without one each page's
/// rows would be read as well: so the statement is sent as a text, to all shards at once.
/// </summary>
internal static class DistributedPages
{
    // Citus puts the names of two shards with the same pages in. Hash values are spread evenly, so the parts of a thousand pages are of about one size.
    private const string OfShardSql = """
        -- pages of shard
        WITH RECURSIVE "page" ("id", "number") AS (
          SELECT {first}, 1
          UNION ALL
          SELECT {next}, "number" + 1 FROM "page" WHERE "id" IS NOT NULL AND "number" < {max}
        )
        SELECT string_agg("id"::text, ',' ORDER BY "id") FROM "page" WHERE "id" IS NOT NULL
        """;

    private const string AllSql = """
        -- pages of shards
        SELECT "success", "result"
        FROM run_command_on_colocated_placements('"AnalyticsSession"'::regclass, '"AnalyticsPageView"'::regclass, @command)
        """;

    private const int MaxOfShard = 128;

    /// <summary>All pages with rows from one on, by id.</summary>
    public static async IAsyncEnumerable<Guid> FromAsync(
        AnalyticsDatabase analytics, Guid from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var condition = $">= '{from}'"; ;)
        {
            var command = OfShardSql.Replace("{max}", $"{MaxOfShard}", StringComparison.Ordinal)
                .Replace("{first}", Next(condition), StringComparison.Ordinal)
                .Replace("{next}", Next("> \"page\".\"id\""), StringComparison.Ordinal);
            var shards = await analytics.QueryAloneAsync(
                AllSql, row => Read(row.GetBoolean(0), row.IsDBNull(1) ? "" : row.GetString(1)), cancellationToken, ("@command", command));

            // What a shard did not say is after its last page.
            var last = shards.Where(pages => pages.Count == MaxOfShard).Select(pages => pages[^1]).Order(Pages.Order).Cast<Guid?>().FirstOrDefault();
            var said = shards.SelectMany(pages => pages).Where(page => last is not { } end || Pages.Order.Compare(page, end) <= 0);
            foreach (var page in said.Order(Pages.Order))
            {
                yield return page;
            }

            if (last is not { } after)
            {
                yield break;
            }

            condition = $"> '{after}'";
        }
    }

    /// <exception cref="IOException">A shard could not be asked.</exception>
    private static List<Guid> Read(bool success, string result) => success
        ? [.. result.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Guid.Parse)]
        : throw new IOException($"A worker of Citus could not say which pages it has: {result}");

    private static string Next(string condition) => Pages.Next(condition)
        .Replace("\"AnalyticsSession\"", "%1$s", StringComparison.Ordinal)
        .Replace("\"AnalyticsPageView\"", "%2$s", StringComparison.Ordinal);
}
