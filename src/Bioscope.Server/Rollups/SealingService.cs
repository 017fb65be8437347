using System.Data.Common;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Bioscope.Server.Storage;

namespace Bioscope.Server.Rollups;

/// <summary>
/// Seals hours once they are over. Of several instances the one that moved the fence goes through the pages; what it leaves undone, when it is
/// stopped or fails, is done by whoever starts or moves the fence next: reports are exact wherever sealing stands.
/// </summary>
internal sealed partial class SealingService : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly AnalyticsDatabase _analytics;
    private readonly TimeProvider _clock;
    private readonly ILogger<SealingService> _log;
    private readonly Sealer _sealer;
    private readonly Counter<long> _sealedRows;
    private long _fence; // as the metric has it: seconds since 1970

    // Pages that an import has unsealed and that were looked at since, by version.
    private readonly Dictionary<Guid, long> _lookedAt = [];

    public SealingService(AnalyticsDatabase analytics, TimeProvider clock, IMeterFactory meters, ILogger<SealingService> log)
    {
        (_analytics, _clock, _log, _sealer) = (analytics, clock, log, new Sealer(analytics));
        var meter = meters.Create("Bioscope.Rollups");
        _sealedRows = meter.CreateCounter<long>("bioscope.rollups.sealed.rows", description: "Raw rows that this instance counted into rollups");
        meter.CreateObservableGauge(
            "bioscope.rollups.fence", () => Interlocked.Read(ref _fence), "s", "Hours before this instant, in seconds since 1970, are over and are sealed; 0 until it is known");
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var isDue = true; // at the start, and until it has come to its end
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                isDue |= await Fence.MoveAsync(_analytics, _clock.GetUtcNow(), stoppingToken);
                if (isDue)
                {
                    await SealAsync(Pages.AllAsync(_analytics, stoppingToken), stoppingToken);
                    isDue = false;
                }

                await SealAsync(UnsealedAsync(stoppingToken), stoppingToken);
                await Task.Delay(Interval, _clock, stoppingToken);
            }
            catch (DbException e)
            {
                Log.Failed(_log, e.Message);
                await Task.Delay(Interval, _clock, stoppingToken);
            }
        }
    }

    private async Task SealAsync(IAsyncEnumerable<Guid> pages, CancellationToken cancellation)
    {
        if (await Fence.ReadAsync(_analytics, cancellation) is not { } fence)
        {
            return;
        }

        Interlocked.Exchange(ref _fence, fence.ToUnixTimeSeconds());
        var started = _clock.GetTimestamp();
        var (rows, count) = (0L, 0);
        await foreach (var page in pages)
        {
            var added = await SealAsync(page, fence, cancellation);
            rows += added;
            count += added > 0 ? 1 : 0;
        }

        if (count > 0)
        {
            Log.Sealed(_log, rows, count, fence, (long)_clock.GetElapsedTime(started).TotalMilliseconds);
        }
    }

    private async Task<long> SealAsync(Guid page, DateTimeOffset fence, CancellationToken cancellation)
    {
        try
        {
            var rows = await _sealer.SealAsync(page, fence, cancellation);
            _sealedRows.Add(rows);
            return rows;
        }
        catch (Exception e) when (e is not (DbException or OperationCanceledException))
        {
            Log.Damaged(_log, e, page); // others can be sealed
            return 0;
        }
    }

    private async IAsyncEnumerable<Guid> UnsealedAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var pages = await _analytics.QueryAsync(
            """
            -- unsealed pages
            SELECT "bioPageId", "version" FROM "RollupPage" WHERE "sealedUntil" IS NULL
            """,
            row => (Id: _analytics.Dialect.ReadGuid(row, 0), Version: row.GetInt64(1)),
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

        [LoggerMessage(LogLevel.Error, "Page {Page} cannot be sealed; 'bioscope rebuild --page {Page}' counts its rollups anew")]
        public static partial void Damaged(ILogger logger, Exception exception, Guid page);

        [LoggerMessage(LogLevel.Warning, "Sealing is put off, the database is not available: {Reason}")]
        public static partial void Failed(ILogger logger, string reason);
    }
}
