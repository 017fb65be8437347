using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Sharing;

/// <summary>The page where a creator shares views of her figures.</summary>
internal sealed class SharedPageWords(Words words) : WordArea(words, "SharedPage")
{
    public string PageTitle(string name) => Fill("name", name);
    public string Title => Text();
    public string Meaning => Text();
    public string NotShared(string problem) => Fill("problem", problem);
    public string View => Text();
    public Html Choose(Html view, Html link, Html end) => Markup([("view", view), ("link", link), ("end", end)]);
    public string OurFigures => Text();
    public string Period => Text();
    public string Moving(string period) => Fill("period", period);
    public string Staying => Text();
    public string Shows => Text();
    public string MakeLink => Text();
    public string ForSponsor => Text();
    public string SponsorMeaning => Text();
    public string CampaignWith => Text();
    public string Link => Text();
    public string AllLinks => Text();
    public string Source => Text();
    public string AllSources => Text();
    public string MakePage => Text();
    public string SharedSoFar => Text();
    public string NothingYet => Text();
    public string Headlines => Text();
    public string Trend => Text();
    public string Sources => Text();
    public string Links => Text();
    public string Countries => Text();
    public string Devices => Text();
    public string Quality => Text();
    public string NotCounted => Text();
    public string Live => Text();
    public string More => Text();
    public string TitleField => Text();
    public string Password => Text();
    public string LastDay => Text();
    public string EmbedSites => Text();
    public string ShowName => Text();
    public string Expired => Text();
    public Html Also(Html view, Html detail) => Markup([("view", view), ("detail", detail)]);
    public string ClicksOn(string link) => Fill("link", link);
    public string WithPassword => Text();
    public string Until(string time) => Fill("time", time);
    public Html Ends(Html view) => Markup([("view", view)]);
    public string LastOpened(string time) => Fill("time", time);
    public string NotOpened => Text();
    public string Frozen(string time) => Fill("time", time);
    public string Embed => Text();
    public string EmbedOn(string sites) => Fill("sites", sites);
    public string CopyLine(string title) => Fill("title", title);
    public string CopyLink(string title) => Fill("title", title);
    public string Revoke => Text();
    public string RevokeIt(string title) => Fill("title", title);
    public string RevokeMeaning => Text();
    public string Freeze => Text();
    public string FreezeIt(string title) => Fill("title", title);
    public string FreezeMeaning => Text();
}
