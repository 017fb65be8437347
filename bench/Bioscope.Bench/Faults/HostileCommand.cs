using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Bioscope.Bench.Engines;
using Bioscope.Bench.Processes;

namespace Bioscope.Bench.Faults;

/// <summary><c>hostile</c>: sends what nobody should, and looks whether the server stays as it was.</summary>
internal static class HostileCommand
{
    private const long MaxMemoryMegabytes = 200;
    private static readonly TimeSpan BetweenSamples = TimeSpan.FromSeconds(15);

    private static readonly Option<string> Engine = FaultOptions.Engine();
    private static readonly Option<int> Rounds = FaultOptions.Number("--rounds", 100_000, "How many requests, per engine");
    private static readonly Option<int> Seed = FaultOptions.Seed();

    private static readonly Option<int?> Request = new("--request")
    {
        Description = "Send only the request of this number, print it and what came of it: how a failure is repeated",
        HelpName = "n",
    };

    private static readonly Option<double> Minutes = FaultOptions.Number("--minutes", 60.0, "Send for at most so long, per engine");
    private static readonly Option<double> Settle = FaultOptions.Number("--settle", 10.0, "Minutes for which memory is looked at afterwards");
    private static readonly Option<double> Patience = FaultOptions.Number("--patience", 10.0, "Seconds within which a request must be answered");

    private static readonly Option<string> Data = FaultOptions.Data("hostile");
    private static readonly Option<string?> Server = FaultOptions.Server();

