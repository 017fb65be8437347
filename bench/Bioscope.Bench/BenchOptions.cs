namespace Bioscope.Bench;

/// <summary>What was asked for on the command line.</summary>
internal sealed record BenchOptions
{
    /// <summary>20,000 sessions.</summary>
    public const double QuickScale = 0.004;

    public required IReadOnlyList<string> Engines { get; init; }

    public required IReadOnlyList<double> Scales { get; init; }

    public required string Data { get; init; }

    public required IReadOnlyList<string> Measures { get; init; }

    /// <summary>Everything once and tiny: shows that it still works, measures nothing.</summary>
    public required bool IsQuick { get; init; }

    public required string Server { get; init; }

    public required string? Json { get; init; }

    public required string? Results { get; init; }

    /// <summary>Files of earlier runs.</summary>
    public required IReadOnlyList<string> With { get; init; }

    /// <summary>Of throughput; each is measured against its baseline, one after the other, and the median of the ratios is what counts.</summary>
    public int Rounds => IsQuick ? 1 : 5;

    public TimeSpan Round => IsQuick ? TimeSpan.FromSeconds(0.3) : TimeSpan.FromSeconds(2);

    /// <summary>Requests of which the median is the time of a report that is asked for again and again.</summary>
    public int HotRequests => IsQuick ? 5 : 200;

    /// <summary>How often the server is started to measure first requests.</summary>
    public int ColdStarts => IsQuick ? 1 : 3;

    public IReadOnlyList<int> Days => IsQuick ? [30, 365] : [1, 7, 30, 365];
}
