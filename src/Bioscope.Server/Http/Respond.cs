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
        return WriteAsync(http, body);
    }

    /// <summary>Sends JSON, of a success or a failure: what is said changes by the second, and belongs to one caller.</summary>
    public static async Task WriteAsync(HttpContext http, byte[] json)
    {
        http.Response.ContentType = "application/json; charset=utf-8";
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        http.Response.ContentLength = json.Length;
        if (!HttpMethods.IsHead(http.Request.Method))
        {
            await http.Response.Body.WriteAsync(json, http.RequestAborted);
        }
    }
}
