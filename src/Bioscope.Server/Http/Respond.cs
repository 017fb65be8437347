using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Bioscope.Server.Http;

/// <summary>Answers that went well.</summary>
internal static class Respond
{
    /// <summary>200 with <paramref name="data"/> in its envelope.</summary>
    public static Task OkAsync<T>(HttpContext http, T data)
    {
        var type = (JsonTypeInfo<Success<T>>)ApiJson.Readable.GetTypeInfo(typeof(Success<T>))!;
        var body = JsonSerializer.SerializeToUtf8Bytes(new Success<T>(data), type);
        http.Response.ContentType = "application/json; charset=utf-8";
        // What is counted changes by the second, and belongs to one caller.
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        http.Response.ContentLength = body.Length;
        return http.Response.Body.WriteAsync(body, http.RequestAborted).AsTask();
    }
}
