using Microsoft.Net.Http.Headers;

namespace Bioscope.Server.Web;

/// <summary>What kind of body a request says that it has.</summary>
internal static class MediaType
{
    /// <summary>Whether the body is of this type, in UTF-8 and not compressed.</summary>
    public static bool IsUtf8(HttpRequest request, string mediaType) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && type.MediaType.Equals(mediaType, StringComparison.OrdinalIgnoreCase)
        && (!type.Charset.HasValue || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase))
        && request.Headers.ContentEncoding.ToString() is "" or "identity";
}
