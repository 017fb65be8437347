using Bioscope.Bench.Data;
using Bioscope.Bench.Load;
using Bioscope.Bench.Processes;
using Bioscope.Server.Demo;

namespace Bioscope.Bench.Measures;

/// <summary>
/// How many traffic reports a second are answered to 64 connections whose creators are picked as often as their pages have sessions,
/// against a bare Kestrel that answers the same bytes to the same requests. They are measured in turn, so that whatever else the
/// machine does meets both.
/// </summary>
internal static class ZipfThroughput
{
    public const string Measure = "zipf";
    public const string Case = "traffic, 30 days, 64 connections";

    private const int Days = 30;
    private const int Connections = 64;
    private const int PicksInOrder = 20_000;

    public static async Task RunAsync(BenchRun run)
    {
        var (pages, now) = (run.Population.Pages, TimeProvider.System.GetUtcNow());
        var path = Requests.ReportPath("traffic", Days);
        using var load = LoadFile.InOrder([.. pages.Select(page => new LoadRequest("GET", path, Requests.TokenOf(page, now)))], Picks(run.Population));
        var answer = Path.GetTempFileName();
        try
        {
            await run.ServeAsync(Measure, async server =>
            {
                using (var connection = await HttpConnection.OpenAsync(server.Address, run.Cancellation))
                {
                    await File.WriteAllBytesAsync(answer, await connection.SendAsync(Driver.Bytes(load.Requests[0]), run.Cancellation), run.Cancellation);
                }

                await using var plain = await BareServer.StartAsync(BareMode.Plain, answer, run.Cancellation);
                await using var jwt = await BareServer.StartAsync(BareMode.Jwt, answer, run.Cancellation);
                await Rounds.RunAsync(run, Measure, Case, load, Connections, [("bare", plain), ("bare with JWT", jwt), ("server", server)]);
                await Pgbench.RunAsync(run, server, load, Connections, Measure, Case);
            });
        }
        finally
        {
            File.Delete(answer);
        }
    }

    /// <summary>Indexes of pages, each as often as its sessions have it.</summary>
    public static int[] Picks(Population population)
    {
        var random = new DemoRandom(seed: 64);
        var creators = new Weighted<int>(population.Pages.Select(page => (page.Rank - 1, (double)page.Sessions)));
        return [.. Enumerable.Range(0, PicksInOrder).Select(_ => creators.Next(random))];
    }
}
