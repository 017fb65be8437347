using System.Text.Json.Serialization;
using Bioscope.Core;
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
        var outcomes = (await scope.CountAsync("sessions", [Measure.Outcomes], cancellationToken))[Measure.Outcomes];
        var sessions = outcomes[Outcome.Sessions];
        return new SessionQuality(
            sessions,
            Percentage.Of(outcomes[Outcome.Bounces], sessions),
            (long)Average.Of(outcomes[Outcome.Seconds], outcomes[Outcome.Timed], decimals: 0),
            Average.Of(outcomes[Outcome.PageViews], sessions, decimals: 1));
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Success<SessionQuality>))]
internal sealed partial class SessionQualityJson : JsonSerializerContext;
