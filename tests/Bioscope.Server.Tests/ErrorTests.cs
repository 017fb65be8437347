using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;

namespace Bioscope.Server.Tests;

public sealed class ErrorTests
{
    [Theory]
    [InlineData("/")]
    [InlineData("/api")]
    [InlineData("/api/v1/creators/analytics/nothing")]
    [InlineData("/api/v1/creators/analytics/traffic/more")]
    public async Task An_unknown_address_is_404_in_the_envelope(string path)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);

        await (await app.GetAsync(path)).AssertErrorAsync(HttpStatusCode.NotFound, "NOT_FOUND", "error.not_found");
    }

    [Theory]
    [InlineData("DELETE", "/api/v1/creators/analytics/traffic", "GET, HEAD")]
    [InlineData("GET", "/api/v1/analytics/session", "POST")]
    public async Task A_wrong_method_is_405_with_Allow(string method, string path, string allowed)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);

        using var response = await app.Http.SendAsync(
            new HttpRequestMessage(new HttpMethod(method), path), TestContext.Current.CancellationToken);

        await response.AssertErrorAsync(HttpStatusCode.MethodNotAllowed, "METHOD_NOT_ALLOWED", "error.method_not_allowed");
        Assert.Equal(allowed.Split(", "), response.Content.Headers.Allow);
    }

    [Theory]
    [InlineData("overview")]
    [InlineData("traffic")]
    [InlineData("export?type=traffic")]
    [InlineData("drops")]
    [InlineData("sources")]
    [InlineData("sources?limit=0")]
    [InlineData("query?q={\"metrics\":[\"visits\"]}")]
    [InlineData("query")]
    public async Task HEAD_of_a_report_has_the_headers_of_GET(string report)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var token = app.Token(await app.AddCreatorAsync());
        var path = $"/api/v1/creators/analytics/{report}";
        using var get = await app.GetAsync(path, token);

        using var request = new HttpRequestMessage(HttpMethod.Head, path) { Headers = { Authorization = new("Bearer", token) } };
        using var head = await app.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(get.StatusCode, head.StatusCode);
        Assert.Equal(get.Content.Headers.ContentLength, head.Content.Headers.ContentLength);
        Assert.Equal(get.Content.Headers.ContentType, head.Content.Headers.ContentType);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Every_response_has_a_correlation_id()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var creator = await app.AddCreatorAsync();
        var own = Guid.NewGuid().ToString();

        Assert.Equal(own, await IdAsync(own, app.Token(creator)));
        Assert.Equal(own.ToUpperInvariant(), await IdAsync(own.ToUpperInvariant(), null));
        Assert.NotEqual(own, await IdAsync($"{{{own}}}", null));
        Assert.NotEqual(own, await IdAsync("not a uuid", app.Token(creator)));
        Assert.NotEqual(await IdAsync(null, null), await IdAsync(null, null));

        async Task<string> IdAsync(string? id, string? token)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/creators/analytics/traffic");
            if (id is not null)
            {
                request.Headers.Add("X-Correlation-Id", id);
            }

            if (token is not null)
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            }

            using var response = await app.Http.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(token is null ? HttpStatusCode.Unauthorized : HttpStatusCode.OK, response.StatusCode);
            var answered = response.Headers.GetValues("X-Correlation-Id").Single();
            Assert.True(Guid.TryParseExact(answered, "D", out _));
            return answered;
        }
    }

    [Theory, Engines]
    public async Task Internal_errors_leak_no_details(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        await app.Analytics.ExecuteAsync("""DROP TABLE "AnalyticsSession" """, TestContext.Current.CancellationToken);

        using var response = await app.GetAsync("/api/v1/creators/analytics/traffic", app.Token(creator));

        await response.AssertErrorAsync(HttpStatusCode.InternalServerError, "INTERNAL_ERROR", "error.internal");
        Assert.DoesNotContain(
            "AnalyticsSession", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unavailable_database_is_503()
    {
        await using var app = await TestApp.StartAsync(
            EngineKind.Sqlite,
            ("Storage:Ownership", "shared"),
            ("ConnectionStrings:Main", "Host=127.0.0.1;Port=1;Username=nobody"),
            ("ConnectionStrings:Analytics", "Host=127.0.0.1;Port=1;Username=nobody"));

        using var response = await app.GetAsync("/api/v1/creators/analytics/traffic", app.Token(Guid.NewGuid().ToString()));

        await response.AssertErrorAsync(HttpStatusCode.ServiceUnavailable, "SERVICE_UNAVAILABLE", "error.unavailable");
    }

    [Fact]
    public async Task Oversized_headers_and_addresses_are_refused_in_the_envelope()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);

        await (await app.GetAsync("/api/v1/creators/analytics/traffic?days=" + new string('1', 20_000)))
            .AssertErrorAsync(HttpStatusCode.RequestUriTooLong, "VALIDATION_ERROR", "error.validation");
        await (await app.GetAsync("/api/v1/creators/analytics/traffic", new string('x', 200_000)))
            .AssertErrorAsync(HttpStatusCode.RequestHeaderFieldsTooLarge, "VALIDATION_ERROR", "error.validation");
    }

    [Theory]
    [InlineData(400, "GET /a%00b HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData(400, "GET / HTTP/1.1\r\n\r\n")]
    [InlineData(400, "GET /\u00E9 HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData(400, "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n")]
    [InlineData(400, "\0\0\0garbage\r\n\r\n")]
    [InlineData(505, "GET / HTTP/9.9\r\nHost: x\r\n\r\n")]
    public async Task Refusals_of_the_web_server_have_the_envelope(int status, string bytes)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        using var client = await ConnectAsync(app);
        await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(bytes), TestContext.Current.CancellationToken);
        var answer = await new StreamReader(client.GetStream()).ReadToEndAsync(TestContext.Current.CancellationToken);

        var (head, body) = (answer.Split("\r\n\r\n")[0].Split("\r\n"), answer.Split("\r\n\r\n")[1]);
        Assert.StartsWith($"HTTP/1.1 {status} ", head[0], StringComparison.Ordinal);
        using var response = new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(body) };
        foreach (var header in head[1..].Select(line => line.Split(": ")))
        {
            if (header[0].StartsWith("Content-", StringComparison.Ordinal))
            {
                response.Content.Headers.Remove(header[0]);
            }

            if (!response.Headers.TryAddWithoutValidation(header[0], header[1]))
            {
                response.Content.Headers.Add(header[0], header[1]);
            }
        }

        Assert.Equal(body.Length, response.Content.Headers.ContentLength);
        await response.AssertErrorAsync((HttpStatusCode)status, "VALIDATION_ERROR", "error.validation");
    }

    [Fact]
    public async Task Expect_100_with_a_large_body_gets_413_at_once()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        using var client = await ConnectAsync(app);
        var stream = client.GetStream();
        await stream.WriteAsync(
            "POST /api/v1/analytics/session HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: 10000000\r\n\r\n"u8.ToArray(),
            TestContext.Current.CancellationToken);

        var start = new byte[12];
        await stream.ReadExactlyAsync(start, TestContext.Current.CancellationToken);
        Assert.Equal("HTTP/1.1 413", Encoding.ASCII.GetString(start));
    }

    [Fact]
    public async Task A_client_with_a_huge_body_can_read_the_413()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        using var client = await ConnectAsync(app);
        var stream = client.GetStream();
        await stream.WriteAsync(
            "POST /api/v1/analytics/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 10000000\r\n\r\n"u8.ToArray(),
            TestContext.Current.CancellationToken);
        // The whole request before anything is read, as simple clients send it.
        await stream.WriteAsync(new byte[10_000_000], TestContext.Current.CancellationToken);

        var start = new byte[12];
        await stream.ReadExactlyAsync(start, TestContext.Current.CancellationToken);
        Assert.Equal("HTTP/1.1 413", Encoding.ASCII.GetString(start));
    }

    [Theory]
    [InlineData("{", "not valid JSON")]
    [InlineData("", "not valid JSON")]
    [InlineData("[]", "must be a JSON object")]
    [InlineData("null", "must be a JSON object")]
    [InlineData("{\"visitorId\":\"v\",\"consentAnalytics\":\"granted\"}x", "not valid JSON")]
    [InlineData("{\"visitorId\":\"v\",\"consentAnalytics\":\"granted\",\"x\":\"\0\"}", "not valid JSON")]
    [InlineData("{\"visitorId\":\"v\",\"consentAnalytics\":\"granted\",\"\\ud800\":1}", "well-formed Unicode")]
    [InlineData("{\"visitorId\":\"v\",\"consentAnalytics\":\"granted\",\"referrer\":\"\\ud800\"}", "referrer must be well-formed Unicode")]
    [InlineData("{\"visitorId\":\"a\\u0000\",\"consentAnalytics\":\"granted\"}", "visitorId must not contain the character U+0000")]
    [InlineData("{\"visitorId\":\"\",\"consentAnalytics\":\"granted\"}", "visitorId must have 1 to 128 characters")]
    [InlineData("{\"visitorId\":null,\"consentAnalytics\":\"granted\"}", "visitorId is required")]
    [InlineData("{\"visitorId\":\"v\",\"consentAnalytics\":true}", "consentAnalytics must be a string")]
    [InlineData("{\"visitorId\":\"v\"}", "consentAnalytics is required")]
    [InlineData(
        "{\"visitorId\":\"v\",\"consentAnalytics\":\"granted\",\"bioPageId\":\"0189f7a35b7c7d4e8f901234567890ab\"}",
        "bioPageId must be a UUID")]
    [InlineData(
        "{\"visitorId\":\"v\",\"consentAnalytics\":\"granted\",\"bioPageId\":\"{0189f7a3-5b7c-7d4e-8f90-1234567890ab}\"}",
        "bioPageId must be a UUID")]
    [InlineData("{\"visitorId\":\"v\",\"consentAnalytics\":\"granted\",\"bioPageId\":\"\"}", "bioPageId must be a UUID")]
    [InlineData("{\"visitorId\":\"v\",\"consentAnalytics\":\"granted\",\"device\":{}}", "device must be a string")]
    public async Task An_invalid_body_is_400_with_the_reason(string body, string detail)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);

        using var response = await PostAsync(app, new StringContent(body, Encoding.UTF8, "application/json"));

        var error = await response.AssertErrorAsync(HttpStatusCode.BadRequest, "VALIDATION_ERROR", "error.validation");
        Assert.Contains(detail, Assert.Single(error.Details()), StringComparison.Ordinal);
        Assert.Empty(await app.SessionColumnAsync(Guid.Empty, "id"));
    }

    [Fact]
    public async Task Every_invalid_field_has_one_detail()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);

        using var response = await app.PostSessionAsync(
            new { visitorId = new string('v', 129), bioPageId = 7, os = new[] { 1 }, unknown = 1 });

        var error = await response.AssertErrorAsync(HttpStatusCode.BadRequest, "VALIDATION_ERROR", "error.validation");
        Assert.Equal(
            ["bioPageId must be a string", "consentAnalytics is required", "os must be a string",
                "visitorId must have 1 to 128 characters"],
            error.Details().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Invalid_utf8_is_400()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        byte[] body = [.. "{\"visitorId\":\"v\",\"consentAnalytics\":\"granted\",\"unknown\":\""u8, 0xC3, 0x28, .. "\"}"u8];

        using var response = await PostAsync(app, new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } });

        await response.AssertErrorAsync(HttpStatusCode.BadRequest, "VALIDATION_ERROR", "error.validation");
    }

    [Fact]
    public async Task Large_bodies_are_413_and_other_types_415()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);

        await (await PostAsync(app, new StringContent(new string(' ', 200_000), Encoding.UTF8, "application/json")))
            .AssertErrorAsync(HttpStatusCode.RequestEntityTooLarge, "PAYLOAD_TOO_LARGE", "error.payload_too_large");
        await (await PostAsync(app, new StringContent("{}", Encoding.UTF8, "text/plain")))
            .AssertErrorAsync(HttpStatusCode.UnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE", "error.unsupported_media_type");
        await (await PostAsync(app, new StringContent("{}", Encoding.Latin1, "application/json")))
            .AssertErrorAsync(HttpStatusCode.UnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE", "error.unsupported_media_type");
        await (await PostAsync(app, new ByteArrayContent([])))
            .AssertErrorAsync(HttpStatusCode.UnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE", "error.unsupported_media_type");
    }

    /// <summary>For bytes that the framework's client cannot send.</summary>
    private static async Task<TcpClient> ConnectAsync(TestApp app)
    {
        var client = new TcpClient();
        await client.ConnectAsync(app.Http.BaseAddress!.Host, app.Http.BaseAddress.Port, TestContext.Current.CancellationToken);
        return client;
    }

    private static Task<HttpResponseMessage> PostAsync(TestApp app, HttpContent body) =>
        app.Http.PostAsync("/api/v1/analytics/session", body, TestContext.Current.CancellationToken);
}
