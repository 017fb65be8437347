using System.Diagnostics.Metrics;
using Bioscope.Engine.Rows;

namespace Bioscope.Engine.Ingest;

/// <summary>The kinds of stored events.</summary>
internal enum Kept
{
    Session,
    PageView,
    Heartbeat,
    Leave,
    Identify,
}

/// <summary>
/// Metrics of ingestion: what was stored, what was dropped, and the writer's batches. Every kind and reason is exported from the start,
/// with 0.
/// </summary>
internal sealed class IngestMetrics
{
    /// <summary>Raised when an event is dropped on a known page.</summary>
    public event Action<Guid, DropReason>? DroppedOnPage;

    private readonly Meter _meter;
    private readonly TimeProvider _clock;
    private readonly Lock _counting = new();
    private readonly long[] _kept = new long[Enum.GetValues<Kept>().Length];
    private readonly long[] _drops = new long[Enum.GetValues<DropReason>().Length];
    private readonly long[] _dropsBefore = new long[Enum.GetValues<DropReason>().Length];
    private readonly Histogram<int> _batches;
    private readonly Histogram<double> _commits;
    private long _day;

    public IngestMetrics(IMeterFactory meters, TimeProvider clock)
    {
        _clock = clock;
        _meter = meters.Create("Bioscope.Ingest");
        _meter.CreateObservableCounter(
            "bioscope.ingest.kept", () => EnumMeasurements.Of<Kept>(_kept, "kind"), description: "Events stored, by kind");
        _meter.CreateObservableCounter(
            "bioscope.ingest.drops", () => EnumMeasurements.Of<DropReason>(_drops, "reason"), description: "Events dropped, by reason");
        _batches = _meter.CreateHistogram<int>(
            "bioscope.ingest.batch.size", description: "Events per commit",
            advice: new() { HistogramBucketBoundaries = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] });
        _commits = _meter.CreateHistogram<double>("bioscope.ingest.commit.duration", "s", "Time to write and commit a batch");
    }

    /// <summary>Counts an event that was processed: stored, or dropped because its session is unknown or closed.</summary>
    public void Count(IngestEvent happened, bool isKept)
    {
        if (!isKept)
        {
            Drop(happened.Reason, happened);
            return;
        }

        if (happened is SessionStarted started)
        {
            Keep(Kept.Session, started.IsOpened);
            Keep(Kept.PageView, started.ViewId is not null);
            return;
        }

        Keep(happened switch
        {
            PageViewed => Kept.PageView,
            HeartbeatReceived => Kept.Heartbeat,
            PageLeft => Kept.Leave,
            VisitorIdentified => Kept.Identify,
            _ => throw new ArgumentOutOfRangeException(nameof(happened), happened, null),
        });
    }

    /// <summary>Counts a dropped event, on its page if that is known.</summary>
    public void Drop(DropReason reason, Guid? page = null)
    {
        BeginDay();
        Interlocked.Increment(ref _drops[(int)reason]);
        if (page is { } known)
        {
            DroppedOnPage?.Invoke(known, reason);
        }
    }

    /// <summary>What this server dropped since midnight, UTC, or since it started.</summary>
    public IReadOnlyList<(DropReason Reason, long Count)> DropsToday()
    {
        BeginDay();
        return [.. Enum.GetValues<DropReason>().Select(reason => (reason, Volatile.Read(ref _drops[(int)reason]) - Volatile.Read(ref _dropsBefore[(int)reason])))];
    }

    /// <summary>Like <see cref="Drop(DropReason, Guid?)"/>. Only visits, views and clicks are counted on the page.</summary>
    public void Drop(DropReason reason, IngestEvent happened) =>
        Drop(reason, happened is SessionStarted or PageViewed ? happened.Page : null);

    /// <summary>Records a batch that is on disk.</summary>
    public void Batch(int events, TimeSpan took)
    {
        _batches.Record(events);
        _commits.Record(took.TotalSeconds);
    }

    private void BeginDay()
    {
        var today = _clock.GetUtcNow().UtcTicks / TimeSpan.TicksPerDay;
        if (Volatile.Read(ref _day) == today)
        {
            return;
        }

        lock (_counting)
        {
            if (_day != today)
            {
                _drops.CopyTo(_dropsBefore, 0);
                Volatile.Write(ref _day, today);
            }
        }
    }

    private void Keep(Kept kind, bool isKept = true) => Interlocked.Add(ref _kept[(int)kind], isKept ? 1 : 0);

    public void WatchQueue(Func<int> length, int capacity)
    {
        _meter.CreateObservableGauge("bioscope.ingest.queue.length", length, description: "Events waiting for the writer");
        _meter.CreateObservableGauge(
            "bioscope.ingest.queue.capacity", () => capacity, description: "Maximum of waiting events; more are dropped as overload");
    }
}
