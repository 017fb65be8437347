namespace Bioscope.Engine.Storage;

/// <summary>Files and folders that hold visits and secrets: for their owner alone. On Windows the folder's rights decide, and nothing is done.</summary>
internal static class PrivateFile
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerFolder = Owner | UnixFileMode.UserExecute;
    private const UnixFileMode Others = (UnixFileMode)0b000_111_111;

    /// <summary>Makes a folder that only its owner can look into; one that is there stays as it is.</summary>
    public static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, OwnerFolder);
        }
    }

    /// <summary>Makes a file of mode 600, whatever the umask.</summary>
    /// <exception cref="IOException">There is one of that name, or none can be made.</exception>
    public static FileStream Create(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (OperatingSystem.IsWindows())
        {
            return new FileStream(path, options);
        }

        options.UnixCreateMode = Owner;
        var file = new FileStream(path, options);
        File.SetUnixFileMode(file.SafeFileHandle, Owner); // the umask may have taken more away
        return file;
    }

    /// <summary>Whether others than the owner may do anything with the file; false when there is none.</summary>
    public static bool IsOpenToOthers(string path) =>
        !OperatingSystem.IsWindows() && File.Exists(path) && (File.GetUnixFileMode(path) & Others) != 0;

    /// <summary>Takes from others what they may do with the file.</summary>
    /// <returns>Whether it was open to them and is no longer; one that belongs to somebody else stays as it is.</returns>
    public static bool TryNarrow(string path)
    {
        if (OperatingSystem.IsWindows() || !IsOpenToOthers(path))
        {
            return false;
        }

        try
        {
            File.SetUnixFileMode(path, File.GetUnixFileMode(path) & ~Others);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // doctor names it
        }
    }
}
