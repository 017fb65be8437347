using System.Diagnostics;
using Bioscope.Engine.Storage.Postgres;

namespace Bioscope.Bench.Engines;

/// <summary>The programs of the PostgreSQL that is installed here.</summary>
internal static class PostgresPrograms
{
    private static readonly string? Folder = Find();

    public static bool AreInstalled => Folder is not null;

    /// <summary>Runs one to its end, as the user <c>postgres</c> where we are root, which the server refuses to be.</summary>
    /// <returns>What it wrote; nothing of <c>pg_ctl</c>, whose server inherits the pipes, so that reading them would never end.</returns>
    public static async Task<string> RunAsync(string program, CancellationToken cancellationToken, params string[] arguments)
    {
        var path = Path.IsPathRooted(program) ? program : Path.Combine(Folder!, program);
        var start = Environment.UserName == "root"
            ? new ProcessStartInfo("runuser", ["-u", "postgres", "--", path, .. arguments])
            : new ProcessStartInfo(path, arguments);
        start.WorkingDirectory = "/";
        start.Environment["PGOPTIONS"] = PostgresSource.Options; // pgbench as the server
        start.RedirectStandardOutput = start.RedirectStandardError = program != "pg_ctl";
        using var process = Process.Start(start)!;
        if (!start.RedirectStandardOutput)
        {
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode == 0 ? "" : throw new BenchException($"{program} failed ({process.ExitCode}).");
        }

        var (output, error) = (process.StandardOutput.ReadToEndAsync(cancellationToken), process.StandardError.ReadToEndAsync(cancellationToken));
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }

        return process.ExitCode == 0 ? await output : throw new BenchException($"{program} failed ({process.ExitCode}): {await error}");
    }

    private static string? Find()
    {
        var versions = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").OrderDescending().Select(folder => folder + "/bin")
            : [];
        var paths = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        return versions.Concat(paths).FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")));
    }
}
