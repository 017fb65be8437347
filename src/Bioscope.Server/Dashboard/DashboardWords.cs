using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>What stands on every page of the dashboard, and around its figures.</summary>
internal sealed class DashboardWords(Words words) : WordArea(words, "Dashboard")
{
    public string Skip => Text();
    public string SignOut => Text();
    public string Menu => Text();
    public string Figures => Text();
    public string YourPage => Text();
    public string YourLinks => Text();
    public string Share => Text();
    public string AllPages => Text();
    public string Title(string name) => Fill("name", name);
    public string TitleOf(string name, string what) => Fill([("name", name), ("what", what)]);
    public string Mails => Text();
    public string Team => Text();
    public string YourAccount => Text();
    public Html ExactCounts(Html api) => Markup([("api", api)]);
    public string NotKept(string day) => Fill("day", day);
    public string RefreshLive => Text();
    public string ShareView => Text();
    public string AsCsv(string title) => Fill("title", title);
    public string Back => Text();
    public string Copy => Text();
    public string Copied => Text();
    public string List(string list, string item) => Fill([("list", list), ("item", item)]);
    public string DayAndTime(string day, string time) => Fill([("day", day), ("time", time)]);

    /// <summary>Several texts as a list within a sentence.</summary>
    internal string ListOf(IEnumerable<string> items) => items.Aggregate((list, item) => List(list, item));
}
