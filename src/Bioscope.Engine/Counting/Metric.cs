namespace Bioscope.Engine.Counting;

/// <summary>What a query counts. The JSON names are these in camelCase.</summary>
public enum Metric
{
    /// <summary>Sessions that started in the range.</summary>
    Visits,

    /// <summary>Distinct visitors of those sessions.</summary>
    Visitors,

    /// <summary>Page views without a link in the range: how often the page was viewed.</summary>
    Views,

    /// <summary>Page views with a link in the range: how often a link was clicked.</summary>
    Clicks,

    /// <summary>Distinct visitors of sessions with a click in the range, whenever the session began.</summary>
    Clickers,

    /// <summary>100 × clicks ÷ views, two decimals; 0 without views.</summary>
    ClickRate,

    /// <summary>Visits with fewer than two page views in whole percent of visits; 0 without visits.</summary>
    BounceRate,

    /// <summary>Average duration in whole seconds of visits that have a duration; 0 without.</summary>
    VisitDuration,

    /// <summary>Page views of the visits ÷ visits, one decimal; 0 without visits.</summary>
    ViewsPerVisit,

    /// <summary>Visits as a percentage of the totals' visits, two decimals.</summary>
    Share,
}
