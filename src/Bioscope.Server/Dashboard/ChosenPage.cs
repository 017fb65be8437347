using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>
/// Which page of others the browser shows; without the cookie it is her own. It opens nothing: <see cref="CallerPage"/> looks the membership
/// up for each request. Forms are bound to it (<see cref="FormGuard"/>), so that one of another page changes nothing here.
/// </summary>
internal static class ChosenPage
{
    private const string Name = "bioscope_page";

    public static string? Read(HttpContext http) => http.Request.Cookies[Name] is { Length: > 0 } page ? page : null;

    public static void Append(HttpContext http, Guid page) => http.Response.Cookies.Append(Name, page.ToString("D"), Options(http, maxAge: null));

    public static void Clear(HttpContext http) => http.Response.Cookies.Append(Name, "", Options(http, TimeSpan.Zero));

    private static CookieOptions Options(HttpContext http, TimeSpan? maxAge) => new()
    {
        HttpOnly = true,
        Secure = Tls.IsUsed(http),
        SameSite = SameSiteMode.Lax,
        Path = SessionCookie.Path,
        MaxAge = maxAge,
    };
}
