using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Bioscope.Server.Tests;

public sealed class CompressionTests
{
    [Theory]
    [InlineData("br, gzip", "br")]
    [InlineData("gzip", "gzip")]
    [InlineData("gzip, br;q=0", "gzip")]
    [InlineData("identity", null)]
    [InlineData("", null)]
    public async Task Pages_documents_and_figures_are_compressed(string accepted, string? encoding)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var (visit, creator) = await DashboardVisit.StartAsync(app);
        using var _ = visit;
        for (var i = 0; i < 60; i++)
        {
            await app.AddLinkAsync(creator, $"Shop {i}", "https://shop.example/");
        }

        await app.Main.ExecuteAsync(
            """UPDATE "BioPage" SET "handle" = 'anna' WHERE "id" = @id""", TestContext.Current.CancellationToken, ("@id", creator.BioPageId));
        foreach (var path in (string[])["/@anna", "/docs", "/openapi.json", "/proof", "/dashboard", "/dashboard/links",
            "/api/v1/creators/analytics/links", "/api/v1/creators/analytics/sources", "/api/v1/creators/analytics/export?type=links"])
        {
            var (plain, _) = await ReadAsync(app, visit, creator, path, "");
            var (text, response) = await ReadAsync(app, visit, creator, path, accepted);
            var isSmall = Encoding.UTF8.GetByteCount(plain) < 1000;

            Assert.True(HttpStatusCode.OK == response.StatusCode, path);
            Assert.True((isSmall ? null : encoding) == response.Content.Headers.ContentEncoding.SingleOrDefault(), path);
            Assert.True(encoding is null || isSmall || response.Headers.Vary.Contains("Accept-Encoding"), path);
            Assert.True(plain.Length == text.Length || path is "/@anna" or "/dashboard/links", $"{path}: {plain.Length}, {text.Length}");
        }
    }

    [Theory]
    [InlineData("/dashboard/shared")]
    [InlineData("/dashboard/webhooks")]
    [InlineData("/dashboard/account")]
    [InlineData("/dashboard/account/second-factor")]
    [InlineData("/dashboard/team")]
    [InlineData("/dashboard/keys")]
    [InlineData("/metrics")]
    public async Task What_shows_secrets_is_not_compressed(string path)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var (visit, creator) = await DashboardVisit.StartAsync(app);
        using var _ = visit;

        var (_, response) = await ReadAsync(app, visit, creator, path, "br, gzip");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Empty(response.Content.Headers.ContentEncoding);
    }

    [Fact]
    public async Task Forms_have_another_field_each_time_and_each_is_accepted()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var (visit, _) = await DashboardVisit.StartAsync(app);
        using var _1 = visit;

        var fields = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            fields.Add(DashboardVisit.FormField(await visit.ReadAsync("/dashboard")));
        }

        Assert.Equal(3, fields.Distinct().Count());
        foreach (var field in fields)
        {
            using var answer = await visit.PostAsync("/dashboard/zone", ("form", field), ("zone", "Europe/Berlin"));
            Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        }

        foreach (var forged in (string[])["", fields[0][..64], fields[0][64..] + fields[0][..64] + "00", new string('0', 128), new string('g', 128)])
        {
            using var answer = await visit.PostAsync("/dashboard/zone", ("form", forged), ("zone", "Europe/Berlin"));
            Assert.NotEqual(HttpStatusCode.SeeOther, answer.StatusCode);
        }
    }

    [Fact]
    public async Task A_compressed_document_is_revalidated()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        using var first = new HttpRequestMessage(HttpMethod.Get, "/openapi.json");
        first.Headers.AcceptEncoding.ParseAdd("br");
        using var answer = await app.Http.SendAsync(first, TestContext.Current.CancellationToken);
        using var again = new HttpRequestMessage(HttpMethod.Get, "/openapi.json");
        again.Headers.IfNoneMatch.Add(answer.Headers.ETag!);

        using var unchanged = await app.Http.SendAsync(again, TestContext.Current.CancellationToken);

        Assert.True(answer.Headers.ETag!.IsWeak);
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
    }

    private static async Task<(string Text, HttpResponseMessage Response)> ReadAsync(
        TestApp app, DashboardVisit visit, Engine.Creators.Creator creator, string path, string accepted)
    {
        using var handler = new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false };
        using var http = new HttpClient(handler) { BaseAddress = app.Http.BaseAddress };
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept-Encoding", accepted);
        request.Headers.Add("Accept", path.StartsWith("/api", StringComparison.Ordinal) ? "application/json" : "text/html");
        if (path.StartsWith("/api", StringComparison.Ordinal))
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", app.Token(creator));
        }
        else
        {
            request.Headers.Add("Cookie", visit.CookieOf("/dashboard"));
        }

        var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        var body = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        using Stream stream = response.Content.Headers.ContentEncoding.SingleOrDefault() switch
        {
            "br" => new BrotliStream(new MemoryStream(body), CompressionMode.Decompress),
            "gzip" => new GZipStream(new MemoryStream(body), CompressionMode.Decompress),
            _ => new MemoryStream(body),
        };
        using var reader = new StreamReader(stream);
        return (await reader.ReadToEndAsync(TestContext.Current.CancellationToken), response);
    }
}
