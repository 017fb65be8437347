using Bioscope.Core;
using Bioscope.Server.Storage;

namespace Bioscope.Server.Rollups;

/// <summary>
/// The instant before which no row of a session or a page view appears any more, but by an import: the writer stamps rows itself, never
/// before the fence, and while it does the fence stays where it is. So what is before the fence can be counted once and for all.
/// </summary>
internal static class Fence
{
    private const string MoveSql = """UPDATE "Fence" SET "at" = @at WHERE "id" = 1 AND "at" < @at""";

    // Without a second look: the exclusive side of the lock was got.
    private const string FirstSql = """INSERT INTO "Fence" ("id", "at") VALUES (1, @at) ON CONFLICT DO NOTHING""";

    public static async Task<DateTimeOffset?> ReadAsync(AnalyticsDatabase analytics, CancellationToken cancellation) =>
        await analytics.QueryAsync("""
            -- fence
            SELECT "at" FROM "Fence"
            """, row => analytics.Dialect.ReadInstant(row, 0), cancellation) is [var at] ? at : null;

    /// <summary>
    /// Moves the fence to the start of this hour. When the clock was set back it stays: rows are then stamped with the fence until
    /// the clock has caught up.
    /// </summary>
    /// <returns>Whether it moved; of several instances only one is told so.</returns>
    public static async Task<bool> MoveAsync(AnalyticsDatabase analytics, DateTimeOffset now, CancellationToken cancellation)
    {
        var hour = Grain.Hour.Floor(now);
        if (await ReadAsync(analytics, cancellation) >= hour)
        {
            return false;
        }

        return await analytics.TransactAsync(
            "fence",
            async transaction =>
            {
                await analytics.Dialect.LockFenceAsync(transaction, cancellation);
                return await analytics.Dialect.ExecuteAsync(transaction, FirstSql, cancellation, ("@at", hour))
                    + await analytics.Dialect.ExecuteAsync(transaction, MoveSql, cancellation, ("@at", hour)) > 0;
            },
            cancellation);
    }
}
