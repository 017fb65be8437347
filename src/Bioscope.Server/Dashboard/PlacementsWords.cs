using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>The page of placement links.</summary>
internal sealed class PlacementsWords(Words words) : WordArea(words, "Placements")
{
    public string PageTitle(string name) => Fill("name", name);
    public string Title => Text();
    public string ShareFigures => Text();
    public string CountSites => Text();
    public string Meaning => Text();
    public Html NoAddress(Html link, Html end) => Markup([("link", link), ("end", end)]);
    public string AddPlace => Text();
    public string AnotherPlace => Text();
    public string Add => Text();
    public string YourLinks => Text();
    public string NoneYet => Text();
    public Html In30Days(Html visits, Html visitors, Html clicks, Html start, Html end) => Markup([("visits", visits), ("visitors", visitors), ("clicks", clicks), ("start", start), ("end", end)]);
    public string CopyAddress(string place) => Fill("place", place);
    public string QrCode => Text();
    public string QrCodeOf(string address) => Fill("address", address);
    public string Download => Text();
    public string Change => Text();
    public string Save => Text();
    public string Remove => Text();
    public string ChangeMeaning => Text();
    public string Name => Text();
    public string Source => Text();
    public string Slug => Text();
    public string SlugForm => Text();
    public string InstagramBio => Text();
    public string InstagramStory => Text();
    public string TikTokBio => Text();
    public string YouTube => Text();
    public string Newsletter => Text();
    public string XBio => Text();
    public string Podcast => Text();
    public string Print => Text();
}
