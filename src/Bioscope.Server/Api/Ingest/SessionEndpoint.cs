using Bioscope.Server.Web;

namespace Bioscope.Server.Api.Ingest;

/// <summary>
/// <c>POST /api/v1/analytics/session</c>: a visitor opened a page. Returns <c>{id}</c> once the session is on disk, or <c>{id: null}</c>
/// if nothing was stored: a bot, no consent, a page without a valid tracking token, or an unavailable database.
/// </summary>
internal static class SessionEndpoint
{
    public static void Map(IEndpointRouteBuilder analytics, SessionOpening sessions) => analytics
        .MapPost("session", http => PostAsync(http, sessions))
        .WithMetadata(sessions.PerAddress with { OnRefused = http => sessions.CountRefusedAsync(http, SessionFields.Published) });

    private static async Task PostAsync(HttpContext http, SessionOpening sessions)
    {
        // The body is disposed here, so that a request waiting for the database holds only what will be stored.
        var (request, refusal) = await JsonRequest.ReadAsync(http, body => sessions.Read(body, SessionFields.Published));
        if (request is not null)
        {
            (var started, refusal) = await sessions.OpenAsync(http, request, view: null);
            if (refusal is null)
            {
                await ApiResponse.OkAsync(http, new StoredId(started?.SessionId), StoredIdJson.Default.SuccessStoredId);
                return;
            }
        }

        await Errors.WriteAsync(http, refusal!);
    }
}
