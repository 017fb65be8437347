using System.Text;
using System.Text.Json.Serialization.Metadata;

namespace Bioscope.Server.Web;

/// <summary>Successful responses.</summary>
internal static class ApiResponse
{
    /// <summary>200 with <paramref name="data"/> in its envelope, serialized with the metadata of its slice.</summary>
    public static Task OkAsync<T>(HttpContext http, T data, JsonTypeInfo<Success<T>> json) =>
        WriteAsync(http, ApiJson.Utf8(new Success<T>(data), json));

    /// <summary>200 with <c>{"ok":true}</c> in its envelope.</summary>
    public static Task AcknowledgeAsync(HttpContext http) => OkAsync(http, new Acknowledged(), ApiJson.Default.SuccessAcknowledged);

    /// <summary>200 with text.</summary>
    public static Task TextAsync(HttpContext http, string text, string contentType = "text/plain; charset=utf-8") =>
        WriteAsync(http, Encoding.UTF8.GetBytes(text), contentType);

    /// <summary>
    /// Sends JSON, for a success or a failure. Caches must not store it: it changes by the second and belongs to one caller.
    /// </summary>
    public static Task WriteAsync(HttpContext http, ReadOnlyMemory<byte> json) => WriteAsync(http, json, "application/json; charset=utf-8");

    /// <summary>Sends a body, or for HEAD only its headers; the caller sets how long it may be cached.</summary>
    public static async Task SendAsync(HttpContext http, ReadOnlyMemory<byte> body, string contentType)
    {
        http.Response.ContentType = contentType;
        http.Response.Headers.XContentTypeOptions = "nosniff";
        http.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(http.Request.Method))
        {
            await http.Response.Body.WriteAsync(body, http.RequestAborted);
        }
    }

    private static Task WriteAsync(HttpContext http, ReadOnlyMemory<byte> body, string contentType)
    {
        http.Response.Headers.CacheControl = "no-store";
        return SendAsync(http, body, contentType);
    }
}

/// <summary><c>{"ok":true}</c>: acknowledged.</summary>
internal sealed record Acknowledged(bool Ok = true);
