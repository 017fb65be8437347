using System.CommandLine;
using System.Globalization;
using Bioscope.Engine.Storage;
using Bioscope.Engine.Storage.Migrations;

namespace Bioscope.Server.Commands;

/// <summary><c>bioscope distribute</c>: spreads the tables of visits over the workers of Citus. Done or not at all, and again changes nothing.</summary>
internal static class DistributeCommand
{
    // Each shard costs a batch of visits some statements, and each of the workers that come later needs one (decision 0047).
    private const int ShardsOfWorker = 4, MinShards = 8;

    public static Command Create(IReadOnlyList<Option<string>> settings)
    {
        var dryRun = new Option<bool>("--dry-run") { Description = "Say what would be done, and what is in the way; change nothing" };
        var shards = new Option<int?>("--shards")
        {
            Description =
                "How many parts each table gets, from 1 to 1024: as many as there will ever be workers, or more; fewer cost visits less " +
                $"[default: {ShardsOfWorker} for each worker, at least {MinShards}]",
            HelpName = "count",
        };
        var command = new Command("distribute", "Spread the tables of visits over the workers of Citus, by page. Stop all servers first") { dryRun, shards };
        command.SetAction(async (parse, cancellationToken) =>
        {
            if (parse.GetValue(shards) is (< 1 or > 1024) and var wrong)
            {
                throw new CommandException($"--shards: {wrong} is not a number from 1 to 1024. Nothing was changed.");
            }

            var loaded = CommandContext.LoadOwn(CommandLine.Given(parse, settings));
            await using var context = new CommandContext(loaded);
            if (context.Analytics.FilePath is { } file)
            {
                throw new CommandException(
                    $"The analytics database is the file {file}, and only PostgreSQL with Citus can be distributed. Nothing was changed. To carry " +
                    "everything to PostgreSQL: bioscope move.");
            }

            return await RunAsync(context, parse.GetValue(shards), parse.GetValue(dryRun), cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, int? given, bool isDry, CancellationToken cancellationToken)
    {
        var distribution = new Distribution(context.Analytics);
        var state = await distribution.ReadAsync(cancellationToken);
        if (state.Problems.Count > 0)
        {
            throw new CommandException(string.Join(Environment.NewLine, state.Problems.Append("Nothing was changed.")));
        }

        Console.WriteLine($"Citus {state.Version}, {state.Workers.Count} workers: {string.Join(", ", state.Workers)}");
        await CheckSchemaAsync(context, cancellationToken);
        var shards = given ?? Math.Max(MinShards, ShardsOfWorker * state.Workers.Count);
        var missing = await distribution.MissingAsync(cancellationToken);
        if (missing.Count == 0 && !state.ArePlansOurs && !isDry)
        {
            await distribution.RunAsync(shards, _ => { }, cancellationToken);
            Console.WriteLine("All tables of visits are distributed already. The workers' settings were made; restart the servers.");
            return 0;
        }

        if (missing.Count == 0)
        {
            Console.WriteLine("All tables of visits are distributed already. Nothing was changed.");
            return 0;
        }

        foreach (var (table, rows) in missing)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{table}: about {rows:N0} rows to spread by page"));
        }

        if (missing.Count == DistributedTables.ByPage.Count)
        {
            Console.WriteLine($"Each table gets {shards} shards (--shards).");
        }

        if (isDry)
        {
            Console.WriteLine("Nothing was changed. To do it: bioscope distribute");
            return 0;
        }

        await context.RefuseBesideServerAsync("Nothing was changed. Stop all servers first.", cancellationToken);
        await DistributeAsync(context, distribution, shards, cancellationToken);
        return 0;
    }

    private static async Task DistributeAsync(CommandContext context, Distribution distribution, int shards, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> done;
        using (var progress = new ProgressLine("Distributing"))
        {
            done = await distribution.RunAsync(shards, progress.Report, cancellationToken);
        }

        await context.AuditAsync("distribute");
        Console.WriteLine($"{done.Count} tables are distributed. Start the servers; 'bioscope doctor' looks at every worker.");
        await context.RefuseBesideServerAsync("The tables are distributed. Start it again: it does not know.", cancellationToken);
    }

    private static async Task CheckSchemaAsync(CommandContext context, CancellationToken cancellationToken)
    {
        foreach (var database in (Database[])[context.Main, context.Analytics])
        {
            if (!await Migrator.IsCurrentAsync(database, cancellationToken))
            {
                throw new CommandException(
                    $"The {database.Name} database does not have this version's tables. Nothing was changed. Run 'bioscope migrate' first.");
            }
        }
    }
}
