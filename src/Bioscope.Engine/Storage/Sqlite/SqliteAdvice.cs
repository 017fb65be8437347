using Microsoft.Data.Sqlite;

namespace Bioscope.Engine.Storage.Sqlite;

/// <summary>What a SQLite failure means to the operator, and what to do about it.</summary>
internal static class SqliteAdvice
{
    /// <summary>Whether the message is still the driver's, which is little more than a number and a word.</summary>
    public static bool IsBare(SqliteException failure) => failure.Message.StartsWith("SQLite Error", StringComparison.Ordinal);

    /// <summary>The same failure with a message that names the file, the reason and the fix.</summary>
    public static SqliteException ForFile(SqliteException failure, string file) =>
        new($"{file}: {Of(failure, file)}", failure.SqliteErrorCode, failure.SqliteExtendedErrorCode);

    /// <summary>The same failure with a message that names the database, the reason and the fix.</summary>
    public static SqliteException For(SqliteException failure, string what) =>
        new($"{what}: {Of(failure)}", failure.SqliteErrorCode, failure.SqliteExtendedErrorCode);

    /// <summary>Reason and fix. Without the file, some reasons cannot be distinguished.</summary>
    public static string Of(SqliteException failure, string? file = null) => failure.SqliteErrorCode switch
    {
        _ when Directory.Exists(file) => "this is a folder, not a file. To fix: name a file in ConnectionStrings.",
        5 or 6 => "another program has locked the database. To fix: stop that program, or wait until it has finished.",
        8 or 14 when file is not null => WhyNotWritten(file),
        8 or 14 => "the database cannot be written: its disk is read-only, or permissions are missing. " + ToWrite,
        10 =>
            $"the disk failed to read or write ({failure.Message}). To fix: check the system's log. If the disk is full, free some space.",
        11 => "the database is damaged. To fix: stop the server and restore a backup, see 'Day to day' in docs/operations.md.",
        13 => "the disk is full. To fix: free some space. What was stored before is safe.",
        26 => "the file is not a SQLite database. To fix: name another file in ConnectionStrings, or restore a backup.",
        _ => failure.Message,
    };

    private const string ToWrite =
        "To fix: mount the disk read-write, and give the file and its folder to the user that the server runs as.";
    private const int ReadOnlyFileSystem = 30; // EROFS

    private static string WhyNotWritten(string file)
    {
        // The server creates missing folders, so the nearest existing one decides.
        var folder = Path.GetDirectoryName(file);
        while (folder is not null && !Directory.Exists(folder) && !File.Exists(folder))
        {
            folder = Path.GetDirectoryName(folder);
        }

        var problem =
            folder is null ? "its drive does not exist" : File.Exists(folder) ? $"{folder} is a file, not a folder" : FolderProblem(folder);
        return File.Exists(file)
            ? $"the database cannot be written: {problem ?? "permissions on the file are missing"}. {ToWrite}"
            : "the file does not " +
                $"exist{(problem is null ? "; the first start creates it." : $", and cannot be created: {problem}. {ToWrite}")}";
    }

    // Not by opening the database: closing any handle to a file releases all locks of the process on it.
    private static string? FolderProblem(string folder)
    {
        try
        {
            var options = new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                Options = FileOptions.DeleteOnClose,
            };
            new FileStream(Path.Combine(folder, $".bioscope-{Guid.NewGuid():N}"), options).Dispose();
            return null;
        }
        catch (IOException e) when (e.HResult == ReadOnlyFileSystem)
        {
            return "its disk is mounted read-only";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "permissions on its folder are missing";
        }
    }
}
