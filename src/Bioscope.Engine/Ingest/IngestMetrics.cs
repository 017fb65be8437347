using System.Diagnostics.Metrics;
using Bioscope.Engine.Rows;

namespace Bioscope.Engine.Ingest;

/// <summary>What is counted of that which was kept.</summary>
internal enum Kept
{
    Session,
    PageView,
    Heartbeat,
    Leave,
    Identify,
}

/// <summary>What ingestion keeps and drops, and how the writer does. Every kind and reason is there from the start, with 0.</summary>
internal sealed class IngestMetrics
{
    /// <summary>Tells whoever keeps count by page.</summary>
    public event Action<Guid, DropReason>? DroppedOnPage;

    private readonly Meter _meter;
    private readonly long[] _kept = new long[Enum.GetValues<Kept>().Length];
    private readonly long[] _drops = new long[Enum.GetValues<DropReason>().Length];
    private readonly Histogram<int> _batches;
    private readonly Histogram<double> _commits;

    public IngestMetrics(IMeterFactory meters)
    {
        _meter = meters.Create("Bioscope.Ingest");
        _meter.CreateObservableCounter("bioscope.ingest.kept", () => EnumMeasurements.Of<Kept>(_kept, "kind"), description: "What visitors' browsers reported and is on disk, by kind");
        _meter.CreateObservableCounter("bioscope.ingest.drops", () => EnumMeasurements.Of<DropReason>(_drops, "reason"), description: "What was not kept, by reason");
        _batches = _meter.CreateHistogram<int>(
            "bioscope.ingest.batch.size", description: "Events committed at once", advice: new() { HistogramBucketBoundaries = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] });
        _commits = _meter.CreateHistogram<double>("bioscope.ingest.commit.duration", "s", "Time in which a batch was written and committed");
    }

    /// <summary>An event was written; or its session is unknown or closed.</summary>
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

    /// <summary>Something was not kept, on a page where that is known.</summary>
    public void Drop(DropReason reason, Guid? page = null)
    {
        Interlocked.Increment(ref _drops[(int)reason]);
        if (page is { } known)
        {
            DroppedOnPage?.Invoke(known, reason);
        }
    }

    /// <summary>As <see cref="Drop(DropReason, Guid?)"/>. Of a page only visits, views and clicks are told: nothing else is counted there.</summary>
    public void Drop(DropReason reason, IngestEvent happened) => Drop(reason, happened is SessionStarted or PageViewed ? happened.Page : null);

    /// <summary>A batch is on disk.</summary>
    public void Batch(int events, TimeSpan took)
    {
        _batches.Record(events);
        _commits.Record(took.TotalSeconds);
    }

    private void Keep(Kept kind, bool isKept = true) => Interlocked.Add(ref _kept[(int)kind], isKept ? 1 : 0);

    public void WatchQueue(Func<int> length, int capacity)
    {
        _meter.CreateObservableGauge("bioscope.ingest.queue.length", length, description: "What waits for the writer");
        _meter.CreateObservableGauge("bioscope.ingest.queue.capacity", () => capacity, description: "How much may wait; beyond it is dropped as overload");
    }
}
