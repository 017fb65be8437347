namespace Bioscope.Scale;

/// <summary>An installation and its load, as it was thought up: what is simulated.</summary>
internal sealed record Plan
{
    /// <summary>Visits of a mean day.</summary>
    public required double VisitsPerDay { get; init; }

    /// <summary>Events that are written for a visit: its session, page views, clicks, heartbeats, leaves.</summary>
    public double EventsPerVisit { get; init; } = 4;

    /// <summary>Reports that are asked for each visit.</summary>
    public double ReportsPerVisit { get; init; } = 0.1;

    public int Pages { get; init; } = 100_000;

    /// <summary>The page of rank k has k to the power of minus this as many visits as the first.</summary>
    public double Zipf { get; init; } = 1;

    /// <summary>Visits of the viral hour, all of one page, in addition to all others; 0 for no such hour.</summary>
    public double ViralVisits { get; init; } = 200_000;

    /// <summary>Servers, each with one writer for each node.</summary>
    public int Instances { get; init; } = 1;

    /// <summary>Machines with a database; the pages' shards are spread over them.</summary>
    public int Nodes { get; init; } = 1;

    /// <summary>Shards over all nodes; a page belongs to one.</summary>
    public int Shards { get; init; } = 1;

    /// <summary>What a node does at the same time, each as fast as the machine on which the service times were measured.</summary>
    public int Lanes { get; init; } = 1;

    /// <summary>Of a transaction with n events in seconds: this, and <see cref="EventSeconds"/> times n.</summary>
    public required double BatchSeconds { get; init; }

    public required double EventSeconds { get; init; }

    public required double ReportSeconds { get; init; }

    /// <summary>What a writer takes at once at most (IngestWriter.MaxInBatch).</summary>
    public int MaxInBatch { get; init; } = 1_000;

    /// <summary>How many events wait for a writer at most (IngestWriter.MaxWaiting); further ones are lost as overload.</summary>
    public int MaxWaiting { get; init; } = 10_000;

    /// <summary>How long an hour is simulated, in seconds: rates do not change within.</summary>
    public double Seconds { get; init; } = 20;

    public int Seed { get; init; } = 17;

    /// <summary>The same with so many times the load.</summary>
    public Plan Times(double factor) => this with { VisitsPerDay = VisitsPerDay * factor, ViralVisits = ViralVisits * factor };
}
