using Bioscope.Engine.Storage;
using Bioscope.Server.Commands;

namespace Bioscope.Server.Tests.Support;

/// <summary>
/// The commands within the tests' own process: a hundredth of the time of <see cref="Cli"/>, for those that read no standard input. The data
/// folder is a new one, on SQLite.
/// </summary>
internal sealed class InProcessCli : IDisposable
{
    private static readonly AsyncLocal<(StringWriter Output, StringWriter Error)?> Captured = new();

    // Set once: tests that run beside this one write to the real ones.
    static InProcessCli()
    {
        Console.SetOut(new Router(Console.Out, captured => captured.Output));
        Console.SetError(new Router(Console.Error, captured => captured.Error));
        // Nothing of these folders is to be remembered in the home of whoever runs the tests.
        Environment.SetEnvironmentVariable("XDG_DATA_HOME", "/dev/null/bioscope");
    }

    /// <summary>For the files of a test.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("bioscope-commands-").FullName;

    /// <summary>The data folder, which the first command that opens the databases makes.</summary>
    public string Data => Path.Combine(Folder, "data");

    /// <summary>Runs a command to its end, with the secrets as settings. Its errors are without progress lines, as those of <see cref="Cli"/>.</summary>
    public async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments)
    {
        string[] settings =
        [
            $"--Data:Folder={Data}", $"--Auth:JwtSecret={TestDatabases.JwtSecret}", $"--Tracking:HmacSecret={TestApp.HmacSecret}",
            $"--Tracking:VisitorSecret={TestApp.VisitorSecret}",
        ];
        using var output = new StringWriter();
        using var error = new StringWriter();
        Captured.Value = (output, error);
        try
        {
            // What the test itself gives comes last, and wins.
            var given = settings.Where(setting => !arguments.Any(argument => argument.StartsWith(setting.Split('=')[0], StringComparison.Ordinal)));
            var exitCode = await CommandLine.RunAsync([.. arguments, .. given]);
            return (exitCode, output.ToString(), Cli.WithoutProgress(error.ToString()));
        }
        finally
        {
            Captured.Value = null;
        }
    }

    /// <summary>Runs a command that must succeed and returns its output.</summary>
    public async Task<string> SucceedAsync(params string[] arguments)
    {
        var (exitCode, output, error) = await RunAsync(arguments);
        Assert.True(exitCode == 0, $"bioscope {string.Join(' ', arguments)} ended with {exitCode}.\n{output}{error}");
        return output;
    }

    /// <summary>Runs a command that must fail for a reason, and returns what it says: without a stack trace, and nothing as its result.</summary>
    public async Task<string> FailAsync(int exitCode, params string[] arguments)
    {
        var result = await RunAsync(arguments);
        Assert.Equal((exitCode, ""), (result.ExitCode, result.Output));
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
        return result.Error;
    }

    /// <summary>Adds a creator without an e-mail address, and returns the ids of user and page.</summary>
    public async Task<(Guid User, Guid Page)> AddCreatorAsync(string handle)
    {
        var lines = (await SucceedAsync("creator", "add", "--handle", handle)).Split('\n');
        return (IdIn("user "), IdIn("page "));

        Guid IdIn(string name) => Guid.Parse(lines.Single(line => line.StartsWith(name, StringComparison.Ordinal))[8..]);
    }

    /// <summary>The main database, as another process sees it.</summary>
    public MainDatabase OpenMain() => new($"Data Source={Data}/main.db");

    /// <summary>The analytics database, as another process sees it.</summary>
    public AnalyticsDatabase OpenAnalytics() => new($"Data Source={Data}/analytics.db");

    /// <summary>Changes the main database.</summary>
    public async Task ExecuteAsync(string sql, params (string Name, object? Value)[] values)
    {
        await using var main = OpenMain();
        await main.ExecuteAsync(sql, TestContext.Current.CancellationToken, values);
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private sealed class Router(TextWriter otherwise, Func<(StringWriter Output, StringWriter Error), StringWriter> choose) : TextWriter
    {
        public override System.Text.Encoding Encoding => otherwise.Encoding;

        private TextWriter Target => Captured.Value is { } captured ? choose(captured) : otherwise;

        public override void Write(char value) => Target.Write(value);

        public override void Write(char[] buffer, int index, int count) => Target.Write(buffer, index, count);

        public override void Write(string? value) => Target.Write(value);

        public override void WriteLine(string? value) => Target.WriteLine(value);

        public override void Flush() => Target.Flush();
    }
}
