using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Erasing;

/// <summary>
/// Overwrites the bytes of deleted rows, by rewriting the files in which they were. Deleted bytes are otherwise left in free space: SQLite
/// overwrites those that it deletes, but not the copies that it left when it moved rows between pages; PostgreSQL overwrites none.
/// Writers wait meanwhile, so a server does it by itself only where it takes seconds.
/// </summary>
internal sealed class Overwriting(MainDatabase main, AnalyticsDatabase analytics, TimeProvider clock)
{
    /// <summary>Up to this size in bytes a server rewrites a database by itself; about ten seconds' work.</summary>
    public const long MaxWhileServing = 1L << 30;

    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(30);

    private static readonly string[] AnalyticsTables = ["AnalyticsSession", "AnalyticsPageView", .. Erasure.DerivedTables];

    private const string IsDueSql = """
        -- is overwriting due
        SELECT 1 FROM "Erasure" WHERE "doneAt" IS NOT NULL AND "overwrittenAt" IS NULL LIMIT 1
        """;

    private const string DoneSql = """
        -- overwritten
        UPDATE "Erasure" SET "overwrittenAt" = @now WHERE "doneAt" <= @began AND "overwrittenAt" IS NULL
        """;

    /// <summary>Whether rows were erased whose bytes were not overwritten since.</summary>
    public async Task<bool> IsDueAsync(CancellationToken cancellationToken) =>
        await main.QueryAsync(IsDueSql, _ => true, cancellationToken) is [_, ..];

    /// <summary>How many bytes would be rewritten.</summary>
    public async Task<long> SizeAsync(CancellationToken cancellationToken) =>
        await main.SizeAsync(cancellationToken) + (analytics.IsSameAs(main) ? 0 : await analytics.SizeAsync(cancellationToken));

    /// <summary>Rewrites both databases.</summary>
    /// <returns>False when a reader of an older snapshot prevented it for half a minute.</returns>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        var began = clock.GetUtcNow();
        var mainTables = ErasedRows.Conditions.Select(table => table.Table);
        var isDone = analytics.IsSameAs(main)
            ? await OverwriteAsync(main, mainTables.Concat(AnalyticsTables))
            : await OverwriteAsync(main, mainTables) & await OverwriteAsync(analytics, AnalyticsTables);

        if (isDone)
        {
            await main.ExecuteAsync(DoneSql, cancellationToken, ("@began", began), ("@now", clock.GetUtcNow()));
        }

        return isDone;

        async Task<bool> OverwriteAsync(Database database, IEnumerable<string> tables)
        {
            var mark = await database.SnapshotMarkAsync(cancellationToken);
            if (!await TryAsync(async () => !await database.AreOlderSnapshotsReadAsync(mark, cancellationToken)))
            {
                return false;
            }

            await database.RewriteAsync(tables, cancellationToken);
            return await TryAsync(() => database.TruncateLogAsync(cancellationToken));
        }

        async Task<bool> TryAsync(Func<Task<bool>> step)
        {
            for (var waited = TimeSpan.Zero; !await step(); waited += TimeSpan.FromMilliseconds(200))
            {
                if (waited > MaxWait)
                {
                    return false;
                }

                await Task.Delay(TimeSpan.FromMilliseconds(200), cancellationToken);
            }

            return true;
        }
    }
}
