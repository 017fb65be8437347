using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Sharing;

/// <summary>What people see by a shared link: the view, its frozen form, and the door with the password.</summary>
internal sealed class SharedViewWords(Words words) : WordArea(words, "SharedView")
{
    public string DaysIn(string period, string zone) => Fill([("period", period), ("zone", zone)]);
    public string Foot => Text();
    public string Door => Text();
    public string Password => Text();
    public string Open => Text();
    public string WhoKnows => Text();
    public string WrongPassword => Text();
    public string TooManyOpen => Text();
    public string OpensWithPassword => Text();
    public string FrozenAndSigned => Text();
    public Html FrozenDays(Html from, Html until, Html zone) => Markup([("from", from), ("until", until), ("zone", zone)]);
    public Html By(Html name) => Markup([("name", name)]);
    public Html FrozenAt(Html time) => Markup([("time", time)]);
    public Html Proof(Html download, Html end, Html check) => Markup([("download", download), ("end", end), ("check", check)]);
    public string NotCounted => Text();
    public string AsSigned => Text();
}
