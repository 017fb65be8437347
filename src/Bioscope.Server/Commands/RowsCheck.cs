using System.Globalization;
using Bioscope.Engine.Checking;
using Bioscope.Engine.Sealing;
using Bioscope.Engine.Storage;

namespace Bioscope.Server.Commands;

/// <summary>What <c>bioscope doctor</c> looks at in the analytics database: whether times and values of its rows can be right.</summary>
internal sealed class RowsCheck(AnalyticsDatabase analytics, TimeProvider clock, Action<string> good, Action<string> mend)
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
            mend(
                $"analytics: this machine's clock says {own:u}, the database server's {common:u}. Visits are stamped by the database " +
                "server's; set the clock that is wrong (NTP)");
        }
        else if (FenceKeeper.IsBeforeMade(own))
        {
            mend($"analytics: this machine's clock says {own:u}, which is before this version was made; set it (NTP)");
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
            good("analytics: nothing is sealed beyond the present");
        }
        else if (fence == DateTimeOffset.MaxValue)
        {
            mend("analytics: \"Fence\" has an invalid time; a running server puts it right within ten seconds, or 'bioscope rebuild' now");
        }
        else
        {
            mend(
                $"analytics: hours are sealed up to {fence:u}, which is in the future: the clock was ahead. A running server moves " +
                "this back within ten seconds " +
                "unless its clock may be what is wrong (its log says so); or 'bioscope rebuild' now");
        }
    }

    private async Task FutureAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var pages = await new FutureRows(analytics, now + FenceKeeper.Tolerance, RepairCommand.EndOfTime).FindAsync(null, cancellationToken);
        foreach (var page in pages.Take(MaxNamed))
        {
            mend($"analytics: {RepairCommand.Describe(page)}");
        }

        if (pages.Count > MaxNamed)
        {
            mend($"analytics: {pages.Count - MaxNamed} more pages have rows with future times");
        }

        if (pages.Count > 0)
        {
            mend(
                "analytics: the clock was ahead when those were stored. To put them right: bioscope repair --shift <how far ahead it " +
                "was, as 30d>; to remove them: bioscope repair --remove");
        }
        else
        {
            good("analytics: no row carries a future time");
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
                    mend($"analytics: {value}");
                }
            }
        }

        if (count > MaxNamed)
        {
            mend($"analytics: {(count - MaxNamed).ToString("N0", CultureInfo.InvariantCulture)} more invalid values");
        }

        if (count > 0)
        {
            mend(
                "analytics: reports leave invalid values out. Correct rows of sessions and page views by hand, or remove them: " +
                "bioscope repair --malformed. Rollups are counted anew by bioscope rebuild");
        }
        else
        {
            good("analytics: all values are valid");
        }
    }
}
