using System.Diagnostics;
using System.Globalization;
using Bioscope.Bench.Data;
using Bioscope.Bench.Load;
using Bioscope.Bench.Processes;

namespace Bioscope.Bench.Measures;

/// <summary>
/// How long each report takes over HTTP on one connection, by window and size of the page. <em>Cold</em> is the first request for a
/// page that a server process gets; it has answered the same report for another page before, so code is compiled and connections are
/// open, but nothing is known of this page. <em>Hot</em> is asked again and again. The operating system's file cache is warm in both.
/// </summary>
internal static class ReportTimes
{
    public const string Measure = "reports";

    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(2);
    private const int WarmUps = 30;

    public static string Case(string report, int days, int sessions) => string.Create(CultureInfo.InvariantCulture, $"{report}, {days} days, {sessions:N0} sessions");

    public static Task RunAsync(BenchRun run) => RunAsync(run, run.Options.Days);

    public static async Task RunAsync(BenchRun run, IReadOnlyList<int> windows)
    {
        foreach (var report in BenchRun.Reports)
        {
            foreach (var days in windows)
            {
                await ColdAsync(run, report, days);
            }
        }

        await run.ServeAsync(Measure, async server =>
        {
            foreach (var report in BenchRun.Reports)
            {
                foreach (var days in windows)
                {
                    await HotAsync(run, server, report, days);
                }
            }
        });
    }

    private static async Task ColdAsync(BenchRun run, string report, int days)
    {
        // With --quick one report tells that it works: each window costs a start of the server.
        if (run.Options.IsQuick && (report != "traffic" || days != 30))
        {
            return;
        }

        var times = run.Population.BySize.Keys.ToDictionary(size => size, _ => new List<double>());
        for (var start = 0; start < run.Options.ColdStarts; start++)
        {
            await using var server = await run.Server.ServeAsync(run.Engine, run.Cancellation);
            using var connection = await HttpConnection.OpenAsync(server.Address, run.Cancellation);
            // The second hottest page has no exact size, so it is not among those that are measured.
            var other = Request(run.Population.Pages.First(page => !run.Population.BySize.Values.Any(pages => pages.Contains(page))), report, days);
            for (var i = 0; i < WarmUps; i++)
            {
                await connection.SendAsync(other, run.Cancellation);
            }

            // A server looks at all pages when it starts, whether there is something to seal.
            await server.IdleAsync(TimeSpan.FromSeconds(0.3), run.Cancellation);
            foreach (var (size, pages) in run.Population.BySize)
            {
                foreach (var page in pages)
                {
                    times[size].Add(await TimeAsync(connection, Request(page, report, days), run.Cancellation));
                }
            }
        }

        foreach (var (size, taken) in times)
        {
            run.Add(Measure, Case(report, days, size), "cold", Median.Of(taken), "ms");
        }
    }

    private static async Task HotAsync(BenchRun run, WebProcess server, string report, int days)
    {
        using var connection = await HttpConnection.OpenAsync(server.Address, run.Cancellation);
        foreach (var (size, pages) in run.Population.BySize)
        {
            var request = Request(pages[0], report, days);
            await TimeAsync(connection, request, run.Cancellation);
            var (started, times) = (Stopwatch.GetTimestamp(), new List<double>());
            // Slow ones need not be asked as often to know how slow they are.
            while (times.Count < run.Options.HotRequests && !(times.Count >= 3 && Stopwatch.GetElapsedTime(started) > MaxTime))
            {
                times.Add(await TimeAsync(connection, request, run.Cancellation));
            }

            run.Add(Measure, Case(report, days, size), "hot", Median.Of(times), "ms");
        }
    }

    private static byte[] Request(BenchPage page, string report, int days) =>
        Requests.Get(Requests.ReportPath(report, days), Requests.TokenOf(page, TimeProvider.System.GetUtcNow()));

    private static async Task<double> TimeAsync(HttpConnection connection, byte[] request, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        await connection.SendAsync(request, cancellationToken);
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }
}
