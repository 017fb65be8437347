namespace Bioscope.Bench.Load;

/// <summary>What came of asking for some seconds as fast as the answers come.</summary>
/// <param name="PerSecond">Answers.</param>
/// <param name="P50">Half of the answers came within this, in milliseconds.</param>
/// <param name="P99">All but a hundredth did.</param>
internal sealed record Throughput(double PerSecond, double P50, double P99)
{
    /// <summary>Processor time of the server for a request, in microseconds.</summary>
    public double ProcessorMicroseconds { get; init; }
}
