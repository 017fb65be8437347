using Bioscope.Core;
using Bioscope.Engine.Ingest;
using Bioscope.Server.Configuration;
using Bioscope.Server.Web;

namespace Bioscope.Server.Api.Ingest;

/// <summary>
/// <c>PATCH</c> or <c>POST /api/v1/analytics/pageview/{id}/leave</c>: the visitor left. Sets the duration of the page view in seconds
/// from 0 to 3600, and its scroll depth in percent. The id is a page view's, or a session's for its latest page view. Returns <c>{ok:
/// true}</c>, even if there is no such page view or its session is closed.
/// </summary>
internal static class LeaveEndpoint
{
    public const int MaxSeconds = 3600;

    public static void Map(IEndpointRouteBuilder analytics, Settings settings) => analytics
        .MapMethods("pageview/{id}/leave", ["PATCH", "POST"], LeaveAsync)
        .WithMetadata(Ingestion.Limit("leave", settings.LeavesPerMinute, TimeSpan.FromMinutes(1)));

    private static async Task LeaveAsync(HttpContext http)
    {
        var isId = Uuid.TryParse((string?)http.GetRouteValue("id"), out var id);
        var (left, refusal) = await JsonRequest.ReadAsync(
            http, body => new PageLeft(id, body.RequiredNumber("duration", MaxSeconds), body.OptionalNumber("scrollDepth", max: 100)),
            orPlainText: true);
        if (left is null)
        {
            await Errors.WriteAsync(http, refusal!);
            return;
        }

        if (isId)
        {
            await http.RequestServices.GetRequiredService<IngestWriter>().WriteAsync(left);
        }

        await ApiResponse.AcknowledgeAsync(http);
    }
}
