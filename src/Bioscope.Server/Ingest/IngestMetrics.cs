using System.Diagnostics.Metrics;

namespace Bioscope.Server.Ingest;

/// <summary>Why something that a visitor's browser sent was not kept.</summary>
internal enum DropReason
{
    /// <summary>The visitor did not agree to analytics.</summary>
    Consent,

    /// <summary>The user agent is a known bot.</summary>
    Bot,

    /// <summary>A page without a valid tracking token.</summary>
    Token,

    /// <summary>A page view, heartbeat or the like of a session that is unknown, or closed since 24 hours passed.</summary>
    Session,

    /// <summary>More arrives than the database takes.</summary>
    Overload,

    /// <summary>The database refused or is away.</summary>
    Storage,
}

/// <summary>Counts what ingestion drops, by reason.</summary>
internal sealed class IngestMetrics(IMeterFactory meters)
{
    private readonly Counter<long> _drops = meters.Create("Bioscope.Ingest").CreateCounter<long>("bioscope.ingest.drops");

    public void Drop(DropReason reason) =>
        _drops.Add(1, new KeyValuePair<string, object?>("reason", reason.ToString().ToLowerInvariant()));
}
