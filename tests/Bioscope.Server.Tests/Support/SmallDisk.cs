using System.Diagnostics;

namespace Bioscope.Server.Tests.Support;

/// <summary>A disk of a few megabytes in memory, which can be filled and made read-only. Requires root.</summary>
internal sealed class SmallDisk : IDisposable
{
    private SmallDisk()
    {
        Run("mount", "-t", "tmpfs", "-o", "size=6m,mode=755", "tmpfs", Folder);
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("bioscope-disk-").FullName;

    public static SmallDisk CreateOrSkip()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Only root on Linux can mount a disk.");
        try
        {
            return new SmallDisk();
        }
        catch (InvalidOperationException e)
        {
            Assert.Skip($"Nothing can be mounted here: {e.Message}");
            throw;
        }
    }

    /// <summary>Fills it to the last byte.</summary>
    public void Fill()
    {
        using var file = new FileStream(Path.Combine(Folder, "filled"), FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        var some = new byte[4_096];
        try
        {
            while (true)
            {
                file.Write(some);
            }
        }
        catch (IOException)
        {
            // Full.
        }
    }

    public void MakeRoom() => File.Delete(Path.Combine(Folder, "filled"));

    public void MakeReadOnly() => Run("mount", "-o", "remount,ro", Folder);

    public void Dispose()
    {
        Run("umount", "-l", Folder);
        Directory.Delete(Folder);
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException(error.Trim());
        }
    }
}
