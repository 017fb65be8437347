using System.CommandLine;
using Bioscope.Engine.Storage.Migrations;
using Bioscope.Server.Configuration;
using Bioscope.Server.Operations;

namespace Bioscope.Server.Commands;

/// <summary><c>bioscope secrets new</c>: goes on with other secrets where those of the database are lost.</summary>
internal static class SecretsCommand
{
    public static Command Create(IReadOnlyList<Option<string>> settings)
    {
        var renew = new Command(
            "new",
            "Go on without the secrets that the database was used with: what is missing is made anew, files that are there stay. All " +
            "sign-ins, second factors and links to shared views end, every visitor counts as new, and earlier proofs need a copy of their key");
        renew.SetAction((parse, cancellationToken) => RunAsync(CommandLine.Given(parse, settings), cancellationToken));
        return new Command("secrets", "Secrets of this installation") { renew };
    }

    private static async Task<int> RunAsync(IReadOnlyDictionary<string, string?> given, CancellationToken cancellationToken)
    {
        var settings = CommandContext.LoadOwn(given);
        await using var context = new CommandContext(settings);
        await Migrator.MigrateAsync([context.Main, context.Analytics], context.Clock, cancellationToken);
        await context.RefuseBesideServerAsync(
            $"It has the secrets: copy {Secrets.FileOf(settings)} and the file proof-key beside it from there. Nothing was changed.",
            cancellationToken);
        var isNew = Secrets.Find(settings) is null;
        Secrets.Complete(settings);
        await Instances.ForgetAsync(context.Main, cancellationToken);
        await context.AuditAsync("secrets new");
        Console.WriteLine(
            isNew ? $"{Secrets.FileOf(settings)} is made. Back it up with the databases."
            : "The next start goes on with the secrets that are there now.");
        return 0;
    }
}
