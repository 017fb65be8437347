using System.CommandLine;
using Bioscope.Core;
using Bioscope.Engine.Auditing;
using Bioscope.Engine.Creators;
using Bioscope.Server.Accounts;

namespace Bioscope.Server.Commands;

/// <summary>
/// <c>bioscope creator add --handle NAME</c> adds a user with a creator profile and a bio page, and prints their ids;
/// <c>bioscope creator password --email ADDRESS</c> gives a user a new password;
/// <see cref="DataCommands"/> export and erase one; <see cref="InvitationCommands"/> let people add themselves;
/// <see cref="CreatorStateCommands"/> list, show, rename and suspend them.
/// </summary>
internal static class CreatorCommand
{
    public static Command Create(IReadOnlyList<Option<string>> settings) =>
        new("creator", "Manage creators")
        {
            CreateAdd(settings), CreatePassword(settings), InvitationCommands.CreateInvite(settings),
            CreateNoSecondFactor(settings), InvitationCommands.CreateInvitations(settings), InvitationCommands.CreateUninvite(settings),
            DataCommands.CreateExport(settings), DataCommands.CreateRemove(settings),
            CreatorStateCommands.CreateList(settings), CreatorStateCommands.CreateShow(settings), CreatorStateCommands.CreateRename(settings),
            CreatorStateCommands.CreateSuspend(settings), CreatorStateCommands.CreateResume(settings),
        };

    private static Command CreateAdd(IReadOnlyList<Option<string>> settings)
    {
        var handle = new Option<string>("--handle")
        {
            Description = "The page's name in its address: 1 to 30 of a-z, 0-9, '.', '_', '-'",
            Required = true,
            HelpName = "name",
        };
        var email = new Option<string?>("--email")
        {
            Description = "E-mail address to sign in with. The command asks for the password, or reads it from a line of standard input",
            HelpName = "address",
        };
        var user = new Option<string?>("--user")
        {
            Description = "The user's id in another service; without it, the user gets a new one",
            HelpName = "id",
        };
        var add = new Command("add", "Add a creator and print its ids") { handle, email, user };
        add.SetAction(async (parse, cancellationToken) =>
        {
            Guid? userId = null;
            if (parse.GetValue(user) is { } given)
            {
                userId = Uuid.TryParse(given, out var id)
                    ? id
                    : throw new CommandException(
                        $"--user: '{given}' is not a UUID. Give one such as 01234567-89ab-cdef-0123-456789abcdef.");
            }

            await using var context = await CommandContext.OpenOwnAsync(CommandLine.Given(parse, settings), cancellationToken);
            var creator = new NewCreator(userId ?? Guid.CreateVersion7(context.Clock.GetUtcNow()))
            {
                Handle = parse.GetValue(handle),
                Email = Email(parse.GetValue(email)),
            };
            var password = creator.Email is null ? null : PasswordPrompt.Read();
            await AddAsync(
                context, creator with { HashPassword = password is null ? null : () => Passwords.Hash(password) }, cancellationToken);
            return 0;
        });
        return add;
    }

    private static Command CreatePassword(IReadOnlyList<Option<string>> settings)
    {
        var email = new Option<string>("--email") { Description = "E-mail address of the user", Required = true, HelpName = "address" };
        var command =
            new Command("password", "Set a user's password, asked for or read from a line of standard input; signs the user out " +
                "everywhere and ends a lock-out") { email };
        command.SetAction(async (parse, cancellationToken) =>
        {
            await using var context = await CommandContext.OpenOwnAsync(CommandLine.Given(parse, settings), cancellationToken);
            var password = PasswordPrompt.Read()
                ?? throw new CommandException("Standard input has no password. Nothing was changed. Send it as one line.");
            var attempts = new LoginAttempts(context.Main, context.Settings, context.Clock);
            if (!await NewPassword.SetAsync(context.Main, attempts, parse.GetRequiredValue(email), password, cancellationToken))
            {
                throw new CommandException(
                    $"No user has the e-mail address {CreatorStore.NormalizeEmail(parse.GetRequiredValue(email))}. Nothing was changed. " +
                    "To add a creator: bioscope creator add");
            }

            await context.AuditAsync(
                "creator password", AuditKind.Password,
                (await CreatorList.FindAsync(context.Main, parse.GetRequiredValue(email), cancellationToken))?.UserId);
            Console.WriteLine("The password is changed. The user is signed out everywhere and must sign in again.");
            return 0;
        });
        return command;
    }

    private static Command CreateNoSecondFactor(IReadOnlyList<Option<string>> settings)
    {
        var email = new Option<string>("--email") { Description = "E-mail address of the user", Required = true, HelpName = "address" };
        var command = new Command(
            "remove-second-factor",
            "Turn off the second factor of a user who has lost phone and recovery codes, and end a lock-out. Make sure who asks: the " +
            "password alone signs in then") { email };
        command.SetAction(async (parse, cancellationToken) =>
        {
            await using var context = await CommandContext.OpenOwnAsync(CommandLine.Given(parse, settings), cancellationToken);
            var address = CreatorStore.NormalizeEmail(parse.GetRequiredValue(email));
            if (!await SecondFactor.TurnOffAsync(context.Main, address, cancellationToken))
            {
                throw new CommandException($"No user with the e-mail address {address} has a second factor. Nothing was changed.");
            }

            var attempts = new LoginAttempts(context.Main, context.Settings, context.Clock);
            await attempts.UnlockAsync(attempts.AccountOf(address), cancellationToken);
            await context.AuditAsync(
                "creator remove-second-factor", AuditKind.SecondFactorOff,
                (await CreatorList.FindAsync(context.Main, address, cancellationToken))?.UserId);
            Console.WriteLine("The second factor is off. The user signs in with the password alone, and can turn it on again.");
            return 0;
        });
        return command;
    }

    public static string? Email(string? given) => given is null || CreatorStore.IsEmail(given)
        ? given
        : throw new CommandException($"--email: '{given}' is not an e-mail address.");

    private static async Task AddAsync(CommandContext context, NewCreator creator, CancellationToken cancellationToken)
    {
        await using var connection = await context.Main.OpenAsync(cancellationToken);
        await using var transaction = await context.Main.Dialect.BeginExclusiveAsync(connection, cancellationToken);
        try
        {
            var hadUser = await CreatorStore.HasUserAsync(context.Main.Dialect, transaction, creator.UserId, cancellationToken);
            var (stored, added) = await CreatorStore.AddAsync(
                context.Main.Dialect, transaction, creator, context.Clock.GetUtcNow(), cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            if (added)
            {
                await context.AuditAsync("creator add", AuditKind.CreatorAdded, stored.UserId, stored.BioPageId);
            }

            Console.WriteLine(added ? "Added." : "Nothing was changed: this creator exists already.");
            if (hadUser && creator.Email is not null)
            {
                Console.WriteLine(
                    "E-mail address and password were not changed. To set a new password: bioscope creator password --email …");
            }
            else if (creator is { Email: { } email, HashPassword: null })
            {
                Console.WriteLine(
                    $"The user has no password yet and cannot sign in. To set one: bioscope creator password --email {email}");
            }

            Console.WriteLine($"user    {stored.UserId}");
            Console.WriteLine($"creator {stored.CreatorId}");
            Console.WriteLine($"page    {stored.BioPageId}");
            Console.WriteLine($"For an access token: bioscope token --user {stored.UserId}");
        }
        catch (CreatorConflictException e)
        {
            throw new CommandException($"Not added: {e.Message}.");
        }
    }
}
