using Bioscope.Engine.Rows;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Sealing;

/// <summary>
/// Removes sessions without a page, which stand under the nil UUID, and their page views, once they take no more events: no report is about
/// them, and anybody can make them.
/// </summary>
internal static class Unassigned
{
    private const int MaxRowsAtOnce = 1_000;

    private const string DeleteViewsSql = """
        -- purge views
        DELETE FROM "AnalyticsPageView" WHERE "bioPageId" = @page AND "id" IN (
          SELECT "id" FROM "AnalyticsPageView" WHERE "bioPageId" = @page AND "enteredAt" < @before ORDER BY "enteredAt" LIMIT @max)
        """;

    // Views that are younger than a day, of sessions that are not. They are looked for without keeping anybody from writing.
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

    /// <summary>Removes those that are closed, in short transactions beside whoever writes.</summary>
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
                        transaction, DeleteViewSql, StatementValues.Of(late, id => [("@page", default(Guid)), ("@id", id)]), cancellationToken);
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
