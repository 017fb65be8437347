using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Bioscope.Bench.Engines;
using Bioscope.Bench.Processes;

namespace Bioscope.Bench.Flood;

/// <summary>
/// Floods a server from very many addresses, which a trusted proxy names, and looks at what new visitors from other networks get
/// meanwhile and afterwards, and at the memory.
/// </summary>
internal static class FloodCommand
{
    // What the operations page promises for ten minutes after any load.
    private const double MaxMegabytesAfterwards = 200;
    private const int Connections = 16;
    private const int RequestsAtOnce = 50;

    private static readonly string[] Kinds = ["IPv4 at random", "IPv6 in one /48", "IPv6 in many /48"];

    private static readonly Option<int> Addresses = new("--addresses")
    {
        Description = "Addresses of each kind that a request comes from; a million take some minutes a kind",
        DefaultValueFactory = _ => 1_000_000,
        HelpName = "n",
    };

    private static readonly Option<double> Wait = new("--wait")
    {
        Description = "Minutes after the flood until the memory is looked at",
        DefaultValueFactory = _ => 10,
        HelpName = "minutes",
    };

    private static readonly Option<string?> Server = new("--server") { Description = "Another server than the one built with this program", HelpName = "file" };

    public static Command Make()
    {
        var command = new Command(
            "flood", "Sends requests from very many addresses, and says what new visitors from other networks get, and the server's memory. Exit code 1 when one is refused or the memory stays")
        {
            Addresses, Wait, Server,
        };
        command.SetAction((parse, cancellationToken) => RunAsync(
            parse.GetValue(Addresses), TimeSpan.FromMinutes(parse.GetValue(Wait)), Path.GetFullPath(parse.GetValue(Server) ?? ServerProgram.BuiltBeside), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(int addresses, TimeSpan wait, string path, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("bioscope-flood-");
        try
        {
            await using var engine = new SqliteEngine(folder.FullName);
            await engine.StartAsync(cancellationToken);
            await using var server = await new ServerProgram(path).ServeAsync(
                engine, cancellationToken, words: ["--Throttle:Enabled", "true", "--Proxies:Trusted", "127.0.0.1"]);
            return await MeasureAsync(server, addresses, wait, cancellationToken);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<int> MeasureAsync(WebProcess server, int addresses, TimeSpan wait, CancellationToken cancellationToken)
    {
        Say($"memory before: {Megabytes(server.Memory):N0} MB");
        var refused = 0;
        for (var kind = 0; kind < Kinds.Length; kind++)
        {
            var started = Stopwatch.GetTimestamp();
            var flood = Task.WhenAll(Enumerable.Range(0, Connections).Select(part => Task.Run(() => FloodAsync(server.Address, kind, part, addresses, cancellationToken), cancellationToken)));
            while (!flood.IsCompleted)
            {
                await Task.WhenAny(flood, Task.Delay(TimeSpan.FromSeconds(5), cancellationToken));
                refused += await VisitAsync(server.Address, "meanwhile", cancellationToken);
            }

            var statuses = (await flood).SelectMany(part => part).GroupBy(pair => pair.Key).OrderBy(group => group.Key);
            var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            Say($"{Kinds[kind]}: {addresses:N0} addresses in {seconds:N0} s, answered {string.Join(", ", statuses.Select(group => $"{group.Sum(pair => pair.Value):N0} × {group.Key}"))}");
            refused += await VisitAsync(server.Address, "right after", cancellationToken);
            Say($"memory: {Megabytes(server.Memory):N0} MB, {Megabytes(server.PeakMemory):N0} MB at the peak");
        }

        await Task.Delay(wait, cancellationToken);
        var left = Megabytes(server.Memory);
        Say($"memory {wait.TotalMinutes:N0} minutes later: {left:N0} MB");
        refused += await VisitAsync(server.Address, $"{wait.TotalMinutes:N0} minutes later", cancellationToken);
        return refused == 0 && left < MaxMegabytesAfterwards ? 0 : 1;
    }

    /// <summary>Sends its share of the requests: half of them logouts, which are counted for an hour.</summary>
    private static async Task<Dictionary<int, int>> FloodAsync(Uri server, int kind, int part, int addresses, CancellationToken cancellationToken)
    {
        using var connection = await FloodConnection.OpenAsync(server, cancellationToken);
        var (random, answered) = (new Random(part), new Dictionary<int, int>());
        foreach (var share in Enumerable.Range(0, addresses).Where(i => i % Connections == part).Chunk(RequestsAtOnce))
        {
            var requests = share.Select(i => Request((i / Connections % 4) switch
            {
                0 or 1 => "POST /api/v1/auth/logout",
                2 => "POST /api/v1/analytics/session",
                _ => "GET /api/v1/creators/analytics/traffic",
            }, Address(kind, i, random))).ToList();
            foreach (var status in await connection.SendAsync(requests, cancellationToken))
            {
                answered[status] = answered.GetValueOrDefault(status) + 1;
            }
        }

        return answered;
    }

    private static string Address(int kind, int i, Random random) => kind switch
    {
        0 => string.Create(CultureInfo.InvariantCulture, $"{random.Next(1, 200)}.{random.Next(256)}.{random.Next(256)}.{random.Next(256)}"),
        1 => $"2001:db8:1:{random.Next(0x1_0000):x}::{i >> 16:x}:{i & 0xFFFF:x}",
        _ => $"2a00:{i >> 16:x}:{i & 0xFFFF:x}::1",
    };

    /// <summary>What 60 visitors get who were never here, from networks that do not flood.</summary>
    /// <returns>How many of their requests were refused.</returns>
    private static async Task<int> VisitAsync(Uri server, string when, CancellationToken cancellationToken)
    {
        using var connection = await FloodConnection.OpenAsync(server, cancellationToken);
        var requests = Enumerable.Range(0, 60).SelectMany(i =>
        {
            var address = i % 2 == 0
                ? string.Create(CultureInfo.InvariantCulture, $"{Random.Shared.Next(200, 224)}.{Random.Shared.Next(256)}.{Random.Shared.Next(256)}.{Random.Shared.Next(256)}")
                : $"2600:{Random.Shared.Next(0x1_0000):x}:{Random.Shared.Next(0x1_0000):x}::1";
            return new[]
            {
                Request("POST /api/v1/analytics/session", address, $$"""{"visitorId":"{{Guid.NewGuid()}}","consentAnalytics":"granted"}"""),
                Request("POST /api/v1/analytics/pageview", address, $$"""{"sessionId":"{{Guid.NewGuid()}}"}"""),
                Request("POST /api/v1/auth/logout", address),
            };
        }).ToList();
        var refused = (await connection.SendAsync(requests, cancellationToken)).Count(status => status != 200);
        if (refused > 0 || when != "meanwhile")
        {
            Say($"60 new visitors {when}: {requests.Count - refused} of {requests.Count} requests answered 200");
        }

        return refused;
    }

    private static string Request(string line, string address, string? json = null) => string.Create(
        CultureInfo.InvariantCulture,
        $"{line} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0\r\nX-Forwarded-For: {address}\r\n{(json is null ? "" : "Content-Type: application/json\r\n")}{(line[0] == 'G' ? "" : $"Content-Length: {json?.Length ?? 0}\r\n")}\r\n{json}");

    private static double Megabytes(long bytes) => bytes / 1048576.0;

    private static void Say(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
