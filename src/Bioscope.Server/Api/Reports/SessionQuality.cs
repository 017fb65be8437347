using System.Text.Json.Serialization;
using Bioscope.Engine.Counting;
using Bioscope.Server.Configuration;
using Bioscope.Server.Web;

namespace Bioscope.Server.Api.Reports;

/// <summary>
/// <c>GET /api/v1/creators/analytics/sessions</c>: the quality of the sessions on the caller's page. A bounce is a session with fewer
/// than two page views; <c>bounceRate</c> is in whole percent, <c>avgDuration</c> in whole seconds over the sessions that have a
/// duration, <c>pagesPerSession</c> over all with one decimal. Zeros when there are no sessions.
/// </summary>
internal sealed record SessionQuality(long TotalSessions, int BounceRate, long AvgDuration, double PagesPerSession)
{
    public static void Map(IEndpointRouteBuilder reports, Settings settings) =>
        ReportScope.MapReport(reports, "sessions", settings, SessionQualityJson.Default.SuccessSessionQuality, ReadAsync);

    public static async Task<SessionQuality> ReadAsync(ReportScope scope, CancellationToken cancellationToken)
    {
        var counts = await scope.CountAsync(
            null, [Metric.Visits, Metric.BounceRate, Metric.VisitDuration, Metric.ViewsPerVisit], cancellationToken);
        return new SessionQuality(
            counts.Totals.Visits, (int)Of(Metric.BounceRate), (long)Of(Metric.VisitDuration), Of(Metric.ViewsPerVisit));

        double Of(Metric metric) => counts.Totals.Of(metric, counts.Totals.Visits);
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Success<SessionQuality>))]
internal sealed partial class SessionQualityJson : JsonSerializerContext;
