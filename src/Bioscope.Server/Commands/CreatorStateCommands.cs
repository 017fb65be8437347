using System.CommandLine;
using System.Data.Common;
using System.Text.Json;
using System.Text.Json.Serialization;
using Bioscope.Engine.Auditing;
using Bioscope.Engine.Creators;
using Bioscope.Server.Accounts;
using Bioscope.Server.Dashboard;
using Bioscope.Server.Web;

namespace Bioscope.Server.Commands;

/// <summary>
/// <c>bioscope creator list</c> and <c>show WHO</c> say who there is, <c>rename WHO NEWHANDLE</c> gives a page another handle, and
/// <c>suspend WHO</c> and <c>resume WHO</c> shut somebody out and let her in again. WHO is a handle, an e-mail address or an id.
/// </summary>
internal static class CreatorStateCommands
{
    private const int ListedAtOnce = 1_000;

    private const string RenameSql = """
        -- rename page
        UPDATE "BioPage" SET "handle" = @handle WHERE "id" = @page
        """;

    public static Command CreateList(IReadOnlyList<Option<string>> settings)
    {
        var search = new Option<string>("--search")
        {
            Description = "Only those whose handle, e-mail address or title has this text",
            DefaultValueFactory = _ => "",
            HelpName = "text",
        };
        var json = JsonOption();
        var command = new Command("list", "List creators and other users, by handle") { search, json };
        command.SetAction(async (parse, cancellationToken) =>
        {
            await using var context = await CommandContext.OpenOwnAsync(CommandLine.Given(parse, settings), cancellationToken);
            var offset = 0;
            while (true)
            {
                var (creators, _) = await CreatorList.ReadAsync(
                    context.Main, parse.GetValue(search) ?? "", ListedAtOnce, offset, cancellationToken);
                foreach (var creator in creators)
                {
                    Console.WriteLine(parse.GetValue(json) ? JsonOf(creator) : LineOf(creator));
                }

                offset += creators.Count;
                if (creators.Count < ListedAtOnce)
                {
                    break;
                }
            }

            await Console.Error.WriteLineAsync(offset == 0 ? "Nobody was found." : $"{offset} found.");
            return 0;
        });
        return command;
    }

    public static Command CreateShow(IReadOnlyList<Option<string>> settings)
    {
        var (who, json) = (Who(), JsonOption());
        var command = new Command("show", "Show a creator: ids, address, page and state") { who, json };
        command.SetAction(async (parse, cancellationToken) =>
        {
            await using var context = await CommandContext.OpenOwnAsync(CommandLine.Given(parse, settings), cancellationToken);
            var creator = await FindAsync(context, parse.GetRequiredValue(who), cancellationToken);
            if (parse.GetValue(json))
            {
                Console.WriteLine(JsonOf(creator));
                return 0;
            }

            Console.WriteLine($"user    {creator.UserId}");
            Console.WriteLine($"page    {creator.BioPageId?.ToString("D") ?? "none"}");
            Console.WriteLine($"handle  {creator.Handle ?? "none"}");
            Console.WriteLine($"title   {(creator.Title is { } title ? ShownText.Of(title) : "none")}");
            Console.WriteLine($"e-mail  {creator.Email ?? "none"}");
            Console.WriteLine($"since   {CommandText.Of(creator.CreatedAt)}");
            Console.WriteLine($"state   {StateOf(creator)}");
            return 0;
        });
        return command;
    }

