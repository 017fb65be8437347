using System.Text.Json.Serialization;
using Bioscope.Core;
using Bioscope.Engine.Counting;
using Bioscope.Server.Configuration;
using Bioscope.Server.Web;

namespace Bioscope.Server.Api.Reports;

/// <summary>
/// <c>GET /api/v1/creators/analytics/overview</c>: the headline figures of the caller's page. Views are page views, and clicks are those
/// with a link, by the time they were entered; visitors are distinct hashed visitor ids among the sessions started in the window.
/// <c>ctr</c> is clicks per hundred views with two decimals, 0 without views; <c>days</c> is the window that was used.
/// </summary>
internal sealed record Overview(long TotalViews, long UniqueVisitors, long TotalClicks, double Ctr, int Days)
{
    public static void Map(IEndpointRouteBuilder reports, Settings settings) =>
        ReportScope.MapReport(reports, "overview", settings, OverviewJson.Default.SuccessOverview, ReadAsync);

    public static async Task<Overview> ReadAsync(ReportScope scope, CancellationToken cancellationToken)
    {
        var counts = await scope.CountAsync(null, [Metric.Views, Metric.Clicks, Metric.Visitors], cancellationToken);
        var (views, clicks) = (counts.Totals.Views + counts.Totals.Clicks, counts.Totals.Clicks);
        return new Overview(views, counts.Totals.Visitors, clicks, Percentage.ClickThroughRate(clicks, views), scope.Days);
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Success<Overview>))]
internal sealed partial class OverviewJson : JsonSerializerContext;
