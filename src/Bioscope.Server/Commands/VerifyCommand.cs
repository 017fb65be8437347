using System.CommandLine;
using System.Globalization;
using Bioscope.Server.Rollups;

namespace Bioscope.Server.Commands;

/// <summary><c>bioscope verify</c>: recounts the raw rows of every page and compares what is kept of them; exits with 1 when something differs.</summary>
internal static class VerifyCommand
{
    private const int MostNamed = 20;

    public static Command Create(IReadOnlyList<Option<string>> settings)
    {
        var page = new Option<Guid?>("--page") { Description = "Only this page", HelpName = "id" };
        var command = new Command("verify", "Recount the raw rows and compare all rollups with them; exits with 1 when one differs") { page };
        command.SetAction(async (parse, cancellation) =>
        {
            await using var workplace = await Workplace.OpenOwnAsync(CommandLine.Given(parse, settings), cancellation);
            return await RunAsync(workplace, parse.GetValue(page), cancellation);
        });
        return command;
    }

    private static async Task<int> RunAsync(Workplace workplace, Guid? only, CancellationToken cancellation)
    {
        var (analytics, started) = (workplace.Analytics, workplace.Clock.GetTimestamp());
        var pages = only is { } one ? [one] : await Pages.KnownAsync(analytics, cancellation);
        var (rows, cells, differing) = (0L, 0L, 0);
        using (var progress = new ProgressLine("Verifying"))
        {
            for (var done = 0; done < pages.Count; done++)
            {
                progress.Report($"{Text(done)} of {Text(pages.Count)} pages, {Text(rows)} rows");
                var check = new PageCheck(analytics, pages[done]);
                if (await check.FindDifferenceAsync(cancellation) is { } difference && ++differing <= MostNamed)
                {
                    progress.WriteError($"page {pages[done]}: {difference}");
                }

                (rows, cells) = (rows + check.Rows, cells + check.Cells);
            }
        }

        var seconds = workplace.Clock.GetElapsedTime(started).TotalSeconds.ToString("N1", CultureInfo.InvariantCulture);
        Console.WriteLine($"{Text(pages.Count)} {(pages.Count == 1 ? "page" : "pages")}, {Text(rows)} rows recounted, {Text(cells)} counts compared, {seconds} seconds");
        Console.WriteLine(differing switch
        {
            0 => "Everything that is kept equals the recount.",
            1 => "1 page differs. To mend it: bioscope rebuild --page <id>",
            _ => $"{Text(differing)} pages differ. To mend them: bioscope rebuild",
        });
        return differing == 0 ? 0 : 1;
    }

    private static string Text(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
