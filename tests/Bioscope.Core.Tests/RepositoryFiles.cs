namespace Bioscope.Core.Tests;

/// <summary>Data files of the repository that tests read where they lie.</summary>
internal static class RepositoryFiles
{
    /// <summary>The lines of a file, by its path from the root, without empty ones and comments.</summary>
    public static IEnumerable<string> Lines(string path) =>
        File.ReadLines(Path.Combine(Root(), path)).Where(line => line is not "" && line[0] != '#');

    private static string Root()
    {
        var directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "Bioscope.slnx")))
        {
            directory = Path.GetDirectoryName(directory) ?? throw new DirectoryNotFoundException("These tests run inside the repository.");
        }

        return directory;
    }
}
