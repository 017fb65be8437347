using Microsoft.Net.Http.Headers;

namespace Bioscope.Server.Web;

/// <summary>The media type that a request declares for its body.</summary>
internal static class MediaType
{
    /// <summary>Whether the body is declared as this type, in UTF-8 and uncompressed.</summary>
    public static bool IsUtf8(HttpRequest request, string mediaType) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && type.MediaType.Equals(mediaType, StringComparison.OrdinalIgnoreCase)
        && (!type.Charset.HasValue || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase))
        && request.Headers.ContentEncoding.ToString() is "" or "identity";
}
