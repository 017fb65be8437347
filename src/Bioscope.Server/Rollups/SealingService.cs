using System.Data.Common;
using System.Runtime.CompilerServices;
using Bioscope.Server.Storage;

namespace Bioscope.Server.Rollups;

/// <summary>
/// Seals hours once they are over. Of several instances the one that moved the fence goes through the pages; what it leaves undone, when it is
/// stopped or fails, is done by whoever starts or moves the fence next: reports are exact wherever sealing stands.
/// </summary>
internal sealed partial class SealingService(AnalyticsDatabase analytics, TimeProvider clock, ILogger<SealingService> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly Sealer _sealer = new(analytics);

    // Pages that an import has unsealed and that were looked at since, by version.
    private readonly Dictionary<Guid, long> _lookedAt = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var isFirst = true;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (await Fence.MoveAsync(analytics, clock.GetUtcNow(), stoppingToken) | isFirst)
                {
                    isFirst = false;
                    await SealAsync(Pages.AllAsync(analytics, stoppingToken), stoppingToken);
                }

                await SealAsync(UnsealedAsync(stoppingToken), stoppingToken);
                await Task.Delay(Interval, clock, stoppingToken);
            }
            catch (DbException e)
            {
                Log.Failed(log, e.Message);
                await Task.Delay(Interval, clock, stoppingToken);
            }
        }
    }

    private async Task SealAsync(IAsyncEnumerable<Guid> pages, CancellationToken cancellation)
    {
        if (await Fence.ReadAsync(analytics, cancellation) is not { } fence)
        {
            return;
        }

        var started = clock.GetTimestamp();
        var (rows, count) = (0L, 0);
        await foreach (var page in pages)
        {
            var added = await _sealer.SealAsync(page, fence, cancellation);
            rows += added;
            count += added > 0 ? 1 : 0;
        }

        if (count > 0)
        {
            Log.Sealed(log, rows, count, fence, (long)clock.GetElapsedTime(started).TotalMilliseconds);
        }
    }

    private async IAsyncEnumerable<Guid> UnsealedAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var pages = await analytics.QueryAsync(
            """
            -- unsealed pages
            SELECT "bioPageId", "version" FROM "RollupPage" WHERE "sealedUntil" IS NULL
            """,
            row => (Id: analytics.Dialect.ReadGuid(row, 0), Version: row.GetInt64(1)),
            cancellation);
        foreach (var (id, version) in pages)
        {
            if (_lookedAt.GetValueOrDefault(id, -1) != version)
            {
                _lookedAt[id] = version;
                yield return id;
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Sealed {Rows} rows of {Pages} pages up to {Fence:u} in {Milliseconds} ms")]
        public static partial void Sealed(ILogger logger, long rows, int pages, DateTimeOffset fence, long milliseconds);

        [LoggerMessage(LogLevel.Warning, "Sealing is put off, the database is not available: {Reason}")]
        public static partial void Failed(ILogger logger, string reason);
    }
}
