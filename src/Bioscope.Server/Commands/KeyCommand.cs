using System.CommandLine;
using Bioscope.Core;
using Bioscope.Engine.Auditing;
using Bioscope.Engine.Creators;
using Bioscope.Server.Web;

namespace Bioscope.Server.Commands;

/// <summary>
/// <c>bioscope key add</c> makes an API key and prints it, and nothing else, on standard output; <c>key list</c> lists all keys, and <c>key
/// remove --id ID</c> removes one.
/// </summary>
internal static class KeyCommand
{
    private const string HandlesSql = """
        -- handles of pages with keys
        SELECT page."id", page."handle" FROM "BioPage" page JOIN "ApiKey" k ON k."bioPageId" = page."id" WHERE page."handle" IS NOT NULL
        """;

    public static Command Create(IReadOnlyList<Option<string>> settings) =>
        new("key", "Manage API keys of back-ends") { CreateAdd(settings), CreateList(settings), CreateRemove(settings) };

    private static Command CreateAdd(IReadOnlyList<Option<string>> settings)
    {
        var name = new Option<string>("--name")
        {
            Description = $"Whose key it is, 1 to {ApiKey.MaxNameLength} characters: the list shows it",
            Required = true,
            HelpName = "name",
        };
        var scope = new Option<string>("--scope")
        {
            Description = "'read': reads figures, as a viewer does; 'ingest': reports visits on behalf of visitors, for a back-end only",
            DefaultValueFactory = _ => KeyScope.Read,
            HelpName = "scope",
        };
        var page = PageOption.Create();
        var handle = new Option<string?>("--handle") { Description = "Only the page with this handle", HelpName = "name" };
        var all = new Option<bool>("--all-pages") { Description = "All pages, also those that are added later" };
        var command = new Command(
            "add", "Make an API key for one page or all, and print it. It is not shown again") { name, scope, page, handle, all };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var (named, scoped) = (parse.GetRequiredValue(name).Trim(), parse.GetRequiredValue(scope));
            if (named.Length is 0 or > ApiKey.MaxNameLength || named.Any(char.IsControl))
            {
                throw new CommandException($"--name: give 1 to {ApiKey.MaxNameLength} characters on one line.");
            }

            if (!KeyScope.All.Contains(scoped))
            {
                throw new CommandException($"--scope: '{scoped}' is not one of {string.Join(", ", KeyScope.All)}.");
            }

            await using var context = await CommandContext.OpenOwnAsync(CommandLine.Given(parse, settings), cancellationToken);
            var only = (parse.GetValue(page), parse.GetValue(handle), parse.GetValue(all)) switch
            {
                // A key of a page that only has rows could not be listed or removed by an owner.
                ({ } id, null, false) => await PageOption.FindAsync(context, null, id, cancellationToken)
                    ?? throw new CommandException($"--page: there is no page {id}. Nothing was changed."),
                (null, { } text, false) => await PageOption.FindAsync(context, text, null, cancellationToken)
                    ?? throw new CommandException($"--handle: there is no page {text}. Nothing was changed."),
                (null, null, true) => (Guid?)null,
                _ => throw new CommandException("Give one of --page, --handle and --all-pages."),
            };
            var (key, secret) = await KeysOf(context).AddAsync(named, scoped, only, cancellationToken);
            await context.AuditAsync("key add", AuditKind.KeyMade, page: only, subject: key.Id.ToString("D"));
            Console.WriteLine(secret.Text);
            await Console.Error.WriteLineAsync($"It is not shown again. To remove it: bioscope key remove --id {key.Id}");
            return 0;
        });
        return command;
    }

    private static Command CreateList(IReadOnlyList<Option<string>> settings)
    {
        var command = new Command("list", "List all API keys: id, scope, page, when it was last used, when it was made, name");
        command.SetAction(async (parse, cancellationToken) =>
        {
            await using var context = await CommandContext.OpenOwnAsync(CommandLine.Given(parse, settings), cancellationToken);
            var handles = (await context.Main.QueryAsync(
                HandlesSql, row => (Id: context.Main.Dialect.ReadGuid(row, 0), Handle: row.GetString(1)), cancellationToken))
                .DistinctBy(page => page.Id).ToDictionary(page => page.Id, page => "@" + page.Handle);
            foreach (var key in await KeysOf(context).ReadAllAsync(cancellationToken))
            {
                var page = key.BioPageId is { } only ? handles.GetValueOrDefault(only, only.ToString("D")) : "all pages";
                var used = key.UsedAt is { } at ? "used " + CommandText.Of(at) : "never used";
                Console.WriteLine($"{key.Id}  {key.Scope,-6}  {page}  {used}  made {CommandText.Of(key.CreatedAt)}  {key.Name}");
            }

            return 0;
        });
        return command;
    }

    private static Command CreateRemove(IReadOnlyList<Option<string>> settings)
    {
        var id = new Option<string>("--id")
        {
            Description = "The key's id, as 'bioscope key list' shows it",
            Required = true,
            HelpName = "id",
        };
        var command = new Command("remove", "Remove an API key: from its next request on it is refused") { id };
        command.SetAction(async (parse, cancellationToken) =>
        {
            await using var context = await CommandContext.OpenOwnAsync(CommandLine.Given(parse, settings), cancellationToken);
            if (!Uuid.TryParse(parse.GetRequiredValue(id), out var key) || !await KeysOf(context).RemoveAsync(key, cancellationToken))
            {
                throw new CommandException(
                    $"There is no API key {parse.GetRequiredValue(id)}. Nothing was changed. To list them: bioscope key list");
            }

            await context.AuditAsync("key remove", AuditKind.KeyRevoked, subject: key.ToString("D"));
            Console.WriteLine("The key is removed.");
            return 0;
        });
        return command;
    }

    private static ApiKeys KeysOf(CommandContext context) =>
        new(context.Main, new SuspendedCreators(context.Main, context.Clock), context.Clock);
}
