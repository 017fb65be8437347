using System.Data.Common;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Ingest;

/// <summary>
/// A queue of events that are written in batches: a batch is what arrived while the previous one was being committed. One disk sync thus
/// serves many visitors, and an idle server responds at once. An event is acknowledged only after its batch was committed. Parts of a queue may
/// be written side by side; one refusal is of all.
/// </summary>
internal sealed partial class IngestQueue(
    AnalyticsDatabase analytics, NumberedPages pages, IngestMetrics metrics, TimeProvider clock, ILogger<IngestWriter> log)
{
    /// <summary>How many events may wait; more are dropped as overload.</summary>
    public const int MaxWaiting = 10_000;

    private const int MaxInBatch = 1_000;

    private readonly WaitingEvents _waiting = new(MaxWaiting);

    // Without traffic, a server that is not ready would never find out that it is ready again.
    private static readonly TimeSpan FailureCounts = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan BetweenWarnings = TimeSpan.FromMinutes(1);

    private readonly Lock _saying = new();
    private long _failed; // 0: the last batch did not fail
    private long? _said; // when lost events were last logged
    private int _unsaid; // events lost since then

    /// <summary>Called after each batch with the events that are on disk.</summary>
    public required Action<IReadOnlyList<IngestEvent>> Stored { get; init; }

    /// <summary>
    /// Called after a batch with each event whose session is not where its id says. Null where the queue itself looks for it elsewhere, in a
    /// batch of their own; where there are several machines, that asks all of them.
    /// </summary>
    public Action<IngestEvent>? NotFound { get; init; }

    /// <summary>How many batches are written side by side, each of other parts.</summary>
    public int SideBySide { get; init; } = 1;

    /// <summary>How long a batch waits for more events, where each statement costs much more than a row.</summary>
    public TimeSpan Gather { get; init; }

    /// <summary>How many events wait to be written.</summary>
    public int Waiting => _waiting.Count;

    /// <summary>
    /// Whether a new event would be stored: there is room, and the last batch was not refused by an unavailable or busy database, unless that
    /// was a while ago.
    /// </summary>
    public bool IsTaking => Waiting < MaxWaiting
        && !(Interlocked.Read(ref _failed) is not 0 and var failed && clock.GetElapsedTime(failed) < FailureCounts);

    /// <summary>Has the event written with the next batch of its part, or drops it.</summary>
    public void Write(IngestEvent happened, long part = 0)
    {
        if (!_waiting.TryAdd(happened, part))
        {
            metrics.Drop(DropReason.Overload, happened);
            happened.Stored.SetResult(null);
        }
    }

    /// <summary>Takes no new events; waiting ones are still written.</summary>
    public void Complete() => _waiting.Complete();

    /// <summary>Hands out batch after batch until the queue is complete and empty.</summary>
    public Task RunAsync(Func<List<IngestEvent>, Task> store) =>
        Task.WhenAll(Enumerable.Range(0, SideBySide).Select(_ => _waiting.TakeEachAsync(MaxInBatch, Gather, store)));

    /// <summary>Writes a batch in one transaction, and answers those who wait for it.</summary>
    public Task StoreAsync(List<IngestEvent> batch) => StoreAsync(batch, findsForeignIds: false);

    /// <summary>The same.</summary>
    /// <param name="batch">The events.</param>
    /// <param name="findsForeignIds">Whether sessions and page views are looked for wherever they may be, at once: it costs more than to look
    /// where their ids say.</param>
    public async Task StoreAsync(List<IngestEvent> batch, bool findsForeignIds)
    {
        using var span = Spans.StartWork("ingest batch")?.SetTag("bioscope.ingest.events", batch.Count);
        Guid?[] stored;
        IReadOnlySet<IngestEvent> notFound;
        var started = clock.GetTimestamp();
        try
        {
            var numbers = await EventRows.PagesOfAsync(batch, pages, CancellationToken.None);
            findsForeignIds |= NotFound is null && !EventRows.HavePlaces(batch, numbers);
            (stored, notFound) = await analytics.TransactAsync(
                "ingest",
                async transaction =>
                {
                    var writing = new IngestBatch(analytics.Dialect, transaction, numbers, clock.GetUtcNow(), findsForeignIds);
                    return (await writing.WriteAsync(batch, CancellationToken.None), writing.NotFound);
                },
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
        var elsewhere = new List<IngestEvent>();
        for (var i = 0; i < stored.Length; i++)
        {
            if (notFound.Contains(batch[i]))
            {
                (NotFound ?? elsewhere.Add)(batch[i]);
                continue;
            }

            metrics.Count(batch[i], stored[i] is not null);
            batch[i].Stored.SetResult(stored[i]);
        }

        Stored([.. batch.Where((_, i) => stored[i] is not null)]);
        if (elsewhere.Count > 0)
        {
            await StoreAsync(elsewhere, findsForeignIds: true);
        }
    }

    /// <summary>
    /// When the database works, a single event must be at fault. The batch is bisected to find it, so that the others are stored. Otherwise
    /// those that wait are refused as well.
    /// </summary>
    public async Task RefuseAsync(List<IngestEvent> batch, Exception failure)
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
            _waiting.TakeAll(batch);
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
        lock (_saying)
        {
            _unsaid += count;
            if (_said is not { } said || clock.GetElapsedTime(said) >= BetweenWarnings)
            {
                Log.Unavailable(log, _unsaid, reason);
                (_said, _unsaid) = (clock.GetTimestamp(), 0);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "{Count} visitor events were lost, because the database is not available: {Reason}")]
        public static partial void Unavailable(ILogger logger, int count, string reason);

        [LoggerMessage(LogLevel.Error, "{Count} visitor events were lost, because they could not be stored")]
        public static partial void NotStored(ILogger logger, int count, Exception failure);
    }
}
