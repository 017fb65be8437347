using System.Net;
using Bioscope.Server.Configuration;

namespace Bioscope.Server.Web;

/// <summary>
/// The host names for which this server responds. Once the operator has set some (<c>PublicUrl</c>, <c>Hosts:Allowed</c>), requests for
/// others get 421. This stops DNS rebinding, by which a foreign site could read reports in a creator's browser. Bio pages, the tracker
/// and its <c>/hi</c>, which pages on any host use, and health checks are served under every name.
/// </summary>
internal sealed partial class KnownHosts(RequestDelegate next, Settings settings, ILogger<KnownHosts> log)
{
    private static readonly string[] ForAnyHost = ["/healthz", "/readyz", "/hi", "/bioscope.js", "/dashboard.js", "/dashboard-world.svg"];

    private readonly AllowedHost[] _known = [.. settings.AllowedHosts, .. OfPublicUrl(settings.PublicUrl)];
    private int _refusals;

    public Task InvokeAsync(HttpContext http) =>
        _known.Length == 0 || IsForAnyHost(http.Request.Path) || IsKnown(http) ? next(http) : RefuseAsync(http);

    private static bool IsForAnyHost(PathString path) =>
        path.Value!.StartsWith("/@", StringComparison.Ordinal)
        || ForAnyHost.Any(prefix => path.Equals(prefix, StringComparison.OrdinalIgnoreCase));

    // With any port.
    private static AllowedHost[] OfPublicUrl(string? url) =>
        url is null ? [] : [new AllowedHost(AllowedHost.Name(new Uri(url).IdnHost), Port: null)];

    private bool IsKnown(HttpContext http)
    {
        var host = http.Request.Host;
        var name = AllowedHost.Name(host.Host);
        return _known.Any(known => known.Matches(name, host.Port))
            || (name is "localhost" or "127.0.0.1" or "::1" && http.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(ClientAddress.Unmapped(address)));
    }

    private Task RefuseAsync(HttpContext http)
    {
        if (Interlocked.Exchange(ref _refusals, 1) == 0)
        {
            Log.UnknownHost(log, http.Request.Host.Value ?? ""); // once, because anyone can send any name
        }

        return Errors.WriteAsync(http, ApiError.UnknownHost(http.Request.Host.Value ?? ""));
    }

    private static partial class Log
    {
        [LoggerMessage(
            LogLevel.Warning,
            "A request for the host '{Host}' was refused (421). If the name is this server's, add it to Hosts:Allowed. A reverse proxy " +
            "must pass on the Host header. Further refusals are not logged")]
        public static partial void UnknownHost(ILogger logger, string host);
    }
}
