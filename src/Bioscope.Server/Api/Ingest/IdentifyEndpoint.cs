using Bioscope.Core;
using Bioscope.Engine.Ingest;
using Bioscope.Server.Configuration;
using Bioscope.Server.Web;

namespace Bioscope.Server.Api.Ingest;

/// <summary>
/// <c>PATCH /api/v1/analytics/session/{id}/identify</c>: the visitor signed in; the bearer's subject becomes the session's user. Returns
/// <c>{ok: true}</c>, even if there is no such session, it is closed, or the subject is not a UUID.
/// </summary>
internal static class IdentifyEndpoint
{
    public static void Map(IEndpointRouteBuilder analytics, Settings settings) => analytics
        .MapPatch("session/{id}/identify", IdentifyAsync)
        .RequireAuthorization()
        .WithMetadata(Ingestion.Limit("identify", settings.IdentifiesPerMinute, TimeSpan.FromMinutes(1)));

    private static async Task IdentifyAsync(HttpContext http)
    {
        if (Uuid.TryParse((string?)http.GetRouteValue("id"), out var session)
            && Uuid.TryParse(http.User.FindFirst("sub")?.Value, out var user))
        {
            await http.RequestServices.GetRequiredService<IngestWriter>().WriteAsync(new VisitorIdentified(session, user));
        }

        await ApiResponse.AcknowledgeAsync(http);
    }
}
