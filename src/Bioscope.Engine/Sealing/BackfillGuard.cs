using System.Data.Common;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Segments;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Sealing;

/// <summary>
/// Guards changes to the past: what adds or removes old rows, such as an import, must announce it here. Rollups that no longer match are
/// dropped in the same transaction, reports read the page's raw rows, and sealing starts over.
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

    /// <summary>Writes rows of these pages, given each page's earliest time. The pages are not sealed until the transaction ends.</summary>
    /// <param name="dialect">The analytics database's.</param>
    /// <param name="transaction">The transaction in which the rows are written.</param>
    /// <param name="pages">Each page once.</param>
    /// <param name="write">Writes the rows and returns how many it changed; rollups stay when there were none.</param>
    /// <param name="cancellationToken">Cancels; the transaction must then be abandoned.</param>
    public static async Task WriteAsync(
        SqlDialect dialect, DbTransaction transaction, IEnumerable<(Guid Page, DateTimeOffset Earliest)> pages, Func<Task<int>> write,
        CancellationToken cancellationToken)
    {
        // In a fixed order, so that two imports do not deadlock.
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

    /// <summary>Drops all rollups of a page, including damaged ones; reports read its raw rows until it is sealed again.</summary>
    public static async Task UnsealAsync(SqlDialect dialect, DbTransaction transaction, Guid page, CancellationToken cancellationToken)
    {
        await dialect.InsertAsync(transaction, PageState.Table, [PageState.New(page)], cancellationToken);
        var version = (await dialect.QueryAsync(transaction, VersionSql, row => row.GetValue(0), cancellationToken, ("@page", page)))
            .Single();
        await DropAsync(dialect, transaction, page, cancellationToken);
        await dialect.ExecuteAsync(transaction, DeleteOutcomeChangesSql, cancellationToken, ("@page", page)); // the raw rows include them
        await dialect.ExecuteAsync(
            transaction,
            $"""
            -- unseal page
            UPDATE "RollupPage" SET {NothingSealed}, "version" = @version WHERE "bioPageId" = @page
            """,
            cancellationToken,
            ("@page", page),
            // a version that was never used
            ("@version", version is long and >= 0 and < long.MaxValue / 2 and var known ? known + 1 : Random.Shared.NextInt64(1L << 40, 1L << 60)));
    }

    /// <summary>Resets a row of <c>"RollupPage"</c> to its state when nothing of the page is sealed.</summary>
    public const string NothingSealed =
        "\"sealedFrom\" = NULL, \"sealedUntil\" = NULL, \"visitors\" = 0, \"shardBits\" = 0, \"segmentedUntil\" = NULL";

    /// <summary>Removes leftovers of an unsealed page, which are never read.</summary>
    public static async Task CleanAsync(SqlDialect dialect, DbTransaction transaction, Guid page, CancellationToken cancellationToken)
    {
        if ((await PageState.ReadAsync(dialect, transaction, page, cancellationToken, locked: true)).SealedUntil is null)
        {
            await DropAsync(dialect, transaction, page, cancellationToken);
        }
    }

    private static async Task<PageState> SoundStateAsync(
        SqlDialect dialect, DbTransaction transaction, Guid page, CancellationToken cancellationToken)
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

    private static async Task ChangedAsync(
        SqlDialect dialect, DbTransaction transaction, PageState state, DateTimeOffset earliest, CancellationToken cancellationToken)
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
