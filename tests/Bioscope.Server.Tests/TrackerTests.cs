using System.IO.Compression;
using System.Net;
using System.Text;
using Bioscope.Server.Tracking;

namespace Bioscope.Server.Tests;

public sealed class TrackerTests
{
    [Theory]
    [InlineData("br", 1843)]
    [InlineData("gzip", 2048)]
    public async Task The_script_is_small_and_each_encoding_holds_the_same_one(string encoding, int max)
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
    public async Task The_best_encoding_that_the_browser_takes_is_sent(string accepted, string? encoding)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);

        using var response = await GetAsync(app, "/bioscope.js", ("Accept-Encoding", accepted));

        Assert.Equal(encoding, response.Content.Headers.ContentEncoding.SingleOrDefault());
    }

    [Fact]
    public async Task The_address_with_the_scripts_hash_holds_for_ever_and_any_other_for_an_hour()
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
    public async Task A_browser_that_has_the_script_is_not_sent_it_again()
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
        Assert.Equal(HttpStatusCode.OK, other.StatusCode); // the tag is of other bytes
    }

    [Fact]
    public async Task Pages_of_other_origins_may_load_it_and_head_tells_of_it()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);

        using var response = await app.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/bioscope.js"), TestContext.Current.CancellationToken);

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
    public void Comments_blanks_and_long_names_go_and_nothing_else()
    {
        var code = Tracker.Shorten(
            "// A comment.\r\nconst $first = 'a  b', $second = { one: $first, };\r\n\r\n  // Another.\r\n  if ($first) return $second;\r\n  else $go(\"//x\");\r\n");

        Assert.Equal("const e='a b',t={one:e};if(e)return t;else n(\"//x\");", code);
    }

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
        response.Headers.Concat(response.Content.Headers).Where(header => header.Key == name).SelectMany(header => header.Value).SingleOrDefault();

    private static string Unpack(byte[] content, string encoding)
    {
        using var packed = new MemoryStream(content);
        using Stream stream = encoding == "br" ? new BrotliStream(packed, CompressionMode.Decompress) : new GZipStream(packed, CompressionMode.Decompress);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
