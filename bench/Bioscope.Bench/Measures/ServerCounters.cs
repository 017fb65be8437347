using System.Globalization;
using Bioscope.Bench.Processes;

namespace Bioscope.Bench.Measures;

/// <summary>What the server says of itself at <c>/metrics</c>.</summary>
/// <param name="Kept">Sessions that are on disk.</param>
/// <param name="Dropped">Events of which nothing was kept, for whatever reason.</param>
/// <param name="Batches">Transactions of the writer.</param>
/// <param name="Events">What was in them.</param>
internal sealed record ServerCounters(double Kept, double Dropped, double Batches, double Events)
{
    public static async Task<ServerCounters> ReadAsync(WebProcess server, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = server.Address };
        var lines = (await http.GetStringAsync(new Uri("/metrics", UriKind.Relative), cancellationToken)).Split('\n');
        return new ServerCounters(
            Sum("bioscope_ingest_kept_total{kind=\"session\""),
            Sum("bioscope_ingest_drops_total"),
            Sum("bioscope_ingest_batch_size_count"),
            Sum("bioscope_ingest_batch_size_sum"));

        double Sum(string name) => lines
            .Where(line => line.StartsWith(name, StringComparison.Ordinal))
            .Sum(line => double.Parse(line.AsSpan(line.LastIndexOf(' ') + 1), CultureInfo.InvariantCulture));
    }

    public ServerCounters Since(ServerCounters before) =>
        new(Kept - before.Kept, Dropped - before.Dropped, Batches - before.Batches, Events - before.Events);

    public double EventsABatch => Batches > 0 ? Events / Batches : 0;
}
