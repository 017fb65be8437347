using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Bioscope.Core;
using Bioscope.Server.Configuration;
using Bioscope.Server.Web;

namespace Bioscope.Server.Proofs;

/// <summary>
/// What others need to check a proof: <c>GET /.well-known/bioscope-keys.json</c>, the public keys, and <c>GET /proof</c>, a page that
/// checks a file in the browser and works as a saved file, too.
/// </summary>
internal static class ProofPages
{
    public const string KeysPath = "/.well-known/bioscope-keys.json";

    private static readonly string Html = EmbeddedText.Read(typeof(ProofPages).Assembly, "proof.html").ReplaceLineEndings("\n");

    // Keys are fetched from any server whose proofs are to be checked.
    private static readonly string Policy =
        $"default-src 'none'; style-src {HashOf("style")}; script-src {HashOf("script")}; connect-src 'self' https:; img-src data:; " +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static void Map(WebApplication app)
    {
        var pages = app.MapGroup("").ExcludeFromDescription().Compressed(); // the same for everybody
        pages.MapRead("/proof", PageAsync);
        pages.MapRead(KeysPath, KeysAsync);
    }

    private static Task PageAsync(HttpContext http)
    {
        var headers = http.Response.Headers;
        headers.CacheControl = "no-cache";
        headers.ContentSecurityPolicy = Policy;
        headers["Referrer-Policy"] = "no-referrer";
        return ApiResponse.SendAsync(http, Encoding.UTF8.GetBytes(Html), "text/html; charset=utf-8");
    }

    private static Task KeysAsync(HttpContext http)
    {
        var key = http.RequestServices.GetRequiredService<Settings>().ProofKey;
        var keys = new ProofKeySet(key.Length == 0 ? [] : [new ProofKey(key).Public]);
        http.Response.Headers.CacheControl = "public, max-age=3600";
        http.Response.Headers.AccessControlAllowOrigin = "*";
        return ApiResponse.SendAsync(
            http, JsonSerializer.SerializeToUtf8Bytes(keys, ProofKeyJson.Default.ProofKeySet), "application/json; charset=utf-8");
    }

    /// <summary>The hash of the page's one style or script.</summary>
    private static string HashOf(string element)
    {
        var start = Html.IndexOf($"<{element}>", StringComparison.Ordinal) + element.Length + 2;
        var text = Html[start..Html.IndexOf($"</{element}>", start, StringComparison.Ordinal)];
        return $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}'";
    }
}
