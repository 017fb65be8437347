using NodaTime;

namespace Bioscope.Engine.Counting;

/// <summary>
/// The instants of a range, and its local days if it consists of whole days. A day begins at its first instant in the zone, which is not
/// midnight where clocks change at midnight. Ends are clamped: days to <see cref="FirstDay"/> and <see cref="LastDay"/>, so that every day is
/// a whole one, and instants to <see cref="Earliest"/> and <see cref="Latest"/>.
/// </summary>
/// <param name="Instants">From inclusive, until exclusive.</param>
/// <param name="Days">The first and the last local day, both inclusive; null for instants and <c>24h</c>.</param>
public sealed record QueryRange(InstantRange Instants, (LocalDate First, LocalDate Last)? Days)
{
    /// <summary>0001-01-03T00:00Z in milliseconds since 1970: its whole week fits into .NET's dates in every zone.</summary>
    public const long Earliest = -62_135_424_000_000;

    /// <summary>9999-12-31T00:00Z in milliseconds since 1970: fits into .NET's and NodaTime's dates in every zone.</summary>
    public const long Latest = 253_402_214_400_000;

    private const long DayMs = 24 * 60 * 60 * 1000;

    /// <summary>The first day that begins after <see cref="Earliest"/> in every zone.</summary>
    public static LocalDate FirstDay { get; } = new(1, 1, 4);

    /// <summary>The last day that ends before <see cref="Latest"/> in every zone.</summary>
    public static LocalDate LastDay { get; } = new(9999, 12, 29);

    /// <summary>The requested range, at this moment and in this zone.</summary>
    /// <param name="request">The request.</param>
    /// <param name="zone">Determines the local days.</param>
    /// <param name="nowMs">The moment, in milliseconds since 1970 UTC.</param>
    /// <param name="firstRowMs">The time of the page's first row, for <c>all</c>; null when it has none.</param>
    public static QueryRange Of(RangeRequest request, DateTimeZone zone, long nowMs, long? firstRowMs) => request switch
    {
        RangeRequest.Dates dates => OfDays(dates.First, dates.Last, zone),
        RangeRequest.Instants instants => OfInstants(instants.Range.From, instants.Range.Until),
        RangeRequest.Named { Name: NamedRange.Last24Hours } => OfInstants(nowMs - DayMs, nowMs),
        RangeRequest.Named named => OfName(named.Name, zone, LocalDay(nowMs, zone), firstRowMs),
        _ => throw new ArgumentOutOfRangeException(nameof(request), request, null),
    };

    /// <summary>
    /// The range to compare with. Previous: the same number of local days directly before, or of milliseconds if the range is not whole
    /// days. Last year: both ends (for whole days, the first and the last day) a year earlier in the local calendar; 29 February becomes
    /// 28.
    /// </summary>
    public QueryRange Comparison(ComparisonRequest request, DateTimeZone zone)
    {
        switch (request.Kind)
        {
            case ComparisonKind.Previous when Days is var (first, last):
                var days = Period.DaysBetween(first, last) + 1;
                return OfDays(first.PlusDays(-days), first.PlusDays(-1), zone);
            case ComparisonKind.Previous:
                return OfInstants(Instants.From - (Instants.Until - Instants.From), Instants.From);
            case ComparisonKind.LastYear when Days is var (first, last):
                return OfDays(first.PlusYears(-1), last.PlusYears(-1), zone);
            case ComparisonKind.LastYear:
                return OfInstants(YearBefore(Instants.From, zone), YearBefore(Instants.Until, zone));
            case ComparisonKind.Range when request.Range is RangeRequest.Dates or RangeRequest.Instants:
                return Of(request.Range, zone, 0, null);
            default:
                throw new ArgumentOutOfRangeException(nameof(request), request, null);
        }
    }

    private static QueryRange OfName(NamedRange name, DateTimeZone zone, LocalDate today, long? firstRowMs)
    {
        var month = new LocalDate(today.Year, today.Month, 1);
        var year = new LocalDate(today.Year, 1, 1);
        var (first, last) = name switch
        {
            NamedRange.Today => (today, today),
            NamedRange.Yesterday => (today.PlusDays(-1), today.PlusDays(-1)),
            NamedRange.Last7Days => (today.PlusDays(-6), today),
            NamedRange.Last30Days => (today.PlusDays(-29), today),
            NamedRange.Last90Days => (today.PlusDays(-89), today),
            NamedRange.Last365Days => (today.PlusDays(-364), today),
            NamedRange.Week => (today.PlusDays(1 - (int)today.DayOfWeek), today),
            NamedRange.Month => (month, today),
            NamedRange.Year => (year, today),
            NamedRange.LastMonth => (month.PlusMonths(-1), month.PlusDays(-1)),
            NamedRange.LastYear => (year.PlusYears(-1), year.PlusDays(-1)),
            // A row of tomorrow, which only a wrong clock writes, must not invert the range.
            NamedRange.All => (firstRowMs is { } ms ? LocalDate.Min(LocalDay(ms, zone), today) : today, today),
            _ => throw new ArgumentOutOfRangeException(nameof(name), name, null),
        };
        return OfDays(first, last, zone);
    }

    private static QueryRange OfDays(LocalDate first, LocalDate last, DateTimeZone zone)
    {
        // Without a day in between, which only a comparison has, the range is empty.
        first = LocalDate.Min(LocalDate.Max(first, FirstDay), LastDay.PlusDays(1));
        last = LocalDate.Max(LocalDate.Min(last, LastDay), FirstDay.PlusDays(-1));
        return new QueryRange(new InstantRange(StartOfDay(first, zone), StartOfDay(last.PlusDays(1), zone)), (first, last));
    }

    private static QueryRange OfInstants(long from, long until) =>
        new(new InstantRange(Math.Clamp(from, Earliest, Latest), Math.Clamp(until, Earliest, Latest)), null);

    // The day's first instant. A day that the zone skipped entirely (Apia had no 30 December 2011) begins where the next one does;
    // NodaTime's AtStartOfDay would throw.
    private static long StartOfDay(LocalDate date, DateTimeZone zone)
    {
        var midnight = zone.MapLocal(date.AtMidnight());
        return (midnight.Count == 0 ? midnight.EarlyInterval.End : midnight.First().ToInstant()).ToUnixTimeMilliseconds();
    }

    // An ambiguous local time means its first occurrence; a skipped one is moved forward by the gap.
    private static long YearBefore(long ms, DateTimeZone zone) =>
        Local(ms, zone).PlusYears(-1).InZoneLeniently(zone).ToInstant().ToUnixTimeMilliseconds();

    private static LocalDate LocalDay(long ms, DateTimeZone zone) => Local(ms, zone).Date;

    private static LocalDateTime Local(long ms, DateTimeZone zone) =>
        Instant.FromUnixTimeMilliseconds(Math.Clamp(ms, Earliest, Latest)).InZone(zone).LocalDateTime;
}
