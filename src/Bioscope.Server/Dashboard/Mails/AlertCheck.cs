using Bioscope.Engine.Counting;
using Bioscope.Server.Api.Mails;
using Bioscope.Server.Web;
using NodaTime;

namespace Bioscope.Server.Dashboard.Mails;

/// <summary>An hour with unusual visits.</summary>
/// <param name="Kind">What is unusual.</param>
/// <param name="Hour">When the hour began.</param>
/// <param name="Visits">Its visits; of a running hour, those so far.</param>
/// <param name="Usual">The average of the same hour on the same day in the four weeks before.</param>
internal sealed record Alert(string Kind, LocalDateTime Hour, long Visits, double Usual);

/// <summary>Finds hours with unusually many or few visits: the running one, and the one before, which may have ended since the last look.</summary>
internal static class AlertCheck
{
    private const int Weeks = 4;

    /// <summary>Asks the engine about both hours and the same ones of four weeks, as of one instant.</summary>
    public static async Task<IReadOnlyList<Alert>> FindAsync(
        QueryEngine engine, PageNaming namings, Guid page, DateTimeZone zone, MailSubscription chosen, Instant now, CancellationToken cancellationToken)
    {
        var running = now.InZone(zone).LocalDateTime.With(time => time.With(TimeAdjusters.TruncateToHour));
        LocalDateTime[] hours = [running, running.PlusHours(-1)];
        var naming = await namings.ReadAsync(page, cancellationToken);
        var answers = await engine.AnswerAsync(
            page,
            [.. hours.SelectMany(hour => Enumerable.Range(0, Weeks + 1).Select(week => Report.Asking(
                new RangeRequest.Instants(RangeOf(hour.PlusWeeks(-week), zone)), [Metric.Visits], [])))],
            zone, naming, cancellationToken);
        var visits = answers.Select(answer => (long)answer.Answer.Totals[0]).Chunk(Weeks + 1).ToArray();
        return [.. hours.Select((hour, i) => Of(chosen, hour, visits[i], isOver: i > 0)).OfType<Alert>()];
    }

    /// <summary>Judges one hour.</summary>
    /// <param name="chosen">What the creator calls unusual.</param>
    /// <param name="hour">The hour.</param>
    /// <param name="visits">Its visits, then those of the weeks before.</param>
    /// <param name="isOver">Whether the hour is over: only then too few can be told.</param>
    public static Alert? Of(MailSubscription chosen, LocalDateTime hour, IReadOnlyList<long> visits, bool isOver)
    {
        var usual = visits.Skip(1).Average();
        var isSpike = chosen.Spikes && visits[0] >= chosen.MinVisits && visits[0] >= chosen.Times * usual;
        var isDrop = chosen.Drops && isOver && usual >= chosen.MinVisits && visits[0] * chosen.Times <= usual;
        return isSpike ? new Alert(AlertLetter.Spike, hour, visits[0], usual)
            : isDrop ? new Alert(AlertLetter.Drop, hour, visits[0], usual)
            : null;
    }

    /// <summary>The instants of a local hour; where clocks change, those of the hour that they show.</summary>
    public static InstantRange RangeOf(LocalDateTime hour, DateTimeZone zone)
    {
        var from = hour.InZoneLeniently(zone).ToInstant().ToUnixTimeMilliseconds();
        return new InstantRange(from, from + (60 * 60 * 1000));
    }
}
