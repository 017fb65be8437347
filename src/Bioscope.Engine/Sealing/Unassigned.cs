using System.Data.Common;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Sealing;

/// <summary>
/// Removes sessions without a page (<see cref="NoPage"/>), and their page views, once they are closed: no report shows them, and anyone can
/// create them.
/// </summary>
internal static class Unassigned
{
    private const int MaxRowsAtOnce = 1_000;

    private const string DeleteViewsSql = """
        -- purge views
        DELETE FROM "AnalyticsPageView" WHERE "bioPageId" = @page AND ("enteredAt", "id") IN (
          SELECT "enteredAt", "id" FROM "AnalyticsPageView" WHERE "bioPageId" = @page AND "enteredAt" < @before ORDER BY "enteredAt" LIMIT @max)
        """;

    // Views younger than a day, of older sessions. They are searched for without blocking writers.
    private const string LateViewsSql = """
        -- late views
        SELECT "id", "enteredAt" FROM "AnalyticsPageView" WHERE "bioPageId" = @page AND "enteredAt" >= @before AND "sessionId" IN (
          SELECT "id" FROM "AnalyticsSession" WHERE "bioPageId" = @page AND "startedAt" < @before AND "lastActivityAt" >= @before)
        LIMIT @max
        """;

    private const string DeleteSessionsSql = """
        -- purge sessions
        DELETE FROM "AnalyticsSession" WHERE "bioPageId" = @page AND ("startedAt", "id") IN (
          SELECT "startedAt", "id" FROM "AnalyticsSession" WHERE "bioPageId" = @page AND "startedAt" < @before ORDER BY "startedAt" LIMIT @max)
        """;

    /// <summary>Removes those that are closed, in short transactions alongside other writers.</summary>
    /// <returns>How many sessions were removed.</returns>
    public static async Task<int> PurgeAsync(AnalyticsDatabase analytics, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var removed = 0;
        foreach (var page in NoPage.All)
        {
            removed += await PurgeAsync(analytics, page, now, cancellationToken);
        }

        return removed;
    }

    private static async Task<int> PurgeAsync(AnalyticsDatabase analytics, Guid page, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var before = now - SessionRow.Life;
        (string, object?)[] values = [("@page", page), ("@before", before), ("@max", MaxRowsAtOnce)];
        await DeleteAsync(DeleteViewsSql);
        while (await analytics.QueryAloneAsync(LateViewsSql, LateView, cancellationToken, values) is { Count: > 0 } late)
        {
            await analytics.TransactAsync(
                "purge late views",
                transaction => RowsById.DeleteAsync(
                    analytics.Dialect, transaction, ("AnalyticsPageView", "enteredAt"), page, late, cancellationToken),
                cancellationToken);
        }

        return await DeleteAsync(DeleteSessionsSql);

        (object, DateTimeOffset?) LateView(DbDataReader row) => (row.GetValue(0), analytics.Dialect.ReadInstantIfSound(row, 1));

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
