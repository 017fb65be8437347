using Bioscope.Engine.Storage.Migrations;
using Bioscope.Server.Configuration;

namespace Bioscope.Server.Commands;

/// <summary><c>bioscope migrate</c>: brings both databases to this version's schema, then stops.</summary>
internal static class MigrateCommand
{
    public static async Task<int> RunAsync(IReadOnlyDictionary<string, string?> given, CancellationToken cancellationToken)
    {
        var settings = Settings.Load(given);
        if (settings.SharedOwnership)
        {
            throw new CommandException(
                "Storage:Ownership is 'shared': the databases belong to another service, which migrates them itself. Nothing was changed.");
        }

        await using var context = new CommandContext(settings);
        var done = await Migrator.MigrateAsync([context.Main, context.Analytics], context.Clock, cancellationToken);
        foreach (var name in done)
        {
            Console.WriteLine($"applied {name}");
        }

        Console.WriteLine(done.Count == 0 ? "Both databases are up to date." : $"{done.Count} migrations applied.");
        return 0;
    }
}
