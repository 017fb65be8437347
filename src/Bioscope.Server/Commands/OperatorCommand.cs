using System.CommandLine;
using Bioscope.Engine.Auditing;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Rows;
using Bioscope.Server.Accounts;

namespace Bioscope.Server.Commands;

/// <summary>
/// <c>bioscope operator add EMAIL</c> lets a user see <c>/operator</c>, and adds the user where there is none; <c>list</c> and
/// <c>remove EMAIL</c>.
/// </summary>
internal static class OperatorCommand
{
    public static Command Create(IReadOnlyList<Option<string>> settings) =>
        new("operator", "Manage operators, who see the state of the server and all creators at /operator")
        {
            CreateAdd(settings), CreateList(settings), CreateRemove(settings),
        };

    private static Command CreateAdd(IReadOnlyList<Option<string>> settings)
    {
        var email = Email();
        var command = new Command(
            "add",
            "Make a user an operator. Where nobody has the e-mail address, add a user without a page, and ask for the password, or read it from a " +
            "line of standard input") { email };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var given = parse.GetRequiredValue(email);
            if (!CreatorStore.IsEmail(given))
            {
                throw new CommandException($"'{given}' is not an e-mail address. Nothing was changed.");
            }

            var address = CreatorStore.NormalizeEmail(given);
            await using var context = await CommandContext.OpenOwnAsync(CommandLine.Given(parse, settings), cancellationToken);
            var user = (await CreatorList.FindAsync(context.Main, address, cancellationToken))?.UserId
                ?? await AddUserAsync(context, address, cancellationToken);
            if (!await Operators.AddAsync(context.Main, user, context.Clock.GetUtcNow(), cancellationToken))
            {
                Console.WriteLine($"Nothing was changed: {address} is an operator already.");
                return 0;
            }

            await context.AuditAsync("operator add", AuditKind.OperatorAdded, user);
            Console.WriteLine($"{address} is an operator now: sign in at /dashboard/sign-in and open /operator.");
            return 0;
        });
        return command;
    }

    private static Command CreateList(IReadOnlyList<Option<string>> settings)
    {
        var command = new Command("list", "List the operators");
        command.SetAction(async (parse, cancellationToken) =>
        {
            await using var context = await CommandContext.OpenOwnAsync(CommandLine.Given(parse, settings), cancellationToken);
            foreach (var user in await CreatorList.OperatorsAsync(context.Main, cancellationToken))
            {
                Console.WriteLine(CreatorStateCommands.LineOf(user));
            }

            return 0;
        });
        return command;
    }

    private static Command CreateRemove(IReadOnlyList<Option<string>> settings)
    {
        var email = Email();
        var command = new Command("remove", "Let a user no longer be an operator. The account stays") { email };
        command.SetAction(async (parse, cancellationToken) =>
        {
            await using var context = await CommandContext.OpenOwnAsync(CommandLine.Given(parse, settings), cancellationToken);
            var user = await CreatorStateCommands.FindAsync(context, parse.GetRequiredValue(email), cancellationToken);
            if (!await Operators.RemoveAsync(context.Main, user.UserId, cancellationToken))
            {
                throw new CommandException(
                    $"{user.Email ?? user.Name} is no operator. Nothing was changed. To list them: bioscope operator list");
            }

            await context.AuditAsync("operator remove", AuditKind.OperatorRemoved, user.UserId);
            Console.WriteLine($"{user.Email ?? user.Name} is no operator any more.");
            return 0;
        });
        return command;
    }

    private static Argument<string> Email() => new("email") { Description = "The user's e-mail address" };

    private static async Task<Guid> AddUserAsync(CommandContext context, string email, CancellationToken cancellationToken)
    {
        var password = PasswordPrompt.Read()
            ?? throw new CommandException("Standard input has no password. Nothing was changed. Send it as one line.");
        var now = context.Clock.GetUtcNow();
        var row = new UserRow(Guid.CreateVersion7(now), email, Passwords.Hash(password), now) { EmailConfirmedAt = now };
        await context.Main.InsertAsync(UserRow.Table, [row], cancellationToken);
        Console.WriteLine($"Added the user {row.Id}, who has no page.");
        return row.Id;
    }
}
