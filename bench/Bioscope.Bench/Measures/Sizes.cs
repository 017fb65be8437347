namespace Bioscope.Bench.Measures;

/// <summary>What the raw rows, their indexes and everything that is made from them weigh.</summary>
internal static class Sizes
{
    public const string Measure = "sizes";
    public const string Case = "analytics database";

    public static async Task RunAsync(BenchRun run)
    {
        const double Megabyte = 1048576;
        var weights = await run.Engine.WeighAsync(run.Cancellation);
        run.Add(Measure, Case, "raw rows", weights.Rows / Megabyte, "MB");
        run.Add(Measure, Case, "their indexes", weights.Indexes / Megabyte, "MB");
        run.Add(Measure, Case, "rollups with their indexes", weights.Rollups / Megabyte, "MB");
        run.Add(Measure, Case, "indexes and rollups of raw rows", weights.Overhead * 100, "%");
    }
}
