using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Bioscope.Bench.Engines;

namespace Bioscope.Bench.Processes;

/// <summary>What a server did by itself before it had nothing to do any more.</summary>
internal sealed record Settled(TimeSpan Busy, long PeakMemory, (long Rows, long Milliseconds)? Sealed);

/// <summary>The server's executable, with the settings that it is measured with.</summary>
internal sealed partial class ServerProgram(string path)
{
    /// <summary>Known here, so that tokens can be made without asking the server.</summary>
    public const string JwtSecret = "bench secret of access tokens, no less than 32 bytes";

    public const string HmacSecret = "bench secret of tracking tokens";

    /// <summary>The server that was built together with this program.</summary>
    public static string BuiltBeside => Path.Combine(AppContext.BaseDirectory, "bioscope.dll");

    /// <summary>How to start it with these words, over the databases of the engine.</summary>
    public ProcessStartInfo With(BenchEngine engine, string? analyticsConnection, params string[] words)
    {
        var start = path.EndsWith(".dll", StringComparison.Ordinal)
            ? new ProcessStartInfo("dotnet", [path, .. words])
            : new ProcessStartInfo(path, words);
        start.WorkingDirectory = Path.GetTempPath();
        foreach (var (key, value) in ((string, string)[])
        [
            ("ConnectionStrings__Main", engine.MainConnection),
            ("ConnectionStrings__Analytics", analyticsConnection ?? engine.AnalyticsConnection),
            ("Auth__JwtSecret", JwtSecret),
            ("Tracking__HmacSecret", HmacSecret),
            ("Tracking__VisitorSecret", "bench secret of visitor hashes"),
            ("Throttle__Enabled", "false"),
        ])
        {
            start.Environment[key] = value;
        }

        return start;
    }

    /// <summary>Runs a command of the server to its end.</summary>
    public Task<string> RunAsync(BenchEngine engine, CancellationToken cancellationToken, params string[] words) =>
        Commands.RunAsync(With(engine, null, words), cancellationToken);

    /// <summary>Whether this version of the server has the command.</summary>
    public async Task<bool> HasAsync(BenchEngine engine, string command, CancellationToken cancellationToken) =>
        (await RunAsync(engine, cancellationToken, "--help")).Split('\n').Any(line => line.TrimStart().StartsWith(command + " ", StringComparison.Ordinal));

    /// <summary>Starts to serve and waits until it is ready.</summary>
    public async Task<WebProcess> ServeAsync(
        BenchEngine engine, CancellationToken cancellationToken, string? analyticsConnection = null, IReadOnlyList<string>? words = null)
    {
        var server = await WebProcess.StartAsync(With(engine, analyticsConnection, ["--Urls", "http://127.0.0.1:0", .. words ?? []]), "Bioscope listens on ", cancellationToken);
        try
        {
            await server.ReadyAsync("/readyz", cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Serves until the server has nothing to do: it seals hours by itself, and must not be at it while something else is measured.
    /// </summary>
    /// <returns>How long it was busy, the most memory it had, and how many rows it says it sealed in how many milliseconds.</returns>
    public async Task<Settled> SettleAsync(BenchEngine engine, CancellationToken cancellationToken)
    {
        await using var server = await ServeAsync(engine, cancellationToken);
        var busy = await server.IdleAsync(TimeSpan.FromSeconds(3), cancellationToken);
        var sealing = server.Log.Select(line => Sealing().Match(line)).LastOrDefault(match => match.Success);
        return new Settled(
            busy, server.PeakMemory, sealing is null ? null : (Number(sealing.Groups[1]), Number(sealing.Groups[2])));

        static long Number(Group group) => long.Parse(group.ValueSpan, NumberStyles.AllowThousands, CultureInfo.InvariantCulture);
    }

    // As the server's log has it.
    [GeneratedRegex(@"Sealed ([\d,]+) rows of .* in ([\d,]+) ms")]
    private static partial Regex Sealing();
}
