using Bioscope.Engine.Counting;
using NodaTime;

namespace Bioscope.Server.Dashboard;

/// <summary>The instants that a page covers: the period, its comparison, and the current moment.</summary>
/// <param name="Range">The period. For all time, it is known only up to the first visit until the engine has counted.</param>
/// <param name="Days">Its first and last local day; null for the last 24 hours.</param>
/// <param name="Comparison">The period to compare with; null for none.</param>
/// <param name="Zone">Determines the local days.</param>
/// <param name="Now">In milliseconds since 1970 UTC.</param>
internal sealed record Timeframe(
    InstantRange Range, (LocalDate First, LocalDate Last)? Days, InstantRange? Comparison, DateTimeZone Zone, long Now)
{
    /// <summary>The range of years in which a period may begin and end.</summary>
    public const int MinYear = 1970, MaxYear = 9999;

    private const long DayMs = 24 * 60 * 60 * 1000;

    // The chart has one point for each: as hours for a day, as days for a year, as weeks for six years.
    private const int MaxDaysAsHours = 2, MaxDaysAsDays = 370, MaxDaysAsWeeks = 7 * 320;

    /// <summary>Whether the period is still running.</summary>
    public bool IsRunning => Now < Range.Until;

    /// <summary>The unit of the chart's points.</summary>
    public Dimension Grain { get; } = Dimension.Named(DaysIn(Range) switch
    {
        <= MaxDaysAsHours => "hour",
        <= MaxDaysAsDays => "day",
        <= MaxDaysAsWeeks => "week",
        _ => "month",
    })!;

    /// <summary>Whether all time begins with a day that was imported as sums, which the engine does not know.</summary>
    public bool BeginsWithImportedDays { get; private init; }

    /// <summary>Determines the instants of a page.</summary>
    /// <param name="address">The request.</param>
    /// <param name="zone">Determines the local days.</param>
    /// <param name="now">The current moment.</param>
    /// <param name="firstVisit">The first visit; null when there was none.</param>
    /// <param name="firstImported">The first day that was imported as sums; null when there was none, or it is not shown.</param>
    public static Timeframe Of(
        Address address, DateTimeZone zone, DateTimeOffset now, DateTimeOffset? firstVisit, DateTimeOffset? firstImported = null)
    {
        var ms = now.ToUnixTimeMilliseconds();
        var isEarlier = firstImported is not null && (firstVisit is null || firstImported < firstVisit);
        var first = isEarlier ? firstImported : firstVisit;
        var range = QueryRange.Of(UntilToday(address.Range, Local(ms, zone).Date), zone, ms, first?.ToUnixTimeMilliseconds());
        return new Timeframe(range.Instants, range.Days, ComparisonOf(address, range, zone, ms), zone, ms) { BeginsWithImportedDays = isEarlier };
    }

    /// <summary>The local day and time of an instant.</summary>
    public LocalDateTime Local(long ms) => Local(ms, Zone);

    // Future days have nothing to show.
    private static RangeRequest UntilToday(RangeRequest asked, LocalDate today) => asked is RangeRequest.Dates dates
        ? new RangeRequest.Dates(LocalDate.Min(dates.First, today), LocalDate.Min(dates.Last, today))
        : asked;

    private static InstantRange? ComparisonOf(Address address, QueryRange range, DateTimeZone zone, long now)
    {
        var name = (address.Range as RangeRequest.Named)?.Name;
        if (address.Compared == Compared.None || name == NamedRange.All)
        {
            return null;
        }

        var isYear = address.Compared == Compared.LastYear;
        if (range.Days is not var (first, last))
        {
            return range.Comparison(new ComparisonRequest(isYear ? ComparisonKind.LastYear : ComparisonKind.Previous), zone).Instants;
        }

        // A calendar month is compared with the one before, whatever their lengths; other periods with the same number of days.
        var back = name switch
        {
            _ when isYear => Period.FromYears(1),
            NamedRange.Week => Period.FromWeeks(1),
            NamedRange.Month or NamedRange.LastMonth => Period.FromMonths(1),
            NamedRange.Year or NamedRange.LastYear => Period.FromYears(1),
            _ => Period.FromDays(Period.DaysBetween(first, last) + 1),
        };
        var before = first - back;
        var end = isYear ? last - back : first.PlusDays(-1);
        var whole = QueryRange.Of(new RangeRequest.Dates(before, LocalDate.Max(before, end)), zone, now, null).Instants;
        // A running day is compared with the same hours.
        return now < range.Instants.Until
            ? whole with { Until = Math.Max(whole.From, (Local(now, zone) - back).InZoneLeniently(zone).ToInstant().ToUnixTimeMilliseconds()) }
            : whole;
    }

    // A day has 23 or 25 hours when clocks change.
    private static long DaysIn(InstantRange range) => (range.Until - range.From + (DayMs / 2)) / DayMs;

    private static LocalDateTime Local(long ms, DateTimeZone zone) => Instant.FromUnixTimeMilliseconds(ms).InZone(zone).LocalDateTime;
}
