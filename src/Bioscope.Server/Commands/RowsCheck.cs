using System.Globalization;
using Bioscope.Engine.Checking;
using Bioscope.Engine.Sealing;
using Bioscope.Engine.Storage;

namespace Bioscope.Server.Commands;

/// <summary>The checks of <c>bioscope doctor</c> in the analytics database: whether times and values of its rows are plausible.</summary>
internal sealed class RowsCheck(AnalyticsDatabase analytics, TimeProvider clock, Action<string> good, Action<string> fail)
{
    private const int MaxNamed = 20;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var now = await ClockAsync(cancellationToken);
        await FenceAsync(now, cancellationToken);
        await FutureAsync(now, cancellationToken);
        await MalformedAsync(cancellationToken);
    }

    private async Task<DateTimeOffset> ClockAsync(CancellationToken cancellationToken)
    {
        var server = await AgreedTime.ServerAsync(analytics, cancellationToken);
        var own = clock.GetUtcNow();
        if (server is { } common && AgreedTime.Differ(own, common))
        {
            fail(
                $"analytics: this machine's clock says {own:u}, the database server's {common:u}. Visits get the database server's time. " +
                "To fix: set the clock that is wrong, by NTP");
        }
        else if (FenceKeeper.IsBeforeMade(own))
        {
            fail($"analytics: this machine's clock says {own:u}, which is before this version was released. To fix: set it, by NTP");
        }
        else
        {
            good(server is null ? "analytics: the clock is plausible" : "analytics: the clock agrees with the database server's");
        }

        return AgreedTime.Of(own, server);
    }

    private async Task FenceAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (await Fence.ReadAsync(analytics, cancellationToken) is not { } fence || fence <= now + FenceKeeper.Tolerance)
        {
            good("analytics: no hour in the future is sealed");
        }
        else if (fence == DateTimeOffset.MaxValue)
        {
            fail(
                "analytics: \"Fence\" has an invalid time. A running server corrects it within ten seconds. To fix it now: bioscope " +
                "rebuild");
        }
        else
        {
            fail(
                $"analytics: hours are sealed up to {fence:u}, which is in the future: the clock was ahead. A running server corrects " +
                "this within ten seconds, unless its own clock may be wrong (its log says so). To fix it now: bioscope rebuild");
        }
    }

    private async Task FutureAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var pages = await new FutureRows(analytics, now + FenceKeeper.Tolerance, RepairCommand.EndOfTime).FindAsync(
            null, cancellationToken);
        foreach (var page in pages.Take(MaxNamed))
        {
            fail($"analytics: {RepairCommand.Describe(page)}");
        }

        if (pages.Count > MaxNamed)
        {
            fail($"analytics: {pages.Count - MaxNamed} more pages have rows with future times");
        }

        if (pages.Count > 0)
        {
            fail(
                "analytics: the clock was ahead when these rows were stored. To correct them: bioscope repair --shift <how far it was " +
                "ahead, such as 30d>. To remove them: bioscope repair --remove");
        }
        else
        {
            good("analytics: no row has a future time");
        }
    }

    private async Task MalformedAsync(CancellationToken cancellationToken)
    {
        var rows = new MalformedRows(analytics);
        var count = 0;
        foreach (var page in await rows.PagesAsync(cancellationToken))
        {
            await foreach (var value in rows.FindAsync(page, MaxNamed, cancellationToken))
            {
                if (++count <= MaxNamed)
                {
                    fail($"analytics: {value}");
                }
            }
        }

        if (count > MaxNamed)
        {
            fail($"analytics: {(count - MaxNamed).ToString("N0", CultureInfo.InvariantCulture)} more invalid values");
        }

        if (count > 0)
        {
            fail(
                "analytics: reports leave invalid values out. To fix: correct sessions and page views by hand, or remove them with " +
                "bioscope repair --malformed; recount rollups with bioscope rebuild");
        }
        else
        {
            good("analytics: all values are valid");
        }
    }
}
