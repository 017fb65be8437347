namespace Bioscope.Server.Storage;

/// <summary>Folders that hold visits and secrets.</summary>
internal static class PrivateFolder
{
    /// <summary>Makes a folder that only its owner can look into; one that is there stays as it is.</summary>
    public static void Create(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}
