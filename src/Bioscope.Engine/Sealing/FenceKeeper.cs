using System.Globalization;
using Bioscope.Core;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Sealing;

/// <summary>
/// Says where the fence may be. One clock alone moves it nowhere: it goes on only as far as a second witness makes plausible (rows that were
/// stored, the database server's clock, the times at which files were written), and one that is in the future is moved back. Either is
/// right for reports at any moment; what is at stake is the time that visits are stamped with, and how much is read raw.
/// </summary>
internal sealed partial class FenceKeeper(AnalyticsDatabase analytics, TimeProvider clock, ILogger log)
{
    /// <summary>How far ahead of the clock a fence, or a row, may be before it counts as being in the future: clocks are put right by seconds all the time.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    // Without rows there is nothing to seal, so the fence need not move at once; to look at every page costs a moment.
    private static readonly TimeSpan BetweenScans = TimeSpan.FromMinutes(10);

    // A machine that has just started has its clock put right by then.
    private static readonly TimeSpan SteadyFor = TimeSpan.FromMinutes(10);

    // No clock that is right is before the data that this version was made with.
    private static readonly DateTimeOffset Made = DateTimeOffset.ParseExact(
        CountryTable.Made, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    private readonly HashSet<string> _said = [];
    private long? _scanned;
    private Doubt? _doubt;

    /// <summary>Whether it was doubtful at the last look what time it is; what is removed by its age must wait then.</summary>
    public bool IsInDoubt => _doubt is not null;

    /// <summary>Looks at the clocks and moves the fence on or back, if it should be elsewhere.</summary>
    /// <param name="onlyBack">Whether it stays where it is unless it is in the future.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    /// <param name="busy">Pages that have got rows lately: these are looked at, though it is too early to look at all.</param>
    /// <returns>Whether this instance moved it to another hour, and so has pages to seal.</returns>
    public async Task<bool> LookAsync(bool onlyBack, CancellationToken cancellationToken, IReadOnlyCollection<Guid>? busy = null)
    {
        var now = await NowAsync(cancellationToken);
        var fence = await Fence.ReadAsync(analytics, cancellationToken);
        if (fence > now + Tolerance)
        {
            return await MoveBackAsync(fence.Value, now, cancellationToken);
        }

        if (IsTooEarly(now))
        {
            _doubt ??= new Doubt(clock);
            Say("made", () => Log.BeforeMade(log, now, Made));
            return false;
        }

        _doubt = null;
        var isScanDue = _scanned is not { } scanned || clock.GetElapsedTime(scanned) >= BetweenScans;
        if (onlyBack || fence >= Grain.Hour.Floor(now) || (!isScanDue && busy is not { Count: > 0 }))
        {
            return false;
        }

        var bound = await BoundAsync(now, isScanDue ? Pages.AllAsync(analytics, cancellationToken) : busy!.ToAsyncEnumerable(), cancellationToken);
        if (isScanDue)
        {
            _scanned = bound < Grain.Hour.Floor(now) || bound is null ? clock.GetTimestamp() : null;
        }

        return bound is { } to && await Fence.MoveAsync(analytics, to, cancellationToken);
    }

    /// <summary>
    /// The fence, and how far it may go within its hour: to the present. That it may be in this hour was for a witness to say; where two clocks
    /// tell the time, the one that is behind counts, so that nobody's visits are stamped with a later time than either tells.
    /// </summary>
    /// <returns>Null when it is not in this hour, or it is doubtful what time it is.</returns>
    public async Task<(DateTimeOffset Fence, DateTimeOffset Until)?> WithinHourAsync(CancellationToken cancellationToken)
    {
        var server = await AgreedTime.ServerAsync(analytics, cancellationToken);
        var now = AgreedTime.Of(clock.GetUtcNow(), server);
        now = server < now ? server.Value : now;
        return !IsInDoubt && await Fence.ReadAsync(analytics, cancellationToken) is { } fence && Grain.Hour.Floor(fence) == Grain.Hour.Floor(now)
            ? (fence, Fence.Floor(now)) : null;
    }

    /// <summary>What time it is, by this machine's clock or, where it differs, the database server's.</summary>
    public async Task<DateTimeOffset> NowAsync(CancellationToken cancellationToken)
    {
        var server = await AgreedTime.ServerAsync(analytics, cancellationToken);
        var own = clock.GetUtcNow();
        if (server is { } common && AgreedTime.Differ(own, common))
        {
            Say("differs", () => Log.Differs(log, own, common));
        }
        else
        {
            _said.Remove("differs");
        }

        return AgreedTime.Of(own, server);
    }

    /// <summary>As far as the fence may go: to the end of the hour of the newest row and, where files tell it, of the last write.</summary>
    /// <returns>Null when there are no rows.</returns>
    private async Task<DateTimeOffset?> BoundAsync(DateTimeOffset now, IAsyncEnumerable<Guid> pages, CancellationToken cancellationToken)
    {
        var until = analytics.Written.Now is { } written && written.AddHours(1) < now ? written.AddHours(1) : now;
        var hour = Grain.Hour.Floor(until);
        var newest = await NewestRow.UntilAsync(analytics, pages, until + Tolerance, enough: hour.AddHours(-1), cancellationToken);
        return newest is not { } row ? null : row.AddHours(1) < hour ? Grain.Hour.Floor(row.AddHours(1)) : hour;
    }

    private async Task<bool> MoveBackAsync(DateTimeOffset fence, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var doubt = IsTooEarly(now) ? "it is before this version was made" : await WhyDoubtAsync(fence, now, cancellationToken);
        if (doubt is not null)
        {
            _doubt ??= new Doubt(clock);
            if (IsTooEarly(now) || !_doubt.IsSteady(clock))
            {
                Say("doubt", () => Log.Doubtful(log, now, fence, doubt));
                return false;
            }
        }

        _doubt = null;
        var to = await BoundAsync(now, Pages.AllAsync(analytics, cancellationToken), cancellationToken) ?? now;
        if (await Fence.MoveBackAsync(analytics, now + Tolerance, to, cancellationToken) is not { } pages)
        {
            return false;
        }

        _said.Remove("doubt");
        _scanned = null;
        Log.MovedBack(log, fence, Grain.Hour.Floor(to), now, pages);
        return true;
    }

    /// <summary>Whether the clock may be behind instead of the fence ahead: others were further already. Without visits after it they say nothing.</summary>
    private async Task<string?> WhyDoubtAsync(DateTimeOffset fence, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var own = clock.GetUtcNow();
        if (await NewestRow.AfterAsync(analytics, now + Tolerance, cancellationToken) is not { } visits)
        {
            return null;
        }

        return analytics.Written.Before > now + Tolerance ? "the database's files were written later than that, and so were visits"
            : AgreedTime.Differ(own, now)
                ? (own + Tolerance > fence ? "this machine's clock and the database server's differ, and there are later visits" : null)
            // A clock that was ahead leaves a gap between now and what it has stamped.
            : visits.First - now < (visits.Last - now) / 4 && await NewestRow.UntilAsync(analytics, Pages.AllAsync(analytics, cancellationToken), now, DateTimeOffset.MinValue, cancellationToken) is not null
                ? "visits were stored before that, and all the time after it" : null;
    }

    private bool IsTooEarly(DateTimeOffset now) => analytics.Dialect.AsksOtherClocks && IsBeforeMade(now);

    /// <summary>Whether a clock is behind for certain.</summary>
    public static bool IsBeforeMade(DateTimeOffset now) => now < Made;

    /// <summary>Says something once, until it has been otherwise.</summary>
    private void Say(string what, Action say)
    {
        if (_said.Add(what))
        {
            say();
        }
    }

    /// <summary>Since when it is doubtful what time it is, and whether the clock has gone on evenly since.</summary>
    private sealed class Doubt(TimeProvider clock)
    {
        private long _since = clock.GetTimestamp();
        private DateTimeOffset _clockThen = clock.GetUtcNow();

        public bool IsSteady(TimeProvider clock)
        {
            var elapsed = clock.GetElapsedTime(_since);
            if (AgreedTime.Differ(clock.GetUtcNow(), _clockThen + elapsed))
            {
                (_since, _clockThen) = (clock.GetTimestamp(), clock.GetUtcNow());
                return false;
            }

            return elapsed >= SteadyFor;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning,
            "This machine's clock says {Own:u}, the database server's {Server:u}. Visits are stamped by the database server's, as " +
            "all instances share it. Set the clock that is wrong (NTP)")]
        public static partial void Differs(ILogger logger, DateTimeOffset own, DateTimeOffset server);

        [LoggerMessage(LogLevel.Warning,
            "The clock says {Now:u}, which is before this version was made ({Made:yyyy-MM-dd}). Nothing is sealed until it is right; " +
            "reports are exact. Set the clock (NTP)")]
        public static partial void BeforeMade(ILogger logger, DateTimeOffset now, DateTimeOffset made);

        [LoggerMessage(LogLevel.Warning,
            "The clock says {Now:u}, but visits are sealed up to {Fence:u}, and the clock may be what is wrong: {Reason}. Until it " +
            "is right, or has gone on evenly for ten minutes, visits are stamped {Fence:u}. Set the clock (NTP)")]
        public static partial void Doubtful(ILogger logger, DateTimeOffset now, DateTimeOffset fence, string reason);

        [LoggerMessage(LogLevel.Warning,
            "The clock was ahead: hours were sealed up to {Fence:u}, and it is {Now:u}. The fence was moved back to {To:u}, and " +
            "{Pages} pages are counted anew; visits are stamped with the real time again. 'bioscope doctor' names visits that were " +
            "stored with future times")]
        public static partial void MovedBack(ILogger logger, DateTimeOffset fence, DateTimeOffset to, DateTimeOffset now, int pages);
    }
}
