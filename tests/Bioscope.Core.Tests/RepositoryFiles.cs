namespace Bioscope.Core.Tests;

/// <summary>Data files of the repository that tests read in place.</summary>
internal static class RepositoryFiles
{
    /// <summary>The repository's folder; null when the tests run outside of it.</summary>
    public static string? Root { get; } = FindRoot();

    /// <summary>The lines of a file, by its path from the root, without empty ones and comments.</summary>
    public static IEnumerable<string> Lines(string path) =>
        File.ReadLines(Path.Combine(Root ?? throw new DirectoryNotFoundException("These tests run inside the repository."), path))
            .Where(line => line is not "" && line[0] != '#');

    private static string? FindRoot()
    {
        var directory = AppContext.BaseDirectory;
        while (directory is not null && !File.Exists(Path.Combine(directory, "Bioscope.slnx")))
        {
            directory = Path.GetDirectoryName(directory);
        }

        return directory;
    }
}
