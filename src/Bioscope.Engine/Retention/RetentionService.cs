using Bioscope.Engine.Rows;
using Bioscope.Engine.Sealing;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Retention;

/// <summary>
/// Removes visits that are older than the operator wants to keep, in whole months of UTC and page by page. What remains is counted as
/// before: a page's rollups and segments are dropped in the transaction that removes its rows, and made again.
/// </summary>
/// <param name="analytics">Where the visits are.</param>
/// <param name="kept">Says since when they are kept.</param>
/// <param name="months">How many whole months are kept besides the running one; 0 for all.</param>
/// <param name="clock">The time between two looks; never decides what is old.</param>
/// <param name="log">Is told what was removed.</param>
internal sealed partial class RetentionService(
    AnalyticsDatabase analytics, KeptVisits kept, int months, TimeProvider clock, ILogger<RetentionService> log) : BackgroundService
{
    // A session that goes on over the first midnight is kept as long as its page views, of which it is the source.
    private static readonly TimeSpan Grace = SessionRow.Life;

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1), BetweenSweeps = TimeSpan.FromDays(1);

    private const int MaxRowsAtOnce = 5_000;

    private const string ImportedSql = """
        -- remove old imported days
        DELETE FROM "ImportedDay" WHERE "day" < @before
        """;

    private static readonly (string Probe, string Delete, TimeSpan Grace)[] Tables =
    [
        Of("AnalyticsPageView", "enteredAt", TimeSpan.Zero), Of("AnalyticsSession", "startedAt", Grace),
    ];

    private long? _swept;

    /// <summary>
    /// Decides since when visits are kept, and removes older ones from the look after that on, when every instance knows it.
    /// </summary>
    /// <returns>How many rows were removed.</returns>
    internal async Task<long> LookAsync(CancellationToken cancellationToken)
    {
        await kept.ReadAsync(cancellationToken);
        if (months == 0)
        {
            return 0;
        }

        // The fence, not the clock: one that is years ahead must not remove everything.
        if (await Fence.ReadAsync(analytics, cancellationToken) is { Year: < 9999 } fence
            && KeptVisits.SinceOf(fence, months) is var since && !(since <= kept.Since))
        {
            await kept.MoveAsync(since, cancellationToken);
            Log.Moved(log, since);
            _swept = null;
            return 0;
        }

        if (kept.Since is not { } before || (_swept is { } swept && clock.GetElapsedTime(swept) < BetweenSweeps))
        {
            return 0;
        }

        var rows = 0L;
        await foreach (var page in Pages.AllAsync(analytics, cancellationToken))
        {
            rows += await SweepAsync(page, before, cancellationToken);
        }

        rows += await analytics.ExecuteAsync(ImportedSql, cancellationToken, ("@before", before));
        _swept = clock.GetTimestamp();
        if (rows > 0)
        {
            Log.Removed(log, rows, before);
        }

        return rows;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (Exception e) when (e.IsFailure(stoppingToken))
            {
                Log.Failed(log, e.Message);
            }

            await Task.Delay(Interval, clock, stoppingToken);
        }
    }

    private async Task<long> SweepAsync(Guid page, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var removed = 0L;
        foreach (var (probe, delete, grace) in Tables)
        {
            (string, object?)[] values = [("@page", page), ("@before", since - grace), ("@max", MaxRowsAtOnce)];
            while ((await analytics.QueryAsync(probe, _ => true, cancellationToken, values[..2])).Count > 0)
            {
                removed += await analytics.TransactAsync(
                    "remove old visits",
                    async transaction =>
                    {
                        var rows = 0;
                        await analytics.Dialect.BeginErasingAsync(transaction, cancellationToken);
                        await BackfillGuard.WriteAsync(
                            analytics.Dialect, transaction, [(page, DateTimeOffset.MinValue)],
                            async () => rows = await analytics.Dialect.ExecuteAsync(transaction, delete, cancellationToken, values), cancellationToken);
                        return rows;
                    },
                    cancellationToken);
            }
        }

        return removed;
    }

    private static (string Probe, string Delete, TimeSpan Grace) Of(string table, string time, TimeSpan grace) => (
        $$"""
        -- any old rows
        SELECT 1 FROM "{{table}}" WHERE "bioPageId" = @page AND "{{time}}" < @before AND {{{time}}IsInstant} LIMIT 1
        """,
        $$"""
        -- remove old rows
        DELETE FROM "{{table}}" WHERE "bioPageId" = @page AND "{{time}}" < @before AND ("{{time}}", "id") IN (
          SELECT "{{time}}", "id" FROM "{{table}}" WHERE "bioPageId" = @page AND "{{time}}" < @before AND {{{time}}IsInstant} ORDER BY "{{time}}" LIMIT @max)
        """,
        grace);

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Visits are kept since {Since:u}; older ones will be removed (Retention:Months)")]
        public static partial void Moved(ILogger logger, DateTimeOffset since);

        [LoggerMessage(LogLevel.Information, "Removed {Rows} rows of sessions, page views and imported days from before {Since:u}")]
        public static partial void Removed(ILogger logger, long rows, DateTimeOffset since);

        [LoggerMessage(LogLevel.Warning, "Old visits could not be removed, and are tried again in a minute: {Reason}")]
        public static partial void Failed(ILogger logger, string reason);
    }
}
