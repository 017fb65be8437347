using System.CommandLine;
using System.Globalization;
using System.Text.RegularExpressions;
using Bioscope.Engine.Checking;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Sealing;
using Bioscope.Engine.Storage;

namespace Bioscope.Server.Commands;

/// <summary>
/// <c>bioscope repair</c>: corrects or removes rows that got future times from a clock that was ahead, and removes malformed rows.
/// Without <c>--yes</c> it only shows what would change.
/// </summary>
internal sealed partial class RepairCommand
{
    /// <summary>The end of time: no row is later.</summary>
    public static readonly DateTimeOffset EndOfTime = new(9999, 12, 31, 0, 0, 0, TimeSpan.Zero);

    private const int MaxNamed = 20;

    private readonly Option<string?> _shift = new("--shift")
    {
        Description = "Move rows with future times back by this much, such as 30d, 36h or 1d12h30m: how far the clock was ahead",
        HelpName = "duration",
    };

    private readonly Option<bool> _remove = new("--remove") { Description = "Remove rows with future times" };
    private readonly Option<bool> _malformed = new("--malformed")
    {
        Description = "Remove the sessions and page views with invalid values that verify and doctor list",
    };

    private readonly Option<bool> _yes = new("--yes") { Description = "Make the changes; without it, only show what would change" };
    private readonly Option<Guid?> _page = PageOption.Create();

    private readonly Option<DateTimeOffset?> _from = new("--from")
    {
        Description =
            "Only rows after this time, such as 2026-12-24T00:00Z; for a clock that was ahead more than once [default: 5 minutes from now]",
        HelpName = "time",
    };

    private readonly Option<DateTimeOffset?> _to = new("--to") { Description = "Only rows before this time", HelpName = "time" };

    private RepairCommand()
    {
    }

