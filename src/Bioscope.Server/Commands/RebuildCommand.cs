using System.CommandLine;
using System.Globalization;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Sealing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Bioscope.Server.Commands;

/// <summary><c>bioscope rebuild</c>: drops the rollups of every page and seals it again, while servers continue to run.</summary>
internal static class RebuildCommand
{
    public static Command Create(IReadOnlyList<Option<string>> settings)
    {
        var page = PageOption.Create();
        var fromStart =
            new Option<bool>("--from-start") { Description = "Start from the first page, not where an interrupted rebuild stopped" };
        var command = new Command("rebuild", "Recount all rollups from the raw rows; continues an interrupted rebuild") { page, fromStart };
        command.SetAction(async (parse, cancellationToken) =>
        {
            await using var context = await CommandContext.OpenOwnAsync(CommandLine.Given(parse, settings), cancellationToken);
            await PageOption.CheckAsync(context, parse.GetValue(page), cancellationToken);
            await context.AuditAsync("rebuild", page: parse.GetValue(page));
            return await RunAsync(context, parse.GetValue(page), parse.GetValue(fromStart), cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, Guid? only, bool fromStart, CancellationToken cancellationToken)
    {
        var (analytics, started) = (context.Analytics, context.Clock.GetTimestamp());
        var fence = await FenceAsync(context, cancellationToken);
        var rebuild = new Rebuild(analytics);
        var pages = only is { } one ? [one] : await Pages.KnownAsync(analytics, cancellationToken);
        var (rows, failed) = (0L, 0);
        using (var progress = new ProgressLine("Rebuilding"))
        {
            for (var done = only is null && !fromStart ? await DoneBeforeAsync(rebuild, pages, cancellationToken) : 0; done < pages.Count; done++)
            {
                progress.Report($"{Text(done)} of {Text(pages.Count)} pages, {Text(rows)} rows");
                try
                {
                    rows += await rebuild.PageAsync(pages[done], fence, savesPosition: only is null, cancellationToken);
                }
                catch (Exception e) when (DamagedPages.IsDamage(e, analytics.Dialect))
                {
                    failed++;
                    progress.WriteError(
                        $"page {pages[done]}: its rows cannot be sealed ({e.Message}); reports read its raw rows. To see which values " +
                        $"are invalid: bioscope verify --page {pages[done]}");
                }
            }
        }

        if (only is null)
        {
            await rebuild.EndAsync(cancellationToken);
        }

        var seconds = context.Clock.GetElapsedTime(started).TotalSeconds.ToString("N1", CultureInfo.InvariantCulture);
        Console.WriteLine($"{Text(pages.Count)} {(pages.Count == 1 ? "page" : "pages")}, {Text(rows)} rows sealed, {seconds} seconds");
        return failed == 0 ? 0 : 1;
    }

    /// <summary>The instant up to which pages are sealed. A fence in the future is moved back, as a server does.</summary>
    private static async Task<DateTimeOffset> FenceAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var (analytics, before) = (context.Analytics, await Fence.ReadAsync(context.Analytics, cancellationToken));
        var keeper = new FenceKeeper(analytics, context.Clock, NullLogger.Instance);
        await keeper.LookAsync(onlyBack: false, cancellationToken);
        var (fence, now) = (await Fence.ReadAsync(analytics, cancellationToken), await keeper.NowAsync(cancellationToken));
        if (before > fence)
        {
            await Console.Error.WriteLineAsync($"The fence was in the future, at {before:u}, and was moved back to {fence:u}.");
        }
        else if (fence > now + FenceKeeper.Tolerance)
        {
            await Console.Error.WriteLineAsync(
                $"The fence is in the future, at {fence:u}, but this machine's clock ({now:u}) may be wrong. To fix: set the clock; " +
                "'bioscope doctor' says more.");
        }

        return fence is { } at ? (at < now ? at : now) : DateTimeOffset.UnixEpoch; // without rows there is nothing to seal
    }

    /// <returns>The number of pages done by an interrupted rebuild.</returns>
    private static async Task<int> DoneBeforeAsync(Rebuild rebuild, List<Guid> pages, CancellationToken cancellationToken)
    {
        if (await rebuild.PositionAsync(cancellationToken) is not { } position)
        {
            return 0;
        }

        var done = pages.Count(page => Pages.Order.Compare(page, position) < 0);
        await Console.Error.WriteLineAsync($"Continuing after {Text(done)} of {Text(pages.Count)} pages. To start over: --from-start");
        return done;
    }

    private static string Text(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
