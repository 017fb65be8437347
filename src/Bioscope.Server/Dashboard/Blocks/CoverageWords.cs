using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Blocks;

/// <summary>How many visits have a known source, and by what it is known.</summary>
internal sealed class CoverageWords(Words words) : WordArea(words, "Coverage")
{
    public string NoneKnown => Text();
    public string Known(string share) => Fill("share", share);
    public string How => Text();
    public string HowAndRest => Text();
    public string Part(string share, string clue) => Fill([("share", share), ("clue", clue)]);
    public string Parts(string list) => Fill("list", list);
    public string Placement => Text();
    public string Tag => Text();
    public string ClickId => Text();
    public string Referrer => Text();
    public string App => Text();
    public Html Unknown(Html tiktok, Html newsletter) => Markup([("tiktok", tiktok), ("newsletter", newsletter)]);
}
