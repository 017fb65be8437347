using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Blocks;

/// <summary>The chart of views and clicks.</summary>
internal sealed class TrendWords(Words words) : WordArea(words, "Trend")
{
    public string Title => Text();
    public string NoViews(string period) => Fill("period", period);
    public string NoViewsYet => Text();
    public string Hour => Text();
    public string Day => Text();
    public string Week => Text();
    public string Month => Text();
    public string TodaySoFar => Text();
    public string HourSoFar => Text();
    public string WeekSoFar => Text();
    public string MonthSoFar => Text();
    public string Chart(string unit) => Fill("unit", unit);
    public Html Spoken(Html first, Html last, Html summary) => Markup([("first", first), ("last", last), ("summary", summary)]);
    public Html MostOn(Html when, Html views, Html clicks) => Markup([("when", when), ("views", views), ("clicks", clicks)]);
    public Html MostAt(Html when, Html views, Html clicks) => Markup([("when", when), ("views", views), ("clicks", clicks)]);
    public string Imported => Text();
    public Html ImportedFrom(Html views, string tool) => Markup([("views", views), ("tool", Html.Of($"{tool}"))]);
    public string Table => Text();
    public string AllValues => Text();
    public string Reading(string when, string views, string clicks) => Fill([("when", when), ("views", views), ("clicks", clicks)]);
    public string StillToCome(string when) => Fill("when", when);
    public string PointSoFar(string when) => Fill("when", when);
    public string PointFrom(string when, string start) => Fill([("when", when), ("start", start)]);
    public string WeekFrom(string day) => Fill("day", day);
    public string MonthFrom(string day) => Fill("day", day);
}
