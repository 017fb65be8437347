using System.Data.Common;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Segments;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Sealing;

/// <summary>
/// Seals hours once they are over, the running one in parts where reports read many rows of it, and removes what nobody reports on. It goes on
/// whatever happens. Of several instances one at a time goes through the pages, and notes when it has come to the end; what it leaves undone, when it is
/// stopped or fails, is done by the next: reports are exact wherever sealing stands.
/// </summary>
internal sealed partial class SealingService : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    // A page with a thousand visits in ten seconds is then read raw for two. A step takes some 20 ms.
    private static readonly TimeSpan IntervalOfLongTails = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan BetweenPurges = TimeSpan.FromHours(1);

    private const string HasRollupsSql = """
        -- has leftovers
        SELECT 1 WHERE EXISTS (SELECT 1 FROM "Rollup" WHERE "bioPageId" = @page) OR EXISTS (SELECT 1 FROM "RollupVisitors" WHERE "bioPageId" = @page)
          OR EXISTS (SELECT 1 FROM "Segment" WHERE "bioPageId" = @page) OR EXISTS (SELECT 1 FROM "SegmentColumn" WHERE "bioPageId" = @page)
        """;

    private readonly AnalyticsDatabase _analytics;
    private readonly TimeProvider _clock;
    private readonly ILogger<SealingService> _log;
    private readonly Sealer _sealer;
    private readonly Segmenter _segmenter;
    private readonly FenceKeeper _fenceKeeper;
    private readonly DamagedPages _damaged;
    private readonly LongTails _longTails;
    private readonly Counter<long> _sealedRows;
    private readonly Counter<long> _rounds;
    private long _fence; // as the metric has it: seconds since 1970

    // Pages that an import has unsealed and that were looked at since, by version.
    private readonly Dictionary<Guid, long> _lookedAt = [];

    // Pages that could not be sealed, and were said to be so.
    private readonly HashSet<Guid> _setAside = [];

    private readonly TaskCompletionSource _looked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private bool _isPutOff; // a page of the last round
    private string? _failure; // what was said last
    private long? _purged;

    public SealingService(
        AnalyticsDatabase analytics, DamagedPages damaged, LongTails longTails, TimeProvider clock, IMeterFactory meters, ILogger<SealingService> log)
    {
        (_analytics, _damaged, _longTails, _clock, _log) = (analytics, damaged, longTails, clock, log);
        (_sealer, _segmenter, _fenceKeeper) = (new Sealer(analytics), new Segmenter(analytics), new FenceKeeper(analytics, clock, log));
        var meter = meters.Create("Bioscope.Rollups");
        _sealedRows = meter.CreateCounter<long>("bioscope.rollups.sealed.rows", description: "Raw rows that this instance counted into rollups");
        _rounds = meter.CreateCounter<long>("bioscope.rollups.rounds", description: "How often this instance went through all pages to seal them");
        meter.CreateObservableGauge(
            "bioscope.rollups.fence", () => Interlocked.Read(ref _fence), "s", "Rows before this instant, in seconds since 1970, are sealed; 0 until it is known");
    }

    /// <summary>Completes after the first look, also a failed one: from then on nothing is sealed before the clock goes on.</summary>
    internal Task FirstLook => _looked.Task;

    /// <summary>A fence that is in the future is moved back before the first visitor is stamped with it.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _fenceKeeper.LookAsync(onlyBack: true, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            SayFailed(e); // the next look is in ten seconds
        }

        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var interval = Interval;
            try
            {
                interval = await LookAsync(stoppingToken) ? IntervalOfLongTails : Interval;
                _failure = null;
            }
            catch (Exception e) when (e.IsFailure(stoppingToken))
            {
                SayFailed(e);
            }

            _looked.TrySetResult();
            await Task.Delay(interval, _clock, stoppingToken);
        }
    }

    /// <returns>Whether reports had to read many rows raw since the last look.</returns>
    private async Task<bool> LookAsync(CancellationToken cancellationToken)
    {
        var longTails = _longTails.Take().FindAll(page => !_setAside.Contains(page));
        await _fenceKeeper.LookAsync(onlyBack: false, cancellationToken, longTails);
        while (_damaged.TryTake(out var page))
        {
            await UnsealAsync(page, cancellationToken);
        }

        if (await Fence.ReadBothAsync(_analytics, cancellationToken) is var (fence, isSealed))
        {
            Interlocked.Exchange(ref _fence, fence.ToUnixTimeSeconds());
            if (!isSealed)
            {
                await _analytics.TryAloneAsync(SoleWork.Sealing, () => SealAllAsync(cancellationToken), cancellationToken);
            }
        }

        if ((await NewlyUnsealedAsync(cancellationToken)).Count > 0)
        {
            await _analytics.TryAloneAsync(
                SoleWork.Sealing, () => SealAsync(UnsealedAsync(cancellationToken), LogLevel.Information, cancellationToken), cancellationToken);
        }

        await SealLongTailsAsync(longTails, cancellationToken);
        if ((_purged is not { } purged || _clock.GetElapsedTime(purged) >= BetweenPurges) && !_fenceKeeper.IsInDoubt)
        {
            _purged = _clock.GetTimestamp();
            if (await Unassigned.PurgeAsync(_analytics, await _fenceKeeper.NowAsync(cancellationToken), cancellationToken) is > 0 and var sessions)
            {
                Log.Purged(_log, sessions);
            }
        }

        return longTails.Count > 0;
    }

    /// <summary>Goes through all pages, unless another instance has done so in the meantime.</summary>
    private async Task SealAllAsync(CancellationToken cancellationToken)
    {
        if (await Fence.ReadBothAsync(_analytics, cancellationToken) is not (var fence, false))
        {
            return;
        }

        _rounds.Add(1);
        _isPutOff = false;
        await SealAsync(Pages.AllAsync(_analytics, cancellationToken), LogLevel.Information, cancellationToken);
        if (!_isPutOff)
        {
            await Fence.SetSealedAsync(_analytics, fence, cancellationToken);
        }
    }

    /// <summary>Seals what reports read raw. What came in the running hour is sealed too: so the fence moves within it, but only when such a page needs it.</summary>
    private async Task SealLongTailsAsync(List<Guid> pages, CancellationToken cancellationToken)
    {
        if (pages.Count == 0)
        {
            return;
        }

        if (await _fenceKeeper.WithinHourAsync(cancellationToken) is var (fence, until) && await HaveRowsAsync(pages, fence, until, cancellationToken))
        {
            await Fence.MoveAsync(_analytics, until, cancellationToken);
        }

        await SealAsync(pages.ToAsyncEnumerable(), LogLevel.Debug, cancellationToken);
    }

    /// <summary>Whether one of the pages has enough rows in some time to be sealed.</summary>
    private async Task<bool> HaveRowsAsync(List<Guid> pages, DateTimeOffset from, DateTimeOffset until, CancellationToken cancellationToken)
    {
        await using var connection = await _analytics.OpenAsync(cancellationToken);
        await using var snapshot = await _analytics.Dialect.BeginSnapshotAsync(connection, cancellationToken);
        foreach (var page in pages)
        {
            if (await RowCount.IsAtLeastAsync(_analytics.Dialect, snapshot, page, from, until, Sealer.MinRows, cancellationToken))
            {
                return true;
            }
        }

        return false;
    }

    private async Task SealAsync(IAsyncEnumerable<Guid> pages, LogLevel level, CancellationToken cancellationToken)
    {
        if (await Fence.ReadAsync(_analytics, cancellationToken) is not { } fence)
        {
            return;
        }

        var started = _clock.GetTimestamp();
        var (rows, count) = (0L, 0);
        await foreach (var page in pages)
        {
            var added = await SealAsync(page, fence, cancellationToken);
            rows += added;
            count += added > 0 ? 1 : 0;
        }

        if (count > 0)
        {
            var milliseconds = (long)_clock.GetElapsedTime(started).TotalMilliseconds;
            Log.Sealed(_log, level, rows, count, fence, milliseconds);
        }
    }

    /// <summary>Seals a page. One that cannot be sealed is set aside: its rollups are dropped, its reports read the raw rows, and others go on.</summary>
    private async Task<long> SealAsync(Guid page, DateTimeOffset fence, CancellationToken cancellationToken)
    {
        using var span = Spans.StartWork("seal page");
        try
        {
            var rows = await _sealer.SealAsync(page, fence, cancellationToken);
            await _segmenter.AdvanceAsync(page, fence, cancellationToken);
            span?.SetTag("bioscope.sealed.rows", rows);
            _sealedRows.Add(rows);
            _setAside.Remove(page);
            return rows;
        }
        catch (Exception e) when (e is not OperationCanceledException && !(e is DbException database && _analytics.Dialect.IsUnavailable(database)))
        {
            span.Fail(e);
            if (!DamagedPages.IsDamage(e, _analytics.Dialect))
            {
                Log.PutOff(_log, e, page); // somebody was in the way
                _isPutOff = true;
                _lookedAt.Remove(page);
            }
            else if (_setAside.Add(page))
            {
                Log.SetAside(_log, page, e.Message);
                await UnsealAsync(page, cancellationToken);
            }

            return 0;
        }
    }

    private Task<bool> UnsealAsync(Guid page, CancellationToken cancellationToken) => _analytics.TransactAsync(
        "unseal",
        async transaction =>
        {
            await BackfillGuard.UnsealAsync(_analytics.Dialect, transaction, page, cancellationToken);
            return true;
        },
        cancellationToken);

    /// <summary>Pages that nothing is sealed of, once for each version; what is left over of them is removed.</summary>
    private async IAsyncEnumerable<Guid> UnsealedAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var (page, version) in await NewlyUnsealedAsync(cancellationToken))
        {
            if (page is not { } id)
            {
                continue;
            }

            if (version is not long)
            {
                await UnsealAsync(id, cancellationToken); // gives it one that is a number
                continue;
            }

            _lookedAt[id] = (long)version;
            if ((await _analytics.QueryAsync(HasRollupsSql, _ => true, cancellationToken, ("@page", id))).Count > 0)
            {
                await _analytics.TransactAsync(
                    "clean",
                    async transaction =>
                    {
                        await BackfillGuard.CleanAsync(_analytics.Dialect, transaction, id, cancellationToken);
                        return true;
                    },
                    cancellationToken);
            }

            yield return id;
        }
    }

    private async Task<List<(Guid? Id, object Version)>> NewlyUnsealedAsync(CancellationToken cancellationToken) => (await _analytics.QueryAsync(
        """
        -- unsealed pages
        SELECT "bioPageId", "version" FROM "RollupPage" WHERE "sealedUntil" IS NULL
        """,
        row => (Id: Pages.IdOf(row.GetValue(0)), Version: row.GetValue(1)),
        cancellationToken)).FindAll(page => page.Id is { } id && !(page.Version is long known && _lookedAt.GetValueOrDefault(id, -1) == known));

    private void SayFailed(Exception failure)
    {
        if (failure is DbException database && _analytics.Dialect.IsUnavailable(database))
        {
            Log.Failed(_log, failure.Message);
        }
        else if (_failure != failure.Message)
        {
            _failure = failure.Message;
            Log.Unexpected(_log, failure);
        }
    }

    private static partial class Log
    {
        [LoggerMessage("Sealed {Rows} rows of {Pages} pages up to {Fence:u} in {Milliseconds} ms")]
        public static partial void Sealed(ILogger logger, LogLevel level, long rows, int pages, DateTimeOffset fence, long milliseconds);

        [LoggerMessage(LogLevel.Error,
            "Page {Page} is set aside: what is stored of it cannot be sealed ({Reason}). Its rollups are dropped and counted anew; " +
            "until that succeeds its reports read the raw rows. 'bioscope verify --page {Page}' names rows that are malformed")]
        public static partial void SetAside(ILogger logger, Guid page, string reason);

        [LoggerMessage(LogLevel.Warning, "Sealing page {Page} is put off")]
        public static partial void PutOff(ILogger logger, Exception exception, Guid page);

        [LoggerMessage(LogLevel.Error, "Sealing failed and is tried again every ten seconds; reports stay exact, but become slower")]
        public static partial void Unexpected(ILogger logger, Exception exception);

        [LoggerMessage(LogLevel.Information, "Removed {Sessions} sessions without a page that are older than a day")]
        public static partial void Purged(ILogger logger, int sessions);

        [LoggerMessage(LogLevel.Warning, "Sealing is put off, the database is not available: {Reason}")]
        public static partial void Failed(ILogger logger, string reason);
    }
}
