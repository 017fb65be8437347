using System.Data.Common;
using Bioscope.Server.Storage;

namespace Bioscope.Server.Rollups;

/// <summary>
/// What adds or removes rows in the past, as an import does, must say so: rollups of a page that no longer count what is there are dropped in
/// the same transaction, reports read its raw rows, and sealing begins anew.
/// </summary>
internal static class OldRows
{
    /// <summary>
    /// Writes rows of these pages, of which the earliest are at these times. Until the end of the transaction nobody seals them.
    /// </summary>
    /// <param name="dialect">The analytics database's.</param>
    /// <param name="transaction">The one that the rows are written in.</param>
    /// <param name="pages">Each page once.</param>
    /// <param name="write">Writes, and tells how many rows it changed; when there were none, rollups stay.</param>
    /// <param name="cancellation">Ends it; the transaction is then of no more use.</param>
    public static async Task WriteAsync(
        SqlDialect dialect, DbTransaction transaction, IEnumerable<(Guid Page, DateTimeOffset Earliest)> pages, Func<Task<int>> write, CancellationToken cancellation)
    {
        // In one order, so that two imports do not wait for each other in a circle.
        var ordered = pages.OrderBy(page => page.Page).ToList();
        await dialect.InsertAsync(transaction, PageState.Table, ordered.ConvertAll(page => PageState.New(page.Page)), cancellation);
        var states = new List<(PageState State, DateTimeOffset Earliest)>();
        foreach (var (page, earliest) in ordered)
        {
            states.Add((await PageState.ReadAsync(dialect, transaction, page, cancellation, locked: true), earliest));
        }

        if (await write() == 0)
        {
            return;
        }

        foreach (var (state, earliest) in states)
        {
            await ChangedAsync(dialect, transaction, state, earliest, cancellation);
        }
    }

    /// <summary>Drops all rollups of a page, also damaged ones; until it is sealed anew, reports read its raw rows.</summary>
    public static async Task UnsealAsync(SqlDialect dialect, DbTransaction transaction, Guid page, CancellationToken cancellation)
    {
        await dialect.InsertAsync(transaction, PageState.Table, [PageState.New(page)], cancellation);
        var state = await PageState.ReadAsync(dialect, transaction, page, cancellation, locked: true);
        await DropAsync(dialect, transaction, page, cancellation);
        await (PageState.New(page) with { Version = state.Version }).ReplaceAsync(dialect, transaction, cancellation);
    }

    private static async Task ChangedAsync(SqlDialect dialect, DbTransaction transaction, PageState state, DateTimeOffset earliest, CancellationToken cancellation)
    {
        if (earliest < state.SealedUntil)
        {
            await DropAsync(dialect, transaction, state.BioPageId, cancellation);
            state = PageState.New(state.BioPageId) with { Version = state.Version };
        }

        await state.ReplaceAsync(dialect, transaction, cancellation);
    }

    private static async Task DropAsync(SqlDialect dialect, DbTransaction transaction, Guid page, CancellationToken cancellation)
    {
        await dialect.ExecuteAsync(transaction, """DELETE FROM "Rollup" WHERE "bioPageId" = @page""", cancellation, ("@page", page));
        await dialect.ExecuteAsync(transaction, """DELETE FROM "RollupVisitors" WHERE "bioPageId" = @page""", cancellation, ("@page", page));
    }
}
