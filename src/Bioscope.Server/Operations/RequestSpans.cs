using System.Diagnostics;
using System.Globalization;
using Bioscope.Engine;
using Bioscope.Server.Web;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Net.Http.Headers;

namespace Bioscope.Server.Operations;

/// <summary>
/// One span for each request. It is not the framework's own, which has paths, addresses and user agents: this one has the route's template
/// only. A request through a trusted proxy belongs to the proxy's trace; other callers choose no trace ids, and no states.
/// </summary>
internal sealed class RequestSpans(RequestDelegate next, ClientAddress addresses)
{
    public async Task InvokeAsync(HttpContext http)
    {
        var method = NameOf(http.Request.Method);
        using var span = Spans.StartRequest(method, ParentOf(http));
        try
        {
            await next(http);
        }
        finally
        {
            if (span is { IsAllDataRequested: true })
            {
                Describe(span, http, method);
            }
        }
    }

    private static void Describe(Activity span, HttpContext http, string method)
    {
        var status = http.Response.StatusCode;
        span.SetTag("http.request.method", method);
        span.SetTag("http.response.status_code", status);
        span.SetTag("bioscope.correlation_id", http.TraceIdentifier);
        if (http.GetEndpoint()?.Metadata.GetMetadata<IRouteDiagnosticsMetadata>()?.Route is { } route)
        {
            span.SetTag("http.route", route);
            span.DisplayName = $"{method} {route}";
        }

        if (status >= StatusCodes.Status500InternalServerError)
        {
            span.SetStatus(ActivityStatusCode.Error);
            span.SetTag("error.type", status.ToString(CultureInfo.InvariantCulture));
        }
    }

    private ActivityContext ParentOf(HttpContext http) =>
        http.Request.Headers[HeaderNames.TraceParent] is [{ } given]
        && http.Connection.RemoteIpAddress is { } remote && addresses.IsTrusted(ClientAddress.Unmapped(remote))
        && ActivityContext.TryParse(given, traceState: null, isRemote: true, out var parent)
            ? parent
            : default;

    // Anything else is a client's text.
    private static string NameOf(string method) =>
        HttpMethods.IsGet(method) || HttpMethods.IsPost(method) || HttpMethods.IsPut(method) || HttpMethods.IsDelete(method)
        || HttpMethods.IsPatch(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method)
            ? method.ToUpperInvariant()
            : "_OTHER";
}
