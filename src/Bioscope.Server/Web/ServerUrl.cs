using Bioscope.Server.Configuration;

namespace Bioscope.Server.Web;

/// <summary>Where visitors reach this server.</summary>
internal static class ServerUrl
{
    /// <summary>The setting <c>PublicUrl</c>, otherwise what the request was sent to; with the base path, without a trailing slash.</summary>
    public static string Of(HttpContext http) =>
        http.RequestServices.GetRequiredService<Settings>().PublicUrl ?? OfRequest(http.Request);

    /// <summary>What the request was sent to.</summary>
    public static string OfRequest(HttpRequest request) => $"{request.Scheme}://{request.Host.Value}{request.PathBase.Value}";

    /// <summary>Only scheme, host and port of <see cref="Of"/>.</summary>
    public static string OriginOf(HttpContext http) => new Uri(Of(http)).GetLeftPart(UriPartial.Authority);
}
