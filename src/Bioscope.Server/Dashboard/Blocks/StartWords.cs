using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Blocks;

/// <summary>What a creator sees before the first visit.</summary>
internal sealed class StartWords(Words words) : WordArea(words, "Start")
{
    public string Title => Text();
    public string Steps => Text();
    public string PutLinks => Text();
    public string ShareAddress => Text();
    public string CountSites => Text();
    public Html SitesText(Html link, Html end) => Markup([("link", link), ("end", end)]);
    public string CopyLine => Text();
    public string LinksOnPage(long count) => Plural(count);
    public string NoLinks => Text();
    public string AddLinks => Text();
    public string AddressText => Text();
    public string CopyAddress => Text();
    public Html NoAddress(Html link, Html end) => Markup([("link", link), ("end", end)]);
}
