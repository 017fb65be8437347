using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>Periods as choices, and as words within a sentence.</summary>
internal sealed class PeriodWords(Words words) : WordArea(words, "Period")
{
    public string Today => Text();
    public string Days(long count) => Plural(count);
    public string Yesterday => Text();
    public string Hours(long count) => Plural(count);
    public string ThisWeek => Text();
    public string ThisMonth => Text();
    public string LastMonth => Text();
    public string ThisYear => Text();
    public string LastYear => Text();
    public string AllTime => Text();
    public string OnToday => Text();
    public string InDays(long count) => Plural(count);
    public string OnYesterday => Text();
    public string InHours(long count) => Plural(count);
    public string InThisWeek => Text();
    public string InThisMonth => Text();
    public string InLastMonth => Text();
    public string InThisYear => Text();
    public string InLastYear => Text();
    public string SoFar => Text();
    public string SinceFirstVisit => Text();
    public string FromTo(string first, string last) => Fill([("first", first), ("last", last)]);
    public string OnDay(string day) => Fill("day", day);
    public string Filtered(string period) => Fill("period", period);
    public string Span(string first, string last) => Fill([("first", first), ("last", last)]);
    public string Period => Text();
    public string More => Text();
    public string YourDates => Text();
    public string From => Text();
    public string To => Text();
    public string Show => Text();
    public string CompareWith => Text();
    public string PeriodBefore => Text();
    public string YearBefore => Text();
    public string Nothing => Text();
    public string Compare => Text();
}
