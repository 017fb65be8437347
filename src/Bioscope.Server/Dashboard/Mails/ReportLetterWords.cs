using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Mails;

/// <summary>The texts of <see cref="ReportLetter"/>, and what ends every mail that comes by itself.</summary>
internal sealed class ReportLetterWords(Words words) : WordArea(words, "ReportLetter")
{
    public string Days(string first, string last, string year) => Fill([("first", first), ("last", last), ("year", year)]);

    public string Visits(long count) => Plural(count);

    public string SubjectWeek(string name, string visits) => Fill([("name", name), ("visits", visits)]);

    public string SubjectMonth(string name, string visits) => Fill([("name", name), ("visits", visits)]);

    public string NobodyWeek => Text();

    public string NobodyMonth => Text();

    public string Week(string visits) => Fill("visits", visits);

    public string WeekAfterNone(string visits) => Fill("visits", visits);

    public string WeekSame(string visits) => Fill("visits", visits);

    public string WeekMore(string visits, string percent) => Fill([("visits", visits), ("percent", percent)]);

    public string WeekFewer(string visits, string percent) => Fill([("visits", visits), ("percent", percent)]);

    public string Month(string visits) => Fill("visits", visits);

    public string MonthAfterNone(string visits) => Fill("visits", visits);

    public string MonthSame(string visits) => Fill("visits", visits);

    public string MonthMore(string visits, string percent) => Fill([("visits", visits), ("percent", percent)]);

    public string MonthFewer(string visits, string percent) => Fill([("visits", visits), ("percent", percent)]);

    public string Best(string source) => Fill("source", source);

    public string Views => Text();

    public string Visitors => Text();

    public string Clicks => Text();

    public string ClickRate => Text();

    public string RateBefore(string percent) => Fill("percent", percent);

    public string AsBefore => Text();

    public string New => Text();

    public string WhyWeek => Text();

    public string WhyMonth => Text();

    public string Sources => Text();

    public string Links => Text();

    public string SeeAll => Text();

    public string AllFigures(string url) => Fill("url", url);

    public Html StopOrChoose(Html stop, Html choose) => Markup([("stop", stop), ("choose", choose)]);

    public string Stop => Text();

    public string StopAt(string url) => Fill("url", url);

    public string Choose => Text();

    public string ChooseAt(string url) => Fill("url", url);
}
