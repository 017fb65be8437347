using Bioscope.Server.Configuration;

namespace Bioscope.Server.Web;

/// <summary>Whether a browser uses TLS.</summary>
internal static class Tls
{
    /// <summary>
    /// Whether a cookie may be marked Secure: a browser without TLS would not store it. A proxy that terminates TLS is recognised by what
    /// it forwards, if it is trusted, or by the public address.
    /// </summary>
    public static bool IsUsed(HttpContext http) =>
        http.Request.IsHttps
        || (http.RequestServices.GetRequiredService<Settings>().PublicUrl is ['h', 't', 't', 'p', 's', ..]
            && ServerUrl.OriginOf(http) == $"https://{http.Request.Host.Value}");
}
