using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Blocks;

/// <summary>The block of sources, channels or domains.</summary>
internal sealed class SourceFiguresWords(Words words) : WordArea(words, "SourceFigures")
{
    public string AllSources => Text();
    public string AllChannels => Text();
    public string AllDomains => Text();
    public string OtherSources => Text();
    public string OtherChannels => Text();
    public string OtherDomains => Text();
    public string BySourceAndLink => Text();
    public string ByChannelAndLink => Text();
    public string NoVisits(string period) => Fill("period", period);
    public string Hidden(long count, string why) => Plural(count, [("why", why)]);
    public string ByYourRules => Text();
    public string ByTheRules => Text();
    public string AsSpam => Text();
    public string ByYourRulesOrSpam => Text();
    public string ByTheRulesOrSpam => Text();
    public string Rules => Text();
    public string ShownBy => Text();
    public string Sources => Text();
    public string Domains => Text();
    public string Channels => Text();
    public string DirectMeaning => Text();
}
