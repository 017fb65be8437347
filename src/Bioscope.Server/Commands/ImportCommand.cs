using System.CommandLine;
using System.Globalization;
using System.Text;
using Bioscope.Engine.Import;
using Bioscope.Server.Accounts;

namespace Bioscope.Server.Commands;

/// <summary>
/// <c>bioscope import FILE</c>: imports creators, links, sessions and page views from NDJSON. Exit code 1 if a line was bad.
/// </summary>
internal static class ImportCommand
{
    public static Command Create(IReadOnlyList<Option<string>> settings)
    {
        var file = new Argument<string>("file") { Description = "NDJSON file, plain or gzip; '-' reads standard input" };
        var strict = new Option<bool>("--strict") { Description = "Stop at the first bad line and import nothing" };
        var command = new Command(
            "import",
            "Import creators, links, sessions and page views (NDJSON). Rows whose ids exist already are left unchanged. A bad line is " +
            $"skipped, and its number, field and the allowed values are printed: {ImportLine.Limits(Passwords.Rule)}.")
        {
            file, strict,
        };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var path = parse.GetRequiredValue(file);
            if (path != "-" && !File.Exists(path))
            {
                throw new CommandException($"The file '{path}' does not exist.");
            }

            await using var context = await CommandContext.OpenOwnAsync(CommandLine.Given(parse, settings), cancellationToken);
            await using var input = path == "-" ? Console.OpenStandardInput() : File.OpenRead(path);
            await context.AuditAsync("import");
            return await RunAsync(context, input, parse.GetValue(strict), cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, Stream input, bool strict, CancellationToken cancellationToken)
    {
        using var progress = new ProgressLine("Importing");
        var importer = new Importer(
            context.Main, context.Analytics, Encoding.UTF8.GetBytes(context.Settings.VisitorSecret), Passwords.Rule, context.Clock)
        {
            Strict = strict,
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

        if (strict && counts.Bad > 0)
        {
            await Console.Error.WriteLineAsync(
                "Nothing was imported: a line was bad, and --strict allows none. Correct it and run the import again.");
        }

        return counts.Bad == 0 ? 0 : 1;
    }

    private static string Text(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
