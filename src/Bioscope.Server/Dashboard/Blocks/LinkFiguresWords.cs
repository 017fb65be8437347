using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Blocks;

/// <summary>The block of links.</summary>
internal sealed class LinkFiguresWords(Words words) : WordArea(words, "LinkFigures")
{
    public string NoLinks(string period) => Fill("period", period);
    public string NoClicks(string period) => Fill("period", period);
    public string MoreLinks(long count) => Plural(count);
    public string GoneLinks(long count) => Plural(count);
    public string RateMeaning => Text();
    public string RateMeaningShared => Text();
    public string AllLinks => Text();
    public Html ClicksFrom(Html sources) => Markup([("sources", sources)]);
    public string More(long count) => Plural(count);
    public string Open(string link) => Fill("link", link);
}
