using Bioscope.Server.Configuration;

namespace Bioscope.Server.Web;

/// <summary>
/// Scheme and host as the browser knows them, by <c>X-Forwarded-Proto</c> and <c>X-Forwarded-Host</c> of a trusted proxy: cookies are then
/// marked Secure, and addresses of this server are right. From others the headers are ignored, and reported as a sign of a proxy that the
/// operator has not named.
/// </summary>
internal sealed class ForwardedHeaders(RequestDelegate next, ClientAddress addresses, UntrustedProxies untrusted)
{
    /// <summary>What proxies add to a request.</summary>
    public static IReadOnlyList<string> SignsOfProxy { get; } =
        ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "Forwarded", "X-Real-IP", "CF-Connecting-IP", "Via"];

    public Task InvokeAsync(HttpContext http)
    {
        if (http.Connection.RemoteIpAddress is { } remote)
        {
            var socket = ClientAddress.Unmapped(remote);
            if (addresses.IsTrusted(socket))
            {
                Apply(http);
            }
            // Via alone may be of a proxy on the visitor's side.
            else if (SignsOfProxy.FirstOrDefault(name => name != "Via" && http.Request.Headers.ContainsKey(name)) is { } header)
            {
                untrusted.Report(socket, header);
            }
        }

        return next(http);
    }

    private void Apply(HttpContext http)
    {
        var hops = addresses.TrustedHops(http);
        if (Value(http, "X-Forwarded-Proto", hops) is { } scheme && scheme.ToLowerInvariant() is "http" or "https")
        {
            http.Request.Scheme = scheme.ToLowerInvariant();
        }

        // Anything but a host name is ignored: it would be repeated in pages.
        if (Value(http, "X-Forwarded-Host", hops) is { } host && !host.StartsWith('*') && AllowedHost.Parse(host) is not null)
        {
            http.Request.Host = new HostString(host);
        }
    }

    /// <summary>
    /// Each proxy appends its value or replaces what it got. The value of the outermost trusted proxy counts: what is left of it may be the
    /// client's own.
    /// </summary>
    private static string? Value(HttpContext http, string header, int hops)
    {
        var values = http.Request.Headers[header].ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return values.Length == 0 ? null : values[^Math.Min(hops, values.Length)];
    }
}
