using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Blocks;

/// <summary>The main result in one sentence, and the headline figures.</summary>
internal sealed class HeadlineWords(Words words) : WordArea(words, "Headline")
{
    public string NoVisits(string period) => Fill("period", period);
    public string Nobody(string period) => Fill("period", period);
    public string Visits(long count, string period) => Plural(count, [("period", period)]);
    public string OnlyMatching => Text();
    public string NothingKnown => Text();
    public string AllDirect(long count, string period) => Plural(count, [("period", period)]);
    public Html Tied(Html source) => Markup([("source", source)]);
    public Html LargestKnown(Html source) => Markup([("source", source)]);
    public Html SendsMost(Html source) => Markup([("source", source)]);
    public string Of(long count, string part, string period) => Plural(count, [("part", part), ("period", period)]);
    public string MoreDirect(long count) => Plural(count);
    public string AsManyDirect => Text();
    public string SomeDirect(long count) => Plural(count);
    public string ClicksOn(string link) => Fill("link", link);
    public string Figures => Text();
    public string Meaning => Text();
    public string MeaningShared => Text();
    public string MeaningOneLink => Text();
    public string RateMeaning => Text();
    public string Points(string number) => Fill("number", number);
    public string Before(string number) => Fill("number", number);
    public string New => Text();
    public string Up => Text();
    public string Down => Text();
    public string Unchanged => Text();
    public string NotCompared => Text();
    public string NothingBefore => Text();
    public string ComparedWith(string period) => Fill("period", period);
    public string ComparedUntil(string period, string time) => Fill([("period", period), ("time", time)]);
}
