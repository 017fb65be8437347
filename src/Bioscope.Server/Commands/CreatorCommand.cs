using System.CommandLine;
using Bioscope.Core;
using Bioscope.Server.Creators;

namespace Bioscope.Server.Commands;

/// <summary><c>bioscope creator add --handle NAME</c>: adds a user with a creator profile and a bio page, and prints their ids.</summary>
internal static class CreatorCommand
{
    public static Command Create(IReadOnlyList<Option<string>> settings)
    {
        var handle = new Option<string>("--handle") { Description = "Name of the page in its address: a-z, 0-9, '.', '_', '-'", Required = true, HelpName = "name" };
        var email = new Option<string?>("--email") { Description = "E-mail address to sign in with", HelpName = "address" };
        var user = new Option<string?>("--user") { Description = "Id of the user, when another service has one already; new when left out", HelpName = "id" };
        var add = new Command("add", "Add a creator and print its ids") { handle, email, user };
        add.SetAction(async (parse, cancellation) =>
        {
            var userId = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
            if (parse.GetValue(user) is { } given && !Uuid.TryParse(given, out userId))
            {
                throw new CommandException($"--user: '{given}' is not a UUID such as 01234567-89ab-cdef-0123-456789abcdef.");
            }

            await using var workplace = await Workplace.OpenOwnAsync(CommandLine.Given(parse, settings), cancellation);
            await AddAsync(workplace, new NewCreator(userId) { Handle = parse.GetValue(handle), Email = parse.GetValue(email) }, cancellation);
            return 0;
        });
        return new Command("creator", "Manage creators") { add };
    }

    private static async Task AddAsync(Workplace workplace, NewCreator creator, CancellationToken cancellation)
    {
        await using var connection = await workplace.Main.OpenAsync(cancellation);
        await using var transaction = await workplace.Main.Dialect.BeginExclusiveAsync(connection, cancellation);
        try
        {
            var (stored, added) = await CreatorStore.AddAsync(workplace.Main.Dialect, transaction, creator, workplace.Clock.GetUtcNow(), cancellation);
            await transaction.CommitAsync(cancellation);
            Console.WriteLine(added ? "Added." : "Nothing to add: this creator was there already.");
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
