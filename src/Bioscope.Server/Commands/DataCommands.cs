using System.CommandLine;
using System.Globalization;
using System.Text;
using Bioscope.Core;
using Bioscope.Engine.Auditing;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Erasing;
using Bioscope.Engine.Storage;
using Bioscope.Server.Accounts;
using Bioscope.Server.Api.Data;

namespace Bioscope.Server.Commands;

/// <summary>
/// <c>bioscope creator export</c> writes everything about a creator into one file, <c>bioscope creator remove</c> erases it for good, and
/// <c>bioscope erasures</c> lists what was erased.
/// </summary>
internal static class DataCommands
{
    private const int MaxListed = 1_000;

    private const string FindSql = """
        -- find creator
        SELECT account."id", account."email", page."handle" FROM "User" account
        LEFT JOIN "CreatorProfile" creator ON creator."userId" = account."id" LEFT JOIN "BioPage" page ON page."creatorId" = creator."id"
        WHERE account."id" = @user OR account."email" = @email OR page."handle" = @handle
        """;

    private const string PageOfLinkSql = """
        -- page of link to erase
        SELECT "bioPageId" FROM "BioLink" WHERE "id" = @link UNION ALL SELECT "bioPageId" FROM "DeletedLink" WHERE "id" = @link
        """;

    public static Command CreateExport(IReadOnlyList<Option<string>> settings)
    {
        var choice = new CreatorChoice();
        var output = new Option<string>("--output") { Description = "The ZIP file to write; it must not exist", Required = true, HelpName = "file" };
        var command = new Command(
            "export",
            "Write everything about a creator into one ZIP file: rows as NDJSON, which 'bioscope import' reads, and as CSV, account, pictures") { output };
        choice.AddTo(command);
        command.SetAction(async (parse, cancellationToken) =>
        {
            await using var context = await CommandContext.OpenOwnAsync(CommandLine.Given(parse, settings), cancellationToken);
            var user = (await FindAsync(context, choice.Of(parse), cancellationToken)).User;
            var path = parse.GetRequiredValue(output);
            if (File.Exists(path))
            {
                throw new CommandException($"'{path}' exists already. Nothing was written. Give --output a new name.");
            }

            // Readable for its owner only, and under its own name only when it is complete.
            var part = path + ".part";
            File.Delete(part); // of an export that was interrupted
            await using (var file = PrivateFile.Create(part))
            {
                await new DataArchive(context.Main, context.Analytics, context.Clock).WriteAsync(user, file, cancellationToken);
            }

            File.Move(part, path);
            await context.AuditAsync("creator export", AuditKind.Export, user);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{path}: {new FileInfo(path).Length:N0} bytes"));
            Console.WriteLine($"To store its rows again, here or elsewhere: unzip -p {path} bioscope.ndjson | bioscope import -");
            return 0;
        });
        return command;
    }

