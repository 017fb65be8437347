using System.Diagnostics;

namespace Bioscope.Bench.Processes;

/// <summary>Programs that run to their end.</summary>
internal static class Commands
{
    /// <returns>What it wrote to standard output.</returns>
    /// <exception cref="BenchException">It failed; the message has what it wrote to standard error.</exception>
    public static Task<string> RunAsync(string program, CancellationToken cancellationToken, params string[] arguments) =>
        RunAsync(new ProcessStartInfo(program, arguments), cancellationToken);

    public static async Task<string> RunAsync(ProcessStartInfo start, CancellationToken cancellationToken)
    {
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(cancellationToken), process.StandardError.ReadToEndAsync(cancellationToken));
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return process.ExitCode == 0 ? await output : throw new BenchException($"{start.FileName} failed ({process.ExitCode}): {await error}");
    }

    /// <summary>Whether a program of that name is on the path.</summary>
    public static bool Exists(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, program)));
}
