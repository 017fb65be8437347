namespace Bioscope.Server.Accounts;

/// <summary>The cookie that carries the refresh token: inaccessible to scripts, and sent only to the account routes.</summary>
internal static class RefreshCookie
{
    /// <summary>The path for which browsers send it: the account routes.</summary>
    public const string Path = "/api/v1/auth";

    private const string Name = "bioscope_refresh";

    /// <summary>Its value, or null. It is ignored in a cross-site request, even from a browser that does not support SameSite.</summary>
    public static string? Read(HttpContext http) => IsForeign(http) ? null : http.Request.Cookies[Name];

    public static void Append(HttpContext http, RefreshToken token) =>
        http.Response.Cookies.Append(Name, token.Text, Options(RefreshFamilies.Life));

    /// <summary>Another site cannot sign the user out: a cross-site request leaves the cookie unchanged.</summary>
    public static void Clear(HttpContext http)
    {
        if (!IsForeign(http))
        {
            http.Response.Cookies.Append(Name, "", Options(TimeSpan.Zero));
        }
    }

    private static CookieOptions Options(TimeSpan maxAge) => new()
    {
        HttpOnly = true,
        Secure = true,
        SameSite = SameSiteMode.Strict,
        Path = Path,
        MaxAge = maxAge,
    };

    private static bool IsForeign(HttpContext http) => http.Request.Headers["Sec-Fetch-Site"] == "cross-site";
}