    public static Command Create(IReadOnlyList<Option<string>> settings)
    {
        var repair = new RepairCommand();
        var command = new Command(
            "repair",
            "Correct or remove rows that were stored while the clock was ahead, or remove malformed ones. It may run while servers run; " +
            "run it again if it was interrupted")
        {
            repair._shift, repair._remove, repair._malformed, repair._page, repair._from, repair._to, repair._yes,
        };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var shift = repair.Shift(parse);
            await using var context = await CommandContext.OpenOwnAsync(CommandLine.Given(parse, settings), cancellationToken);
            await context.AuditAsync("repair");
            return parse.GetValue(repair._malformed)
                ? await repair.RemoveMalformedAsync(context.Analytics, parse, cancellationToken)
                : await repair.RepairFutureAsync(context, parse, shift, cancellationToken);
        });
        return command;
    }

    /// <summary>Describes a page's future rows.</summary>
    public static string Describe(FutureRowsOfPage page) =>
        $"{(NoPage.Is(page.Page) ? "no page" : $"page {page.Page}")}: {Text(page.Sessions, "session")} and " +
        $"{Text(page.PageViews, "page view")} have future times, the newest {page.Newest:u}";

    /// <returns>Null when nothing is to be shifted.</returns>
    private TimeSpan? Shift(ParseResult parse)
    {
        var text = parse.GetValue(_shift);
        if ((text is null ? 0 : 1) + (parse.GetValue(_remove) ? 1 : 0) + (parse.GetValue(_malformed) ? 1 : 0) > 1)
        {
            throw new CommandException("--shift, --remove and --malformed cannot be combined. Give one of them.");
        }

        return text is null ? null : ParseDuration(text) ?? throw new CommandException(
            $"'{text}' is not a duration. Give days, hours, minutes and seconds, such as 30d, 36h or 1d12h30m.");
    }

    /// <summary>A positive duration as <c>1d12h30m15s</c>.</summary>
    public static TimeSpan? ParseDuration(string text)
    {
        if (DurationText().Match(text) is not { Success: true } match)
        {
            return null;
        }

        try
        {
            var duration = TimeSpan.FromDays(Number("d")) + TimeSpan.FromHours(Number("h")) + TimeSpan.FromMinutes(Number("m")) +
                TimeSpan.FromSeconds(Number("s"));
            return duration > TimeSpan.Zero ? duration : null;
        }
        catch (Exception e) when (e is OverflowException or ArgumentOutOfRangeException)
        {
            return null;
        }

        int Number(string unit) =>
            match.Groups[unit] is { Success: true, Value: var digits } ? int.Parse(digits, CultureInfo.InvariantCulture) : 0;
    }

    private async Task<int> RepairFutureAsync(
        CommandContext context, ParseResult parse, TimeSpan? shift, CancellationToken cancellationToken)
    {
        var analytics = context.Analytics;
        var now = AgreedTime.Of(context.Clock.GetUtcNow(), await AgreedTime.ServerAsync(analytics, cancellationToken));
        // No row is that old, and far enough back there is no date for it.
        if (shift > now - DateTimeOffset.UnixEpoch)
        {
            throw new CommandException(
                $"Nothing was changed. Moved back by {parse.GetValue(_shift)}, rows would be from before 1970. Shift by less.");
        }

        var rows = new FutureRows(analytics, parse.GetValue(_from) ?? (now + FenceKeeper.Tolerance), parse.GetValue(_to) ?? EndOfTime);
        if (parse.GetValue(_from) < now)
        {
            throw new CommandException("--from is in the past, and only rows with future times are repaired. Give a later time.");
        }

        var pages = await rows.FindAsync(parse.GetValue(_page), cancellationToken);
        if (pages.Count == 0)
        {
            Console.WriteLine($"It is {now:u}, and no row has a future time.");
            return 0;
        }

        foreach (var page in pages.Take(MaxNamed))
        {
            Console.WriteLine(Describe(page) + (shift is { } by ? $" → {page.Newest - by:u}" : ""));
        }

        var (sessions, views, newest) = (
            pages.Sum(page => page.Sessions), pages.Sum(page => page.PageViews), pages.Max(page => page.Newest));
        Console.WriteLine($"{Text(pages.Count, "page")}, {Text(sessions, "session")}, {Text(views, "page view")}; it is {now:u}");
        if (shift is null && !parse.GetValue(_remove))
        {
            Console.WriteLine(
                "Nothing was changed. To correct them: --shift <how far the clock was ahead, such as 30d>. To remove them: --remove");
            return 0;
        }

        // Rows that stayed in the future would be shifted a second time by the next run.
        if (shift is { } back && newest - back > now)
        {
            throw new CommandException(
                $"Nothing was changed. Moved back by {parse.GetValue(_shift)}, the newest row would still be in the future, at " +
                $"{newest - back:u}. Shift by more. If the clock was ahead more than once, repair each period separately with --from and " +
                "--to.");
        }

        if (!parse.GetValue(_yes))
        {
            Console.WriteLine($"Nothing was changed. To {(shift is null ? "remove" : "shift")} them, add --yes");
            return 0;
        }

        var done = 0L;
        using (var progress = new ProgressLine("Repairing"))
        {
            foreach (var page in pages)
            {
                await rows.RepairAsync(
                    page.Page,
                    shift,
                    count =>
                    {
                        done += count;
                        progress.Report($"{done:N0} of {sessions + views:N0} rows");
                    },
                    cancellationToken);
            }
        }

        Console.WriteLine(
            $"{Text(done, "row")} {(shift is null ? "removed" : "shifted")}. The server recounts the rollups of their pages; until then " +
            "reports read the raw rows.");
        return 0;
    }

    private async Task<int> RemoveMalformedAsync(AnalyticsDatabase analytics, ParseResult parse, CancellationToken cancellationToken)
    {
        var (rows, removed, named) = (new MalformedRows(analytics), 0L, 0);
        var pages = parse.GetValue(_page) is { } only ? [only] : await rows.PagesAsync(cancellationToken);
        foreach (var page in pages)
        {
            await foreach (var value in rows.FindAsync(page, MaxNamed, cancellationToken))
            {
                if (++named <= MaxNamed)
                {
                    Console.WriteLine($"{value}");
                }
            }

            if (parse.GetValue(_yes))
            {
                removed += await RemoveMalformedAsync(analytics, rows, page, cancellationToken);
            }
        }

        Console.WriteLine(
            named == 0 ? "No invalid values."
            : parse.GetValue(_yes)
                ? $"{Text(removed, "row")} of sessions and page views removed. The server recounts the rollups of their pages."
            : "Nothing was changed. To remove those rows of sessions and page views, add --yes");
        return 0;
    }

    private static async Task<long> RemoveMalformedAsync(
        AnalyticsDatabase analytics, MalformedRows rows, object page, CancellationToken cancellationToken)
    {
        const int MaxRowsAtOnce = 1_000;
        var (removed, all) = (0, 0L);
        do
        {
            removed = await analytics.TransactAsync(
                "remove malformed",
                async transaction =>
                {
                    var rowsRemoved = await rows.RemoveAsync(transaction, page, MaxRowsAtOnce, cancellationToken);
                    if (rowsRemoved > 0 && Pages.IdOf(page) is { } id && !NoPage.Is(id))
                    {
                        await BackfillGuard.UnsealAsync(analytics.Dialect, transaction, id, cancellationToken);
                    }

                    return rowsRemoved;
                },
                cancellationToken);
            all += removed;
        }
        while (removed > 0);

        return all;
    }

    private static string Text(long count, string what) =>
        $"{count.ToString("N0", CultureInfo.InvariantCulture)} {what}{(count == 1 ? "" : "s")}";

    [GeneratedRegex(@"^(?=\d)((?<d>\d{1,9})d)?((?<h>\d{1,9})h)?((?<m>\d{1,9})m)?((?<s>\d{1,9})s)?$")]
    private static partial Regex DurationText();
}
