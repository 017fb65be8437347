using Bioscope.Server.Configuration;

namespace Bioscope.Server.Web;

/// <summary>Whether a browser came by TLS.</summary>
internal static class Tls
{
    /// <summary>
    /// Whether a cookie may say that it goes over TLS only: a browser that came without would not keep it. A proxy that ends TLS is known by
    /// the public address.
    /// </summary>
    public static bool IsUsed(HttpContext http) =>
        http.Request.IsHttps || http.RequestServices.GetRequiredService<Settings>().PublicUrl == $"https://{http.Request.Host.Value}";
}
