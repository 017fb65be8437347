using System.CommandLine;
using Bioscope.Core;
using Bioscope.Engine.Auditing;
using Bioscope.Server.Configuration;
using Bioscope.Server.Web;

namespace Bioscope.Server.Commands;

/// <summary><c>bioscope token --user ID [--days N]</c>: prints an access token, and nothing else, on standard output.</summary>
internal static class TokenCommand
{
    public static Command Create(IReadOnlyList<Option<string>> settings)
    {
        var user = new Option<string>("--user") { Description = "The user's id, a UUID", Required = true, HelpName = "id" };
        var days = new Option<int>("--days")
        {
            Description = "How many days the token is valid, 1 to 3650",
            DefaultValueFactory = _ => 30,
            HelpName = "n",
        };
        var command = new Command("token", "Print an access token for a user") { user, days };
        command.SetAction(async (parse, cancellationToken) =>
        {
            if (!Uuid.TryParse(parse.GetRequiredValue(user), out var id))
            {
                throw new CommandException(
                    $"--user: '{parse.GetRequiredValue(user)}' is not a UUID. Give one such as 01234567-89ab-cdef-0123-456789abcdef.");
            }

            if (parse.GetValue(days) is not (>= 1 and <= 3650) and var many)
            {
                throw new CommandException($"--days: {many} is not a number of days from 1 to 3650.");
            }

            var secrets = await NotedAsync(CommandLine.Given(parse, settings), id, cancellationToken);
            Console.WriteLine(
                Bearer.Issue(secrets, id.ToString("D"), TimeProvider.System.GetUtcNow(), TimeSpan.FromDays(parse.GetValue(days))));
        });
        return command;
    }

    /// <summary>The settings with the secrets, once the audit has that a token is made. Another service's database has no audit.</summary>
    private static async Task<Settings> NotedAsync(
        IReadOnlyDictionary<string, string?> given, Guid user, CancellationToken cancellationToken)
    {
        var loaded = Settings.Load(given);
        if (loaded.SharedOwnership)
        {
            return Secrets.Complete(loaded);
        }

        await using var context = await CommandContext.OpenOwnAsync(given, cancellationToken);
        await context.AuditAsync("token", AuditKind.TokenMade, user);
        return context.Settings;
    }
}
