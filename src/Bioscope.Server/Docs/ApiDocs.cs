using System.Security.Cryptography;
using System.Text;
using Bioscope.Server.Configuration;
using Microsoft.Net.Http.Headers;

namespace Bioscope.Server.Docs;

/// <summary><c>GET /openapi.json</c>: the API for programs. <c>GET /docs</c>: the same document for people, as one page without scripts.</summary>
internal static class ApiDocs
{
    public static void Map(IEndpointRouteBuilder routes, Settings settings)
    {
        // Made when somebody first asks: a start has no need of it.
        var document = new Lazy<ApiDocument>(() => new ApiDocument(settings.SharedOwnership));
        var json = new Lazy<byte[]>(() => document.Value.ToUtf8());
        var page = new Lazy<ApiPage>(() => new ApiPage(document.Value));
        routes.MapMethods("/openapi.json", [HttpMethods.Get, HttpMethods.Head], http => AnswerAsync(http, json.Value, "application/json; charset=utf-8"));
        routes.MapMethods("/docs", [HttpMethods.Get, HttpMethods.Head], http =>
        {
            http.Response.Headers.ContentSecurityPolicy = ApiPage.Policy;
            http.Response.Headers["Referrer-Policy"] = "no-referrer";
            return AnswerAsync(http, Encoding.UTF8.GetBytes(page.Value.Render(http.Request)), "text/html; charset=utf-8");
        });
    }

    /// <summary>May be kept, and is asked for again each time: an upgrade shows at once, and costs nothing when there was none.</summary>
    private static async Task AnswerAsync(HttpContext http, byte[] body, string contentType)
    {
        var tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(body)[..8])}\"");
        http.Response.Headers.ETag = tag.ToString();
        http.Response.Headers.CacheControl = "no-cache";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        if (EntityTagHeaderValue.TryParseList(http.Request.Headers.IfNoneMatch, out var known) && known.Any(other => other.Compare(tag, useStrongComparison: false)))
        {
            http.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        http.Response.ContentType = contentType;
        http.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(http.Request.Method))
        {
            await http.Response.Body.WriteAsync(body, http.RequestAborted);
        }
    }
}
