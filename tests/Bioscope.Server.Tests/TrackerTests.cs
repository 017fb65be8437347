using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Bioscope.Core.Tests;
using Bioscope.Server.Tracking;

namespace Bioscope.Server.Tests;

public sealed class TrackerTests
{
    [Theory]
    [InlineData("br", 1750)]
    [InlineData("gzip", 1980)]
    public async Task The_script_is_small_and_equal_in_every_encoding(string encoding, int max)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);

        using var response = await GetAsync(app, Tracker.Url, ("Accept-Encoding", encoding));
        using var plain = await GetAsync(app, Tracker.Url);

        Assert.Equal([encoding], response.Content.Headers.ContentEncoding);
        Assert.Equal(["Accept-Encoding"], response.Headers.Vary);
        var content = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        Assert.InRange(content.Length, 1000, max);
        Assert.Equal(content.Length, response.Content.Headers.ContentLength);
        Assert.Empty(plain.Content.Headers.ContentEncoding);
        Assert.Equal(await plain.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), Unpack(content, encoding));
    }

    [Theory]
    [InlineData("gzip, deflate, br, zstd", "br")]
    [InlineData("gzip;q=1.0, br;q=0", "gzip")]
    [InlineData("*", "br")]
    [InlineData("br;q=0, *", "gzip")]
    [InlineData("identity", null)]
    [InlineData("deflate", null)]
    [InlineData(";;,=br;q=x", null)]
    public async Task The_smallest_accepted_encoding_is_sent(string accepted, string? encoding)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);

        using var response = await GetAsync(app, "/bioscope.js", ("Accept-Encoding", accepted));

        Assert.Equal(encoding, response.Content.Headers.ContentEncoding.SingleOrDefault());
    }

    [Fact]
    public async Task The_hashed_address_is_cached_forever_others_an_hour()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);

        Assert.Matches("^/bioscope\\.js\\?v=[0-9a-f]{16}$", Tracker.Url);
        Assert.Equal("public, max-age=31536000, immutable", await CachingOfAsync(Tracker.Url));
        Assert.Equal("public, max-age=3600", await CachingOfAsync("/bioscope.js"));
        Assert.Equal("public, max-age=3600", await CachingOfAsync("/bioscope.js?v=0123456789abcdef"));
        Assert.Equal("public, max-age=3600", await CachingOfAsync(Tracker.Url + "&v=2"));

        async Task<string?> CachingOfAsync(string url)
        {
            using var response = await GetAsync(app, url);
            response.EnsureSuccessStatusCode();
            return Header(response, "Cache-Control");
        }
    }

    [Fact]
    public async Task A_matching_etag_gets_304()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        using var first = await GetAsync(app, "/bioscope.js", ("Accept-Encoding", "br"));
        var tag = first.Headers.ETag!.ToString();

        using var again = await GetAsync(app, "/bioscope.js", ("Accept-Encoding", "br"), ("If-None-Match", tag));
        using var other = await GetAsync(app, "/bioscope.js", ("Accept-Encoding", "gzip"), ("If-None-Match", tag));

        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
        Assert.Equal(tag, again.Headers.ETag!.ToString());
        Assert.Equal("public, max-age=3600", Header(again, "Cache-Control"));
        Assert.Empty(await again.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.OK, other.StatusCode); // the tag belongs to other bytes
    }

    [Fact]
    public async Task Other_origins_may_load_the_script_and_HEAD_works()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);

        using var response = await app.Http.SendAsync(
            new HttpRequestMessage(HttpMethod.Head, "/bioscope.js"), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/javascript; charset=utf-8", Header(response, "Content-Type"));
        Assert.Equal("*", Header(response, "Access-Control-Allow-Origin"));
        Assert.Equal("cross-origin", Header(response, "Cross-Origin-Resource-Policy"));
        Assert.Equal("nosniff", Header(response, "X-Content-Type-Options"));
        Assert.InRange(response.Content.Headers.ContentLength ?? 0, 3000, 4200);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        using var post = await app.Http.PostAsync("/bioscope.js", null, TestContext.Current.CancellationToken);
        await post.AssertErrorAsync(HttpStatusCode.MethodNotAllowed, "METHOD_NOT_ALLOWED", "error.method_not_allowed");
    }

    [Fact]
    public void The_minified_script_is_made_from_its_source()
    {
        var folder = RepositoryFiles.Root is { } root ? Path.Combine(root, "src/Bioscope.Server/Tracking") : null;
        Assert.SkipUnless(Directory.Exists(folder), "The sources are not where the tests run.");

        // As `sha256sum` writes it.
        var now = ((string[])["bioscope.js", "bioscope.min.js"]).Select(name => $"{Sha256(Path.Combine(folder, name))}  {name}");

        Assert.True(
            File.ReadAllLines(Path.Combine(folder, "bioscope.sha256")).SequenceEqual(now),
            "bioscope.js or bioscope.min.js was changed by hand. To fix: run `npm ci && npm run build` in tools/tracker, and commit " +
            "what it writes.");
    }

    // A checkout may have other line ends.
    private static string Sha256(string file) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(File.ReadAllText(file).ReplaceLineEndings("\n"))));

    private static Task<HttpResponseMessage> GetAsync(TestApp app, string url, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, url);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return app.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.Concat(response.Content.Headers).Where(header => header.Key == name).SelectMany(header => header.Value)
            .SingleOrDefault();

    private static string Unpack(byte[] content, string encoding)
    {
        using var packed = new MemoryStream(content);
        using Stream stream = encoding == "br" ? new BrotliStream(
            packed, CompressionMode.Decompress) : new GZipStream(packed, CompressionMode.Decompress);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
