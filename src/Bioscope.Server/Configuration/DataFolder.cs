using System.Globalization;
using Bioscope.Engine.Storage;

namespace Bioscope.Server.Configuration;

/// <summary>
/// Says when a start finds no data where some was before: it would go on with empty databases, and nobody would notice. What was before is
/// known by the files that are left, and by a list of data folders in the user's own folder.
/// </summary>
internal static class DataFolder
{
    private const int MaxRemembered = 20;

    /// <summary>Warns on standard error before anything is created, and remembers the folder.</summary>
    public static void Check(Settings settings)
    {
        if (Problem(settings) is { } problem)
        {
            Console.Error.WriteLine(problem);
        }

        if (!settings.SharedOwnership)
        {
            Remember(Path.GetFullPath(settings.DataFolder));
        }
    }

    /// <summary>What is missing; null when all is there, or nothing was expected.</summary>
    public static string? Problem(Settings settings)
    {
        var files = settings.SharedOwnership ? [] : FilesOf(settings);
        var missing = files.FindAll(file => !File.Exists(file));
        if (missing.Count == 0)
        {
            return null;
        }

        if (missing.Count < files.Count)
        {
            return $"{string.Join(", ", missing)}: not there, although {string.Join(", ", files.Except(missing))} is. A new, empty database is " +
                "made. If the file was lost, stop the server and restore it from a backup.";
        }

        var folder = Path.GetFullPath(settings.DataFolder);
        var known = Remembered();
        if (known.Find(entry => entry.Folder == folder) is { Folder: not null } before)
        {
            return $"{folder}: a start on {before.Day} had its data here, and now there is none. A new, empty installation begins. If a disk is " +
                "not mounted or the folder was moved, stop the server and bring it back, or set Data:Folder.";
        }

        return known.FindLast(entry => File.Exists(Path.Combine(entry.Folder, "main.db"))) is { Folder: not null } other
            ? $"{folder}: a new, empty installation begins here. A start on {other.Day} had its data in {other.Folder}, where it still is. If " +
                $"you meant that, stop the server and set Data:Folder={other.Folder}."
            : null;
    }

    /// <summary>Whether an upgrade that replaces the program's folder would delete the data.</summary>
    public static bool IsInProgram(Settings settings) => IsInProgram(settings.DataFolder, AppContext.BaseDirectory);

    // A program of a single file has nothing beside it, and an upgrade replaces that file alone.
    internal static bool IsInProgram(string data, string program) =>
        File.Exists(Path.Combine(program, "bioscope.dll"))
        && $"{Path.GetFullPath(data)}{Path.DirectorySeparatorChar}".StartsWith(program, StringComparison.Ordinal);

    private static List<string> FilesOf(Settings settings) =>
        [.. new[] { settings.MainConnection, settings.AnalyticsConnection }.Select(StorageEngine.FileOf).OfType<string>().Distinct()];

    // The folder that the system has for this: ~/.local/share on Linux. A service without a home has none, and then nothing is remembered.
    private static string List => Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify),
        "bioscope", "data-folders");

    private static List<(string Day, string Folder)> Remembered()
    {
        try
        {
            return [.. File.ReadLines(List).Select(line => line.Split(' ', 2)).Where(parts => parts.Length == 2).Select(parts => (parts[0], parts[1]))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static void Remember(string folder)
    {
        var today = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var others = Remembered().FindAll(entry => entry.Folder != folder).TakeLast(MaxRemembered - 1);
        try
        {
            PrivateFile.CreateFolder(Path.GetDirectoryName(List)!);
            File.WriteAllLines(List, [.. others.Select(entry => $"{entry.Day} {entry.Folder}"), $"{today} {folder}"]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Then a later start knows less.
        }
    }
}
