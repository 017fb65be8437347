using System.Security.Cryptography;
using System.Text;
using Bioscope.Server.Configuration;
using Bioscope.Server.Web;
using Microsoft.Net.Http.Headers;

namespace Bioscope.Server.Docs;

/// <summary>
/// <c>GET /openapi.json</c>: the API for programs. <c>GET /docs</c>: the same document for people, as one page without scripts.
/// </summary>
internal static class ApiDocs
{
    public static void Map(IEndpointRouteBuilder routes, Settings settings)
    {
        // Created at the first request, so that the start is faster.
        var document = new Lazy<ApiDocument>(() => new ApiDocument(settings.SharedOwnership));
        var json = new Lazy<Content>(() => new Content(document.Value.ToUtf8(settings.PathBase)));
        var page = new Lazy<ApiPage>(() => new ApiPage(document.Value));
        Kept? last = null; // nearly all requests have the same host
        var pages = routes.MapGroup("").Compressed(); // the same for everybody
        pages.MapMethods(
            "/openapi.json", [HttpMethods.Get, HttpMethods.Head], http => AnswerAsync(http, json.Value, "application/json; charset=utf-8"));
        pages.MapMethods("/docs", [HttpMethods.Get, HttpMethods.Head], http =>
        {
            http.Response.Headers.ContentSecurityPolicy = ApiPage.Policy;
            http.Response.Headers["Referrer-Policy"] = "no-referrer";
            var origin = ApiPage.OriginOf(http.Request);
            if (Volatile.Read(ref last) is not { } kept || kept.Origin != origin)
            {
                Volatile.Write(ref last, kept = new Kept(origin, new Content(Encoding.UTF8.GetBytes(BasePath.InLinks(http, page.Value.Render(origin))))));
            }

            return AnswerAsync(http, kept.Content, "text/html; charset=utf-8");
        });
    }

    /// <summary>May be cached but is revalidated each time: an upgrade shows at once, and a revalidation costs almost nothing.</summary>
    private static Task AnswerAsync(HttpContext http, Content content, string contentType)
    {
        http.Response.Headers.ETag = content.Tag.ToString();
        http.Response.Headers.CacheControl = "no-cache";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        if (EntityTagHeaderValue.TryParseList(http.Request.Headers.IfNoneMatch, out var known)
            && known.Any(other => other.Compare(content.Tag, useStrongComparison: false)))
        {
            http.Response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        return ApiResponse.SendAsync(http, content.Body, contentType);
    }

    private sealed class Content(byte[] body)
    {
        public byte[] Body => body;

        // Weak, because a compressed answer has it too.
        public EntityTagHeaderValue Tag { get; } = new(
            $"\"{Convert.ToHexStringLower(SHA256.HashData(body)[..8])}\"", isWeak: true);
    }

    /// <summary>The page as last rendered, and for which address.</summary>
    private sealed record Kept(string Origin, Content Content);
}
