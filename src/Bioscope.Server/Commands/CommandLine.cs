using System.CommandLine;
using Bioscope.Engine.Storage.Migrations;
using Bioscope.Engine.Storage.Sqlite;
using Bioscope.Server.Configuration;
using Microsoft.Data.Sqlite;

namespace Bioscope.Server.Commands;

/// <summary>The commands of the one executable. Without a command it runs the server.</summary>
internal static class CommandLine
{
    /// <summary>Exit codes: 0 done, 1 failed (with one line on standard error), 2 invalid arguments.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("Bioscope: self-hosted analytics for link-in-bio pages. Without a command it serves.");
        var settings = Setting.All.Select(SettingOption).ToArray();
        foreach (var option in settings)
        {
            root.Options.Add(option);
        }

        root.SetAction((parse, cancellationToken) => ServeCommand.RunAsync(Given(parse, settings), cancellationToken));
        root.Subcommands.Add(Command("serve", "Serve the API until stopped", ServeCommand.RunAsync));
        root.Subcommands.Add(DemoCommand.Create(settings));
        root.Subcommands.Add(ImportCommand.Create(settings));
        root.Subcommands.Add(RebuildCommand.Create(settings));
        root.Subcommands.Add(VerifyCommand.Create(settings));
        root.Subcommands.Add(RepairCommand.Create(settings));
        root.Subcommands.Add(CreatorCommand.Create(settings));
        root.Subcommands.Add(OperatorCommand.Create(settings));
        root.Subcommands.Add(AuditCommand.Create(settings));
        root.Subcommands.Add(BackupCommands.CreateBackup(settings));
        root.Subcommands.Add(BackupCommands.CreateRestore(settings));
        root.Subcommands.Add(MoveCommand.Create(settings));
        root.Subcommands.Add(DistributeCommand.Create(settings));
        root.Subcommands.Add(DataCommands.CreateForget(settings));
        root.Subcommands.Add(DataCommands.CreateErasures(settings));
        root.Subcommands.Add(SecretsCommand.Create(settings));
        root.Subcommands.Add(TokenCommand.Create(settings));
        root.Subcommands.Add(KeyCommand.Create(settings));
        root.Subcommands.Add(MailCommand.Create(settings));
        root.Subcommands.Add(ReferrerCommand.Create());
        root.Subcommands.Add(ProofCommand.Create(settings));
        root.Subcommands.Add(Command("migrate", "Bring both databases to this version's schema, then exit", MigrateCommand.RunAsync));
        root.Subcommands.Add(
            Command(
                "doctor", "Check settings, databases, schema and stored rows, and say how to fix each problem", DoctorCommand.RunAsync));

        CommandHelp.Order(root);

        // A handle may start with '@', which would otherwise name a file of arguments.
        var parse = root.Parse([.. args.SelectMany(SplitSetting)], new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parse.Errors.Count > 0)
        {
            foreach (var error in parse.Errors)
            {
                await Console.Error.WriteLineAsync(error.Message);
            }

            await Console.Error.WriteLineAsync("Try 'bioscope --help'.");
            return 2;
        }

        var invocation = new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            // Longer than the host takes to finish accepted requests (30 s). The default of 2 s would cut visitors off.
            ProcessTerminationTimeout = TimeSpan.FromSeconds(40),
        };
        return await GuardAsync(() => parse.InvokeAsync(invocation));

        Command Command(string name, string description, Func<IReadOnlyDictionary<string, string?>, CancellationToken, Task<int>> run)
        {
            var command = new Command(name, description);
            command.SetAction((parse, cancellationToken) => run(Given(parse, settings), cancellationToken));
            return command;
        }
    }

    /// <summary>The settings given on the command line.</summary>
    public static IReadOnlyDictionary<string, string?> Given(ParseResult parse, IEnumerable<Option<string>> settings) => settings
        .Where(option => parse.GetResult(option) is { Implicit: false })
        .ToDictionary(option => option.Name[2..], parse.GetValue);

    private static Option<string> SettingOption(Setting setting) => new("--" + setting.Key)
    {
        Description = setting.Default.Length == 0 ? setting.Help : $"{setting.Help} [default: {setting.Default}]",
        HelpName = "value",
        Recursive = true,
    };

    /// <summary>
    /// <c>--Throttle:Enabled=false</c> as two words, with the setting's name spelt as in the list, ignoring case: the parser itself would
    /// split at the first colon.
    /// </summary>
    private static IEnumerable<string> SplitSetting(string arg)
    {
        var end = arg.IndexOf('=', StringComparison.Ordinal);
        var name = end < 0 ? arg : arg[..end];
        if (Setting.All.FirstOrDefault(setting => name.Equals("--" + setting.Key, StringComparison.OrdinalIgnoreCase)) is not { } known)
        {
            return [arg];
        }

        return end < 0 ? ["--" + known.Key] : ["--" + known.Key, arg[(end + 1)..]];
    }

    /// <summary>Errors that operators can fix are one clear line on standard error, without a stack trace.</summary>
    private static async Task<int> GuardAsync(Func<Task<int>> run)
    {
        try
        {
            return await run();
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("Stopped.");
            return 1;
        }
        catch (Exception e) when (e is CommandException or SettingsException or MigrationException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
        catch (SqliteException e)
        {
            await Console.Error.WriteLineAsync(SqliteAdvice.IsBare(e) ? $"Stopped: {SqliteAdvice.Of(e)}" : e.Message);
            return 1;
        }
        catch (Exception e) when (e is System.Data.Common.DbException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
    }
}

/// <summary>A command cannot do what was requested; the message says why and what to do.</summary>
internal sealed class CommandException(string message) : Exception(message);
