using Bioscope.Core;
using Bioscope.Server.Api.Reports;

namespace Bioscope.Server.Dashboard;

/// <summary>
/// Views and clicks as the dashboard counts them: a view is a page view without a link (the page was shown), a click is one with a link.
/// The published reports call every page view a view; so a load and a click are two views there, and one view and one click here.
/// </summary>
internal readonly record struct ViewsAndClicks(long Views, long Clicks)
{
    /// <summary>Clicks per hundred views with two decimals, so over 100 where a view leads to several clicks; 0 without views.</summary>
    public double ClickRate => Percentage.WithTwoDecimals(Clicks, Views);

    /// <summary>From the figures of the published report.</summary>
    public static ViewsAndClicks Of(Overview overview) => OfPageViews(overview.TotalViews, overview.TotalClicks);

    /// <summary>From the number of all page views, and of those with a link.</summary>
    public static ViewsAndClicks OfPageViews(long pageViews, long clicks) => new(pageViews - clicks, clicks);

    public static ViewsAndClicks operator -(ViewsAndClicks longer, ViewsAndClicks shorter) => new(longer.Views - shorter.Views, longer.Clicks - shorter.Clicks);
}
