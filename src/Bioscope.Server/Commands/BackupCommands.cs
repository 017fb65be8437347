using System.CommandLine;
using System.Globalization;
using Bioscope.Engine.Storage;
using Bioscope.Engine.Storage.Sqlite;
using Bioscope.Server.Backups;
using Bioscope.Server.Configuration;

namespace Bioscope.Server.Commands;

/// <summary>
/// <c>bioscope backup DIR</c> copies databases, secrets and keys while the server runs; <c>bioscope restore DIR</c> brings them back, here
/// or on another machine, to the same figures.
/// </summary>
internal static class BackupCommands
{
    private const string PagesSql = """
        -- pages of backup
        SELECT COUNT(*) FROM "BioPage"
        """;

    public static Command CreateBackup(IReadOnlyList<Option<string>> settings)
    {
        var folder = new Argument<string>("folder") { Description = "The folder of backups; the new one gets a folder of its own in it" };
        var command = new Command(
            "backup",
            "Copy both SQLite databases, each as of one instant, and the secrets that the server made, while it runs; and check the copies. " +
            "The server does it by itself with Backup:Folder. With PostgreSQL, print what to run") { folder };
        command.SetAction(async (parse, cancellationToken) =>
        {
            await using var context = await CommandContext.OpenOwnAsync(CommandLine.Given(parse, settings), cancellationToken);
            if (context.Main.FilePath is null || context.Analytics.FilePath is null)
            {
                throw new CommandException(PostgresAdvice(context));
            }

            using var progress = new ProgressLine("Copying");
            Backup backup;
            try
            {
                backup = await Backup.TakeAsync(
                    parse.GetRequiredValue(folder), context.Settings, context.Main, context.Analytics, context.Clock.GetUtcNow(), progress.Report,
                    cancellationToken);
            }
            catch (InvalidDataException e)
            {
                throw new CommandException($"No backup was made: {e.Message}. 'bioscope verify' says more.");
            }

            progress.Dispose();
            var bytes = Directory.GetFiles(backup.Folder).Sum(file => new FileInfo(file).Length);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{backup.Folder}: {bytes:N0} bytes, checked"));
            if (!Backup.SecretFilesOf(context.Settings).Any(File.Exists))
            {
                Console.WriteLine("The secrets are settings, so they are not in it: keep them yourself.");
            }

            Console.WriteLine($"To restore it: bioscope restore {backup.Folder}");
            return 0;
        });
        return command;
    }

    public static Command CreateRestore(IReadOnlyList<Option<string>> settings)
    {
        var folder = new Argument<string>("folder") { Description = "A backup, or a folder of backups, of which the newest is taken" };
        var replace = new Option<bool>("--replace") { Description = "Where there is data already, put it aside into a folder before-restore-…" };
        var command = new Command(
            "restore", "Bring back a backup of SQLite databases and secrets. Stop the server first. Every file is checked before anything changes") { folder, replace };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var given = CommandLine.Given(parse, settings);
            var loaded = CommandContext.LoadOwn(given);
            try
            {
                var backup = Backup.Find(parse.GetRequiredValue(folder));
                var names = await backup.VerifyAsync(cancellationToken);
                await RestoreAsync(loaded, backup, names, parse.GetValue(replace), cancellationToken);
            }
            catch (InvalidDataException e)
            {
                throw new CommandException($"{e.Message} Nothing was changed.");
            }

            // Brings it to this version's schema, as a start would.
            await using var context = await CommandContext.OpenOwnAsync(given, cancellationToken);
            await context.AuditAsync("restore");
            var pages = (await context.Main.QueryAsync(PagesSql, row => row.GetInt64(0), cancellationToken))[0];
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Restored: {pages:N0} pages. Start the server; 'bioscope verify' recounts everything."));
            return 0;
        });
        return command;
    }

    private static async Task RestoreAsync(
        Settings settings, Backup backup, IReadOnlyList<string> names, bool replaces, CancellationToken cancellationToken)
    {
        var targets = TargetsOf(settings).Where(target => names.Contains(target.Name)).ToList();
        var existing = targets.Select(target => target.Path).SelectMany(path => (string[])[path, path + "-wal", path + "-shm"])
            .Where(File.Exists).ToList();
        if (existing.Count > 0 && !replaces)
        {
            throw new CommandException(
                $"There is data already: {string.Join(", ", existing)}. Nothing was changed. To put it aside and restore: --replace");
        }

        if (existing.Find(path => path.EndsWith(".db", StringComparison.Ordinal) && !SqliteFile.LeaveLog(path)) is { } used)
        {
            throw new CommandException($"{used} is in use. Nothing was changed. Stop the server first.");
        }

        // Copied beside their places first: a full disk then changes nothing.
        foreach (var (name, path) in targets)
        {
            PrivateFile.CreateFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
            File.Delete(path + ".part");
            await using var copy = PrivateFile.Create(path + ".part");
            await using var original = File.OpenRead(Path.Combine(backup.Folder, name));
            await original.CopyToAsync(copy, cancellationToken);
        }

        if (existing.Count > 0)
        {
            var aside = Path.Combine(
                Path.GetDirectoryName(Path.GetFullPath(targets[0].Path))!,
                string.Create(CultureInfo.InvariantCulture, $"before-restore-{TimeProvider.System.GetUtcNow():yyyyMMdd'T'HHmmss'Z'}"));
            PrivateFile.CreateFolder(aside);
            foreach (var path in existing.Where(File.Exists))
            {
                File.Move(path, Path.Combine(aside, Path.GetFileName(path)));
            }

            Console.WriteLine($"What was there is now in {aside}. Delete it when you do not need it any more.");
        }

        foreach (var (_, path) in targets)
        {
            File.Move(path + ".part", path);
        }
    }

    private static IEnumerable<(string Name, string Path)> TargetsOf(Settings settings)
    {
        yield return (Backup.Main, FileOf(settings.MainConnection));
        if (settings.MainConnection != settings.AnalyticsConnection)
        {
            yield return (Backup.Analytics, FileOf(settings.AnalyticsConnection));
        }

        foreach (var file in Backup.SecretFilesOf(settings))
        {
            yield return (Path.GetFileName(file), file);
        }
    }

    private static string FileOf(string connection) => StorageEngine.FileOf(connection)
        ?? throw new CommandException(
            "The settings name a PostgreSQL database, and this backup holds SQLite files. Nothing was changed. Restore it without the setting Database.");

    private static string PostgresAdvice(CommandContext context) =>
        "The data is in PostgreSQL, whose own tools back it up while the server runs:\n" +
        "  pg_dump --format=custom --file=bioscope-main.dump \"<connection of the main database>\"\n" +
        (context.Analytics.IsSameAs(context.Main) ? "" : "  pg_dump --format=custom --file=bioscope-analytics.dump \"<connection of the analytics database>\"\n") +
        "  pg_restore --clean --if-exists --dbname=\"<connection>\" <file>\n" +
        $"Keep a copy of {string.Join(" and ", Backup.SecretFilesOf(context.Settings))} too, where they exist. Nothing was done.";
}
