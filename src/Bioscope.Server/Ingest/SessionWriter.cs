using System.Data.Common;
using System.Threading.Channels;
using Bioscope.Server.Storage;

namespace Bioscope.Server.Ingest;

/// <summary>
/// Writes sessions in groups: a batch is what arrived while the last one was being committed, so one disk sync serves many
/// visitors, and an idle server answers at once. A session is acknowledged only after its batch was committed.
/// </summary>
internal sealed partial class SessionWriter(AnalyticsDatabase analytics, IngestMetrics metrics, TimeProvider clock, ILogger<SessionWriter> log)
    : BackgroundService
{
    private const int MostWaiting = 10_000;
    private const int MostInBatch = 1_000;

    private readonly Channel<Waiting> _queue = Channel.CreateBounded<Waiting>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });

    /// <summary>Whether what comes now would be stored: the writer runs, and there is room before it.</summary>
    public bool IsTaking => ExecuteTask is { IsCompleted: false } && _queue.Reader.Count < MostWaiting;

    /// <summary>Stores the session with a new id, started now.</summary>
    /// <returns>The id once the session is on disk, or null when it could not be stored.</returns>
    public async Task<Guid?> WriteAsync(SessionRow session)
    {
        var waiting = new Waiting(session);
        if (_queue.Writer.TryWrite(waiting))
        {
            return await waiting.Stored.Task;
        }

        metrics.Drop(DropReason.Overload);
        return null;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        metrics.WatchQueue(() => _queue.Reader.Count, MostWaiting);
        // On shutdown nothing new is taken, and what waits is still written: its visitors wait for an answer.
        await using var stop = stoppingToken.Register(() => _queue.Writer.TryComplete());
        var batch = new List<Waiting>(MostInBatch);
        while (await _queue.Reader.WaitToReadAsync(CancellationToken.None))
        {
            while (batch.Count < MostInBatch && _queue.Reader.TryRead(out var waiting))
            {
                batch.Add(waiting);
            }

            await StoreAsync(batch);
            batch.Clear();
        }
    }

    private async Task StoreAsync(List<Waiting> batch)
    {
        var now = clock.GetUtcNow();
        var rows = batch.ConvertAll(waiting => waiting.Session with { Id = Guid.CreateVersion7(now), StartedAt = now });
        var started = clock.GetTimestamp();
        try
        {
            await analytics.InsertAsync(SessionRow.Table, rows, CancellationToken.None);
        }
        catch (Exception e)
        {
            await RefuseAsync(batch, e);
            return;
        }

        metrics.Batch(batch.Count, clock.GetElapsedTime(started));
        metrics.Keep(Kept.Session, batch.Count);
        for (var i = 0; i < batch.Count; i++)
        {
            batch[i].Stored.SetResult(rows[i].Id);
        }
    }

    /// <summary>When the database is fine, one row must be at fault: each is tried alone, so that it takes no other with it.</summary>
    private async Task RefuseAsync(List<Waiting> batch, Exception failure)
    {
        if (batch.Count > 1 && failure is DbException refused && !analytics.Dialect.IsUnavailable(refused))
        {
            foreach (var waiting in batch)
            {
                await StoreAsync([waiting]);
            }

            return;
        }

        if (failure is DbException unavailable && analytics.Dialect.IsUnavailable(unavailable))
        {
            // Who came meanwhile has waited as long already, and would wait for the next attempt too.
            while (_queue.Reader.TryRead(out var late))
            {
                batch.Add(late);
            }

            Log.Unavailable(log, batch.Count, failure.Message);
        }
        else
        {
            Log.NotStored(log, batch.Count, failure);
        }

        foreach (var waiting in batch)
        {
            metrics.Drop(DropReason.Storage);
            waiting.Stored.SetResult(null);
        }
    }

    /// <summary>A session and the request that waits for it; the request goes on elsewhere, not on the writer's thread.</summary>
    private sealed record Waiting(SessionRow Session)
    {
        public TaskCompletionSource<Guid?> Stored { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "{Count} sessions were not stored, the database is not available: {Reason}")]
        public static partial void Unavailable(ILogger logger, int count, string reason);

        [LoggerMessage(LogLevel.Error, "{Count} sessions could not be stored")]
        public static partial void NotStored(ILogger logger, int count, Exception failure);
    }
}
