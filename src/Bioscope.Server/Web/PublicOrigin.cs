using Bioscope.Server.Configuration;

namespace Bioscope.Server.Web;

/// <summary>Where visitors reach this server.</summary>
internal static class PublicOrigin
{
    /// <summary>The setting <c>PublicUrl</c>, otherwise what the request was sent to.</summary>
    public static string Of(HttpContext http) =>
        http.RequestServices.GetRequiredService<Settings>().PublicUrl ?? $"{http.Request.Scheme}://{http.Request.Host.Value}";
}
