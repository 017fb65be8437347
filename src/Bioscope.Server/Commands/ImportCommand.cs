using System.CommandLine;
using System.Globalization;
using System.Text;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Import;
using Bioscope.Engine.Import.From;
using Bioscope.Server.Accounts;
using NodaTime;

namespace Bioscope.Server.Commands;

/// <summary>
/// <c>bioscope import FILE</c>: imports creators, links, sessions and page views from NDJSON, or with <c>--page</c> what another tool
/// exported. Exit code 1 if a line was bad.
/// </summary>
internal static class ImportCommand
{
    /// <summary>What a strict import with a bad line says.</summary>
    public const string NothingStored = "Nothing was imported: a line was bad, and --strict allows none. Correct it and run the import again.";

    public static Command Create(IReadOnlyList<Option<string>> settings)
    {
        var files = new Argument<string[]>("file")
        {
            Description = "NDJSON, or exports of one other tool (with --page); plain, gzip or, of other tools, ZIP; '-' reads standard input",
            Arity = ArgumentArity.OneOrMore,
        };
        var strict = new Option<bool>("--strict") { Description = "Stop at the first bad line and import nothing" };
        var page = new Option<string?>("--page")
        {
            Description = "Import exports of another tool to this page. docs/import.md says how to get them",
            HelpName = "handle or id",
        };
        var from = new Option<string?>("--from")
        {
            Description = $"Which tool it is, where the file does not tell: {string.Join(", ", ExportTool.All.Select(tool => tool.Name))}",
            HelpName = "tool",
        };
        var zone = new Option<string?>("--timezone") { Description = "The zone of times without one [default: UTC]", HelpName = "IANA name" };
        var hosts = new Option<string[]>("--host")
        {
            Description = "A host name of the page there: referrers from it are no source, rows of other hosts are left out",
            HelpName = "name",
        };
        var paths = new Option<string[]>("--path") { Description = "A path that is the page there; without it, all are", HelpName = "path" };
        var site = new Option<string?>("--site") { Description = "The id of the site there, where a file has several", HelpName = "id" };
        var command = new Command(
            "import",
            "Import creators, links, sessions and page views (NDJSON), or what another tool exported. Rows whose ids exist already are left " +
            $"unchanged. A bad line is skipped, and its number, field and the allowed values are printed: {ImportLine.Limits(Passwords.Rule)}.")
        {
            files, page, from, zone, hosts, paths, site, strict,
        };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var given = parse.GetRequiredValue(files);
            if (Array.Find(given, path => path != "-" && !File.Exists(path)) is { } missing)
            {
                throw new CommandException($"The file '{missing}' does not exist.");
            }

            var request = parse.GetValue(page) is not { } name
                ? parse.GetValue(from) is null && given is [_] ? null : throw new CommandException(
                    "Say to which page the export belongs: --page with its handle or its id. Nothing was imported.")
                : new ToolImportRequest(name, ToolNamed(parse.GetValue(from)), given)
                {
                    Zone = ZoneNamed(parse.GetValue(zone)),
                    Hosts = parse.GetValue(hosts) ?? [],
                    Paths = parse.GetValue(paths) ?? [],
                    Site = parse.GetValue(site),
                    Strict = parse.GetValue(strict),
                };
            await using var context = await CommandContext.OpenOwnAsync(CommandLine.Given(parse, settings), cancellationToken);
            await context.AuditAsync("import");
            if (request is not null)
            {
                return await ToolImport.RunAsync(context, request, cancellationToken);
            }

            await using var input = given[0] == "-" ? Console.OpenStandardInput() : File.OpenRead(given[0]);
            return await RunAsync(context, input, parse.GetValue(strict), cancellationToken);
        });
        return command;
    }

    private static ExportTool? ToolNamed(string? name) => name is null ? null
        : ExportTool.All.FirstOrDefault(tool => tool.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? throw new CommandException(
            $"--from: '{name}' is not one of {string.Join(", ", ExportTool.All.Select(tool => tool.Name))}. Nothing was imported.");

    private static DateTimeZone ZoneNamed(string? name) => name is null ? DateTimeZone.Utc
        : TimeZoneName.Find(name) ?? throw new CommandException(
            $"--timezone: '{name}' is not the IANA name of a time zone, such as Europe/Berlin. Nothing was imported.");

    private static async Task<int> RunAsync(CommandContext context, Stream input, bool strict, CancellationToken cancellationToken)
    {
        var since = await KeptRows.AnnounceAsync(context, cancellationToken);
        using var progress = new ProgressLine("Importing");
        var importer = new Importer(
            context.Main, context.Analytics, Encoding.UTF8.GetBytes(context.Settings.VisitorSecret), Passwords.Rule, context.Clock)
        {
            Strict = strict,
            KeptSince = since,
            BadLine = (line, problem) => progress.WriteError($"line {line}: {problem}"),
            Progress = counts => progress.Report($"{Text(counts.Lines)} lines"),
        };
        ImportCounts counts;
        try
        {
            counts = await importer.RunAsync(input, cancellationToken);
        }
        catch (InvalidDataException)
        {
            progress.Dispose();
            throw new CommandException(
                "The file is damaged: its compressed data is damaged or truncated. " +
                $"{(strict ? "Nothing was imported." : "The lines before that point were imported.")} Run the import again with the " +
                "complete file.");
        }

        progress.Dispose();
        Console.WriteLine(
            $"{Text(counts.Lines)} lines: {Text(counts.Added)} added, {Text(counts.Known)} existed already, {Text(counts.Bad)} bad");
        foreach (var doubt in strict && counts.Bad > 0 ? [] : await importer.DoubtsAsync(cancellationToken))
        {
            await Console.Error.WriteLineAsync(doubt);
        }

        await (strict && counts.Bad > 0 ? Console.Error.WriteLineAsync(NothingStored) : KeptRows.ReportAsync(importer));
        return counts.Bad == 0 ? 0 : 1;
    }

    private static string Text(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
