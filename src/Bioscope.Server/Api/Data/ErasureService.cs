using Bioscope.Engine;
using Bioscope.Engine.Auditing;
using Bioscope.Engine.Erasing;
using Bioscope.Engine.Ingest;
using Bioscope.Engine.Storage;
using Bioscope.Server.Accounts;
using Bioscope.Server.Configuration;
using Bioscope.Server.Web;

namespace Bioscope.Server.Api.Data;

/// <summary>
/// Erases what its owner asks for, and what of the audit is too old, and sees it through: erasures that a stop interrupted, rows that arrive late from open pages or other
/// instances, and the bytes in the files, which are overwritten while that takes seconds.
/// </summary>
internal sealed partial class ErasureService(
    MainDatabase main, Erasure erasure, Overwriting overwriting, LoginAttempts attempts, CallerPage pages, PublishedPages published,
    AuditLog audit, Settings settings, TimeProvider clock, ILogger<ErasureService> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan BetweenLateRows = TimeSpan.FromHours(1);

    // What another instance knows of a page, and what it is about to write, is out of date after this.
    private static readonly TimeSpan FreshFor = TimeSpan.FromMinutes(5);

    // A visit that is just being stored is found by then.
    private static readonly TimeSpan VisitsAfter = TimeSpan.FromMinutes(1);

    // Finding a visitor reads every page, so a flood of requests must not make it read them all the time.
    private static readonly TimeSpan BetweenVisits = TimeSpan.FromHours(1);

    private readonly SemaphoreSlim _erased = new(0), _looking = new(1);
    private long? _looked, _erasedVisits;
    private bool _hasSaidTooLarge;

    /// <summary>
    /// Erases a user with account, page and all that was counted. It goes on when the browser has gone away: nobody wants half of it.
    /// </summary>
    public async Task<ErasureRow> EraseAsync(Guid user, ErasureOrigin origin)
    {
        var creator = await ErasedCreators.FindAsync(main, attempts, user, CancellationToken.None);
        pages.Forget(user);
        if (creator.BioPageId is { } page)
        {
            published.Forget(page);
        }

        var row = await erasure.CreatorAsync(creator, origin, CancellationToken.None);
        _erased.Release();
        return row;
    }

    /// <summary>One round of what it does every minute.</summary>
    internal async Task LookAsync(CancellationToken cancellationToken)
    {
        await _looking.WaitAsync(cancellationToken);
        try
        {
            await EraseAsync(cancellationToken);
            await OverwriteAsync(cancellationToken);
        }
        finally
        {
            _looking.Release();
        }
    }

    private async Task EraseAsync(CancellationToken cancellationToken)
    {
        var isLate = _looked is not { } at || clock.GetElapsedTime(at) >= BetweenLateRows;
        _looked = isLate ? clock.GetTimestamp() : _looked;
        if (isLate)
        {
            await audit.DeleteOldAsync(settings.AuditMonths, cancellationToken);
        }

        foreach (var row in await erasure.ContinueAsync(isLate ? Erasure.LateRowsFor : FreshFor, cancellationToken))
        {
            Log.Continued(log, row.Id, row.Sessions, row.PageViews);
        }

        var until = clock.GetUtcNow() - VisitsAfter;
        if ((_erasedVisits is not { } last || clock.GetElapsedTime(last) >= BetweenVisits) && await erasure.HasVisitsAsync(until, cancellationToken))
        {
            _erasedVisits = clock.GetTimestamp();
            foreach (var row in await erasure.EraseVisitsAsync(until, cancellationToken))
            {
                Log.Visits(log, row.Kind, row.Sessions, row.PageViews);
            }
        }
    }

    private async Task OverwriteAsync(CancellationToken cancellationToken)
    {
        if (!await overwriting.IsDueAsync(cancellationToken))
        {
            return;
        }

        if (await overwriting.SizeAsync(cancellationToken) is var size && size > Overwriting.MaxWhileServing)
        {
            if (!_hasSaidTooLarge)
            {
                _hasSaidTooLarge = true;
                Log.TooLarge(log, size >> 20);
            }
        }
        else if (await overwriting.RunAsync(cancellationToken))
        {
            Log.Overwritten(log);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        string? failure = null;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await LookAsync(stoppingToken);
                failure = null;
            }
            catch (Exception e) when (e.IsFailure(stoppingToken))
            {
                if (e.Message != failure)
                {
                    failure = e.Message;
                    Log.Failed(log, e.Message);
                }
            }

            using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            await Task.WhenAny(Task.Delay(Interval, clock, either.Token), _erased.WaitAsync(either.Token));
            await either.CancelAsync();
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        _erased.Dispose();
        _looking.Dispose();
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Erasure {Id} goes on: {Sessions} sessions and {PageViews} page views are erased so far")]
        public static partial void Continued(ILogger logger, Guid id, long sessions, long pageViews);

        [LoggerMessage(LogLevel.Information, "Erased on the request of a {Kind}: {Sessions} sessions, {PageViews} page views and clicks")]
        public static partial void Visits(ILogger logger, ErasureKind kind, long sessions, long pageViews);

        [LoggerMessage(LogLevel.Information, "The bytes of erased rows are overwritten")]
        public static partial void Overwritten(ILogger logger);

        [LoggerMessage(LogLevel.Warning,
            "Rows were erased, but their bytes are still in free space of the database ({Size} MiB), which is too large to be rewritten while "
            + "visitors come. At a quiet hour run: bioscope erasures --overwrite")]
        public static partial void TooLarge(ILogger logger, long size);

        [LoggerMessage(LogLevel.Warning, "Erased rows could not be looked after; the next attempt is in a minute: {Reason}")]
        public static partial void Failed(ILogger logger, string reason);
    }
}
