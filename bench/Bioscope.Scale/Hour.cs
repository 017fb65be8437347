namespace Bioscope.Scale;

/// <summary>What is asked of the installation in a part of an hour.</summary>
/// <param name="VisitsPerSecond">Of all pages, by Zipf's law.</param>
/// <param name="ViralPerSecond">Of one page in addition, which is the first of all.</param>
/// <param name="DeadNode">A node that answers nothing, or null.</param>
/// <param name="EndsAtOverload">Whether the first event that is lost to a full queue ends it.</param>
internal sealed record Hour(double VisitsPerSecond, double ViralPerSecond = 0, int? DeadNode = null, bool EndsAtOverload = false);

/// <summary>What came of it.</summary>
internal sealed record HourResult
{
    /// <summary>From the arrival of an event to the end of its batch.</summary>
    public Waits Events { get; } = new();

    public Waits Reports { get; } = new();

    public int Batches { get; set; }

    /// <summary>Events of the dead node's pages, which got null.</summary>
    public int RefusedEvents { get; set; }

    public int RefusedReports { get; set; }

    /// <summary>Events that found a full queue.</summary>
    public int Overload { get; set; }

    /// <summary>The part of the time in which each node's lanes were at work.</summary>
    public required double[] Utilization { get; init; }

    /// <summary>The part of the time in which the writers had a batch under way, their mean.</summary>
    public double Writers { get; set; }

    public int ArrivedEvents => Events.Count + RefusedEvents + Overload;
}
