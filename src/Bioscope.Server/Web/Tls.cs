using Bioscope.Server.Configuration;

namespace Bioscope.Server.Web;

/// <summary>Whether a browser uses TLS.</summary>
internal static class Tls
{
    /// <summary>
    /// Whether a cookie may be marked Secure: a browser without TLS would not store it. A proxy that terminates TLS is recognised by the
    /// public address.
    /// </summary>
    public static bool IsUsed(HttpContext http) =>
        http.Request.IsHttps || http.RequestServices.GetRequiredService<Settings>().PublicUrl == $"https://{http.Request.Host.Value}";
}
