using System.Collections.Concurrent;
using System.Data.Common;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Ingest;

/// <summary>
/// Writes the events of visitors' browsers. Where Citus has spread the tables over several machines, each machine has a queue of its own:
/// one that is away refuses the events of its own pages only, and one that is slow delays only these. A batch is of one machine and each of its
/// statements is about one shard, so it is committed by that machine alone, in one step; a few are written side by side, of other shards.
/// </summary>
internal sealed partial class IngestWriter : BackgroundService
{
    // A few megabytes of SQLite's write-ahead log.
    private const int EventsBetweenCheckpoints = 500;

    // More of a machine's batches side by side were not faster (decision 0042).
    private const int MaxSideBySide = 4;

    // Two milliseconds more for a visitor, and a quarter to two fifths less processor time (decision 0042).
    private static readonly TimeSpan GatherForMachine = TimeSpan.FromMilliseconds(2);

    private readonly AnalyticsDatabase _analytics;
    private readonly NumberedPages _pages;
    private readonly PageMachines _machines;
    private readonly IngestMetrics _metrics;
    private readonly ILogger<IngestWriter> _log;

    private readonly Lock _raising = new();
    private readonly IngestQueue _queue;

    // For events whose page is not known by their id, or whose session is not where it says: they are looked for on all machines.
    private readonly IngestQueue _elsewhere;
    private readonly ConcurrentDictionary<int, IngestQueue> _ofMachines = [];
    private readonly Func<Action<IngestEvent>?, int, IngestQueue> _newQueue;
    private readonly List<Task> _writing = [];

    private int _sinceCheckpoint;
    private Task _checkpoint = Task.CompletedTask;

    public IngestWriter(
        AnalyticsDatabase analytics, NumberedPages pages, PageMachines machines, IngestMetrics metrics, TimeProvider clock,
        ILogger<IngestWriter> log)
    {
        (_analytics, _pages, _machines, _metrics, _log) = (analytics, pages, machines, metrics, log);
        _newQueue = (notFound, sideBySide) => new IngestQueue(analytics, pages, metrics, clock, log)
        {
            Stored = Raise,
            NotFound = notFound,
            SideBySide = sideBySide,
            Gather = notFound is null ? TimeSpan.Zero : GatherForMachine,
        };
        (_queue, _elsewhere) = (_newQueue(null, 1), _newQueue(null, 1));
    }

    /// <summary>Raised after each batch with the events that are on disk. Handlers delay the next batch and must not throw.</summary>
    public event Action<IReadOnlyList<IngestEvent>>? Stored;

    /// <summary>How many events wait to be written.</summary>
    public int Waiting => _queue.Waiting + _elsewhere.Waiting + _ofMachines.Values.Sum(queue => queue.Waiting);

    /// <summary>
    /// Whether new events would be stored: the writer runs, its queue has room, and the last batch was not refused by an unavailable or
    /// busy database, unless that was a while ago. Of several machines one is enough: all servers write to the same ones, so that no other
    /// server could store more.
    /// </summary>
    public bool IsTaking => ExecuteTask is { IsCompleted: false } && _queue.IsTaking
        && (_ofMachines.IsEmpty || _ofMachines.Values.Any(queue => queue.IsTaking));

    /// <summary>Writes the event with the next batch.</summary>
    /// <returns>Once it is on disk, the id of the row it became or changed; null when nothing was stored. Drops are counted by
    /// reason.</returns>
    public Task<Guid?> WriteAsync(IngestEvent happened)
    {
        _queue.Write(happened);
        return happened.Stored.Task;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        _metrics.WatchQueue(() => Waiting, IngestQueue.MaxWaiting);
        // At shutdown, new events are refused but waiting ones are still written, because their visitors wait for a response.
        await using var stop = stoppingToken.Register(_queue.Complete);
        var elsewhere = _elsewhere.RunAsync(batch => _elsewhere.StoreAsync(batch, findsForeignIds: true));
        await _queue.RunAsync(async batch =>
        {
            await (_machines.AreSeveral ? DivideAsync(batch) : _queue.StoreAsync(batch));
            Checkpoint(batch.Count);
        });
        foreach (var queue in _ofMachines.Values)
        {
            queue.Complete();
        }

        await Task.WhenAll(_writing);
        _elsewhere.Complete();
        await elsewhere;
        await _checkpoint;
    }

    /// <summary>Hands each event to the queue of the machine that has its page. Those of a session stay in order: they have one page.</summary>
    private async Task DivideAsync(List<IngestEvent> batch)
    {
        List<(IngestEvent Event, Guid? Page)> events;
        IReadOnlyDictionary<Guid, PlaceOfPage> places;
        try
        {
            var numbers = await EventRows.PagesOfAsync(batch, _pages, CancellationToken.None);
            events = batch.ConvertAll(happened => (happened, EventRows.PageOf(happened, numbers)));
            places = await _machines.FindAsync(events.Select(one => one.Page).OfType<Guid>(), CancellationToken.None);
        }
        catch (Exception e)
        {
            await _queue.RefuseAsync(batch, e);
            return;
        }

        foreach (var (happened, page) in events)
        {
            if (page is { } known && places.TryGetValue(known, out var place))
            {
                QueueOf(place).Write(happened, place.Shard);
            }
            else
            {
                _elsewhere.Write(happened);
            }
        }
    }

    // The machines share half of the pool, so that reports find a connection while one of them hangs.
    private IngestQueue QueueOf(PlaceOfPage place)
    {
        if (!_ofMachines.TryGetValue(place.Machine, out var queue))
        {
            var sideBySide = Math.Clamp(_analytics.MaxConnections / (2 * place.Machines), 1, MaxSideBySide);
            _ofMachines[place.Machine] = queue = _newQueue(happened => _elsewhere.Write(happened), sideBySide);
            _writing.Add(queue.RunAsync(queue.StoreAsync));
        }

        return queue;
    }

    private void Raise(IReadOnlyList<IngestEvent> events)
    {
        lock (_raising)
        {
            Stored?.Invoke(events);
        }
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
            await _analytics.CheckpointAsync(CancellationToken.None);
        }
        catch (DbException e)
        {
            Log.NoCheckpoint(_log, e.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(
            LogLevel.Warning,
            "Events are stored, but SQLite's write-ahead log could not be checkpointed into the database file. The server tries again: " +
            "{Reason}")]
        public static partial void NoCheckpoint(ILogger logger, string reason);
    }
}
