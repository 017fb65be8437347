using System.Net;
using Bioscope.Server.Configuration;
using Bioscope.Server.Web;

namespace Bioscope.Server.Operations;

/// <summary>
/// <c>GET /metrics</c> in Prometheus' text format. It reveals business figures, so only the addresses in <c>Metrics:Allowed</c> (by
/// default this machine) get it; others get 404.
/// </summary>
internal static class MetricsEndpoint
{
    public static void Map(WebApplication app, Settings settings)
    {
        if (settings.MetricsAllowed.Count == 0)
        {
            return; // nobody may read the metrics
        }

        var exporter = app.Services.GetRequiredService<PrometheusExporter>();
        app.Services.GetRequiredService<ProcessMetrics>();
        app.MapRead("/metrics", http => MayRead(http, settings.MetricsAllowed)
            ? ApiResponse.TextAsync(http, exporter.Write(), "text/plain; version=0.0.4; charset=utf-8")
            : Errors.WriteAsync(http, ApiError.ForStatus(StatusCodes.Status404NotFound)));
    }

    private static bool MayRead(HttpContext http, IReadOnlyList<IPNetwork> allowed) =>
        http.Connection.RemoteIpAddress is { } address
        && allowed.Any(network => network.Contains(ClientAddress.Unmapped(address)))
        // A request through a proxy has the proxy's address, often this machine's. A scraper needs no proxy.
        && !ForwardedHeaders.SignsOfProxy.Any(http.Request.Headers.ContainsKey);
}
