using System.Collections.Concurrent;
using System.Text;
using Bioscope.Bench.Load;
using Bioscope.Bench.Processes;
using Bioscope.Engine.Storage;

namespace Bioscope.Bench.Measures;

/// <summary>Kills a server under load and looks for each id that it had answered.</summary>
internal static class IngestCrash
{
    public const string Case = "SIGKILL under the load of 64 connections";
    private const int Connections = 64;
    private const int MinAnswered = 1_000;
    private const int IdsAtOnce = 500;

    public static async Task RunAsync(BenchRun run, string copy)
    {
        var answered = new ConcurrentBag<Guid>();
        await using (var server = await run.Server.ServeAsync(run.Engine, run.Cancellation, copy))
        {
            using var posts = Posts.Make(run.Population);
            var requests = posts.Requests.Select(Driver.Bytes).ToArray();
            var clients = Enumerable.Range(0, Connections).Select(client => Task.Run(() => PostAsync(server, client, requests, answered), run.Cancellation)).ToArray();
            while (answered.Count < MinAnswered)
            {
                await Task.Delay(10, run.Cancellation);
            }

            await Task.Delay(run.Options.Round, run.Cancellation);
            await server.KillAsync(run.Cancellation);
            await Task.WhenAll(clients);
        }

        await using var analytics = new AnalyticsDatabase(copy);
        var stored = 0;
        foreach (var ids in answered.Chunk(IdsAtOnce))
        {
            stored += (await analytics.QueryAsync(
                """SELECT 1 FROM "AnalyticsSession" WHERE "id" {isAnyOfIds}""", row => row.GetInt32(0), run.Cancellation, ("@ids", ids))).Count;
        }

        run.Add(IngestThroughput.Measure, Case, "answered ids", answered.Count, "");
        run.Add(IngestThroughput.Measure, Case, "missing ids", answered.Count - stored, "");
    }

    /// <summary>Posts until the connection breaks.</summary>
    private static async Task PostAsync(WebProcess server, int client, byte[][] requests, ConcurrentBag<Guid> answered)
    {
        try
        {
            using var connection = await HttpConnection.OpenAsync(server.Address, CancellationToken.None);
            for (var i = client; ; i += Connections)
            {
                var answer = Encoding.UTF8.GetString((await connection.SendAsync(requests[i % requests.Length], CancellationToken.None)).Span);
                // {"success":true,"data":{"id":"…"}}
                var start = answer.IndexOf("\"id\":\"", StringComparison.Ordinal) + "\"id\":\"".Length;
                answered.Add(Guid.ParseExact(answer.AsSpan(start, 36), "D"));
            }
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
        {
            // Killed, as was to be.
        }
    }
}
