using Bioscope.Engine.Counting;
using NodaTime;
using NodaTime.Text;

namespace Bioscope.Server.Dashboard.Mails;

/// <summary>A week or month that a report is about, and the one before.</summary>
/// <param name="Kind">The kind of the report.</param>
/// <param name="First">The first day.</param>
/// <param name="Last">The last day.</param>
/// <param name="FirstBefore">The first day of the period before, which ends the day before <paramref name="First"/>.</param>
internal sealed record ReportPeriod(string Kind, LocalDate First, LocalDate Last, LocalDate FirstBefore)
{
    public const string Weekly = "weekly", Monthly = "monthly";

    // When people read mail, also where it is due on a Monday.
    private static readonly LocalTime Due = new(8, 0);

    /// <summary>The range of the period.</summary>
    public RangeRequest Range => new RangeRequest.Dates(First, Last);

    /// <summary>The range of the period before.</summary>
    public RangeRequest Before => new RangeRequest.Dates(FirstBefore, First.PlusDays(-1));

    /// <summary>The period in the key of its mail.</summary>
    public string Key => LocalDatePattern.Iso.Format(First);

    /// <summary>When its report is due.</summary>
    public Instant DueAt(DateTimeZone zone) => Last.PlusDays(1).At(Due).InZoneLeniently(zone).ToInstant();

    /// <summary>The last period that has a report at some instant.</summary>
    public static ReportPeriod LastDue(string kind, Instant now, DateTimeZone zone)
    {
        var today = now.InZone(zone).Date;
        var period = kind == Weekly
            ? OfWeek(today.With(DateAdjusters.PreviousOrSame(IsoDayOfWeek.Monday)).PlusWeeks(-1))
            : OfMonth(today.With(DateAdjusters.StartOfMonth).PlusMonths(-1));
        return period.DueAt(zone) <= now ? period : kind == Weekly ? OfWeek(period.FirstBefore) : OfMonth(period.FirstBefore);
    }

    /// <summary>The period that begins on a day.</summary>
    public static ReportPeriod Of(string kind, LocalDate first) => kind == Weekly ? OfWeek(first) : OfMonth(first);

    private static ReportPeriod OfWeek(LocalDate monday) => new(Weekly, monday, monday.PlusDays(6), monday.PlusWeeks(-1));

    private static ReportPeriod OfMonth(LocalDate first) => new(Monthly, first, first.PlusMonths(1).PlusDays(-1), first.PlusMonths(-1));
}
