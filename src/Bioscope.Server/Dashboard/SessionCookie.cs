using System.Security.Claims;
using Bioscope.Server.Accounts;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>
/// Identifies the signed-in user of the dashboard. The cookie contains a token of its own family, which is not exchanged: it ends by
/// signing out, with a new password, or after <see cref="RefreshFamilies.Life"/>.
/// </summary>
internal static class SessionCookie
{
    public const string Path = "/dashboard";

    /// <summary>The operator's pages get the same cookie: they are of the same session.</summary>
    public const string OperatorPath = "/operator";

    private const string Name = "bioscope_session";

    /// <summary>The token that the browser sent, valid or not.</summary>
    public static RefreshToken? Read(HttpContext http) => RefreshToken.Parse(http.Request.Cookies[Name]);

    /// <summary>Looks up who is signed in, and makes the rest of the request act for them.</summary>
    /// <returns>False when nobody is.</returns>
    public static async Task<bool> SignInAsync(HttpContext http)
    {
        if (Read(http) is not { } token
            || await http.RequestServices.GetRequiredService<RefreshFamilies>().UserOfAsync(token, http.RequestAborted) is not { } user)
        {
            return false;
        }

        http.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim("sub", user.ToString("D"))], Name));
        return true;
    }

    public static void Append(HttpContext http, RefreshToken token) => Append(http, token.Text, RefreshFamilies.Life);

    public static void Clear(HttpContext http) => Append(http, "", TimeSpan.Zero);

    private static void Append(HttpContext http, string text, TimeSpan maxAge)
    {
        http.Response.Cookies.Append(Name, text, Options(http, Path, maxAge));
        http.Response.Cookies.Append(Name, text, Options(http, OperatorPath, maxAge));
    }

    private static CookieOptions Options(HttpContext http, string path, TimeSpan maxAge) => new()
    {
        HttpOnly = true,
        Secure = Tls.IsUsed(http),
        // Lax, so that a link in an e-mail leads to the figures and not to the form. FormGuard protects every change.
        SameSite = SameSiteMode.Lax,
        Path = path,
        MaxAge = maxAge,
    };
}
