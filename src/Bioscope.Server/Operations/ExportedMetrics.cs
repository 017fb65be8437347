using System.Diagnostics.Metrics;

namespace Bioscope.Server.Operations;

/// <summary>
/// Which instruments are exported and how, the same at <c>/metrics</c> and by OTLP: the server's own, and those of the runtime.
/// </summary>
internal static class ExportedMetrics
{
    // Most requests take well under a millisecond; the databases' time-outs are at ten seconds.
    private static readonly double[] Seconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private static readonly Dictionary<string, string[]> HistogramLabels = new(StringComparer.Ordinal)
    {
        ["http.server.request.duration"] = ["http.route", "http.request.method", "http.response.status_code"],
        ["bioscope.db.duration"] = ["database", "statement"],
    };

    /// <summary>
    /// Whether an instrument is exported. Several servers may run in one process, as in tests: each exports the meters of its own services
    /// and those of the runtime.
    /// </summary>
    public static bool Has(Instrument instrument, IMeterFactory meters) => instrument.Meter switch
    {
        { Name: "System.Runtime" } => instrument.IsObservable,
        { Name: var name, Scope: var scope } => scope == meters
            && (name.StartsWith("Bioscope.", StringComparison.Ordinal) || instrument.Name == "http.server.request.duration"),
    };

    /// <summary>
    /// The labels of a histogram, all with few values: a route is a template, and an unknown method is <c>_OTHER</c>. Other labels are
    /// dropped.
    /// </summary>
    public static string[] LabelsOf(Instrument histogram) => HistogramLabels.GetValueOrDefault(histogram.Name, []);

    /// <summary>The upper bounds of a histogram's buckets.</summary>
    public static double[] BoundsOf(Instrument histogram) => histogram is Histogram<int> { Advice.HistogramBucketBoundaries: { } sizes }
        ? [.. sizes.Select(size => (double)size)]
        : Seconds;
}
