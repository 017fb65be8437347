using System.Diagnostics;
using Bioscope.Bench.Data;
using Bioscope.Bench.Load;
using Bioscope.Bench.Processes;
using Bioscope.Engine.Storage;

namespace Bioscope.Bench.Measures;

/// <summary>
/// Reports while a page has 200,000 visits in the running hour and more come: that page's and another's, against a server on the same data without
/// those visits. Both get as many new visits a second, so what is left of the speed is what the hour costs. They are measured in turn.
/// </summary>
internal static class ViralHour
{
    public const string Measure = "viral";
    public const string Ordinary = "of " + OrdinaryHour;

    private const string OrdinaryHour = "an ordinary hour";
    private const int Sessions = 200_000;
    private const int Connections = 16;
    private const int Days = 30;

    // As many as make the hour what it is.
    private const double ArrivalsPerSecond = Sessions / 3600.0;

    // Until what came before is sealed, as it would be with visits that come one by one; until then one caller is enough for the processors.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(30);

    private static readonly string[] Reports = ["traffic", "overview"];

    public static string Case(string report, bool isOther) => $"{report}, {Days} days, {(isOther ? "another page" : "the page")}";

    public static async Task RunAsync(BenchRun run)
    {
        var (page, other) = (run.Population.Pages[4], run.Population.Pages[5]);
        var copy = await run.Engine.CopyAnalyticsAsync(run.Cancellation);
        try
        {
            await FillAsync(run, page, copy);
            await using var ordinary = await run.Server.ServeAsync(run.Engine, run.Cancellation);
            await using var viral = await run.Server.ServeAsync(run.Engine, run.Cancellation, copy);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(run.Cancellation);
            using var arrivals = Posts.Make(run.Population, page);
            var arriving = Task.WhenAll(ArriveAsync(ordinary, arrivals, end.Token), ArriveAsync(viral, arrivals, end.Token));
            foreach (var asked in (BenchPage[])[page, other])
            {
                foreach (var report in Reports)
                {
                    using var load = LoadFile.InOrder(
                        [new LoadRequest("GET", Requests.ReportPath(report, Days), Requests.TokenOf(asked, TimeProvider.System.GetUtcNow()))], [0]);
                    await Driver.RunAsync(viral, load, 1, run.Options.IsQuick ? run.Options.Round : Settling, run.Cancellation);
                    await Rounds.RunAsync(
                        run, Measure, Case(report, asked == other), load, Connections, [(OrdinaryHour, ordinary), ("server", viral)]);
                }
            }

            run.NoteMemory(Measure, viral);
            await end.CancelAsync();
            await arriving;
        }
        finally
        {
            await run.Engine.DropCopyAsync(CancellationToken.None);
        }
    }

    /// <summary>Adds the visits of the running hour to the copy: after the fence, as a server would have written them.</summary>
    private static async Task FillAsync(BenchRun run, BenchPage page, string copy)
    {
        await using var analytics = new AnalyticsDatabase(copy);
        var now = TimeProvider.System.GetUtcNow();
        var hour = new DateTimeOffset(now.Year, now.Month, now.Day, now.Hour, 0, 0, TimeSpan.Zero);
        var fence = (await analytics.QueryAsync(
            """
            -- fence of copy
            SELECT "at" FROM "Fence"
            """,
            row => analytics.Dialect.ReadInstant(row, 0),
            run.Cancellation)).Single();
        var from = fence > hour ? fence : hour;
        var sessions = run.Options.IsQuick ? 1_000 : Sessions;
        foreach (var chunk in new Traffic(run.Population, now).Chunks(page, sessions, from))
        {
            await analytics.InsertAsync(Engine.Rows.SessionRow.Table, chunk.Sessions, run.Cancellation);
            await analytics.InsertAsync(Engine.Rows.PageViewRow.Table, chunk.PageViews, run.Cancellation);
        }
    }

    private static async Task ArriveAsync(WebProcess server, LoadFile arrivals, CancellationToken cancellationToken)
    {
        var requests = arrivals.Requests.Select(Driver.Bytes).ToArray();
        using var connection = await HttpConnection.OpenAsync(server.Address, cancellationToken);
        var watch = Stopwatch.StartNew();
        for (var sent = 0; !cancellationToken.IsCancellationRequested; sent++)
        {
            if (TimeSpan.FromSeconds(sent / ArrivalsPerSecond) - watch.Elapsed is var wait && wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, CancellationToken.None);
            }

            await connection.SendAsync(requests[sent % requests.Length], CancellationToken.None);
        }
    }
}
