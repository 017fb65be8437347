using System.Data.Common;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Erasing;

/// <summary>
/// Erases creators, visitors and clicks for good. What is to be erased is written down first, so that an erasure that was interrupted goes
/// on, and rows that arrive late, from a browser's open page or another instance, are erased too. Then the bytes of the rows are
/// overwritten (<see cref="Overwriting"/>).
/// </summary>
internal sealed class Erasure(MainDatabase main, AnalyticsDatabase analytics, TimeProvider clock)
{
    private const int MaxRowsAtOnce = 5_000;

    // A page that was open, or was cached by another instance, may report for as long as a session lasts.
    public static readonly TimeSpan LateRowsFor = TimeSpan.FromDays(2);

    private const string ColumnsSql = """
        "id", "kind", "origin", "bioPageId", "userId", "requestedAt", "doneAt", "overwrittenAt", "sessions", "pageViews" FROM "Erasure"
        """;

    private const string AllSql = $"""
        -- erasures
        SELECT {ColumnsSql} ORDER BY "requestedAt" DESC, "id" LIMIT @max
        """;

    private const string OpenSql = $"""
        -- open erasures
        SELECT {ColumnsSql} WHERE "kind" = 'creator' AND ("doneAt" IS NULL OR "requestedAt" > @late)
        """;

    private const string DoneSql = """
        -- erasure done
        UPDATE "Erasure" SET "doneAt" = COALESCE("doneAt", @now), "sessions" = "sessions" + @sessions, "pageViews" = "pageViews" + @pageViews
        WHERE "id" = @id
        """;

    // What sealing makes of the rows, and what else is counted for a page.
    private static readonly string[] DerivedTables =
        ["Rollup", "RollupVisitors", "Segment", "SegmentColumn", "OutcomeChange", "RollupPage", "PageDrop", "AnonymousVisit"];

    /// <summary>Erases a user with account, page, and all that was counted for it.</summary>
    /// <returns>What was erased.</returns>
    public async Task<ErasureRow> CreatorAsync(ErasedCreator creator, ErasureOrigin origin, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var row = new ErasureRow(Guid.CreateVersion7(now), ErasureKind.Creator, origin, creator.BioPageId, creator.UserId, now);
        await main.TransactAsync(
            "erase creator",
            async transaction =>
            {
                await main.Dialect.BeginErasingAsync(transaction, cancellationToken);
                await main.Dialect.InsertAsync(transaction, ErasureRow.Table, [row], cancellationToken);
                await ErasedRows.DeleteAsync(main.Dialect, transaction, creator, cancellationToken);
                return 0;
            },
            cancellationToken);
        return await FinishAsync(row, cancellationToken);
    }

    /// <summary>Goes on with erasures that were interrupted, and erases what arrived late for those that are done.</summary>
    /// <param name="since">How long ago those began at most.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The erasures that removed something.</returns>
    public async Task<IReadOnlyList<ErasureRow>> ContinueAsync(TimeSpan since, CancellationToken cancellationToken)
    {
        var removed = new List<ErasureRow>();
        foreach (var row in await main.QueryAsync(
            OpenSql, reader => Read(main.Dialect, reader), cancellationToken, ("@late", clock.GetUtcNow() - since)))
        {
            await main.TransactAsync(
                "erase late rows",
                async transaction =>
                {
                    await ErasedRows.DeleteAsync(
                        main.Dialect, transaction, new ErasedCreator(row.UserId!.Value, row.BioPageId, null, null), cancellationToken);
                    return 0;
                },
                cancellationToken);
            var finished = await FinishAsync(row, cancellationToken);
            if (row.DoneAt is null || (finished.Sessions, finished.PageViews) != (row.Sessions, row.PageViews))
            {
                removed.Add(finished);
            }
        }

        return removed;
    }

    /// <summary>The latest erasures, the newest first.</summary>
    public Task<List<ErasureRow>> ReadAsync(int max, CancellationToken cancellationToken) =>
        main.QueryAsync(AllSql, reader => Read(main.Dialect, reader), cancellationToken, ("@max", max));

    private async Task<ErasureRow> FinishAsync(ErasureRow row, CancellationToken cancellationToken)
    {
        var (sessions, pageViews) = row.BioPageId is { } page ? await PageAsync(page, cancellationToken) : (0, 0);
        var now = clock.GetUtcNow();
        await main.ExecuteAsync(
            DoneSql, cancellationToken, ("@id", row.Id), ("@now", now), ("@sessions", sessions), ("@pageViews", pageViews));
        return row with { DoneAt = row.DoneAt ?? now, Sessions = row.Sessions + sessions, PageViews = row.PageViews + pageViews };
    }

    /// <summary>Removes everything that was counted for a page, in short transactions beside other writers.</summary>
    private async Task<(long Sessions, long PageViews)> PageAsync(Guid page, CancellationToken cancellationToken)
    {
        var views = await DeleteAsync("AnalyticsPageView");
        var sessions = await DeleteAsync("AnalyticsSession");
        await analytics.TransactAsync(
            "erase counts",
            async transaction =>
            {
                await analytics.Dialect.BeginErasingAsync(transaction, cancellationToken);
                foreach (var table in DerivedTables)
                {
                    await analytics.Dialect.ExecuteAsync(
                        transaction,
                        $"""
                        -- erase derived rows
                        DELETE FROM "{table}" WHERE "bioPageId" = @page
                        """,
                        cancellationToken,
                        ("@page", page));
                }

                return 0;
            },
            cancellationToken);
        return (sessions, views);

        async Task<long> DeleteAsync(string table)
        {
            var (all, removed) = (0L, 0);
            do
            {
                removed = await analytics.TransactAsync(
                    $"erase {table}",
                    async transaction =>
                    {
                        await analytics.Dialect.BeginErasingAsync(transaction, cancellationToken);
                        return await analytics.Dialect.ExecuteAsync(
                            transaction,
                            $"""
                            -- erase rows
                            DELETE FROM "{table}" WHERE "bioPageId" = @page AND "id" IN (
                              SELECT "id" FROM "{table}" WHERE "bioPageId" = @page LIMIT @max)
                            """,
                            cancellationToken,
                            ("@page", page), ("@max", MaxRowsAtOnce));
                    },
                    cancellationToken);
                all += removed;
            }
            while (removed == MaxRowsAtOnce);

            return all;
        }
    }

    private static ErasureRow Read(SqlDialect dialect, DbDataReader row) => new(
        dialect.ReadGuid(row, 0),
        Enum.Parse<ErasureKind>(row.GetString(1), ignoreCase: true),
        Enum.Parse<ErasureOrigin>(row.GetString(2), ignoreCase: true),
        row.IsDBNull(3) ? null : dialect.ReadGuid(row, 3),
        row.IsDBNull(4) ? null : dialect.ReadGuid(row, 4),
        dialect.ReadInstant(row, 5))
    {
        DoneAt = dialect.ReadInstantIfSound(row, 6),
        OverwrittenAt = dialect.ReadInstantIfSound(row, 7),
        Sessions = row.GetInt64(8),
        PageViews = row.GetInt64(9),
    };
}
