using System.Diagnostics;

namespace Bioscope.Server.Tests.Support;

/// <summary>A program of the machine that a test runs.</summary>
internal static class Tool
{
    /// <summary>Skips the test by name where a program is missing; in CI that is a failure.</summary>
    public static void SkipWhereMissing(params string[] programs) => Assert.SkipUnless(
        programs.All(program => PathOf(program) is not null) || EnginesAttribute.IsContinuousIntegration,
        $"not installed: {string.Join(", ", programs.Where(program => PathOf(program) is null))}");

    /// <summary>Where it is; servers are often not in the path of a user.</summary>
    public static string? PathOf(string program) =>
        ((string[])["/usr/sbin", "/usr/bin", "/sbin", "/bin"]).Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    /// <summary>Starts it; what it says is the text of a failure.</summary>
    public static Process Start(string program, params string[] arguments) => Process.Start(
        new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;

    /// <summary>Runs it to its end, which must be a good one, and returns its output.</summary>
    public static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Start(program, arguments);
        var (output, error) = (
            process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken),
            process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(
            process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}.\n{await output}{await error}");
        return await output;
    }
}
