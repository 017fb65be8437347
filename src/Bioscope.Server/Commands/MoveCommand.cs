using System.CommandLine;
using System.Globalization;
using Bioscope.Engine.Moving;
using Bioscope.Engine.Storage;
using Bioscope.Engine.Storage.Migrations;
using Bioscope.Engine.Storage.Sqlite;
using Bioscope.Server.Backups;
using Bioscope.Server.Configuration;

namespace Bioscope.Server.Commands;

/// <summary>
/// <c>bioscope move --to postgres://…</c> carries an installation from SQLite to PostgreSQL, to the same figures. It can be interrupted at
/// any moment and run again. Until it has ended, and for the old files also afterwards, no server starts on either.
/// </summary>
internal static class MoveCommand
{
    public static Command Create(IReadOnlyList<Option<string>> settings)
    {
        var to = new Option<string?>("--to") { Description = "An empty PostgreSQL database: postgres://user:password@host/name, or Host=…", HelpName = "database" };
        var cancel = new Option<bool>("--cancel") { Description = "Go on with the SQLite files: after a move that has not ended, or one that is regretted" };
        var command = new Command(
            "move", "Carry everything from SQLite files to a PostgreSQL database, with the same figures. Stop the server first. An interrupted move goes on when it is run again") { to, cancel };
        command.SetAction(async (parse, cancellationToken) =>
        {
            if (parse.GetValue(cancel) == (parse.GetValue(to) is not null))
            {
                throw new CommandException("Give either --to with a database, or --cancel. Nothing was changed.");
            }

            var loaded = CommandContext.LoadOwn(CommandLine.Given(parse, settings));
            DataFolder.Check(loaded);
            await using var context = new CommandContext(loaded);
            Database[] sources = context.Main.IsSameAs(context.Analytics) ? [context.Main] : [context.Main, context.Analytics];
            CheckFiles(sources);
            try
            {
                await (parse.GetValue(to) is { } target
                    ? MoveAsync(context, sources, target, cancellationToken)
                    : CancelAsync(context, sources, cancellationToken));
            }
            catch (MoveException e)
            {
                throw new CommandException(e.Message);
            }

            return 0;
        });
        return command;
    }

    private static void CheckFiles(Database[] sources)
    {
        foreach (var source in sources)
        {
            var file = source.FilePath ?? throw new CommandException(
                $"The {source.Name} database is PostgreSQL already: the settings must name the SQLite files to move. Nothing was changed.");
            if (source.MissingFile is not null)
            {
                throw new CommandException(
                    $"{file} does not exist, so there is nothing to move. Nothing was changed. Is Data:Folder right?");
            }

            if (!SqliteFile.LeaveLog(file))
            {
                throw new CommandException($"{file} is in use. Nothing was changed. Stop the server first.");
            }
        }
    }

    private static async Task MoveAsync(CommandContext context, Database[] sources, string to, CancellationToken cancellationToken)
    {
        await using var main = new MainDatabase(PostgresOf(to));
        await using var analytics = new AnalyticsDatabase(to);
        Database[] targets = [main, analytics];
        foreach (var source in sources)
        {
            await Migrator.MigrateAsync(
                [source], await DatabaseMove.MarkOfAsync(source, cancellationToken), context.Clock, cancellationToken);
        }

        await Migrator.MigrateAsync(targets, MoveMark.Target, context.Clock, cancellationToken);
        var moves = new List<DatabaseMove>();
        try
        {
            foreach (var (source, target) in sources.Zip(targets))
            {
                moves.Add(await DatabaseMove.BeginAsync(source, target, context.Clock, cancellationToken));
                var rows = await CopyAsync(moves[^1], source.Name, cancellationToken);
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"{source.Name}: {rows:N0} rows in {moves[^1].Tables.Count} tables, as many as before"));
            }

            foreach (var move in moves)
            {
                await move.EndAsync(cancellationToken);
            }
        }
        finally
        {
            foreach (var move in moves)
            {
                await move.DisposeAsync();
            }
        }

        await DatabaseMove.FinishAsync(targets, context.Clock.GetUtcNow(), cancellationToken);
        var secrets = Backup.SecretFilesOf(context.Settings).Where(File.Exists).ToList();
        Console.WriteLine($"Moved. Set Database to the PostgreSQL database and start the server; 'bioscope verify' recounts everything.");
        Console.WriteLine(
            (secrets.Count == 0 ? "" : $"Keep {string.Join(" and ", secrets)} where they are: sign-ins and visitors depend on them. ") +
            $"The old files stay as they are, and no server starts on them: delete {string.Join(" and ", sources.Select(source => source.FilePath))} when all is well.");
    }

    private static async Task<long> CopyAsync(DatabaseMove move, string database, CancellationToken cancellationToken)
    {
        using var progress = new ProgressLine("Moving");
        if (move.Continued > 0)
        {
            progress.WriteError(string.Create(CultureInfo.InvariantCulture, $"{database}: going on after {move.Continued:N0} rows."));
        }

        var total = 0L;
        foreach (var table in move.Tables)
        {
            var all = await move.CountAsync(table, cancellationToken);
            await move.CopyAsync(
                table,
                rows => progress.Report(string.Create(CultureInfo.InvariantCulture, $"{table.Name} {rows:N0} of {all:N0} rows")),
                cancellationToken);
            total += all;
        }

        return total;
    }

    private static async Task CancelAsync(CommandContext context, Database[] sources, CancellationToken cancellationToken)
    {
        var marks = new List<string>();
        foreach (var source in sources)
        {
            if (await DatabaseMove.MarkOfAsync(source, cancellationToken) is { } mark)
            {
                marks.Add(mark);
                await DatabaseMove.CancelAsync(source, context.Clock.GetUtcNow(), cancellationToken);
            }
        }

        Console.WriteLine(
            marks.Count == 0 ? "There is no move to cancel."
            : "The server starts on the SQLite files again. Drop the PostgreSQL database, or use another empty one for the next move."
                + (marks.Contains(MoveMark.Moved) ? " What it has counted stays only there." : ""));
    }

    private static string PostgresOf(string text)
    {
        try
        {
            return StorageEngine.FileOf(text) is null ? text : throw new CommandException(
                "--to: it must name a PostgreSQL database. Nothing was changed.");
        }
        catch (FormatException e)
        {
            throw new CommandException($"--to: {e.Message} Nothing was changed.");
        }
    }
}
