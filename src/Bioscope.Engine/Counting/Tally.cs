using Bioscope.Core;

namespace Bioscope.Engine.Counting;

/// <summary>The counts for one row of a result, or for its totals.</summary>
public struct Tally
{
    /// <summary>Sessions that started in the range.</summary>
    public long Visits { get; set; }

    /// <summary>Their distinct visitors.</summary>
    public long Visitors { get; set; }

    /// <summary>Visits with fewer than two page views.</summary>
    public long Bounces { get; set; }

    /// <summary>Visits with a duration.</summary>
    public long Timed { get; set; }

    /// <summary>The sum of their durations in seconds.</summary>
    public long Seconds { get; set; }

    /// <summary>The visits' page views, at any time.</summary>
    public long PageViews { get; set; }

    /// <summary>Page views without a link in the range.</summary>
    public long Views { get; set; }

    /// <summary>Page views with a link in the range.</summary>
    public long Clicks { get; set; }

    /// <summary>Distinct visitors of sessions with such a click.</summary>
    public long Clickers { get; set; }

    /// <summary>Whether nothing was counted.</summary>
    public readonly bool IsEmpty => Visits == 0 && Views == 0 && Clicks == 0;

    /// <summary>Adds what can be added: visitors and clickers may be the same ones.</summary>
    public void Add(in Tally other)
    {
        Visits += other.Visits;
        Bounces += other.Bounces;
        Timed += other.Timed;
        Seconds += other.Seconds;
        PageViews += other.PageViews;
        Views += other.Views;
        Clicks += other.Clicks;
    }

    /// <summary>The metric as shown.</summary>
    /// <param name="metric">The metric.</param>
    /// <param name="allVisits">The totals' visits, for <see cref="Metric.Share"/>.</param>
    public readonly double Of(Metric metric, long allVisits) => metric switch
    {
        Metric.Visits => Visits,
        Metric.Visitors => Visitors,
        Metric.Views => Views,
        Metric.Clicks => Clicks,
        Metric.Clickers => Clickers,
        Metric.ClickRate => Percentage.WithTwoDecimals(Clicks, Views),
        Metric.BounceRate => Percentage.Of(Bounces, Visits),
        Metric.VisitDuration => Average.Of(Seconds, Timed, 0),
        Metric.ViewsPerVisit => Average.Of(PageViews, Visits, 1),
        Metric.Share => Percentage.WithTwoDecimals(Visits, allVisits),
        _ => throw new ArgumentOutOfRangeException(nameof(metric), metric, null),
    };

    /// <summary>Whether the metric has anything to count.</summary>
    public readonly bool Has(Metric metric) => metric switch
    {
        Metric.Views => Views > 0,
        Metric.Clicks => Clicks > 0,
        Metric.Clickers => Clickers > 0,
        Metric.ClickRate => Views > 0 || Clicks > 0,
        _ => Visits > 0,
    };
}
