using System.Data.Common;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Erasing;

/// <summary>
/// Erases creators, visitors and clicks for good. What is to be erased is written down first, so that an erasure that was interrupted goes
/// on, and rows that arrive late, from a browser's open page or another instance, are erased too. Then the bytes of the rows are
/// overwritten (<see cref="Overwriting"/>).
/// </summary>
internal sealed class Erasure(MainDatabase main, AnalyticsDatabase analytics, TimeProvider clock)
{
    private const int MaxRowsAtOnce = 5_000, MaxVisitsAtOnce = 5_000;

    // Who was killed in the middle is followed by another one after this.
    private static readonly TimeSpan Lease = TimeSpan.FromHours(1);

    // A page that was open, or was cached by another instance, may report for as long as a session lasts.
    public static readonly TimeSpan LateRowsFor = TimeSpan.FromDays(2);

    private const string Columns =
        "\"id\", \"kind\", \"origin\", \"bioPageId\", \"userId\", \"requestedAt\", \"doneAt\", \"overwrittenAt\", \"sessions\", " +
        "\"pageViews\", \"subject\"";

    private const string AllSql = $"""
        -- erasures
        SELECT {Columns} FROM "Erasure" ORDER BY "requestedAt" DESC, "id" LIMIT @max
        """;

    private const string OpenSql = $"""
        -- open erasures
        SELECT {Columns} FROM "Erasure" WHERE "kind" = 'creator' AND ("doneAt" IS NULL OR "requestedAt" > @late)
        """;

    private const string OpenVisits = """
        "kind" <> 'creator' AND "doneAt" IS NULL AND "requestedAt" <= @until AND ("takenUntil" IS NULL OR "takenUntil" <= @now)
        """;

    private const string HasVisitsSql = $"""
        -- has erasures of visits
        SELECT 1 FROM "Erasure" WHERE {OpenVisits} LIMIT 1
        """;

    // Who waits for the rows of another instance finds them taken.
    private const string TakeVisitsSql = $"""
        -- take erasures of visits
        UPDATE "Erasure" SET "takenUntil" = @lease
        WHERE "id" IN (SELECT "id" FROM "Erasure" WHERE {OpenVisits} ORDER BY "requestedAt" LIMIT @max) AND {OpenVisits}
        RETURNING {Columns}
        """;

    // Of a visitor who was never here there is nothing to show.
    private const string NothingFoundSql = """
        -- erasure of nothing
        DELETE FROM "Erasure" WHERE "id" = @id
        """;

    private const string DoneSql = """
        -- erasure done
        UPDATE "Erasure" SET "doneAt" = COALESCE("doneAt", @now), "subject" = NULL, "sessions" = "sessions" + @sessions, "pageViews" = "pageViews" + @pageViews
        WHERE "id" = @id
        """;

    /// <summary>What sealing makes of the rows, and what else is counted for a page.</summary>
    public static IReadOnlyList<string> DerivedTables { get; } =
        ["Rollup", "RollupVisitors", "Segment", "SegmentColumn", "OutcomeChange", "RollupPage", "PageDrop", "ImportedDay", "AnonymousVisit"];

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

    /// <summary>Writes down that a visitor's visits, or a link's clicks, are to be erased.</summary>
    /// <param name="kind">Which of the two.</param>
    /// <param name="origin">Who asks.</param>
    /// <param name="page">The page of the link; null for a visitor.</param>
    /// <param name="subject">The visitor's hash, or the link's id.</param>
    /// <param name="cancellationToken">Cancels writing.</param>
    public async Task RequestAsync(ErasureKind kind, ErasureOrigin origin, Guid? page, string subject, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await main.InsertAsync(
            ErasureRow.Table, [new ErasureRow(Guid.CreateVersion7(now), kind, origin, page, null, now) { Subject = subject }], cancellationToken);
    }

    /// <summary>Whether visits are to be erased that were asked for before an instant.</summary>
    public async Task<bool> HasVisitsAsync(DateTimeOffset until, CancellationToken cancellationToken) =>
        await main.QueryAsync(HasVisitsSql, _ => true, cancellationToken, ("@until", until), ("@now", clock.GetUtcNow())) is [_, ..];

    /// <summary>Erases the visits and clicks that were asked for before an instant; a few thousand at once, whoever asked.</summary>
    /// <returns>What was erased.</returns>
    public async Task<IReadOnlyList<ErasureRow>> EraseVisitsAsync(DateTimeOffset until, CancellationToken cancellationToken)
    {
        var (open, visits) = (await TakeVisitsAsync(until, cancellationToken), new VisitErasure(analytics));
        var erased = new Dictionary<Guid, (long Sessions, long PageViews)>();
        var visitors = open.Where(row => row.Kind == ErasureKind.Visitor).ToLookup(row => row.Subject!);
        if (visitors.Count > 0)
        {
            await foreach (var page in Pages.AllAsync(analytics, cancellationToken))
            {
                foreach (var (visitor, counts) in await visits.VisitorsAsync(page, [.. visitors.Select(of => of.Key)], cancellationToken))
                {
                    var first = visitors[visitor].First().Id;
                    var before = erased.GetValueOrDefault(first);
                    erased[first] = (before.Sessions + counts.Sessions, before.PageViews + counts.PageViews);
                }
            }
        }

        foreach (var row in open.Where(row => row.Kind == ErasureKind.Link))
        {
            erased[row.Id] = (0, await visits.ClicksAsync(row.BioPageId!.Value, Guid.Parse(row.Subject!), cancellationToken));
        }

        var now = clock.GetUtcNow();
        foreach (var row in open)
        {
            var (sessions, pageViews) = erased.GetValueOrDefault(row.Id);
            await (sessions + pageViews == 0
                ? main.ExecuteAsync(NothingFoundSql, cancellationToken, ("@id", row.Id))
                : main.ExecuteAsync(
                    DoneSql, cancellationToken, ("@id", row.Id), ("@now", now), ("@sessions", sessions), ("@pageViews", pageViews)));
        }

        return [.. open.Where(row => erased.ContainsKey(row.Id)).Select(row => row with
        {
            DoneAt = now,
            Subject = null,
            Sessions = erased[row.Id].Sessions,
            PageViews = erased[row.Id].PageViews,
        })];
    }

    private Task<List<ErasureRow>> TakeVisitsAsync(DateTimeOffset until, CancellationToken cancellationToken) => main.TransactAsync(
        "take erasures",
        transaction => main.Dialect.QueryAsync(
            transaction, TakeVisitsSql, reader => Read(main.Dialect, reader), cancellationToken,
            ("@until", until), ("@now", clock.GetUtcNow()), ("@lease", clock.GetUtcNow() + Lease), ("@max", MaxVisitsAtOnce)),
        cancellationToken);

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
        var views = await DeleteAsync("AnalyticsPageView", "enteredAt");
        var sessions = await DeleteAsync("AnalyticsSession", "startedAt");
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

        async Task<long> DeleteAsync(string table, string time)
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
                            DELETE FROM "{table}" WHERE "bioPageId" = @page AND ("{time}", "id") IN (
                              SELECT "{time}", "id" FROM "{table}" WHERE "bioPageId" = @page LIMIT @max)
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
        Subject = row.IsDBNull(10) ? null : row.GetString(10),
    };
}
