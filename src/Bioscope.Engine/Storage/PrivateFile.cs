namespace Bioscope.Engine.Storage;

/// <summary>
/// Files and folders that hold visits and secrets are accessible to their owner only. On Windows the folder's permissions apply, and
/// nothing is done here.
/// </summary>
internal static class PrivateFile
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerFolder = Owner | UnixFileMode.UserExecute;
    private const UnixFileMode Others = (UnixFileMode)0b000_111_111;

    /// <summary>Creates a folder that only its owner can access; an existing one is left unchanged.</summary>
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

    /// <summary>Creates a file with mode 600, whatever the umask.</summary>
    /// <exception cref="IOException">The file exists already, or cannot be created.</exception>
    public static FileStream Create(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (OperatingSystem.IsWindows())
        {
            return new FileStream(path, options);
        }

        options.UnixCreateMode = Owner;
        var file = new FileStream(path, options);
        File.SetUnixFileMode(file.SafeFileHandle, Owner); // the umask may have removed more
        return file;
    }

    /// <summary>Whether users other than the owner can access the file; false when it does not exist.</summary>
    public static bool IsOpenToOthers(string path) =>
        !OperatingSystem.IsWindows() && File.Exists(path) && (File.GetUnixFileMode(path) & Others) != 0;

    /// <summary>Removes other users' access to the file.</summary>
    /// <returns>Whether others had access and no longer have it; a file that belongs to another user is left unchanged.</returns>
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
            return false; // doctor reports it
        }
    }
}
