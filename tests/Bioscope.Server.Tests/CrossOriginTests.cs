using System.Net;

namespace Bioscope.Server.Tests;

/// <summary>Pages of any origin may report visits, and may do nothing else.</summary>
public class CrossOriginTests
{
    [Theory]
    [InlineData("session", "POST")]
    [InlineData("pageview", "POST")]
    [InlineData("session/4b3c0e8e-0000-7000-8000-000000000000/heartbeat", "PATCH")]
    [InlineData("pageview/4b3c0e8e-0000-7000-8000-000000000000/leave", "PATCH")]
    [InlineData("session/4b3c0e8e-0000-7000-8000-000000000000/identify", "PATCH")]
    public async Task A_preflight_for_event_routes_is_allowed(string route, string method)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, ("Throttle:Session", "1"), ("Throttle:SessionAddress", "1"));

        for (var i = 0; i < 3; i++)
        {
            using var response = await AskAsync(app, "/api/v1/analytics/" + route, method);

            Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
            Assert.Equal("*", Header(response, "Access-Control-Allow-Origin"));
            Assert.Contains(method, Header(response, "Access-Control-Allow-Methods"), StringComparison.Ordinal);
            Assert.Equal("Content-Type,Authorization,X-Correlation-Id", Header(response, "Access-Control-Allow-Headers"));
            Assert.Equal("86400", Header(response, "Access-Control-Max-Age"));
            Assert.Null(Header(response, "Access-Control-Allow-Credentials"));
        }
    }

    [Fact]
    public async Task Other_origins_can_read_answers_and_errors()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, ("Throttle:PageView", "2"));
        foreach (var (json, status) in (ReadOnlySpan<(string, HttpStatusCode)>)
            [($$"""{"sessionId":"{{Guid.NewGuid()}}"}""", HttpStatusCode.OK), ("{", HttpStatusCode.BadRequest),
                ("{}", HttpStatusCode.TooManyRequests)])
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/analytics/pageview") { Content = new StringContent(json) };
            request.Headers.Add("Origin", "https://site.example");
            using var response = app.Http.Send(request, TestContext.Current.CancellationToken);

            Assert.Equal(status, response.StatusCode);
            Assert.Equal("*", Header(response, "Access-Control-Allow-Origin"));
            Assert.Contains("X-Correlation-Id", Header(response, "Access-Control-Expose-Headers"), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("/api/v1/creators/analytics/traffic")]
    [InlineData("/nothing")]
    public async Task Other_routes_do_not_allow_other_origins(string path)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);

        using var preflight = await AskAsync(app, path, "GET");
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("Origin", "https://site.example");
        using var answer = await app.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Null(Header(preflight, "Access-Control-Allow-Origin"));
        Assert.Null(Header(answer, "Access-Control-Allow-Origin"));
    }

    private static async Task<HttpResponseMessage> AskAsync(TestApp app, string path, string method)
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, path);
        request.Headers.Add("Origin", "https://site.example");
        request.Headers.Add("Access-Control-Request-Method", method);
        request.Headers.Add("Access-Control-Request-Headers", "content-type");
        return await app.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? string.Join(',', values) : null;
}
