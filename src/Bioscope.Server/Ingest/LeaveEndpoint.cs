using Bioscope.Core;
using Bioscope.Server.Configuration;
using Bioscope.Server.Http;

namespace Bioscope.Server.Ingest;

/// <summary>
/// <c>PATCH</c> or <c>POST /api/v1/analytics/pageview/{id}/leave</c>: the visitor left. Sets how long the page view took, in seconds
/// from 0 to 3600, and how far it was scrolled, in percent. The id is a page view's, or a session's for its latest page view.
/// Answers <c>{ok: true}</c>, also when there is no such page view or its session is closed.
/// </summary>
internal static class LeaveEndpoint
{
    private const int MostSeconds = 3600;

    public static void Map(IEndpointRouteBuilder analytics, Settings settings) => analytics
        .MapMethods("pageview/{id}/leave", ["PATCH", "POST"], LeaveAsync)
        .WithMetadata(new ThrottlePolicy("leave", settings.LeavesPerMinute, TimeSpan.FromMinutes(1)));

    private static async Task LeaveAsync(HttpContext http)
    {
        var (body, refusal) = await JsonBody.ReadAsync(http, orPlainText: true);
        if (body is null)
        {
            await Errors.WriteAsync(http, refusal!);
            return;
        }

        int duration;
        int? scrollDepth;
        using (body)
        {
            (duration, scrollDepth) = (body.RequiredNumber("duration", MostSeconds), body.OptionalNumber("scrollDepth", max: 100));
            refusal = body.Problem;
        }

        if (refusal is not null)
        {
            await Errors.WriteAsync(http, refusal);
            return;
        }

        if (Uuid.TryParse((string?)http.GetRouteValue("id"), out var id))
        {
            await http.RequestServices.GetRequiredService<IngestWriter>().WriteAsync(new PageLeft(id, duration, scrollDepth));
        }

        await Respond.OkAsync(http, new Acknowledged());
    }
}
