using Bioscope.Core;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Sealing;

/// <summary>
/// The instant before which no row of a session or a page view appears any more, but by an import: the writer stamps rows itself, never
/// before the fence, and while it does the fence stays where it is. So what is before the fence can be counted once and for all. How far it
/// may move is for the <see cref="FenceKeeper"/> to say.
/// </summary>
internal static class Fence
{
    private const string MoveBackSql = """
        -- move fence back
        UPDATE "Fence" SET "at" = @at, "sealedUntil" = NULL WHERE "id" = 1
        """;

    private const string MoveSql = """
        -- move fence
        UPDATE "Fence" SET "at" = @at WHERE "id" = 1 AND "at" < @at
        """;

    // Without a second look: the exclusive side of the lock was got.
    private const string FirstSql = """
        -- first fence
        INSERT INTO "Fence" ("id", "at") VALUES (1, @at) ON CONFLICT DO NOTHING
        """;

    private const string ReadSql = """
        -- fence
        SELECT "at" FROM "Fence"
        """;

    private const string ReadBothSql = """
        -- fence and sealed hours
        SELECT "at", "sealedUntil" FROM "Fence"
        """;

    // Never beyond the fence, which may have been moved back.
    private const string SealedSql = """
        -- all pages sealed
        UPDATE "Fence" SET "sealedUntil" = @until WHERE "id" = 1 AND "at" >= @until
        """;

    // On all pages at once: no row may appear before a watermark, and no session may change that is in a segment. Whoever seals one of them meanwhile finds another version, or the fence.
    private const string UnsealSql = $"""
        -- unseal pages
        UPDATE "RollupPage" SET {BackfillGuard.NothingSealed}, "version" = "version" + 1
        WHERE "sealedUntil" > @beyond OR "segmentedUntil" > @beyondLife
        """;

    /// <returns>Null when there is none yet. One that is no time is in the future: it must be moved back.</returns>
    public static async Task<DateTimeOffset?> ReadAsync(AnalyticsDatabase analytics, CancellationToken cancellationToken) =>
        await analytics.QueryAsync(ReadSql, row => analytics.Dialect.ReadInstantIfSound(row, 0) ?? DateTimeOffset.MaxValue, cancellationToken) is [var at] ? at : null;

    /// <summary>The fence, and whether all pages were gone through since it came to its hour, by whichever instance.</summary>
    /// <returns>Null when there is none yet.</returns>
    public static async Task<(DateTimeOffset At, bool IsSealed)?> ReadBothAsync(AnalyticsDatabase analytics, CancellationToken cancellationToken)
    {
        var dialect = analytics.Dialect;
        var read = await analytics.QueryAsync(
            ReadBothSql, row => (At: dialect.ReadInstantIfSound(row, 0) ?? DateTimeOffset.MaxValue, Until: dialect.ReadInstantIfSound(row, 1)), cancellationToken);
        return read is [var (at, until)] ? (at, at != DateTimeOffset.MaxValue && until >= Grain.Hour.Floor(at)) : null;
    }

    /// <summary>Notes that the hours before the fence are sealed on all pages.</summary>
    public static Task SetSealedAsync(AnalyticsDatabase analytics, DateTimeOffset fence, CancellationToken cancellationToken) =>
        analytics.ExecuteAsync(SealedSql, cancellationToken, ("@until", Grain.Hour.Floor(fence)));

    /// <summary>Where a fence may be that is not after an instant.</summary>
    public static DateTimeOffset Floor(DateTimeOffset instant) => instant.AddTicks(-(instant.UtcTicks % PageState.WatermarkStep.Ticks));

    /// <summary>Moves the fence on to the start of this second, never back.</summary>
    /// <returns>Whether it moved; of several instances only one is told so.</returns>
    public static async Task<bool> MoveAsync(AnalyticsDatabase analytics, DateTimeOffset to, CancellationToken cancellationToken)
    {
        var at = Floor(to);
        if (await ReadAsync(analytics, cancellationToken) >= at)
        {
            return false;
        }

        return await analytics.TransactAsync(
            "fence",
            async transaction =>
            {
                await analytics.Dialect.LockFenceAsync(transaction, cancellationToken);
                return await analytics.Dialect.ExecuteAsync(transaction, FirstSql, cancellationToken, ("@at", at))
                    + await analytics.Dialect.ExecuteAsync(transaction, MoveSql, cancellationToken, ("@at", at)) > 0;
            },
            cancellationToken);
    }

    /// <summary>
    /// Moves a fence back that is beyond <paramref name="plausible"/>, to the start of an hour, and unseals what is sealed beyond the new one: those pages are read raw
    /// until they are sealed again. Nobody writes meanwhile.
    /// </summary>
    /// <returns>How many pages were unsealed; null when somebody else has moved it.</returns>
    public static Task<int?> MoveBackAsync(AnalyticsDatabase analytics, DateTimeOffset plausible, DateTimeOffset to, CancellationToken cancellationToken)
    {
        var (dialect, hour) = (analytics.Dialect, Grain.Hour.Floor(to));
        return analytics.TransactAsync<int?>(
            "fence back",
            async transaction =>
            {
                await dialect.LockFenceAsync(transaction, cancellationToken);
                if (await dialect.QueryAsync(transaction, ReadSql, row => dialect.ReadInstantIfSound(row, 0) ?? DateTimeOffset.MaxValue, cancellationToken) is not [var at]
                    || at <= plausible)
                {
                    return null;
                }

                await dialect.ExecuteAsync(transaction, MoveBackSql, cancellationToken, ("@at", hour));
                // Of one that was damaged nobody knows where it was: changes of sealed sessions may not have been noted.
                var beyond = at == DateTimeOffset.MaxValue ? DateTimeOffset.MinValue : hour;
                return await dialect.ExecuteAsync(transaction, UnsealSql, cancellationToken, ("@beyond", beyond), ("@beyondLife", beyond == DateTimeOffset.MinValue ? beyond : beyond - SessionRow.Life));
            },
            cancellationToken);
    }
}