    public static Command CreateRename(IReadOnlyList<Option<string>> settings)
    {
        var who = Who();
        var handle = new Argument<string>("new-handle") { Description = $"The new handle: {Handle.Rule}" };
        var command = new Command(
            "rename", $"Give a page another handle. The old one leads to it for {OldHandles.KeptFor.TotalDays} days") { who, handle };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var wanted = Handle.Normalize(parse.GetRequiredValue(handle));
            if (!Handle.IsValid(wanted))
            {
                throw new CommandException($"'{wanted}' is no handle: it must be {Handle.Rule}. Nothing was changed.");
            }

            await using var context = await CommandContext.OpenOwnAsync(CommandLine.Given(parse, settings), cancellationToken);
            var creator = await FindAsync(context, parse.GetRequiredValue(who), cancellationToken);
            if (creator.BioPageId is not { } page)
            {
                throw new CommandException($"{creator.Name} has no page. Nothing was changed.");
            }

            if (!await RenameAsync(context, page, wanted, cancellationToken))
            {
                Console.WriteLine($"Nothing was changed: the handle is {wanted} already.");
                return 0;
            }

            await context.AuditAsync("creator rename", AuditKind.Handle, creator.UserId, page);
            Console.WriteLine($"The page is at /@{wanted} now.");
            if (creator.Handle is { } old)
            {
                Console.WriteLine($"/@{old} leads to it until {CommandText.Of(context.Clock.GetUtcNow() + OldHandles.KeptFor)}.");
            }

            return 0;
        });
        return command;
    }

    public static Command CreateSuspend(IReadOnlyList<Option<string>> settings) => CreateChange(
        settings, "suspend", AuditKind.Suspended,
        "Suspend a creator: she cannot sign in, her page is shown to nobody, and no visit is counted. Everything is kept; 'resume' ends it. " +
        "Running servers know it within seconds",
        (context, user, cancellationToken) => Suspension.BeginAsync(context.Main, user, context.Clock.GetUtcNow(), cancellationToken),
        "is suspended");

    public static Command CreateResume(IReadOnlyList<Option<string>> settings) => CreateChange(
        settings, "resume", AuditKind.Resumed, "End the suspension of a creator: everything is as before, but she signs in again",
        (context, user, cancellationToken) => Suspension.EndAsync(context.Main, user, cancellationToken),
        "is not suspended");

    /// <summary>The user with a handle, an e-mail address or an id.</summary>
    public static async Task<ListedCreator> FindAsync(CommandContext context, string text, CancellationToken cancellationToken) =>
        await CreatorList.FindAsync(context.Main, text, cancellationToken)
        ?? throw new CommandException(
            $"Nobody has the handle, e-mail address or id '{text}'. Nothing was changed. To list all: bioscope creator list");

    /// <summary>Who is meant.</summary>
    public static Argument<string> Who() => new("who") { Description = "A handle, an e-mail address, or the id of a user or page" };

    /// <summary>Writes JSON for scripts.</summary>
    public static Option<bool> JsonOption() => new("--json") { Description = "Print one JSON object per line" };

    /// <summary>A creator in one line.</summary>
    public static string LineOf(ListedCreator creator) =>
        $"{creator.UserId}  {(creator.Handle is { } handle ? "@" + handle : "no page")}  {creator.Email ?? "no e-mail address"}  {StateOf(creator)}";

    private static Command CreateChange(
        IReadOnlyList<Option<string>> settings, string name, string kind, string description,
        Func<CommandContext, Guid, CancellationToken, Task<bool>> change, string result)
    {
        var who = Who();
        var command = new Command(name, description) { who };
        command.SetAction(async (parse, cancellationToken) =>
        {
            await using var context = await CommandContext.OpenOwnAsync(CommandLine.Given(parse, settings), cancellationToken);
            var creator = await FindAsync(context, parse.GetRequiredValue(who), cancellationToken);
            if (!await change(context, creator.UserId, cancellationToken))
            {
                Console.WriteLine($"Nothing was changed: {creator.Name} {result}.");
                return 0;
            }

            await context.AuditAsync($"creator {name}", kind, creator.UserId, creator.BioPageId);
            Console.WriteLine($"{creator.Name} {result} now.");
            return 0;
        });
        return command;
    }

    private static async Task<bool> RenameAsync(CommandContext context, Guid page, string handle, CancellationToken cancellationToken)
    {
        var dialect = context.Main.Dialect;
        await using var connection = await context.Main.OpenAsync(cancellationToken);
        // Handles are given one after another: see OldHandles.
        await using var transaction = await dialect.BeginExclusiveAsync(connection, cancellationToken);
        var (isOther, problem) = await OldHandles.TakeAsync(
            dialect, transaction, page, handle, context.Clock.GetUtcNow(), cancellationToken);
        if (problem is not null)
        {
            throw new CommandException($"Not renamed: {problem}.");
        }

        try
        {
            await dialect.ExecuteAsync(transaction, RenameSql, cancellationToken, ("@handle", handle), ("@page", page));
            await transaction.CommitAsync(cancellationToken);
        }
        catch (DbException e) when (dialect.IsTaken(e))
        {
            throw new CommandException($"Not renamed: {OldHandles.TakenProblem(handle)}.");
        }

        return isOther;
    }

    private static string StateOf(ListedCreator creator) => string.Join(
        ", ",
        new[]
        {
            creator.SuspendedAt is { } at ? $"suspended since {CommandText.Of(at)}" : "active",
            creator.IsHidden ? "page hidden" : null,
            creator.IsOperator ? "operator" : null,
        }.OfType<string>());

    private static string JsonOf(ListedCreator creator) => JsonSerializer.Serialize(creator, CreatorListJson.Default.ListedCreator);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, Converters = [typeof(InstantConverter)])]
[JsonSerializable(typeof(ListedCreator))]
internal sealed partial class CreatorListJson : JsonSerializerContext;
