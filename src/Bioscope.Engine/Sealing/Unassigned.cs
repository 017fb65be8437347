using Bioscope.Engine.Rows;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Sealing;

/// <summary>
/// Removes sessions without a page, stored under the nil UUID, and their page views once they are closed: no report shows them, and
/// anyone can create them.
/// </summary>
internal static class Unassigned
{
    private const int MaxRowsAtOnce = 1_000;

    private const string DeleteViewsSql = """
        -- purge views
        DELETE FROM "AnalyticsPageView" WHERE "bioPageId" = @page AND "id" IN (
          SELECT "id" FROM "AnalyticsPageView" WHERE "bioPageId" = @page AND "enteredAt" < @before ORDER BY "enteredAt" LIMIT @max)
        """;

    // Views younger than a day, of older sessions. They are searched for without blocking writers.
    private const string LateViewsSql = """
        -- late views
        SELECT "id" FROM "AnalyticsPageView" WHERE "bioPageId" = @page AND "enteredAt" >= @before AND "sessionId" IN (
          SELECT "id" FROM "AnalyticsSession" WHERE "bioPageId" = @page AND "startedAt" < @before AND "lastActivityAt" >= @before)
        LIMIT @max
        """;

    private const string DeleteViewSql = """
        -- remove late view
        DELETE FROM "AnalyticsPageView" WHERE "bioPageId" = @page AND "id" = @id
        """;

    private const string DeleteSessionsSql = """
        -- purge sessions
        DELETE FROM "AnalyticsSession" WHERE "bioPageId" = @page AND "id" IN (
          SELECT "id" FROM "AnalyticsSession" WHERE "bioPageId" = @page AND "startedAt" < @before ORDER BY "startedAt" LIMIT @max)
        """;

    /// <summary>Removes those that are closed, in short transactions alongside other writers.</summary>
    /// <returns>How many sessions were removed.</returns>
    public static async Task<int> PurgeAsync(AnalyticsDatabase analytics, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var before = now - SessionRow.Life;
        (string, object?)[] values = [("@page", default(Guid)), ("@before", before), ("@max", MaxRowsAtOnce)];
        await DeleteAsync(DeleteViewsSql);
        while (await analytics.QueryAloneAsync(LateViewsSql, row => row.GetValue(0), cancellationToken, values) is { Count: > 0 } late)
        {
            await analytics.TransactAsync(
                "purge late views",
                async transaction =>
                {
                    await analytics.Dialect.ExecuteEachAsync(
                        transaction, DeleteViewSql, StatementValues.Of(late, id => [("@page", default(Guid)), ("@id", id)]),
                        cancellationToken);
                    return late.Count;
                },
                cancellationToken);
        }

        return await DeleteAsync(DeleteSessionsSql);

        async Task<int> DeleteAsync(string sql)
        {
            var (all, removed) = (0, 0);
            do
            {
                removed = await analytics.ExecuteAsync(sql, cancellationToken, values);
                all += removed;
            }
            while (removed == MaxRowsAtOnce);

            return all;
        }
    }
}
