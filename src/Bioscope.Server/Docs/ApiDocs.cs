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
        var document = new Lazy<ClientDocument>(() => new ClientDocument(settings.SharedOwnership));
        var page = new Lazy<ApiPage>(() => new ApiPage(new ApiDocument(settings.SharedOwnership)));
        var json = new PerOrigin((_, origin) => document.Value.Render(origin));
        var html = new PerOrigin((http, origin) => Encoding.UTF8.GetBytes(BasePath.InLinks(http, page.Value.Render(origin))));
        var pages = routes.MapGroup("").Compressed(); // the same for everybody
        pages.MapRead("/openapi.json", http => AnswerAsync(http, json.For(http, settings), "application/json; charset=utf-8"));
        pages.MapRead("/docs", http =>
        {
            http.Response.Headers.ContentSecurityPolicy = ApiPage.Policy;
            http.Response.Headers["Referrer-Policy"] = "no-referrer";
            return AnswerAsync(http, html.For(http, settings), "text/html; charset=utf-8");
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

    /// <summary>What contains the server's address, as last rendered: nearly all requests have the same host.</summary>
    private sealed class PerOrigin(Func<HttpContext, string, byte[]> render)
    {
        private Kept? _last;

        public Content For(HttpContext http, Settings settings)
        {
            var origin = ApiOrigin.Of(http.Request, settings.PublicUrl);
            if (Volatile.Read(ref _last) is not { } kept || kept.Origin != origin)
            {
                Volatile.Write(ref _last, kept = new Kept(origin, new Content(render(http, origin))));
            }

            return kept.Content;
        }

        private sealed record Kept(string Origin, Content Content);
    }
}
