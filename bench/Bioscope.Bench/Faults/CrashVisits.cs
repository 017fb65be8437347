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
        var (page, address, clicks) = Next();
        var session = await PostAsync(connection, address, "session", $$"""
            {"visitorId":"{{round}}-{{visit}}","consentAnalytics":"granted","bioPageId":"{{page.Id}}","trackingToken":"{{page.TrackingToken}}","referrer":"https://t.co/x"}
            """, isSession: true);
        if (session is not { } id)
        {
            return;
        }

        await PostAsync(connection, address, "pageview", $$"""{"sessionId":"{{id}}","path":"/@{{page.Handle}}"}""", isSession: false);
        for (var click = 0; click < clicks; click++)
        {
            await PostAsync(connection, address, "pageview", $$"""{"sessionId":"{{id}}","linkClicked":"{{page.Links[click]}}"}""", isSession: false);
        }

        await PostAsync(connection, address, $"session/{id}/heartbeat", "", isSession: false);
        await PostAsync(connection, address, $"pageview/{id}/leave", """{"duration":3,"scrollDepth":40}""", isSession: false);
    }

    private (FaultPage Page, string Address, int Clicks) Next()
    {
        lock (_gate)
        {
            var page = FaultWorld.AllPages[random.Next(FaultWorld.AllPages.Count)];
            var address = string.Create(CultureInfo.InvariantCulture, $"{random.Next(11, 120)}.{random.Next(256)}.{random.Next(256)}.{random.Next(1, 255)}");
            return (page, address, random.Next(3));
        }
    }

    /// <returns>The id, or null where the answer has none.</returns>
    private async Task<Guid?> PostAsync(HttpConnection connection, string address, string route, string body, bool isSession)
    {
        var head = string.Create(
            CultureInfo.InvariantCulture,
            $"POST /api/v1/analytics/{route} HTTP/1.1\r\nHost: bench\r\nUser-Agent: {LoadFile.UserAgent}\r\nX-Forwarded-For: {address}\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n");
        try
        {
            var answer = await connection.SendAsync(Encoding.UTF8.GetBytes(head + body), CancellationToken.None);
            using var json = JsonDocument.Parse(answer);
            if (json.RootElement.GetProperty("data").TryGetProperty("id", out var field) && field.ValueKind == JsonValueKind.String)
            {
                var id = field.GetGuid();
                Answered.Enqueue(new AnsweredId(id, isSession));
                return id;
            }

            return null;
        }
        catch (BenchException e)
        {
            LastRefusal = e.Message; // a limit; the next visitor comes from elsewhere
            return null;
        }
    }
}
