using System.CommandLine;
using System.Globalization;
using Bioscope.Engine.Checking;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Storage;

namespace Bioscope.Server.Commands;

/// <summary>
/// <c>bioscope verify</c>: recounts the raw rows of every page and compares the derived data with them; exits with 1 if something
/// differs.
/// </summary>
internal static class VerifyCommand
{
    private const int MaxNamed = 20;

    public static Command Create(IReadOnlyList<Option<string>> settings)
    {
        var page = PageOption.Create();
        var command =
            new Command("verify", "Recount the raw rows and compare all rollups and segments with them; exits with 1 if one differs or " +
                "a value is invalid") { page };
        command.SetAction(async (parse, cancellationToken) =>
        {
            await using var context = await CommandContext.OpenOwnAsync(CommandLine.Given(parse, settings), cancellationToken);
            await PageOption.CheckAsync(context, parse.GetValue(page), cancellationToken);
            return await RunAsync(context, parse.GetValue(page), cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, Guid? only, CancellationToken cancellationToken)
    {
        var (analytics, started) = (context.Analytics, context.Clock.GetTimestamp());
        var pages = only is { } one ? [one] : await Pages.KnownAsync(analytics, cancellationToken);
        var (rows, cells, differing, malformed) = (0L, 0L, 0, 0);
        using (var progress = new ProgressLine("Verifying"))
        {
            for (var done = 0; done < pages.Count; done++)
            {
                progress.Report($"{Text(done)} of {Text(pages.Count)} pages, {Text(rows)} rows");
                var check = new RollupVerifier(analytics, pages[done]);
                if (await check.FindDifferenceAsync(cancellationToken) is { } difference && ++differing <= MaxNamed)
                {
                    progress.WriteError($"page {pages[done]}: {difference}");
                }

                (rows, cells) = (rows + check.Rows, cells + check.Cells);
            }

            malformed = await MalformedAsync(analytics, only, progress, cancellationToken);
        }

        var seconds = context.Clock.GetElapsedTime(started).TotalSeconds.ToString("N1", CultureInfo.InvariantCulture);
        Console.WriteLine(
            $"{Text(pages.Count)} {(pages.Count == 1 ? "page" : "pages")}, {Text(rows)} rows recounted, {Text(cells)} counts compared, " +
            $"{seconds} seconds");
        Console.WriteLine(differing switch
        {
            0 => "All rollups and segments match the raw rows.",
            1 => "1 page differs. To fix: bioscope rebuild --page <id>",
            _ => $"{Text(differing)} pages differ. To fix: bioscope rebuild",
        });
        if (malformed > 0)
        {
            Console.WriteLine(
                $"{Text(malformed)} {(malformed == 1 ? "value is" : "values are")} invalid. To fix: correct sessions and page views by " +
                "hand, or remove them with bioscope repair --malformed; recount rollups with bioscope rebuild");
        }

        return differing + malformed == 0 ? 0 : 1;
    }

    private static async Task<int> MalformedAsync(
        AnalyticsDatabase analytics, Guid? only, ProgressLine progress, CancellationToken cancellationToken)
    {
        var rows = new MalformedRows(analytics);
        var count = 0;
        foreach (var page in only is { } one ? [one] : await rows.PagesAsync(cancellationToken))
        {
            await foreach (var value in rows.FindAsync(page, MaxNamed, cancellationToken))
            {
                if (++count <= MaxNamed)
                {
                    progress.WriteError($"{value}");
                }
            }
        }

        return count;
    }

    private static string Text(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
