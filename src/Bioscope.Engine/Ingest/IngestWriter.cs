using System.Data.Common;
using System.Threading.Channels;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Ingest;

/// <summary>
/// Writes what visitors' browsers report in groups: a batch is what arrived while the last one was being committed, so one disk
/// sync serves many visitors, and an idle server answers at once. An event is acknowledged only after its batch was committed.
/// </summary>
internal sealed partial class IngestWriter(AnalyticsDatabase analytics, IngestMetrics metrics, TimeProvider clock, ILogger<IngestWriter> log)
    : BackgroundService
{
    private const int MaxWaiting = 10_000;
    private const int MaxInBatch = 1_000;

    // Some megabytes of SQLite's log.
    private const int EventsBetweenCheckpoints = 500;

    private readonly Channel<IngestEvent> _queue = Channel.CreateBounded<IngestEvent>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });

    // A server that is sent nothing while it is not ready would never find out that it is again.
    private static readonly TimeSpan FailureCounts = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan BetweenWarnings = TimeSpan.FromMinutes(1);

    private long _failed; // 0: it did not
    private long? _said; // when the log was last told that events are not stored
    private int _unsaid; // how many since
    private int _sinceCheckpoint;
    private Task _checkpoint = Task.CompletedTask;

    /// <summary>Tells, after each batch, which events are on disk. Whoever listens keeps the next batch waiting, and must not throw.</summary>
    public event Action<IReadOnlyList<IngestEvent>>? Stored;

    /// <summary>
    /// Whether what comes now would be stored: the writer runs, there is room before it, and the last batch was not refused by a
    /// database that is away or busy, unless that was a while ago.
    /// </summary>
    public bool IsTaking => ExecuteTask is { IsCompleted: false } && _queue.Reader.Count < MaxWaiting
        && !(Interlocked.Read(ref _failed) is not 0 and var failed && clock.GetElapsedTime(failed) < FailureCounts);

    /// <summary>Writes the event with the next batch.</summary>
    /// <returns>The id of the row it became or changed once that is on disk, or null when nothing was kept; why is counted.</returns>
    public Task<Guid?> WriteAsync(IngestEvent happened)
    {
        if (_queue.Writer.TryWrite(happened))
        {
            return happened.Stored.Task;
        }

        metrics.Drop(DropReason.Overload, happened);
        return Task.FromResult<Guid?>(null);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        metrics.WatchQueue(() => _queue.Reader.Count, MaxWaiting);
        // On shutdown nothing new is taken, and what waits is still written: its visitors wait for an answer.
        await using var stop = stoppingToken.Register(() => _queue.Writer.TryComplete());
        var batch = new List<IngestEvent>(MaxInBatch);
        while (await _queue.Reader.WaitToReadAsync(CancellationToken.None))
        {
            while (batch.Count < MaxInBatch && _queue.Reader.TryRead(out var happened))
            {
                batch.Add(happened);
            }

            await StoreAsync(batch);
            Checkpoint(batch.Count);
            batch.Clear();
        }

        await _checkpoint;
    }

    private void Checkpoint(int written)
    {
        _sinceCheckpoint += written;
        if (_sinceCheckpoint >= EventsBetweenCheckpoints && _checkpoint.IsCompleted)
        {
            _sinceCheckpoint = 0;
            _checkpoint = Task.Run(CheckpointAsync);
        }
    }

    private async Task CheckpointAsync()
    {
        try
        {
            await analytics.CheckpointAsync(CancellationToken.None);
        }
        catch (DbException e)
        {
            Log.NoCheckpoint(log, e.Message);
        }
    }

    private async Task StoreAsync(List<IngestEvent> batch)
    {
        Guid?[] stored;
        var started = clock.GetTimestamp();
        try
        {
            stored = await analytics.TransactAsync(
                "ingest",
                transaction => new IngestBatch(analytics.Dialect, transaction, clock.GetUtcNow()).WriteAsync(batch, CancellationToken.None),
                CancellationToken.None);
        }
        catch (Exception e)
        {
            await RefuseAsync(batch, e);
            return;
        }

        Interlocked.Exchange(ref _failed, 0);
        metrics.Batch(batch.Count, clock.GetElapsedTime(started));
        for (var i = 0; i < stored.Length; i++)
        {
            metrics.Count(batch[i], stored[i] is not null);
            batch[i].Stored.SetResult(stored[i]);
        }

        Stored?.Invoke([.. batch.Where((_, i) => stored[i] is not null)]);
    }

    /// <summary>When the database is fine, one event must be at fault: it is narrowed down by halves, so that it takes no other with it.</summary>
    private async Task RefuseAsync(List<IngestEvent> batch, Exception failure)
    {
        var isUnavailable = failure is DbException refused && analytics.Dialect.IsUnavailable(refused);
        if (batch.Count > 1 && !isUnavailable)
        {
            var half = batch.Count / 2;
            await StoreAsync(batch[..half]);
            await StoreAsync(batch[half..]);
            return;
        }

        if (isUnavailable)
        {
            // Who came meanwhile has waited as long already, and would wait for the next attempt too.
            while (_queue.Reader.TryRead(out var late))
            {
                batch.Add(late);
            }

            Interlocked.Exchange(ref _failed, clock.GetTimestamp());
            SayUnavailable(batch.Count, failure.Message);
        }
        else
        {
            Log.NotStored(log, batch.Count, failure);
        }

        foreach (var happened in batch)
        {
            metrics.Drop(DropReason.Storage, happened);
            happened.Stored.SetResult(null);
        }
    }

    // At once, then once a minute: a log on the same full disk must not be filled by saying so.
    private void SayUnavailable(int count, string reason)
    {
        _unsaid += count;
        if (_said is not { } said || clock.GetElapsedTime(said) >= BetweenWarnings)
        {
            Log.Unavailable(log, _unsaid, reason);
            (_said, _unsaid) = (clock.GetTimestamp(), 0);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "{Count} events of visitors were lost, because the database is not available: {Reason}")]
        public static partial void Unavailable(ILogger logger, int count, string reason);

        [LoggerMessage(LogLevel.Warning, "Events are stored, but SQLite's log could not be checkpointed into the database file. The server tries again: {Reason}")]
        public static partial void NoCheckpoint(ILogger logger, string reason);

        [LoggerMessage(LogLevel.Error, "{Count} events of visitors were lost, because they could not be stored")]
        public static partial void NotStored(ILogger logger, int count, Exception failure);
    }
}
