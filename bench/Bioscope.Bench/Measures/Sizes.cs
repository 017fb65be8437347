using System.Globalization;
using Bioscope.Bench.Engines;

namespace Bioscope.Bench.Measures;

/// <summary>What the raw rows, their indexes and everything that is made from them (rollups, segments) weigh.</summary>
internal static class Sizes
{
    public const string Measure = "sizes";
    public const string Case = "analytics database";
    public const string Overhead = "derived data and indexes of raw rows";

    public static async Task RunAsync(BenchRun run)
    {
        const double Megabyte = 1048576;
        var weights = await run.Engine.WeighAsync(run.Cancellation);
        run.Add(Measure, Case, "raw rows", weights.Rows / Megabyte, "MB");
        run.Add(Measure, Case, "their indexes", weights.Indexes / Megabyte, "MB");
        run.Add(Measure, Case, "derived data with its indexes", weights.Derived / Megabyte, "MB");
        if (await SegmentsAsync(run) is { } bytes)
        {
            run.Add(Measure, Case, "of that, columns of segments", bytes / Megabyte, "MB");
        }

        run.Add(Measure, Case, Overhead, weights.Overhead * 100, "%");
    }

    /// <returns>The bytes of all segments without what the engine adds; null where the schema has none.</returns>
    private static async Task<double?> SegmentsAsync(BenchRun run)
    {
        await using var analytics = run.Engine.OpenAnalytics();
        await using var connection = await analytics.OpenAsync(run.Cancellation);
        if ((await analytics.Dialect.ColumnsAsync(connection, "SegmentColumn", run.Cancellation)).Count == 0)
        {
            return null;
        }

        var bytes = await BenchEngine.ScalarAsync<object>(
            connection, """SELECT COALESCE(SUM(LENGTH("bytes")), 0) FROM "SegmentColumn" """, run.Cancellation);
        return Convert.ToDouble(bytes, CultureInfo.InvariantCulture);
    }
}
