using Bioscope.Server.Configuration;
using Microsoft.Net.Http.Headers;

namespace Bioscope.Server.Web;

/// <summary>
/// Front-ends on the origins of <c>Cors:Origins</c> may read reports and sign in from a browser. Credentials are never allowed, so a
/// browser sends no cookie: who asks shows a bearer token, which another site's page does not have.
/// </summary>
internal static class ApiCors
{
    /// <summary>Whether the request comes from a page of such an origin.</summary>
    public static bool IsAllowed(HttpContext http) => http.Request.Headers.Origin is [{ } origin]
        && http.RequestServices.GetRequiredService<Settings>().CorsOrigins.Contains(origin);

    public static T AllowOrigins<T>(this T routes, Settings settings)
        where T : IEndpointConventionBuilder
    {
        if (settings.CorsOrigins.Count == 0)
        {
            return routes;
        }

        routes.RequireCors(policy => policy
            .SetIsOriginAllowed(settings.CorsOrigins.Contains)
            .WithMethods("GET", "POST")
            .WithHeaders("Authorization", "Content-Type", CorrelationId.Header, CallerPage.Header)
            .WithExposedHeaders(
                CorrelationId.Header, "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "Retry-After", "Content-Disposition")
            .SetPreflightMaxAge(TimeSpan.FromHours(1)));
        routes.Finally(SayThatItVaries);
        return routes;
    }

    // The framework says so only to allowed origins; a cache that got an answer without an origin must not give it to one.
    private static void SayThatItVaries(EndpointBuilder endpoint)
    {
        var next = endpoint.RequestDelegate!;
        endpoint.RequestDelegate = http =>
        {
            http.Response.OnStarting(static state =>
            {
                var headers = ((HttpContext)state).Response.Headers;
                if (!headers.GetCommaSeparatedValues(HeaderNames.Vary).Contains(HeaderNames.Origin, StringComparer.OrdinalIgnoreCase))
                {
                    headers.AppendCommaSeparatedValues(HeaderNames.Vary, HeaderNames.Origin);
                }

                return Task.CompletedTask;
            }, http);
            return next(http);
        };
    }
}
