using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Net.Http.Headers;

namespace Bioscope.Server.Tracking;

/// <summary>
/// <c>GET /bioscope.js</c>: the script that counts visits, made small and compressed once. Under <see cref="Url"/>, which names its
/// content, it may be kept for ever; under any other query it is asked for again after an hour.
/// </summary>
internal static partial class Tracker
{
    private const string Path = "/bioscope.js";

    // Letters that the script's own words have most of come first: they compress best.
    private const string Letters = "etnoiasrcldpghumvfbywkjxqzISCDOPTMALEURNBHYVFZJKQXGW";

    private static readonly byte[] Script = Encoding.UTF8.GetBytes(Shorten(Source()));
    private static readonly string Hash = Convert.ToHexStringLower(SHA256.HashData(Script).AsSpan(0, 8));

    // The best first.
    private static readonly Variant[] Variants =
    [
        Compressed("br", inner => new BrotliStream(inner, CompressionLevel.SmallestSize)),
        Compressed("gzip", inner => new GZipStream(inner, CompressionLevel.SmallestSize)),
        new(null, Script, new EntityTagHeaderValue($"\"{Hash}\"")),
    ];

    /// <summary>The script's address for pages that this server makes itself.</summary>
    public static string Url { get; } = $"{Path}?v={Hash}";

    public static void Map(IEndpointRouteBuilder root) => root.MapMethods(Path, [HttpMethods.Get, HttpMethods.Head], SendAsync);

    /// <summary>
    /// Takes lines of comment away, blanks beside punctuation, and punctuation that a closing bracket makes needless; and gives each
    /// <c>$name</c> one letter. It knows nothing else of JavaScript: <c>bioscope.js</c> is written for it.
    /// </summary>
    public static string Shorten(string source)
    {
        var code = CommentLine().Replace(source.ReplaceLineEndings("\n"), "");
        code = Blanks().Replace(code, match => match.Groups[1] is { Success: true, Value: var mark } ? mark : " ").Trim();
        code = NeedlessMark().Replace(code, "");
        var names = Name().Matches(code)
            .GroupBy(match => match.Value)
            .OrderByDescending(uses => uses.Count())
            .Select((uses, index) => (uses.Key, Letter: Letters[index].ToString()))
            .ToDictionary();
        return Name().Replace(code, match => names[match.Value]);
    }

    private static Task SendAsync(HttpContext http)
    {
        var variant = Best(http.Request.GetTypedHeaders().AcceptEncoding);
        var headers = http.Response.Headers;
        headers.Vary = HeaderNames.AcceptEncoding;
        headers.ContentEncoding = variant.Encoding;
        headers.CacheControl = http.Request.Query["v"] == Hash ? "public, max-age=31536000, immutable" : "public, max-age=3600";
        headers.XContentTypeOptions = "nosniff";
        // Pages of any origin may load it, also those that let nothing in unasked (Cross-Origin-Embedder-Policy).
        headers.AccessControlAllowOrigin = "*";
        headers["Cross-Origin-Resource-Policy"] = "cross-origin";
        return TypedResults.Bytes(variant.Content, "text/javascript; charset=utf-8", entityTag: variant.ETag).ExecuteAsync(http);
    }

    private static Variant Best(IList<StringWithQualityHeaderValue> accepted)
    {
        return Array.Find(Variants, variant => variant.Encoding is { } encoding && (Quality(encoding) ?? Quality("*")) > 0) ?? Variants[^1];

        double? Quality(string encoding) =>
            accepted.FirstOrDefault(value => value.Value.Equals(encoding, StringComparison.OrdinalIgnoreCase)) is { } named ? named.Quality ?? 1 : null;
    }

    private static string Source()
    {
        using var reader = new StreamReader(typeof(Tracker).Assembly.GetManifestResourceStream("bioscope.js")!);
        return reader.ReadToEnd();
    }

    private static Variant Compressed(string encoding, Func<Stream, Stream> compress)
    {
        var content = new MemoryStream();
        using (var stream = compress(content))
        {
            stream.Write(Script);
        }

        return new Variant(encoding, content.ToArray(), new EntityTagHeaderValue($"\"{Hash}-{encoding}\""));
    }

    [GeneratedRegex(@"^\s*//.*\n", RegexOptions.Multiline)]
    private static partial Regex CommentLine();

    [GeneratedRegex(@"\s*([-+*/=<>&|?:;,!(){}\[\]])\s*|\s+")]
    private static partial Regex Blanks();

    [GeneratedRegex(@"[;,](?=[)}\]])")]
    private static partial Regex NeedlessMark();

    [GeneratedRegex(@"\$\w+")]
    private static partial Regex Name();

    private sealed record Variant(string? Encoding, byte[] Content, EntityTagHeaderValue ETag);
}
