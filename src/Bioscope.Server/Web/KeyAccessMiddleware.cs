using System.Net;
using Bioscope.Server.Configuration;

namespace Bioscope.Server.Web;

/// <summary>
/// Refuses what a key may not do: after the limits of the route, before authorization. A key that is unknown is refused where visitors'
/// events are taken too: otherwise the events of a back-end whose key was removed would count as its own visits.
/// </summary>
internal sealed class KeyAccessMiddleware(RequestDelegate next, Throttle throttle, Settings settings)
{
    private static readonly ApiError NoVisitor = ApiError.Invalid(
        $"{KeyAccess.VisitorHeader} must be the visitor's IP address, because the request has an API key");

    private readonly ThrottlePolicy _perKey = new("key", settings.RequestsPerMinutePerKey, TimeSpan.FromMinutes(1));

    public Task InvokeAsync(HttpContext http)
    {
        if (http.Request.Headers.Authorization is not [{ } authorization] || !KeyText.IsIn(authorization) || !KeyAccess.IsAsked(http))
        {
            return next(http);
        }

        if (http.User.Identity is not KeyIdentity { Key: var key, Visitor: var visitor })
        {
            http.Response.Headers.WWWAuthenticate = "Bearer";
            return Errors.WriteAsync(http, ApiError.Unauthorized);
        }

        return GoOnAsync(http, key, visitor);
    }

    private async Task GoOnAsync(HttpContext http, ApiKey key, IPAddress? visitor)
    {
        var refusal = await throttle.TakeAsync(http, _perKey, key)
            ?? (!KeyAccess.Allows(http, key) ? ApiError.KeyForbidden : key.Scope == KeyScope.Ingest && visitor is null ? NoVisitor : null);
        await (refusal is null ? next(http) : Errors.WriteAsync(http, refusal));
    }
}
