using System.Diagnostics;
using System.Globalization;

namespace Bioscope.Server.Tests.Support;

/// <summary>
/// This machine's files as they are, below a layer in memory that takes every change and is gone at the end: packages can be installed
/// there. Processes and network are those of the machine.
/// </summary>
internal sealed class ThrowawayMachine : IDisposable
{
    // The tests' .NET may be in a folder that only their user can read, so it is mounted where a program looks for it.
    private const string Setup =
        """
        set -e
        mount -t tmpfs -o mode=755 tmpfs "$1"
        mkdir "$1/changes" "$1/work" "$1/root"
        mount -t overlay -o "lowerdir=/,upperdir=$1/changes,workdir=$1/work" overlay "$1/root"
        mount --rbind /proc "$1/root/proc"
        mount --rbind /dev "$1/root/dev"
        mkdir -p "$1/root/usr/share/dotnet"
        mount --bind "$2" "$1/root/usr/share/dotnet"
        echo ready
        exec chroot "$1/root" sleep infinity
        """;

    private readonly Process? _holder;
    private readonly string _folder;

    private ThrowawayMachine(Process? holder, string folder) => (_holder, _folder) = (holder, folder);

    /// <summary>Its <c>/</c>, seen from here.</summary>
    public string Root => _holder is null ? "/" : string.Create(CultureInfo.InvariantCulture, $"/proc/{_holder.Id}/root/");

    /// <summary>What stands in front of a command so that root runs it there.</summary>
    public string[] Enter => _holder is not null
        ? ["nsenter", string.Create(CultureInfo.InvariantCulture, $"--target={_holder.Id}"), "--mount", "--root", "--wd"]
        : Environment.IsPrivilegedProcess ? ["env"] : ["sudo", "-n"];

    /// <summary>
    /// Skips the test by name for others than root, and where nothing can be mounted. CI's machine is itself one that is thrown away, so the
    /// test then runs on it.
    /// </summary>
    public static async Task<ThrowawayMachine> CreateOrSkipAsync()
    {
        Assert.SkipUnless(
            (OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess) || EnginesAttribute.IsContinuousIntegration,
            "Only root on Linux can install packages.");
        var folder = Directory.CreateTempSubdirectory("bioscope-machine-").FullName;
        var dotnet = Path.GetFullPath(Path.Combine(typeof(object).Assembly.Location, "../../../.."));
        var holder = Tool.Start("unshare", "--mount", "sh", "-c", Setup, "sh", folder, dotnet);
        if (await holder.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) == "ready")
        {
            return new ThrowawayMachine(holder, folder);
        }

        var why = await holder.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        new ThrowawayMachine(holder, folder).Dispose();
        Assert.SkipUnless(EnginesAttribute.IsContinuousIntegration, $"Nothing can be mounted here: {why.Trim()}");
        return new ThrowawayMachine(null, Directory.CreateTempSubdirectory("bioscope-machine-").FullName);
    }

    public void Dispose()
    {
        _holder?.Kill();
        _holder?.WaitForExit();
        _holder?.Dispose();
        Directory.Delete(_folder);
    }
}
