using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Bioscope.Bench.Load;

namespace Bioscope.Bench.Faults;

/// <summary>
/// Visitors of a server that is about to be killed: each visit comes from an address of its own, begins a session, loads the page, clicks
/// a link, sends a heartbeat and leaves. Keeps every id that was answered.
/// </summary>
internal sealed class CrashVisits(Uri server, Random random, int round)
{
    private const int Connections = 16;

    private readonly Lock _gate = new();
    private int _visits;

    public ConcurrentQueue<AnsweredId> Answered { get; } = new();

    public string? LastRefusal { get; private set; }

    /// <summary>Lets visitors come until the server is gone.</summary>
    public Task Start() => Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => Task.Run(VisitAsync)));

    private async Task VisitAsync()
    {
        try
        {
            using var connection = await HttpConnection.OpenAsync(server, CancellationToken.None);
            while (true)
            {
                await VisitAsync(connection, Interlocked.Increment(ref _visits));
            }
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // Killed, as was to be.
        }
    }

    private async Task VisitAsync(HttpConnection connection, int visit)
    {
        var next = Next();
        if (next.IsOurTracker)
        {
            await VisitByTrackerAsync(connection, visit, next);
        }
        else
        {
            await VisitByApiAsync(connection, visit, next);
        }
    }

    /// <summary>As clients of the published API do it.</summary>
    private async Task VisitByApiAsync(HttpConnection connection, int visit, NextVisit next)
    {
        const string Api = "/api/v1/analytics/";
        var session = await PostAsync(connection, next.Address, Api + "session", $$"""
            {"visitorId":"{{round}}-{{visit}}","consentAnalytics":"granted","bioPageId":"{{next.Page.Id}}",
            "trackingToken":"{{next.Page.TrackingToken}}","referrer":"https://t.co/x"}
            """);
        if (session is not { } id)
        {
            return;
        }

        Answered.Enqueue(new AnsweredId(id, IsSession: true));
        await ViewAsync(Api + "pageview", $$"""{"sessionId":"{{id}}","path":"/@{{next.Page.Handle}}"}""");
        for (var click = 0; click < next.Clicks; click++)
        {
            await ViewAsync(Api + "pageview", $$"""{"sessionId":"{{id}}","linkClicked":"{{next.Page.Links[click]}}"}""");
        }

        await PostAsync(connection, next.Address, $"{Api}session/{id}/heartbeat", "");
        await PostAsync(connection, next.Address, $"{Api}pageview/{id}/leave", """{"duration":3,"scrollDepth":40}""");

        async Task ViewAsync(string route, string body) => Keep(await PostAsync(connection, next.Address, route, body));
    }

    /// <summary>As our own tracker does it: the first page view comes with the session.</summary>
    private async Task VisitByTrackerAsync(HttpConnection connection, int visit, NextVisit next)
    {
        var session = await PostAsync(connection, next.Address, "/hi", $$"""
            {"kind":"visit","visitor":"{{round}}-{{visit}}","consent":"granted",
            "page":"{{next.Page.Id}}","token":"{{next.Page.TrackingToken}}","path":"/"}
            """);
        if (session is not { } id)
        {
            return;
        }

        Answered.Enqueue(new AnsweredId(id, IsSession: true));
        for (var click = 0; click < next.Clicks; click++)
        {
            var body = $$"""{"kind":"click","session":"{{id}}","link":"{{next.Page.Links[click]}}"}""";
            Keep(await PostAsync(connection, next.Address, "/hi", body));
        }

        await PostAsync(connection, next.Address, "/hi", $$"""{"kind":"alive","session":"{{id}}"}""");
    }

    private void Keep(Guid? view)
    {
        if (view is { } id)
        {
            Answered.Enqueue(new AnsweredId(id, IsSession: false));
        }
    }

    private NextVisit Next()
    {
        lock (_gate)
        {
            var page = FaultWorld.AllPages[random.Next(FaultWorld.AllPages.Count)];
            var address = string.Create(
                CultureInfo.InvariantCulture, $"{random.Next(11, 120)}.{random.Next(256)}.{random.Next(256)}.{random.Next(1, 255)}");
            return new NextVisit(page, address, random.Next(3), random.Next(2) == 0);
        }
    }

    /// <returns>The id, or null where the answer has none.</returns>
    private async Task<Guid?> PostAsync(HttpConnection connection, string address, string path, string body)
    {
        var head = string.Create(CultureInfo.InvariantCulture, $"""
            POST {path} HTTP/1.1
            Host: bench
            User-Agent: {LoadFile.UserAgent}
            X-Forwarded-For: {address}
            Content-Type: application/json
            Content-Length: {Encoding.UTF8.GetByteCount(body)}


            """).ReplaceLineEndings("\r\n");
        try
        {
            var answer = await connection.SendAsync(Encoding.UTF8.GetBytes(head + body), CancellationToken.None);
            using var json = JsonDocument.Parse(answer);
            return json.RootElement.GetProperty("data").TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String
                ? id.GetGuid()
                : null;
        }
        catch (BenchException e)
        {
            LastRefusal = e.Message; // a limit; the next visitor comes from elsewhere
            return null;
        }
    }

    private sealed record NextVisit(FaultPage Page, string Address, int Clicks, bool IsOurTracker);
}