    public static Command Create()
    {
        var command = new Command(
            "hostile",
            "Sends hostile requests to the server: garbage in heads and bodies, broken framing, deep and huge JSON, forged tokens, other creators' "
            + "ids, slow and aborted senders, floods from many addresses. Exit code 1 when one is answered 500 or not in time, when a forged one is "
            + $"let in, when the log has a stack trace, when the process ends, or when it has {MaxMemoryMegabytes} MB or more afterwards.")
        {
            Engine, Rounds, Seed, Request, Minutes, Settle, Patience, Data, Server,
        };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var failed = false;
            foreach (var name in FaultOptions.Engines(parse.GetRequiredValue(Engine)))
            {
                failed |= !await RunAsync(parse, name, cancellationToken);
            }

            return failed ? 1 : 0;
        });
        return command;
    }

    /// <returns>Whether all was well.</returns>
    private static async Task<bool> RunAsync(ParseResult parse, string name, CancellationToken cancellationToken)
    {
        var only = parse.GetValue(Request);
        var folder = Path.Combine(Path.GetFullPath(parse.GetRequiredValue(Data)), name);
        await using BenchEngine engine = name == "sqlite" ? new SqliteEngine(folder) : new PostgresEngine(folder);
        await engine.StartAsync(cancellationToken);
        var world = new FaultWorld(new ServerProgram(FaultOptions.ServerPath(parse.GetValue(Server))), engine);
        await world.PrepareAsync(cancellationToken);
        var findings = new HostileFindings();
        await using var server = await world.ServeAsync(findings.ReadLog, cancellationToken);
        await server.ReadyAsync("/readyz", cancellationToken);
        var options = new HostileOptions(
            parse.GetValue(Seed),
            only ?? 0,
            only is null ? parse.GetValue(Rounds) : 1,
            TimeSpan.FromMinutes(parse.GetValue(Minutes)),
            TimeSpan.FromSeconds(parse.GetValue(Patience)));
        if (only is { } number)
        {
            Show(new HostileRequests(options.Seed).Make(number));
        }

        var (before, watch) = (server.Memory, Stopwatch.StartNew());
        using var run = new HostileRun(server, options, findings);
        await run.RunAsync(cancellationToken);
        var seconds = watch.Elapsed.TotalSeconds;
        await CheckAfterwardsAsync(server, findings, cancellationToken);
        var samples = only is null ? await SampleAsync(server, TimeSpan.FromMinutes(parse.GetValue(Settle)), cancellationToken) : [];
        Report(name, server, run, options, seconds, before, samples, findings);
        return findings.IsEmpty && server.Lives && (samples.Count == 0 || samples[^1] < MaxMemoryMegabytes);
    }

    /// <summary>The server takes a visit and answers a report as if nothing had been.</summary>
    private static async Task CheckAfterwardsAsync(WebProcess server, HostileFindings findings, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = server.Address, Timeout = TimeSpan.FromSeconds(10) };
        var page = FaultWorld.AllPages[0];
        try
        {
            using var ready = await http.GetAsync(new Uri("/readyz", UriKind.Relative), cancellationToken);
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/creators/bio/links");
            request.Headers.Authorization = new("Bearer", page.AccessToken);
            using var links = await http.SendAsync(request, cancellationToken);
            var text = await links.Content.ReadAsStringAsync(cancellationToken);
            var isServed = ready.IsSuccessStatusCode && (links.IsSuccessStatusCode || (int)links.StatusCode == 429);
            if (!isServed || text.Contains("Taken over", StringComparison.Ordinal))
            {
                findings.Add(-1, "afterwards", $"readyz {(int)ready.StatusCode}, links {(int)links.StatusCode} {text}");
            }
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            findings.Add(-1, "afterwards", $"the server does not answer: {e.Message}");
        }
    }

    /// <returns>Megabytes of physical memory, from the first look to the last.</returns>
    private static async Task<List<long>> SampleAsync(WebProcess server, TimeSpan time, CancellationToken cancellationToken)
    {
        var samples = new List<long>();
        for (var watch = Stopwatch.StartNew(); server.Lives; await Task.Delay(BetweenSamples, cancellationToken))
        {
            samples.Add(server.Memory / 1048576);
            if (watch.Elapsed >= time)
            {
                break;
            }
        }

        return samples;
    }

    private static void Report(
        string name,
        WebProcess server,
        HostileRun run,
        HostileOptions options,
        double seconds,
        long before,
        List<long> samples,
        HostileFindings findings)
    {
        var statuses = string.Join(
            ", ", run.Statuses.OrderBy(status => status.Key).Select(status => Text($"{(status.Key == 0 ? "closed" : status.Key)} × {status.Value:N0}")));
        Console.WriteLine(Text($"{name}: {run.Sent:N0} requests with seed {options.Seed} in {seconds:N0} s ({run.Sent / seconds:N0}/s); {statuses}"));
        var state = server.Lives ? "lives" : "HAS ENDED";
        Console.WriteLine(Text($"{name}: {findings.Count:N0} findings; the log has {findings.LogLines:N0} lines; the process {state}"));
        if (samples.Count > 0)
        {
            var (peak, minutes) = (server.Lives ? server.PeakMemory / 1048576 : 0, (samples.Count - 1) * BetweenSamples.TotalMinutes);
            Console.WriteLine(Text($"{name}: memory {before / 1048576:N0} MB before, peak {peak:N0} MB"));
            Console.WriteLine(Text($"{name}: memory {samples[0]:N0} MB at the end of the load, {samples[^1]:N0} MB {minutes:N1} minutes later"));
        }

        foreach (var line in findings.Lines())
        {
            Console.WriteLine($"  {line}");
        }

        if (!findings.IsEmpty)
        {
            Console.WriteLine($"  To repeat one: hostile --engine {name} --seed {options.Seed} --request <number>");
            Console.WriteLine("  Correlation ids in the log end in the number, in hexadecimal.");
        }
    }

    private static void Show(HostileRequest request)
    {
        var text = System.Text.Encoding.Latin1.GetString(request.Bytes);
        var from = request.From?.ToString() ?? "127.0.0.1";
        Console.WriteLine($"{request.Kind}, {request.Sending}, from {from}, {request.Bytes.Length} bytes:");
        Console.WriteLine(text.Length > 3_000 ? text[..3_000] + " …" : text);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
