namespace Bioscope.Server.Web;

/// <summary>Routes that only read.</summary>
internal static class ReadRoutes
{
    /// <summary>Maps a route that answers GET, and HEAD with the same headers and no body.</summary>
    public static IEndpointConventionBuilder MapRead(this IEndpointRouteBuilder routes, string pattern, RequestDelegate answer) =>
        routes.MapMethods(pattern, [HttpMethods.Get, HttpMethods.Head], answer);
}
