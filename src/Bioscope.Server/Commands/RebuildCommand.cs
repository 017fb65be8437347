using System.CommandLine;
using System.Globalization;
using Bioscope.Server.Rollups;

namespace Bioscope.Server.Commands;

/// <summary><c>bioscope rebuild</c>: drops the rollups of every page and seals it anew, while servers go on serving.</summary>
internal static class RebuildCommand
{
    public static Command Create(IReadOnlyList<Option<string>> settings)
    {
        var page = new Option<Guid?>("--page") { Description = "Only this page", HelpName = "id" };
        var fromStart = new Option<bool>("--from-start") { Description = "Begin anew, not where an interrupted one was" };
        var command = new Command("rebuild", "Count all rollups anew from the raw rows; goes on where an interrupted one was") { page, fromStart };
        command.SetAction(async (parse, cancellation) =>
        {
            await using var workplace = await Workplace.OpenOwnAsync(CommandLine.Given(parse, settings), cancellation);
            return await RunAsync(workplace, parse.GetValue(page), parse.GetValue(fromStart), cancellation);
        });
        return command;
    }

    private static async Task<int> RunAsync(Workplace workplace, Guid? only, bool fromStart, CancellationToken cancellation)
    {
        var (analytics, started) = (workplace.Analytics, workplace.Clock.GetTimestamp());
        await Fence.MoveAsync(analytics, workplace.Clock.GetUtcNow(), cancellation);
        var fence = (await Fence.ReadAsync(analytics, cancellation))!.Value;
        var rebuild = new Rebuild(analytics);
        var pages = only is { } one ? [one] : await Pages.KnownAsync(analytics, cancellation);
        var rows = 0L;
        using (var progress = new ProgressLine("Rebuilding"))
        {
            for (var done = only is null && !fromStart ? await DoneBeforeAsync(rebuild, pages, cancellation) : 0; done < pages.Count; done++)
            {
                progress.Report($"{Text(done)} of {Text(pages.Count)} pages, {Text(rows)} rows");
                rows += await rebuild.PageAsync(pages[done], fence, savesPosition: only is null, cancellation);
            }
        }

        if (only is null)
        {
            await rebuild.EndAsync(cancellation);
        }

        var seconds = workplace.Clock.GetElapsedTime(started).TotalSeconds.ToString("N1", CultureInfo.InvariantCulture);
        Console.WriteLine($"{Text(pages.Count)} {(pages.Count == 1 ? "page" : "pages")}, {Text(rows)} rows sealed, {seconds} seconds");
        return 0;
    }

    /// <returns>How many pages an interrupted one has done.</returns>
    private static async Task<int> DoneBeforeAsync(Rebuild rebuild, List<Guid> pages, CancellationToken cancellation)
    {
        if (await rebuild.PositionAsync(cancellation) is not { } position)
        {
            return 0;
        }

        var done = pages.Count(page => Pages.Order.Compare(page, position) < 0);
        await Console.Error.WriteLineAsync($"Going on after {Text(done)} of {Text(pages.Count)} pages; --from-start begins anew.");
        return done;
    }

    private static string Text(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
