using System.Text.RegularExpressions;
using Bioscope.Server.Configuration;

namespace Bioscope.Server.Web;

/// <summary>
/// Puts everything below the setting <c>PathBase</c>. Our code names its own addresses from the root; they get the base path where they
/// leave: redirects and cookies here, links of pages in <see cref="InLinks"/>, absolute addresses in <see cref="ServerUrl"/>. So no page
/// can forget it. The proxy may remove the base path from requests or pass it on.
/// </summary>
internal sealed partial class BasePath(RequestDelegate next, Settings settings)
{
    private readonly PathString _base = settings.PathBase;

    public Task InvokeAsync(HttpContext http)
    {
        if (http.Request.Path.StartsWithSegments(_base, StringComparison.Ordinal, out var rest))
        {
            http.Request.Path = rest.HasValue ? rest : "/";
        }

        http.Request.PathBase = _base;
        http.Response.OnStarting(AddToHeaders, http);
        return next(http);
    }

    /// <summary>The page with the base path in the addresses of its own server.</summary>
    public static string InLinks(HttpContext http, string html) =>
        http.Request.PathBase.HasValue ? OwnAddress().Replace(html, http.Request.PathBase.Value!) : html;

    private static Task AddToHeaders(object state)
    {
        var http = (HttpContext)state;
        var (path, headers) = (http.Request.PathBase.Value!, http.Response.Headers);
        if (headers.Location.ToString() is ['/', ..] location && location is not ['/', '/', ..])
        {
            headers.Location = path + location;
        }

        if (headers.SetCookie.Count > 0)
        {
            headers.SetCookie = headers.SetCookie.Select(cookie => CookiePath().Replace(cookie!, "${name}" + path)).ToArray();
        }

        return Task.CompletedTask;
    }

    // Only our markup matches: a quote within a value is escaped, and an address that a creator gives has a scheme.
    [GeneratedRegex("""(?<=\s(?:href|src|action|formaction|data|data-live)=")(?=/(?!/))""")]
    private static partial Regex OwnAddress();

    [GeneratedRegex("(?<name>; path=)(?=/)", RegexOptions.IgnoreCase)]
    private static partial Regex CookiePath();
}
