using System.Data.Common;
using System.Threading.Channels;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Ingest;

/// <summary>
/// Writes the events of visitors' browsers in batches: a batch is what arrived while the previous one was being committed. One disk sync
/// thus serves many visitors, and an idle server responds at once. An event is acknowledged only after its batch was committed.
/// </summary>
internal sealed partial class IngestWriter(
    AnalyticsDatabase analytics, NumberedPages pages, IngestMetrics metrics, TimeProvider clock, ILogger<IngestWriter> log)
    : BackgroundService
{
    private const int MaxWaiting = 10_000;
    private const int MaxInBatch = 1_000;

    // A few megabytes of SQLite's write-ahead log.
    private const int EventsBetweenCheckpoints = 500;

    private readonly Channel<IngestEvent> _queue = Channel.CreateBounded<IngestEvent>(
        new BoundedChannelOptions(MaxWaiting) { SingleReader = true });

    // Without traffic, a server that is not ready would never find out that it is ready again.
    private static readonly TimeSpan FailureCounts = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan BetweenWarnings = TimeSpan.FromMinutes(1);

    private long _failed; // 0: the last batch did not fail
    private long? _said; // when lost events were last logged
    private int _unsaid; // events lost since then
    private int _sinceCheckpoint;
    private Task _checkpoint = Task.CompletedTask;

    /// <summary>Raised after each batch with the events that are on disk. Handlers delay the next batch and must not throw.</summary>
    public event Action<IReadOnlyList<IngestEvent>>? Stored;

    /// <summary>How many events wait to be written.</summary>
    public int Waiting => _queue.Reader.Count;

    /// <summary>
    /// Whether a new event would be stored: the writer runs, its queue has room, and the last batch was not refused by an unavailable or
    /// busy database, unless that was a while ago.
    /// </summary>
    public bool IsTaking => ExecuteTask is { IsCompleted: false } && _queue.Reader.Count < MaxWaiting
        && !(Interlocked.Read(ref _failed) is not 0 and var failed && clock.GetElapsedTime(failed) < FailureCounts);

    /// <summary>Writes the event with the next batch.</summary>
    /// <returns>Once it is on disk, the id of the row it became or changed; null when nothing was stored. Drops are counted by
    /// reason.</returns>
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
        // At shutdown, new events are refused but waiting ones are still written, because their visitors wait for a response.
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
        using var span = Spans.StartWork("ingest batch")?.SetTag("bioscope.ingest.events", batch.Count);
        Guid?[] stored;
        var started = clock.GetTimestamp();
        try
        {
            var numbers = await EventRows.PagesOfAsync(batch, pages, CancellationToken.None);
            stored = await analytics.TransactAsync(
                "ingest",
                transaction => new IngestBatch(analytics.Dialect, transaction, numbers, clock.GetUtcNow()).WriteAsync(batch, CancellationToken.None),
                CancellationToken.None);
        }
        catch (Exception e)
        {
            span.Fail(e);
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

    /// <summary>
    /// When the database works, a single event must be at fault. The batch is bisected to find it, so that the others are stored.
    /// </summary>
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
            // Events that arrived in the meantime have waited as long already, and would also have to wait for the next attempt.
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

    // At once, then once per minute: these messages must not fill the log on the same full disk.
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
        [LoggerMessage(LogLevel.Warning, "{Count} visitor events were lost, because the database is not available: {Reason}")]
        public static partial void Unavailable(ILogger logger, int count, string reason);

        [LoggerMessage(
            LogLevel.Warning,
            "Events are stored, but SQLite's write-ahead log could not be checkpointed into the database file. The server tries again: " +
            "{Reason}")]
        public static partial void NoCheckpoint(ILogger logger, string reason);

        [LoggerMessage(LogLevel.Error, "{Count} visitor events were lost, because they could not be stored")]
        public static partial void NotStored(ILogger logger, int count, Exception failure);
    }
}
