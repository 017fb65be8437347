using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Bioscope.Core;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Sealing;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Ingest;

/// <summary>
/// Counts dropped events by page, UTC day and reason. Counts collect in memory and are added to <c>"PageDrop"</c> every few seconds and
/// at shutdown. They stay in memory while a database is unavailable, so a crash loses the last seconds. Clients may name pages that do
/// not exist: their counts are never written, and they cannot take the room of existing pages.
/// </summary>
internal sealed partial class DropCounter : BackgroundService
{
    /// <summary>The maximum of pending counts for pages not known to exist, and again for known pages. About 3 MB together.</summary>
    internal const int MaxPending = 10_000;

    /// <summary>The maximum of pages remembered as existing; about 5 MB.</summary>
    internal const int MaxKnown = 100_000;

    /// <summary>The longest window of a report, 365 × 24 hours, touches 366 days.</summary>
    private const int KeptDays = 366;

    private const int MaxInTransaction = 1_000;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly MainDatabase _main;
    private readonly AnalyticsDatabase _analytics;
    private readonly TimeProvider _clock;
    private readonly ILogger<DropCounter> _log;
    private readonly Dictionary<Drop, long> _pending = [];
    private readonly HashSet<Guid> _known = [];
    private readonly Lock _counting = new();
    private readonly SemaphoreSlim _writing = new(1);
    private DateTimeOffset? _removedBefore;
    private bool _isFailing;

    public DropCounter(MainDatabase main, AnalyticsDatabase analytics, IngestMetrics metrics, TimeProvider clock, ILogger<DropCounter> log)
    {
        (_main, _analytics, _clock, _log) = (main, analytics, clock, log);
        metrics.DroppedOnPage += Count;
    }

    /// <summary>
    /// How long a report waits for a database that is busy with another writer, in real time even when the server's clock is a test's.
    /// </summary>
    internal TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The number of counts waiting to be written.</summary>
    internal int Pending
    {
        get
        {
            lock (_counting)
            {
                return _pending.Count;
            }
        }
    }

    /// <summary>Writes a page's pending counts, or gives up after a moment; the report then lacks the last seconds.</summary>
    public async Task TryFlushAsync(Guid page)
    {
        lock (_counting)
        {
            if (!_pending.Keys.Any(drop => drop.Page == page))
            {
                return;
            }
        }

        // On a thread of its own, because SQLite's driver blocks the thread while it waits.
        var flush = Task.Run(() => TryFlushAsync(drop => drop.Page == page));
        await Task.WhenAny(flush, Task.Delay(Patience, TimeProvider.System));
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        var flush = Task.Run(() => TryFlushAsync(_ => true), CancellationToken.None);
        await Task.WhenAny(flush, Task.Delay(Timeout.Infinite, cancellationToken));
    }

    public override void Dispose()
    {
        _writing.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Interval, _clock, stoppingToken);
            if (await TryFlushAsync(_ => true))
            {
                await TryRemoveOldAsync(stoppingToken);
            }
        }
    }

    private void Count(Guid page, DropReason reason)
    {
        var drop = new Drop(page, Grain.Day.Floor(_clock.GetUtcNow()), reason);
        lock (_counting)
        {
            ref var count = ref CollectionsMarshal.GetValueRefOrNullRef(_pending, drop);
            if (!Unsafe.IsNullRef(ref count))
            {
                count++;
            }
            else if (_pending.Count < MaxPending || (_pending.Count < 2 * MaxPending && _known.Contains(page)))
            {
                _pending.Add(drop, 1);
            }
        }
    }

    // Not cancelled at shutdown: it would be unknown whether the transaction was committed, and its counts might be added twice.
    /// <returns>Whether everything was written.</returns>
    private async Task<bool> TryFlushAsync(Predicate<Drop> which)
    {
        try
        {
            await _writing.WaitAsync();
            try
            {
                foreach (var chunk in Waiting(which).Chunk(MaxInTransaction))
                {
                    await WriteAsync(chunk);
                }
            }
            finally
            {
                _writing.Release();
            }

            _isFailing = false;
            return true;
        }
        catch (Exception e)
        {
            if (!_isFailing)
            {
                Log.NotWritten(_log, e.Message); // once per outage
            }

            _isFailing = true;
            return false;
        }
    }

    private List<KeyValuePair<Drop, long>> Waiting(Predicate<Drop> which)
    {
        lock (_counting)
        {
            return [.. _pending.Where(count => which(count.Key))];
        }
    }

    private async Task WriteAsync(KeyValuePair<Drop, long>[] counts)
    {
        var pages = await ExistingAsync([.. counts.Select(count => count.Key.Page).Distinct()]);
        var rows = counts.Where(count => pages.Contains(count.Key.Page))
            .Select(count => count.Key.Row(Math.Min(count.Value, PageDrop.MaxCount))).ToList();
        if (rows.Count > 0)
        {
            await _analytics.TransactAsync(
                "count drops",
                async transaction =>
                {
                    await PageDrop.AddAsync(_analytics.Dialect, transaction, rows, CancellationToken.None);
                    return true;
                },
                CancellationToken.None);
        }

        lock (_counting)
        {
            foreach (var (drop, written) in counts)
            {
                var left = _pending[drop] - written; // more may have been counted since
                if (left == 0)
                {
                    _pending.Remove(drop);
                }
                else
                {
                    _pending[drop] = left;
                }
            }
        }
    }

    private async Task<HashSet<Guid>> ExistingAsync(Guid[] pages)
    {
        HashSet<Guid> existing;
        lock (_counting)
        {
            existing = [.. pages.Where(_known.Contains)];
        }

        var unknown = pages.Where(page => !existing.Contains(page)).ToArray();
        if (unknown.Length > 0)
        {
            var found = await _main.QueryAsync(
                """
                -- existing pages
                SELECT "id" FROM "BioPage" WHERE "id" {isAnyOfIds}
                """,
                row => _main.Dialect.ReadGuid(row, 0),
                CancellationToken.None,
                ("@ids", unknown));
            existing.UnionWith(found);
            lock (_counting)
            {
                if (_known.Count + found.Count > MaxKnown)
                {
                    _known.Clear();
                }

                _known.UnionWith(found);
            }
        }

        return existing;
    }

    /// <summary>
    /// Runs once a day. Uses the fence when the clock is ahead of it: a clock that is wrong by a year must not delete a year.
    /// </summary>
    private async Task TryRemoveOldAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await Fence.ReadAsync(_analytics, cancellationToken) is not { } fence)
            {
                return;
            }

            var day = FirstKeptDay(_clock.GetUtcNow(), fence);
            if (day != _removedBefore)
            {
                await PageDrop.RemoveBeforeAsync(_analytics, day, cancellationToken);
                _removedBefore = day;
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Log.NotRemoved(_log, e.Message);
        }
    }

    internal static DateTimeOffset FirstKeptDay(DateTimeOffset now, DateTimeOffset fence) =>
        Grain.Day.Floor(fence < now ? fence : now).AddDays(-KeptDays);

    /// <summary>The key of one count.</summary>
    private readonly record struct Drop(Guid Page, DateTimeOffset Day, DropReason Reason)
    {
        public PageDrop Row(long count) => new(Page, Day, PageDrop.NameOf(Reason), count);
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "The counts of dropped events stay in memory, because the database is not available: {Reason}")]
        public static partial void NotWritten(ILogger logger, string reason);

        [LoggerMessage(
            LogLevel.Warning, "The counts of dropped events older than 366 days could not be removed. The server tries again: {Reason}")]
        public static partial void NotRemoved(ILogger logger, string reason);
    }
}
