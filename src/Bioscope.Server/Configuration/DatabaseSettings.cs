using Bioscope.Engine.Storage;
using Microsoft.Data.Sqlite;

namespace Bioscope.Server.Configuration;

/// <summary>
/// The connection strings of both databases: one setting for both, or one for each; without any, two files in the data folder. Figures
/// that would silently be stored on another machine than the rest stop the start.
/// </summary>
internal static class DatabaseSettings
{
    private const string Both = "Database", Main = "ConnectionStrings:Main", Analytics = "ConnectionStrings:Analytics";

    public static (string Main, string Analytics) Read(SettingsReader reader, string folder)
    {
        var (both, main, analytics) = (Given(Both), Given(Main), Given(Analytics));
        if (both is not null && main is not null && analytics is not null)
        {
            reader.Refuse($"{Both}: it is of no use, because {Main} and {Analytics} are both set. Remove it, or remove those two.");
        }
        else if (both is null && main is { IsFile: false } && analytics is null)
        {
            reader.Refuse(Missing(Analytics, "visits", "analytics.db", Main));
        }
        else if (both is null && analytics is { IsFile: false } && main is null)
        {
            reader.Refuse(Missing(Main, "accounts and pages", "main.db", Analytics));
        }

        return ((main ?? both)?.Text ?? FileIn("main.db"), (analytics ?? both)?.Text ?? FileIn("analytics.db"));

        string Missing(string key, string what, string file, string other) =>
            $"{key}: it is not set, so {what} would be stored in the file {Path.Combine(folder, file)} of this machine, while {other} names a " +
            $"PostgreSQL server. Set {key} too, such as {key}='Host=…;Database=…' (it may be the same database), or only {Both} for both. If " +
            $"you want the file, set {key}='{FileIn(file)}'.";

        string FileIn(string name) => new SqliteConnectionStringBuilder { DataSource = Path.Combine(folder, name) }.ToString();

        Connection? Given(string key)
        {
            if (reader.Optional(key) is not { } text)
            {
                return null;
            }

            try
            {
                return new Connection(text, StorageEngine.FileOf(text) is not null);
            }
            catch (FormatException e)
            {
                reader.Refuse($"{key}: {e.Message}");
                return new Connection(text, IsFile: true);
            }
        }
    }

    private sealed record Connection(string Text, bool IsFile);
}
