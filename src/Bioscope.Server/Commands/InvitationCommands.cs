using System.CommandLine;
using Bioscope.Core;
using Bioscope.Engine.Auditing;
using Bioscope.Engine.Creators;
using Bioscope.Server.Accounts;
using Bioscope.Server.Configuration;
using Bioscope.Server.Dashboard;

namespace Bioscope.Server.Commands;

/// <summary>
/// <c>bioscope creator invite</c> prints a link by which one person opens an account; <c>invitations</c> lists those that work, and
/// <c>uninvite --id ID</c> revokes one.
/// </summary>
internal static class InvitationCommands
{
    private const int MaxDays = 90;

    public static Command CreateInvite(IReadOnlyList<Option<string>> settings)
    {
        var email = new Option<string?>("--email")
        {
            Description = "E-mail address of the account; without it, the invited person chooses it",
            HelpName = "address",
        };
        var days = new Option<int>("--days")
        {
            Description = $"How many days the link works, 1 to {MaxDays}",
            DefaultValueFactory = _ => 7,
            HelpName = "n",
        };
        var command = new Command(
            "invite",
            "Print a link by which one person opens one account with a page. It begins with PublicUrl. Only with Accounts:SignUp=invite; " +
            "while it is 'closed', accounts are added by 'bioscope creator add'") { email, days };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var address = CreatorCommand.Email(parse.GetValue(email));
            if (parse.GetValue(days) is not (>= 1 and <= MaxDays) and var many)
            {
                throw new CommandException($"--days: {many} is not a number of days from 1 to {MaxDays}.");
            }

            await using var context = await CommandContext.OpenOwnAsync(CommandLine.Given(parse, settings), cancellationToken);
            if (!context.Settings.SignUpByInvitation)
            {
                throw new CommandException(
                    "Accounts:SignUp is 'closed', so the server would refuse the invitation. Nothing was changed. To let invited people " +
                    "open accounts, set it to 'invite' for the server and for this command. To add a creator yourself: bioscope creator add");
            }

            var (invitation, token) = await Invitations.AddAsync(
                context.Main, address is null ? null : CreatorStore.NormalizeEmail(address), context.Clock.GetUtcNow(),
                TimeSpan.FromDays(parse.GetValue(days)), cancellationToken);
            await context.AuditAsync("creator invite", AuditKind.Invitation, subject: invitation.Id.ToString("D"));
            Console.WriteLine(OriginOf(context.Settings) + JoinPage.AddressOf(token));
            Console.WriteLine($"It works once, until {CommandText.Of(invitation.ExpiresAt)}. To revoke it: bioscope creator uninvite --id {invitation.Id}");
            if (context.Settings.PublicUrl is null)
            {
                Console.WriteLine(
                    "PublicUrl is not set. If visitors reach the server at another address, put that in front of /dashboard.");
            }

            return 0;
        });
        return command;
    }

    public static Command CreateInvitations(IReadOnlyList<Option<string>> settings)
    {
        var command = new Command("invitations", "List the invitations that are neither used nor expired");
        command.SetAction(async (parse, cancellationToken) =>
        {
            await using var context = await CommandContext.OpenOwnAsync(CommandLine.Given(parse, settings), cancellationToken);
            foreach (var invitation in await Invitations.OpenAsync(context.Main, context.Clock.GetUtcNow(), cancellationToken))
            {
                Console.WriteLine(
                    $"{invitation.Id}  until {CommandText.Of(invitation.ExpiresAt)}  {invitation.Email ?? "any e-mail address"}");
            }

            return 0;
        });
        return command;
    }

    public static Command CreateUninvite(IReadOnlyList<Option<string>> settings)
    {
        var id = new Option<string>("--id") { Description = "The invitation's id", Required = true, HelpName = "id" };
        var command = new Command("uninvite", "Revoke an invitation: its link no longer works") { id };
        command.SetAction(async (parse, cancellationToken) =>
        {
            await using var context = await CommandContext.OpenOwnAsync(CommandLine.Given(parse, settings), cancellationToken);
            if (!Uuid.TryParse(parse.GetRequiredValue(id), out var invitation)
                || !await Invitations.RevokeAsync(context.Main, invitation, cancellationToken))
            {
                throw new CommandException(
                    $"There is no invitation {parse.GetRequiredValue(id)}. Nothing was changed. To list them: bioscope creator invitations");
            }

            await context.AuditAsync("creator uninvite", AuditKind.InvitationRevoked, subject: invitation.ToString("D"));
            Console.WriteLine("The invitation is revoked.");
            return 0;
        });
        return command;
    }

    private static string OriginOf(Settings settings) => settings.PublicUrl ?? settings.Urls.Split(';')[0].TrimEnd('/') + settings.PathBase;
}