    public static Command CreateRemove(IReadOnlyList<Option<string>> settings)
    {
        var choice = new CreatorChoice();
        var yes = new Option<bool>("--yes") { Description = "Do not ask" };
        var command = new Command(
            "remove",
            "Erase a creator for good: account, page, links, and all visits. It cannot be undone; 'bioscope creator export' keeps a copy. " +
            "Writers wait while the databases are rewritten, so that their files do not hold the bytes any more") { yes };
        choice.AddTo(command);
        command.SetAction(async (parse, cancellationToken) =>
        {
            await using var context = await CommandContext.OpenOwnAsync(CommandLine.Given(parse, settings), cancellationToken);
            var (user, name) = await FindAsync(context, choice.Of(parse), cancellationToken);
            if (!parse.GetValue(yes) && !Confirms(name))
            {
                throw new CommandException("Nothing was erased.");
            }

            await context.AuditAsync("creator remove", AuditKind.Erasure, user);
            var creator = await ErasedCreators.FindAsync(
                context.Main, new LoginAttempts(context.Main, context.Settings, context.Clock), user, cancellationToken);
            var erased = await new Erasure(context.Main, context.Analytics, context.Clock).CreatorAsync(
                creator, ErasureOrigin.Operator, cancellationToken);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"Erased: account and page, {erased.Sessions:N0} sessions, {erased.PageViews:N0} page views and clicks."));
            return await OverwriteAsync(context, cancellationToken);
        });
        return command;
    }

    public static Command CreateForget(IReadOnlyList<Option<string>> settings)
    {
        var visitor = new Option<string?>("--visitor")
        {
            Description = "The id that the visitor's browser holds: bioscope-visitor in its storage of the page",
            HelpName = "id",
        };
        var link = new Option<string?>("--link") { Description = "The id of a link, all of whose clicks are erased", HelpName = "id" };
        var command = new Command("forget", "Erase all visits of a visitor, or all clicks on a link, for good") { visitor, link };
        command.SetAction(async (parse, cancellationToken) =>
        {
            await using var context = await CommandContext.OpenOwnAsync(CommandLine.Given(parse, settings), cancellationToken);
            var (kind, page, subject) = (parse.GetValue(visitor), parse.GetValue(link)) switch
            {
                ({ Length: > 0 } id, null) => (
                    ErasureKind.Visitor, (Guid?)null, VisitorHash.Of(Encoding.UTF8.GetBytes(context.Settings.VisitorSecret), id)),
                (null, { } text) when Uuid.TryParse(text, out var id) => (
                    ErasureKind.Link, await PageOfAsync(context, id, cancellationToken), id.ToString("D")),
                (null, { } text) => throw new CommandException($"--link: '{text}' is not a UUID."),
                _ => throw new CommandException("Give one of --visitor and --link."),
            };
            var erasure = new Erasure(context.Main, context.Analytics, context.Clock);
            await erasure.RequestAsync(kind, ErasureOrigin.Operator, page, subject, cancellationToken);
            await context.AuditAsync("forget", page: page);
            var erased = await erasure.EraseVisitsAsync(context.Clock.GetUtcNow(), cancellationToken);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"Erased: {erased.Sum(row => row.Sessions):N0} sessions, {erased.Sum(row => row.PageViews):N0} page views and clicks."));
            return await OverwriteAsync(context, cancellationToken);
        });
        return command;
    }

    public static Command CreateErasures(IReadOnlyList<Option<string>> settings)
    {
        var overwrite = new Option<bool>("--overwrite")
        {
            Description = "Finish open erasures, and rewrite the databases if they still hold erased bytes; writers wait meanwhile",
        };
        var command = new Command("erasures", "List what was erased: when, on whose request, how much, and whether its bytes are overwritten") { overwrite };
        command.SetAction(async (parse, cancellationToken) =>
        {
            await using var context = await CommandContext.OpenOwnAsync(CommandLine.Given(parse, settings), cancellationToken);
            var erasure = new Erasure(context.Main, context.Analytics, context.Clock);
            if (parse.GetValue(overwrite))
            {
                await erasure.ContinueAsync(Erasure.LateRowsFor, cancellationToken);
                if (await OverwriteAsync(context, cancellationToken) is not 0 and var failed)
                {
                    return failed;
                }
            }

            foreach (var row in await erasure.ReadAsync(MaxListed, cancellationToken))
            {
                var state = row.OverwrittenAt is not null ? "overwritten" : row.DoneAt is not null ? "not yet overwritten" : "not finished";
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{row.RequestedAt:yyyy-MM-dd HH:mm} UTC  {ErasureRow.NameOf(row.Kind)}, asked by the {ErasureRow.NameOf(row.Origin)}  page {row.BioPageId?.ToString() ?? "none"}  {row.Sessions:N0} sessions, {row.PageViews:N0} page views  {state}"));
            }

            return 0;
        });
        return command;
    }

    // Also of a link that was deleted, as long as it can be restored.
    private static async Task<Guid> PageOfAsync(CommandContext context, Guid link, CancellationToken cancellationToken) =>
        await context.Main.QueryAsync(PageOfLinkSql, row => context.Main.Dialect.ReadGuid(row, 0), cancellationToken, ("@link", link)) is [var page, ..]
            ? page
            : throw new CommandException($"There is no link {link}. Nothing was changed.");

    private static async Task<int> OverwriteAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var overwriting = new Overwriting(context.Main, context.Analytics, context.Clock);
        if (!await overwriting.IsDueAsync(cancellationToken))
        {
            return 0;
        }

        using var progress = new ProgressLine("Overwriting");
        var size = await overwriting.SizeAsync(cancellationToken);
        progress.Report(string.Create(CultureInfo.InvariantCulture, $"{size >> 20:N0} MiB"));
        var isDone = await overwriting.RunAsync(cancellationToken);
        progress.Dispose();
        if (!isDone)
        {
            await Console.Error.WriteLineAsync(
                "The rows are erased, but their bytes are still there, because somebody reads the database as it was before (a backup, a long query). Then " +
                "run: bioscope erasures --overwrite");
            return 1;
        }

        Console.WriteLine("Their bytes are overwritten.");
        return 0;
    }

    private static bool Confirms(string name)
    {
        if (Console.IsInputRedirected)
        {
            throw new CommandException("Nothing was erased. Without a terminal to ask on, give --yes.");
        }

        Console.Error.Write($"This erases {name} for good. To go on, type {name}: ");
        return Console.ReadLine()?.Trim() == name;
    }

    private static async Task<(Guid User, string Name)> FindAsync(
        CommandContext context, (string Key, object Value) chosen, CancellationToken cancellationToken)
    {
        var found = await context.Main.QueryAsync(
            FindSql,
            row => (context.Main.Dialect.ReadGuid(row, 0), row.IsDBNull(1) ? null : row.GetString(1), row.IsDBNull(2) ? null : row.GetString(2)),
            cancellationToken,
            ("@user", chosen.Value as Guid? ?? Guid.Empty), ("@email", Only("email")), ("@handle", Only("handle")));
        return found is [var (user, email, handle)]
            ? (user, handle ?? email ?? user.ToString("D"))
            : throw new CommandException($"There is no creator with the {chosen.Key} {chosen.Value}. Nothing was changed.");

        object Only(string key) => chosen.Key == key ? chosen.Value : "";
    }

    /// <summary>The options that name a creator, of which one is given.</summary>
    private sealed class CreatorChoice
    {
        private readonly Option<string?> _handle = new("--handle") { Description = "The page's handle", HelpName = "name" };
        private readonly Option<string?> _email = new("--email") { Description = "The user's e-mail address", HelpName = "address" };
        private readonly Option<string?> _user = new("--user") { Description = "The user's id", HelpName = "id" };

        public void AddTo(Command command)
        {
            foreach (var option in (Option[])[_handle, _email, _user])
            {
                command.Options.Add(option);
            }
        }

        public (string Key, object Value) Of(ParseResult parse) => (parse.GetValue(_handle), parse.GetValue(_email), parse.GetValue(_user)) switch
        {
            ({ } handle, null, null) => ("handle", Handle.Normalize(handle)),
            (null, { } email, null) => ("email", CreatorStore.NormalizeEmail(email)),
            (null, null, { } user) when Uuid.TryParse(user, out var id) => ("user", id),
            (null, null, { } user) => throw new CommandException($"--user: '{user}' is not a UUID."),
            _ => throw new CommandException("Give one of --handle, --email and --user."),
        };
    }
}
