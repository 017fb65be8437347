using System.Security.Cryptography;
using System.Text;

namespace Bioscope.Server.Web;

/// <summary>Pages for people, under a policy that allows only their own content.</summary>
internal static class HtmlAnswer
{
    /// <summary>
    /// The policy of a page with one inline <paramref name="style"/> and, if <paramref name="script"/> is set, our own scripts, which may
    /// send requests to this server; <paramref name="hasPicture"/> allows a picture of this server. Frames are forbidden, because clicks on a page in an invisible frame could press its consent button.
    /// </summary>
    public static string PolicyFor(string style, bool script = false, bool hasPicture = false) =>
        $"default-src 'none'; style-src {HashOf(style)}; img-src {(hasPicture ? "'self' " : "")}data:; "
        + (script ? "script-src 'self'; connect-src 'self'; " : "")
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>Like <see cref="PolicyFor"/>, for a page without scripts that this server's own pages may frame.</summary>
    public static string PolicyForPreview(string style) =>
        PolicyFor(style).Replace("frame-ancestors 'none'", "frame-ancestors 'self'", StringComparison.Ordinal);

    /// <summary>
    /// Like <see cref="PolicyFor"/>, for a page that also has forms and loads files of this server. Browsers disagree on the directive
    /// for a referenced SVG, so default-src allows it.
    /// </summary>
    public static string PolicyForApp(string style) =>
        $"default-src 'self'; style-src {HashOf(style)}; script-src 'self'; connect-src 'self'; img-src 'self' data:; font-src 'none'; " +
        "media-src 'none'; "
        + "object-src 'none'; frame-src 'none'; worker-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    private static string HashOf(string style) => $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(style)))}'";

    /// <summary>Sends the page; the caller sets how long it may be cached.</summary>
    public static Task WriteAsync(HttpContext http, Html html, string policy)
    {
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = policy;
        // The target of a link learns the site that the visitor came from, but not the page.
        headers["Referrer-Policy"] = "strict-origin-when-cross-origin";
        return ApiResponse.SendAsync(http, Encoding.UTF8.GetBytes(BasePath.InLinks(http, html.ToString())), "text/html; charset=utf-8");
    }
}
