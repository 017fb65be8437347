using Bioscope.Engine.Erasing;
using Bioscope.Server.Configuration;
using Bioscope.Server.Web;

namespace Bioscope.Server.Api.Ingest;

/// <summary>
/// <c>POST /api/v1/analytics/forget {visitorId}</c>: all visits of a visitor are erased, on every page of the server, within about an hour.
/// Returns <c>{ok: true}</c>, whether there were any or not: who has the id of a visitor's browser learns nothing by it.
/// </summary>
internal static class ForgetEndpoint
{
    public static void Map(IEndpointRouteBuilder analytics, Settings settings) => analytics.MapPost("forget", ForgetAsync).WithMetadata(Limit(settings));

    /// <summary>Each request makes the server read every page once.</summary>
    public static ThrottlePolicy Limit(Settings settings) => new("forget", settings.DataPerHour, TimeSpan.FromHours(1));

    /// <summary>Writes down that a visitor is to be forgotten.</summary>
    public static Task RequestAsync(HttpContext http, string visitorHash) => http.RequestServices.GetRequiredService<Erasure>().RequestAsync(
        ErasureKind.Visitor, ErasureOrigin.Visitor, page: null, visitorHash, http.RequestAborted);

    private static async Task ForgetAsync(HttpContext http)
    {
        var sessions = http.RequestServices.GetRequiredService<SessionOpening>();
        var (visitor, refusal) = await JsonRequest.ReadAsync(http, body => sessions.ReadVisitor(body, "visitorId"));
        if (visitor is null)
        {
            await Errors.WriteAsync(http, refusal!);
            return;
        }

        await RequestAsync(http, visitor);
        await ApiResponse.AcknowledgeAsync(http);
    }
}
