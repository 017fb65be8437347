namespace Bioscope.Core.Tests;

/// <summary>Files that are not part of this repository: those of a folder <c>shared</c> beside it or above it.</summary>
internal static class SharedFiles
{
    /// <summary>The file's path, null when there is none.</summary>
    /// <param name="path">Its path from the folder <c>shared</c>.</param>
    public static string? Find(string path)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "shared", path);
            if (File.Exists(candidate))
            {
                return candidate;
            }
        }

        return null;
    }
}
