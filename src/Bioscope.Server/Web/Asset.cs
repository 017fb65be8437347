using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace Bioscope.Server.Web;

/// <summary>
/// A static file for browsers, compressed once. Under <see cref="Url"/>, which contains a hash of its content, it may be cached for ever;
/// under any other query it is revalidated after an hour.
/// </summary>
internal sealed class Asset
{
    private readonly string _path, _contentType, _hash;
    private readonly Variant[] _variants;

    /// <param name="path">The path at which it is served.</param>
    /// <param name="contentType">Its media type.</param>
    /// <param name="content">Its content.</param>
    public Asset(string path, string contentType, byte[] content)
    {
        (_path, _contentType, _hash) = (path, contentType, Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 8)));
        Url = $"{path}?v={_hash}";
        // In order of preference.
        _variants =
        [
            Compressed("br", content, inner => new BrotliStream(inner, CompressionLevel.SmallestSize)),
            Compressed("gzip", content, inner => new GZipStream(inner, CompressionLevel.SmallestSize)),
            new(null, content, new EntityTagHeaderValue($"\"{_hash}\"")),
        ];
    }

    /// <summary>The address for pages rendered by this server.</summary>
    public string Url { get; }

    /// <param name="root">Where the route is added.</param>
    /// <param name="addHeaders">Adds further headers to the response.</param>
    public void Map(IEndpointRouteBuilder root, Action<IHeaderDictionary>? addHeaders = null) =>
        root.MapRead(_path, http =>
        {
            addHeaders?.Invoke(http.Response.Headers);
            return SendAsync(http);
        });

    private Task SendAsync(HttpContext http)
    {
        var variant = Best(http.Request.GetTypedHeaders().AcceptEncoding);
        var headers = http.Response.Headers;
        headers.Vary = HeaderNames.AcceptEncoding;
        headers.ContentEncoding = variant.Encoding;
        headers.CacheControl = http.Request.Query["v"] == _hash ? "public, max-age=31536000, immutable" : "public, max-age=3600";
        headers.XContentTypeOptions = "nosniff";
        return TypedResults.Bytes(variant.Content, _contentType, entityTag: variant.ETag).ExecuteAsync(http);
    }

    private Variant Best(IList<StringWithQualityHeaderValue> accepted)
    {
        return Array.Find(_variants, variant => variant.Encoding is { } encoding && (Quality(encoding) ?? Quality("*")) > 0)
            ?? _variants[^1];

        double? Quality(string encoding) =>
            accepted.FirstOrDefault(value => value.Value.Equals(encoding, StringComparison.OrdinalIgnoreCase)) is { } named ? named.Quality
                ?? 1 : null;
    }

    private Variant Compressed(string encoding, byte[] content, Func<Stream, Stream> compress)
    {
        var compressed = new MemoryStream();
        using (var stream = compress(compressed))
        {
            stream.Write(content);
        }

        return new Variant(encoding, compressed.ToArray(), new EntityTagHeaderValue($"\"{_hash}-{encoding}\""));
    }

    private sealed record Variant(string? Encoding, byte[] Content, EntityTagHeaderValue ETag);
}
