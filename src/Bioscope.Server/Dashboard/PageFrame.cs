using System.IO.Compression;
using System.Text;
using Bioscope.Server.BioPages;
using Bioscope.Server.Web;
using Microsoft.Net.Http.Headers;

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
    public static async Task WriteAsync(
        HttpContext http, PageColour colour, string title, Html content, bool hasFrame = false, bool isSecretAddress = false)
    {
        var (css, policy) = DashboardAssets.StyleOf(colour);
        var html = Html.Of($"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width,initial-scale=1,viewport-fit=cover">
            <title>{title}</title>
            <meta name="robots" content="noindex">
            <meta name="theme-color" content="{colour.LightGround}" media="(prefers-color-scheme:light)">
            <meta name="theme-color" content="{colour.DarkGround}" media="(prefers-color-scheme:dark)">
            <link rel="icon" href="{Html.Trusted(colour.Icon)}">
            <style>{Html.Trusted(css)}</style>
            <script defer src="{DashboardAssets.Script.Url}"></script>
            </head>
            <body>
            {content}</body>
            </html>

            """).ToString();
        var headers = http.Response.Headers;
        headers.CacheControl = "no-store";
        headers.ContentSecurityPolicy =
            hasFrame ? policy.Replace("frame-src 'none'", "frame-src 'self'", StringComparison.Ordinal) : policy;
        headers["Referrer-Policy"] = isSecretAddress ? "no-referrer" : "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers.Vary = "Accept-Encoding, Accept-Language, Cookie";
        await SendAsync(http, Encoding.UTF8.GetBytes(html));
    }

    // Compression makes a page ten times smaller. It is safe because no text chosen by an attacker is next to a secret.
    private static async Task SendAsync(HttpContext http, byte[] body)
    {
        if (http.Request.GetTypedHeaders().AcceptEncoding.Any(
            encoding => encoding.Value.Equals("br", StringComparison.OrdinalIgnoreCase) && encoding.Quality is not 0))
        {
            var compressed = new MemoryStream(body.Length / 4);
            await using (var brotli = new BrotliStream(compressed, new BrotliCompressionOptions { Quality = 5 }, leaveOpen: true))
            {
                await brotli.WriteAsync(body, http.RequestAborted);
            }

            body = compressed.ToArray();
            http.Response.Headers[HeaderNames.ContentEncoding] = "br";
        }

        await ApiResponse.SendAsync(http, body, "text/html; charset=utf-8");
    }
}
