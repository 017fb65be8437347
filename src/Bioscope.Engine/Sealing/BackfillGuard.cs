using System.Data.Common;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Segments;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Sealing;

/// <summary>
/// What adds or removes rows in the past, as an import does, must say so: rollups of a page that no longer count what is there are dropped in
/// the same transaction, reports read its raw rows, and sealing begins anew.
/// </summary>
internal static class BackfillGuard
{
    private const string VersionSql = """
        -- version of rollup page
        SELECT "version" FROM "RollupPage" WHERE "bioPageId" = @page {forUpdate}
        """;

    private const string DeleteOutcomeChangesSql = """
        -- remove outcome changes
        DELETE FROM "OutcomeChange" WHERE "bioPageId" = @page
        """;

    private const string DeleteRollupsSql = """
        -- remove rollups
        DELETE FROM "Rollup" WHERE "bioPageId" = @page
        """;

    private const string DeleteVisitorsSql = """
        -- remove visitors
        DELETE FROM "RollupVisitors" WHERE "bioPageId" = @page
        """;

    /// <summary>
    /// Writes rows of these pages, of which the earliest are at these times. Until the end of the transaction nobody seals them.
    /// </summary>
    /// <param name="dialect">The analytics database's.</param>
    /// <param name="transaction">The one that the rows are written in.</param>
    /// <param name="pages">Each page once.</param>
    /// <param name="write">Writes, and tells how many rows it changed; when there were none, rollups stay.</param>
    /// <param name="cancellationToken">Ends it; the transaction is then of no more use.</param>
    public static async Task WriteAsync(
        SqlDialect dialect, DbTransaction transaction, IEnumerable<(Guid Page, DateTimeOffset Earliest)> pages, Func<Task<int>> write, CancellationToken cancellationToken)
    {
        // In one order, so that two imports do not wait for each other in a circle.
        var ordered = pages.OrderBy(page => page.Page).ToList();
        await dialect.InsertAsync(transaction, PageState.Table, ordered.ConvertAll(page => PageState.New(page.Page)), cancellationToken);
        var states = new List<(PageState State, DateTimeOffset Earliest)>();
        foreach (var (page, earliest) in ordered)
        {
            states.Add((await SoundStateAsync(dialect, transaction, page, cancellationToken), earliest));
        }

        if (await write() == 0)
        {
            return;
        }

        foreach (var (state, earliest) in states)
        {
            await ChangedAsync(dialect, transaction, state, earliest, cancellationToken);
        }
    }

    /// <summary>Drops all rollups of a page, also damaged ones; until it is sealed anew, reports read its raw rows.</summary>
    public static async Task UnsealAsync(SqlDialect dialect, DbTransaction transaction, Guid page, CancellationToken cancellationToken)
    {
        await dialect.InsertAsync(transaction, PageState.Table, [PageState.New(page)], cancellationToken);
        var version = (await dialect.QueryAsync(transaction, VersionSql, row => row.GetValue(0), cancellationToken, ("@page", page))).Single();
        await DropAsync(dialect, transaction, page, cancellationToken);
        await dialect.ExecuteAsync(transaction, DeleteOutcomeChangesSql, cancellationToken, ("@page", page)); // the raw rows have them
        await dialect.ExecuteAsync(
            transaction,
            $"""
            -- unseal page
            UPDATE "RollupPage" SET {NothingSealed}, "version" = @version WHERE "bioPageId" = @page
            """,
            cancellationToken,
            ("@page", page),
            ("@version", version is long and >= 0 and < long.MaxValue / 2 and var known ? known + 1 : Random.Shared.NextInt64(1L << 40, 1L << 60))); // one that was never there
    }

    /// <summary>Sets a row of <c>"RollupPage"</c> to what it is when nothing of the page is sealed.</summary>
    public const string NothingSealed = "\"sealedFrom\" = NULL, \"sealedUntil\" = NULL, \"visitors\" = 0, \"shardBits\" = 0, \"segmentedUntil\" = NULL";

    /// <summary>Removes what is left over of a page that is not sealed: nobody reads it.</summary>
    public static async Task CleanAsync(SqlDialect dialect, DbTransaction transaction, Guid page, CancellationToken cancellationToken)
    {
        if ((await PageState.ReadAsync(dialect, transaction, page, cancellationToken, locked: true)).SealedUntil is null)
        {
            await DropAsync(dialect, transaction, page, cancellationToken);
        }
    }

    private static async Task<PageState> SoundStateAsync(SqlDialect dialect, DbTransaction transaction, Guid page, CancellationToken cancellationToken)
    {
        try
        {
            return await PageState.ReadAsync(dialect, transaction, page, cancellationToken, locked: true);
        }
        catch (Exception e) when (DamagedPages.IsDamage(e, dialect))
        {
            await UnsealAsync(dialect, transaction, page, cancellationToken);
            return await PageState.ReadAsync(dialect, transaction, page, cancellationToken, locked: true);
        }
    }

    private static async Task ChangedAsync(SqlDialect dialect, DbTransaction transaction, PageState state, DateTimeOffset earliest, CancellationToken cancellationToken)
    {
        if (earliest < state.SealedUntil)
        {
            await DropAsync(dialect, transaction, state.BioPageId, cancellationToken);
            state = PageState.New(state.BioPageId) with { Version = state.Version };
        }

        await state.ReplaceAsync(dialect, transaction, cancellationToken);
    }

    public static async Task DropAsync(SqlDialect dialect, DbTransaction transaction, Guid page, CancellationToken cancellationToken)
    {
        await dialect.ExecuteAsync(transaction, DeleteRollupsSql, cancellationToken, ("@page", page));
        await dialect.ExecuteAsync(transaction, DeleteVisitorsSql, cancellationToken, ("@page", page));
        await Segment.DeleteAsync(dialect, transaction, page, number: 0, cancellationToken);
    }
}
