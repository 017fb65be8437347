using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Bioscope.Core;
using Bioscope.Engine.Import;
using Bioscope.Engine.Import.From;
using Bioscope.Server.Accounts;
using Bioscope.Server.Geo;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;

namespace Bioscope.Server.Commands;

/// <summary>What the operator asked for: exports of another tool, for one page.</summary>
/// <param name="Page">The page's handle or id.</param>
/// <param name="Tool">The tool; null to see from the files.</param>
/// <param name="Files">The files.</param>
internal sealed record ToolImportRequest(string Page, ExportTool? Tool, IReadOnlyList<string> Files)
{
    public DateTimeZone Zone { get; init; } = DateTimeZone.Utc;

    public IReadOnlyList<string> Hosts { get; init; } = [];

    public IReadOnlyList<string> Paths { get; init; } = [];

    public string? Site { get; init; }

    public bool Strict { get; init; }
}

/// <summary><c>bioscope import --page … FILE…</c>: imports what another tool exported.</summary>
internal static class ToolImport
{
    // A wrong file may have a bad row in every line; the first ones tell what is wrong.
    private const int RowsPerReport = 1_024, MaxShownProblems = 100;

    private const string LinksSql = """
        -- links of page to import to
        SELECT "id", "title", "url", "position" FROM "BioLink" WHERE "bioPageId" = @page
        """;

    private const string SitesSql = """
        -- sites of page to import to
        SELECT "origin" FROM "Site" WHERE "bioPageId" = @page
        """;

    public static async Task<int> RunAsync(CommandContext context, ToolImportRequest request, CancellationToken cancellationToken)
    {
        var since = await KeptRows.AnnounceAsync(context, cancellationToken);
        using var progress = new ProgressLine("Importing");
        var target = await TargetAsync(context, request, progress, cancellationToken);
        var files = new List<ExportFile>();
        try
        {
            files.AddRange(request.Files.Select(Open));
            var tool = request.Tool ?? ToolOf(files[0]);
            var parts = files.SelectMany(file => PartsOf(file, tool)).OrderBy(tool.Begins).ToList();
            var problems = 0L;
            var importer = new Importer(
                context.Main, context.Analytics, Encoding.UTF8.GetBytes(context.Settings.VisitorSecret), Passwords.Rule, context.Clock)
            {
                Strict = request.Strict,
                KeptSince = since,
                GrowsSessions = true,
                BadLine = (line, problem) =>
                {
                    if (++problems <= MaxShownProblems)
                    {
                        progress.WriteError($"line {line}: {problem}");
                    }
                },
                Progress = _ => { },
            };
            var counts = await importer.RunAsync(ItemsAsync(tool, parts, target, cancellationToken), cancellationToken);
            progress.Dispose();
            if (problems > MaxShownProblems)
            {
                await Console.Error.WriteLineAsync($"and {Text(problems - MaxShownProblems)} more bad rows");
            }

            Print(tool, target, counts);
            await (request.Strict && counts.Bad > 0 ? Console.Error.WriteLineAsync(ImportCommand.NothingStored) : KeptRows.ReportAsync(importer));
            return counts.Bad == 0 ? 0 : 1;
        }
        catch (InvalidDataException e)
        {
            progress.Dispose();
            throw new CommandException(
                $"The file cannot be read: {e.Message}. {(request.Strict ? "Nothing was imported." : "What was complete before that point may have been imported.")} " +
                "Run the import again with a complete file; what is there already is left as it is.");
        }
        finally
        {
            files.ForEach(file => file.Dispose());
        }
    }

    private static ExportFile Open(string path)
    {
        try
        {
            return ExportFile.Open(path);
        }
        catch (InvalidDataException e)
        {
            throw new CommandException($"'{path}' cannot be read: {e.Message}. Nothing was imported.");
        }
    }

    private static ExportTool ToolOf(ExportFile file) => ExportTool.Of(file) ?? throw new CommandException(
        $"'{file.Name}' is not an export that is known here. Name the tool with --from ({string.Join(", ", ExportTool.All.Select(tool => tool.Name))}). " +
        "Nothing was imported.");

