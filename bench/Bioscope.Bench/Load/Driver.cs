using System.Globalization;
using System.Text;
using Bioscope.Bench.Processes;

namespace Bioscope.Bench.Load;

/// <summary>Asks a server as fast as it answers: by wrk where it is installed, else by connections of our own, which cost the machine more.</summary>
internal static class Driver
{
    private const int Threads = 2;

    public static string Name { get; } = Commands.Exists("wrk") ? "wrk" : "own client";

    /// <exception cref="BenchException">An answer was not what it should be.</exception>
    public static async Task<Throughput> RunAsync(WebProcess server, LoadFile load, int connections, TimeSpan duration, CancellationToken cancellationToken)
    {
        var before = server.ProcessorTime;
        var (requests, throughput) = Name == "wrk"
            ? await WrkAsync(server.Address, load, connections, duration, cancellationToken)
            : await OwnAsync(server.Address, load, connections, duration, cancellationToken);
        return throughput with { ProcessorMicroseconds = (server.ProcessorTime - before).TotalMicroseconds / requests };
    }

    private static async Task<(long Requests, Throughput Throughput)> WrkAsync(
        Uri server, LoadFile load, int connections, TimeSpan duration, CancellationToken cancellationToken)
    {
        var script = Path.Combine(AppContext.BaseDirectory, "Load", "bench.lua");
        // wrk knows whole seconds only.
        var seconds = Math.Max(1, (int)Math.Ceiling(duration.TotalSeconds));
        var threads = Math.Min(Threads, connections);
        var output = await Commands.RunAsync(
            "wrk", cancellationToken, Number("-t", threads), Number("-c", connections), Number("-d", seconds), "-s", script, server.ToString(), "--", load.Path, LoadFile.UserAgent);
        var line = output.Split('\n').FirstOrDefault(line => line.StartsWith("BENCH ", StringComparison.Ordinal)) ?? throw new BenchException($"wrk: {output}");
        var numbers = line.Split(' ')[1..].Select(text => double.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        if (numbers is not [> 0 and var requests, var microseconds, 0, var p50, var p99])
        {
            throw new BenchException($"Not every answer was a good one. wrk: {output}");
        }

        return ((long)requests, new Throughput(requests / microseconds * 1e6, p50 / 1000, p99 / 1000));

        static string Number(string option, int value) => option + value.ToString(CultureInfo.InvariantCulture);
    }

    private static async Task<(long Requests, Throughput Throughput)> OwnAsync(
        Uri server, LoadFile load, int connections, TimeSpan duration, CancellationToken cancellationToken)
    {
        var bytes = load.Requests.Select(Bytes).ToArray();
        var watch = System.Diagnostics.Stopwatch.StartNew();
        var clients = Enumerable.Range(0, connections).Select(client => Task.Run(
            async () =>
            {
                var times = new List<double>();
                using var connection = await HttpConnection.OpenAsync(server, cancellationToken);
                for (var place = client * load.Order.Count / connections; watch.Elapsed < duration; place++)
                {
                    var started = watch.Elapsed;
                    await connection.SendAsync(bytes[load.Order[place % load.Order.Count]], cancellationToken);
                    times.Add((watch.Elapsed - started).TotalMilliseconds);
                }

                return times;
            },
            cancellationToken));
        var all = (await Task.WhenAll(clients)).SelectMany(times => times).ToArray();
        return (all.Length, new Throughput(all.Length / watch.Elapsed.TotalSeconds, Median.Percentile(all, 0.5), Median.Percentile(all, 0.99)));
    }

    /// <summary>The request as it goes over the wire.</summary>
    public static byte[] Bytes(LoadRequest request)
    {
        var head = new StringBuilder($"{request.Method} {request.Path} HTTP/1.1\r\nHost: bench\r\nUser-Agent: {LoadFile.UserAgent}\r\n");
        if (request.Token.Length > 0)
        {
            head.Append(CultureInfo.InvariantCulture, $"Authorization: Bearer {request.Token}\r\n");
        }

        if (request.Body.Length > 0)
        {
            head.Append(CultureInfo.InvariantCulture, $"Content-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(request.Body)}\r\n");
        }

        return Encoding.UTF8.GetBytes(head.Append("\r\n").Append(request.Body).ToString());
    }
}
