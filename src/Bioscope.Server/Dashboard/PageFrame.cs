using System.Text;
using Bioscope.Server.BioPages;
using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>The frame of all pages of the dashboard. They are private: no cache may store them.</summary>
internal static class PageFrame
{
    /// <param name="http">The request.</param>
    /// <param name="colour">The colours of the page.</param>
    /// <param name="title">Its title.</param>
    /// <param name="content">Its body.</param>
    /// <param name="hasFrame">Whether it frames another page of this server.</param>
    /// <param name="isSecretAddress">Whether its address is a secret, so that no other page may learn it.</param>
    public static Task WriteAsync(
        HttpContext http, PageColour colour, string title, Html content, bool hasFrame = false, bool isSecretAddress = false)
    {
        var policy = DashboardAssets.StyleOf(colour).Policy;
        http.Response.Headers.ContentSecurityPolicy =
            hasFrame ? policy.Replace("frame-src 'none'", "frame-src 'self'", StringComparison.Ordinal) : policy;
        http.Response.Headers["Referrer-Policy"] = isSecretAddress ? "no-referrer" : "same-origin";
        return SendAsync(http, Document(http, colour, title, Html.Nothing, content));
    }

    /// <summary>Writes a small page for one step, with our name and nothing around it.</summary>
    /// <param name="http">The request.</param>
    /// <param name="title">Its title.</param>
    /// <param name="content">What is below the name.</param>
    /// <param name="isSecretAddress">Whether its address is a secret, so that no other page may learn it.</param>
    public static Task WriteDoorAsync(HttpContext http, string title, Html content, bool isSecretAddress = false) => WriteAsync(
        http, PageColour.All[5], title, Html.Of($"""
            <main id="main" class="door">
            <p class="brand"><i></i>Bioscope</p>
            {content}
            </main>

            """), isSecretAddress: isSecretAddress);

    /// <summary>Writes a page that people see who are not signed in: its address must not become known to others.</summary>
    /// <param name="http">The request.</param>
    /// <param name="colour">The colours of the page.</param>
    /// <param name="title">Its title.</param>
    /// <param name="head">Further elements of its head.</param>
    /// <param name="content">Its body.</param>
    /// <param name="embedOrigins">The origins that may embed it.</param>
    public static Task WriteSharedAsync(
        HttpContext http, PageColour colour, string title, Html head, Html content, IReadOnlyList<string> embedOrigins)
    {
        var policy = DashboardAssets.StyleOf(colour).Policy;
        http.Response.Headers.ContentSecurityPolicy = embedOrigins.Count == 0
            ? policy
            : policy.Replace("frame-ancestors 'none'", "frame-ancestors " + string.Join(' ', embedOrigins), StringComparison.Ordinal);
        http.Response.Headers["Referrer-Policy"] = "no-referrer";
        return SendAsync(http, Document(http, colour, title, head, content));
    }

    private static string Document(HttpContext http, PageColour colour, string title, Html head, Html content)
    {
        var words = Words.Of(http);
        return Html.Of($"""
            <!doctype html>
            <html lang="{words.Tag}" dir="{words.Direction}">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width,initial-scale=1,viewport-fit=cover">
            <title>{title}</title>
            <meta name="robots" content="noindex">
            <meta name="theme-color" content="{colour.LightGround}" media="(prefers-color-scheme:light)">
            <meta name="theme-color" content="{colour.DarkGround}" media="(prefers-color-scheme:dark)">
            <link rel="icon" href="{Html.Trusted(colour.Icon)}">
            <style>{Html.Trusted(DashboardAssets.StyleOf(colour).Css)}</style>
            {head}<script defer src="{DashboardAssets.Script.Url}"></script>
            </head>
            <body data-copied="{new DashboardWords(words).Copied}">
            {content}</body>
            </html>

            """).ToString();
    }

    private static Task SendAsync(HttpContext http, string html)
    {
        var headers = http.Response.Headers;
        headers.CacheControl = "private, no-store";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers.Vary = "Accept-Encoding, Accept-Language, Cookie";
        return ApiResponse.SendAsync(http, Encoding.UTF8.GetBytes(BasePath.InLinks(http, html)), "text/html; charset=utf-8");
    }
}
