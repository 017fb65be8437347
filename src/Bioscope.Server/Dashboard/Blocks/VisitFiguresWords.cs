using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Blocks;

/// <summary>The blocks of countries, devices and the quality of visits.</summary>
internal sealed class VisitFiguresWords(Words words) : WordArea(words, "VisitFigures")
{
    public string Map => Text();
    public string Country(long count, string country, string share) => Plural(count, [("country", country), ("share", share)]);
    public string OtherCountries => Text();
    public string AllCountries => Text();
    public string More => Text();
    public string Others => Text();
    public string MoreDevices(long count) => Plural(count);
    public string Visits => Text();
    public string VisitsShared => Text();
    public string Bounces => Text();
    public string Time => Text();
    public string Actions => Text();
    public string Seconds => Text();
    public string Minutes => Text();
}
