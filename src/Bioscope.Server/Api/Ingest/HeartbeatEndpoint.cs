using Bioscope.Core;
using Bioscope.Engine.Ingest;
using Bioscope.Server.Configuration;
using Bioscope.Server.Web;

namespace Bioscope.Server.Api.Ingest;

/// <summary>
/// <c>PATCH</c> or <c>POST /api/v1/analytics/session/{id}/heartbeat</c>: the visitor is still there; adds 30 seconds to the session.
/// Returns <c>{ok: true}</c>, even if the session is unknown or closed. A body is ignored.
/// </summary>
internal static class HeartbeatEndpoint
{
    public static void Map(IEndpointRouteBuilder analytics, Settings settings) => analytics
        .MapMethods("session/{id}/heartbeat", ["PATCH", "POST"], BeatAsync)
        .WithMetadata(Ingestion.Limit("heartbeat", settings.HeartbeatsPerHalfMinute, TimeSpan.FromSeconds(30)));

    private static async Task BeatAsync(HttpContext http)
    {
        if (Uuid.TryParse((string?)http.GetRouteValue("id"), out var session))
        {
            await http.RequestServices.GetRequiredService<IngestWriter>().WriteAsync(new HeartbeatReceived(session));
        }

        await ApiResponse.AcknowledgeAsync(http);
    }
}
