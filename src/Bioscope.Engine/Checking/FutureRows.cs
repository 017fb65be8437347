using System.Data.Common;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Sealing;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Checking;

/// <summary>How many of a page's rows have times in the future.</summary>
internal sealed record FutureRowsOfPage(Guid Page, long Sessions, long PageViews, DateTimeOffset Newest);

/// <summary>
/// Rows stamped by a clock that was ahead: after <paramref name="from"/>, up to and including <paramref name="to"/>. They can be shifted
/// back or removed in short transactions while servers run. An interrupted run resumes when it is repeated.
/// </summary>
internal sealed class FutureRows(AnalyticsDatabase analytics, DateTimeOffset from, DateTimeOffset to)
{
    private const int MaxRowsAtOnce = 1_000;

    // The time that their ids carry is no longer theirs.
    private static readonly (string Table, string Time, string Shift)[] Tables =
    [
        ("AnalyticsSession", "startedAt", $$"""
            -- shift sessions
            UPDATE "AnalyticsSession" SET "startedAt" = "startedAt" - @shift{milliseconds},
              "lastActivityAt" = CASE WHEN "lastActivityAt" > @from THEN "lastActivityAt" - @shift{milliseconds} ELSE "lastActivityAt" END,
              "foreignId" = TRUE
            WHERE {{RowsById.IsSession}}
            """),
        ("AnalyticsPageView", "enteredAt", $$"""
            -- shift page views
            UPDATE "AnalyticsPageView" SET "enteredAt" = "enteredAt" - @shift{milliseconds}, "foreignId" = TRUE WHERE {{RowsById.IsPageView}}
            """),
    ];

    private SqlDialect Dialect => analytics.Dialect;

    /// <summary>Counts these rows by page, including those without a page.</summary>
    public async Task<List<FutureRowsOfPage>> FindAsync(Guid? only, CancellationToken cancellationToken)
    {
        var found = new List<FutureRowsOfPage>();
        await foreach (var key in only is { } one ? One(one) : Pages.KeysAsync(analytics, cancellationToken))
        {
            if (Pages.IdOf(key) is not { } page)
            {
                continue;
            }

            var (sessions, newestSession) = await CountAsync(Tables[0], page, cancellationToken);
            var (views, newestView) = await CountAsync(Tables[1], page, cancellationToken);
            if (sessions + views > 0)
            {
                found.Add(new FutureRowsOfPage(page, sessions, views, newestSession > newestView ? newestSession : newestView));
            }
        }

        return found;

        static async IAsyncEnumerable<object> One(Guid page)
        {
            await Task.CompletedTask;
            yield return page;
        }
    }

    /// <summary>Shifts a page's rows back by the given time, or removes them.</summary>
    /// <param name="page">The page, or what stands for none.</param>
    /// <param name="shift">Must move every row out of the range, because rows still inside would be shifted again; null removes
    /// them.</param>
    /// <param name="progress">Receives the number of rows done so far, repeatedly.</param>
    /// <param name="cancellationToken">Stops between two transactions.</param>
    public async Task RepairAsync(Guid page, TimeSpan? shift, Action<int> progress, CancellationToken cancellationToken)
    {
        foreach (var table in Tables)
        {
            int done;
            do
            {
                done = await analytics.TransactAsync(
                    "repair", transaction => RepairAsync(transaction, table, page, shift, cancellationToken), cancellationToken);
                progress(done);
            }
            while (done == MaxRowsAtOnce);
        }
    }

    private async Task<int> RepairAsync(
        DbTransaction transaction, (string Table, string Time, string Shift) table, Guid page, TimeSpan? shift,
        CancellationToken cancellationToken)
    {
        // Earliest first, so that rows unsealed for one transaction need not be unsealed again.
        var rows = await Dialect.QueryAsync(
            transaction,
            $$"""
            -- rows to repair
            SELECT "id", "{{table.Time}}" FROM "{{table.Table}}" WHERE "bioPageId" = @page AND {{Range(table.Time)}} ORDER BY "{{table.Time}}" LIMIT @max {forUpdate}
            """,
            row => (Id: row.GetValue(0), At: Dialect.ReadInstant(row, 1)),
            cancellationToken,
            [("@page", page), ("@from", from), ("@to", to), ("@max", MaxRowsAtOnce)]);
        if (rows.Count == 0)
        {
            return 0;
        }

        if (NoPage.Is(page))
        {
            await ChangeAsync(); // no rollups to unseal
            return rows.Count;
        }

        await BackfillGuard.WriteAsync(
            Dialect,
            transaction,
            [(page, rows[0].At - (shift ?? TimeSpan.Zero))],
            async () =>
            {
                await ChangeAsync();
                return rows.Count;
            },
            cancellationToken);
        return rows.Count;

        Task<int> ChangeAsync() => shift is { } by
            ? Dialect.ExecuteEachAsync(
                transaction,
                table.Shift,
                StatementValues.Of(rows, row =>
                [
                    ("@page", page), ("@at", row.At), ("@id", row.Id), ("@shift", (long)by.TotalMilliseconds),
                    .. table.Time == "startedAt" ? [("@from", (object?)from)] : Array.Empty<(string, object?)>(),
                ]),
                cancellationToken)
            : RowsById.DeleteAsync(
                Dialect, transaction, (table.Table, table.Time), page, rows.ConvertAll(row => (row.Id, (DateTimeOffset?)row.At)),
                cancellationToken);
    }

    private async Task<(long Rows, DateTimeOffset Newest)> CountAsync(
        (string Table, string Time, string Shift) table, Guid page, CancellationToken cancellationToken) =>
        (await analytics.QueryAloneAsync(
            $"""
            -- future rows
            SELECT COUNT(*), MAX("{table.Time}") FROM "{table.Table}" WHERE "bioPageId" = @page AND {Range(table.Time)}
            """,
            row => (row.GetInt64(0), row.IsDBNull(1) ? DateTimeOffset.MinValue : Dialect.ReadInstant(row, 1)),
            cancellationToken,
            ("@page", page),
            ("@from", from),
            ("@to", to))).Single();

    private static string Range(string time) => $$"""
        "{{time}}" > @from AND "{{time}}" < @to AND {{{time}}IsInstant}
        """;
}
