using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;

namespace Bioscope.Server.Tests.Support;

/// <summary>The real executable in a separate process and folder.</summary>
internal sealed partial class Cli : IDisposable
{
    /// <summary>Debian's library that gives a process another time; null where it is missing.</summary>
    public static string? Faketime { get; } = Directory.Exists("/usr/lib")
        ? Directory.EnumerateFiles(
            "/usr/lib", "libfaketimeMT.so.1", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 3 })
            .FirstOrDefault()
        : null;

    /// <summary>A published file that is tested instead of the program that was built beside the tests.</summary>
    private static string? Published { get; } = System.Environment.GetEnvironmentVariable("BIOSCOPE_PROGRAM");

    private readonly List<Process> _started = [];

    private readonly string _home = Directory.CreateTempSubdirectory("bioscope-home-").FullName;

    public string Folder { get; } = Directory.CreateTempSubdirectory("bioscope-cli-").FullName;

    /// <summary>Settings passed to every call as environment variables.</summary>
    public Dictionary<string, string?> Environment { get; } = [];

    public static Cli For(TestDatabases databases)
    {
        var cli = new Cli();
        foreach (var (key, value) in databases.Settings)
        {
            cli.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        return cli;
    }

    /// <summary>Runs a command to its end; see <see cref="WithoutProgress"/>.</summary>
    public async Task<(int ExitCode, string Output, string Error)> RunAsync(string[] arguments, string? input = null)
    {
        var process = Start(arguments);
        var (output, error) = (
            process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken),
            process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        if (input is not null)
        {
            await process.StandardInput.WriteAsync(input);
        }

        process.StandardInput.Close();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, WithoutProgress(await error));
    }

    /// <summary>The errors of a command without progress lines, which appear only on a busy machine.</summary>
    public static string WithoutProgress(string error) => ProgressLines().Replace(error, "");

    /// <summary>Runs a command that must succeed and returns its output; its errors are the failure's text.</summary>
    public async Task<string> SucceedAsync(string[] arguments)
    {
        var (exitCode, output, error) = await RunAsync(arguments);
        Assert.True(exitCode == 0, $"bioscope {string.Join(' ', arguments)} ended with {exitCode}.\n{output}{error}");
        return output;
    }

    /// <summary>Starts a server on a random port and waits until it is listening.</summary>
    public async Task<(Process Process, HttpClient Http)> ServeAsync(params string[] arguments)
    {
        var process = Start([.. arguments, "--Urls", "http://127.0.0.1:0"]);
        const string Listens = "Bioscope listens on ";
        while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (line.IndexOf(Listens, StringComparison.Ordinal) is not (>= 0 and var start))
            {
                continue;
            }

            var http = new HttpClient { BaseAddress = new Uri(line[(start + Listens.Length)..].Split('"')[0]) };
            http.DefaultRequestHeaders.UserAgent.ParseAdd(TestApp.Phone);
            http.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
            return (process, http);
        }

        throw new InvalidOperationException(
            $"The server did not start: {await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken)}");
    }

    /// <summary>Asks a server to stop, as service managers do.</summary>
    public static async Task TerminateAsync(Process process)
    {
        using var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    public void Dispose()
    {
        foreach (var process in _started)
        {
            if (!process.HasExited)
            {
                process.Kill();
            }

            process.WaitForExit();
            process.Dispose();
        }

        Directory.Delete(Folder, recursive: true);
        Directory.Delete(_home, recursive: true);
    }

    [GeneratedRegex("^(Verifying|Rebuilding|Importing|Repairing|Copying|Moving|Overwriting|Distributing|Creating demo data): .*\n", RegexOptions.Multiline)]
    private static partial Regex ProgressLines();

    /// <summary>Starts a command; processes still running at the end are killed.</summary>
    public Process Start(params IEnumerable<string> arguments) => StartAt(null, arguments);

    /// <summary>Like <see cref="Start"/>, with a clock that is off by an offset such as <c>+30d</c>, if one is given.</summary>
    public Process StartAt(string? offset, params IEnumerable<string> arguments)
    {
        var start = Published is null
            ? new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "bioscope.dll"), .. arguments])
            : new ProcessStartInfo(Published, arguments);
        (start.WorkingDirectory, start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError) = (Folder, true, true, true);
        start.Environment["XDG_DATA_HOME"] = _home; // what it remembers of other folders
        foreach (var (key, value) in Environment)
        {
            start.Environment[key] = value;
        }

        if (offset is not null)
        {
            // Like the program faketime, which would stay in between and not forward signals.
            (start.Environment["LD_PRELOAD"], start.Environment["FAKETIME"], start.Environment["DONT_FAKE_MONOTONIC"]) = (
                Faketime, offset, "1");
        }

        var process = Process.Start(start)!;
        _started.Add(process);
        return process;
    }
}
