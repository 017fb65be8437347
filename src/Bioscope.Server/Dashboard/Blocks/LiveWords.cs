using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Blocks;

/// <summary>The live visits.</summary>
internal sealed class LiveWords(Words words) : WordArea(words, "Live")
{
    public string Name => Text();
    public Html Visits(long number, Html count, Html minutes) => PluralMarkup(number, [("count", count), ("minutes", minutes)]);
    public string Nobody => Text();
    public Html Where(Html country, Html device) => Markup([("country", country), ("device", device)]);
    public string JustNow => Text();
    public string MinutesAgo(long count) => Plural(count);
}
