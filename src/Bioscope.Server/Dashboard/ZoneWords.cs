using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>The texts of <see cref="ZoneForm"/>.</summary>
internal sealed class ZoneWords(Words words) : WordArea(words, "Zone")
{
    public Html DaysBegin(Html zone) => Markup([("zone", zone)]);

    public Html DaysBeginAsAsked(Html zone) => Markup([("zone", zone)]);

    public string Change => Text();

    public string TimeZone => Text();

    public Html Note(Html query) => Markup([("query", query)]);
}
