using Bioscope.Engine.Counting;
using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>The names of what is counted, and numbers of them.</summary>
internal sealed class MetricWords(Words words) : WordArea(words, "Metric")
{
    public string Visits => Text();
    public string Visitors => Text();
    public string Views => Text();
    public string Clicks => Text();
    public string ClickRate => Text();
    public string Share => Text();
    public string Clickers => Text();
    public string BounceRate => Text();
    public string TimeOnPage => Text();
    public string ActionsPerVisit => Text();
    public string Visit(long count) => Plural(count);
    public string Click(long count) => Plural(count);
    public Html VisitCount(long number, Html count) => PluralMarkup(number, [("count", count)]);
    public Html VisitorCount(long number, Html count) => PluralMarkup(number, [("count", count)]);
    public Html ViewCount(long number, Html count) => PluralMarkup(number, [("count", count)]);
    public Html ClickCount(long number, Html count) => PluralMarkup(number, [("count", count)]);

    /// <summary>The name of a metric at the head of a column.</summary>
    internal string Head(Metric metric) => Words.Capital(metric switch
    {
        Metric.Visits => Visits,
        Metric.Visitors => Visitors,
        Metric.Views => Views,
        Metric.Clicks => Clicks,
        Metric.ClickRate => ClickRate,
        Metric.Share => Share,
        Metric.Clickers => Clickers,
        Metric.BounceRate => BounceRate,
        Metric.VisitDuration => TimeOnPage,
        Metric.ViewsPerVisit => ActionsPerVisit,
        _ => metric.ToString(),
    });
}