    private static List<ExportPart> PartsOf(ExportFile file, ExportTool tool)
    {
        var parts = file.Parts.Where(tool.Reads).ToList();
        if (parts.Count > 0)
        {
            return parts;
        }

        var other = ExportTool.Of(file);
        throw new CommandException(
            $"'{file.Name}' is no export of {tool.Title} that can be imported{(other is null ? "" : $"; it looks like one of {other.Title} (--from {other.Name})")}. " +
            "Nothing was imported. docs/import.md says which file it must be.");
    }

    private static async IAsyncEnumerable<ImportItem> ItemsAsync(
        ExportTool tool, List<ExportPart> parts, ImportTarget target, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var part in parts)
        {
            await foreach (var item in tool.Read(part, target, cancellationToken).WithCancellation(cancellationToken))
            {
                yield return item;
            }
        }

        foreach (var item in target.Rest())
        {
            yield return item;
        }
    }

    private static async Task<ImportTarget> TargetAsync(
        CommandContext context, ToolImportRequest request, ProgressLine progress, CancellationToken cancellationToken)
    {
        var (main, settings) = (context.Main, context.Settings);
        Guid? id = Uuid.TryParse(request.Page, out var given) ? given : null;
        var page = await PageOption.FindAsync(context, request.Page, id, cancellationToken)
            ?? throw new CommandException($"--page: there is no page '{request.Page}'. Give its handle or its id. Nothing was imported.");
        var links = await main.QueryAsync(
            LinksSql, row => (Id: main.Dialect.ReadGuid(row, 0), Title: row.GetString(1), Url: row.GetString(2), Position: row.GetInt32(3)),
            cancellationToken, ("@page", page));
        var known = new Dictionary<string, Guid>(StringComparer.Ordinal);
        // An address says more than a title, so it goes first; of two with the same, the first on the page counts.
        foreach (var (key, link) in links.OrderBy(link => link.Position).Where(link => link.Url.Length > 0)
            .SelectMany(link => new[] { (link.Url, link.Id), (link.Title, link.Id) }).OrderBy(pair => pair.Item1.Contains("://", StringComparison.Ordinal) ? 0 : 1))
        {
            known.TryAdd(ImportTarget.LinkKey(key), link);
        }

        var sites = await main.QueryAsync(SitesSql, row => row.GetString(0), cancellationToken, ("@page", page));
        var countries = new Countries(settings.GeoDatabase, context.Clock, NullLogger<Countries>.Instance);
        return new ImportTarget(Encoding.UTF8.GetBytes(settings.VisitorSecret))
        {
            Page = page,
            Zone = request.Zone,
            Latest = context.Clock.GetUtcNow() + ImportLine.MaxAhead,
            Hosts = sites.Append(settings.PublicUrl).Select(Referrer.Domain).OfType<string>().Concat(request.Hosts.Select(ImportTarget.HostKey))
                .ToHashSet(StringComparer.Ordinal),
            Site = request.Site,
            OnlyHosts = request.Hosts.Count > 0,
            Paths = request.Paths.Select(ImportTarget.PathKey).ToHashSet(StringComparer.Ordinal),
            Links = known,
            NextPosition = links.Count == 0 ? 0 : links.Max(link => link.Position) + 1,
            Locate = (row, address) => countries.Of(address) is var place
                ? row with { Country = place.Country, CountryCode = place.CountryCode, Region = place.Region, City = place.City } : row,
            Progress = rows =>
            {
                if (rows % RowsPerReport == 0)
                {
                    progress.Report($"{Text(rows)} rows");
                }
            },
        };
    }

    private static void Print(ExportTool tool, ImportTarget target, ImportCounts counts)
    {
        Console.WriteLine(
            $"{Text(target.Rows)} rows of {tool.Title}: {Text(counts.Added)} added, {Text(counts.Known)} existed already, {Text(counts.Bad)} bad");
        if (target.Bots > 0)
        {
            Console.WriteLine($"Not counted: {Text(target.Bots)} of bots");
        }

        foreach (var (what, count) in target.LeftOut)
        {
            Console.WriteLine($"Not counted: {Text(count)} {what}");
        }

        Console.WriteLine($"What cannot be known: {tool.Unknown}");
    }

    private static string Text(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
