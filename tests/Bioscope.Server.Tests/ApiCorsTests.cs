using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Bioscope.Server.Configuration;
using Microsoft.Extensions.Configuration;

namespace Bioscope.Server.Tests;

/// <summary>Front-ends on named origins may use the API from a browser; nobody else may.</summary>
public sealed class ApiCorsTests
{
    private const string Origin = "https://app.example";

    private static readonly (string Path, string Method)[] Shared =
    [
        ("/api/v1/creators/analytics/traffic", "GET"),
        ("/api/v1/creators/analytics/overview", "GET"),
        ("/api/v1/creators/analytics/export", "GET"),
        ("/api/v1/creators/analytics/sources", "GET"),
        ("/api/v1/creators/analytics/query", "POST"),
    ];

    private static readonly (string Path, string Method)[] Routes =
        [.. Shared, ("/api/v1/auth/login", "POST"), ("/api/v1/auth/refresh", "POST")];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Preflights_of_named_origins_are_allowed_without_credentials()
    {
        await using var app = await StartAsync(("Throttle:Reports", "1"), ("Throttle:Login", "1"));
        foreach (var (path, method) in Routes)
        {
            for (var i = 0; i < 3; i++)
            {
                using var response = await PreflightAsync(app, path, method, Origin);

                Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
                Assert.Equal(Origin, Header(response, "Access-Control-Allow-Origin"));
                Assert.Contains(method, Header(response, "Access-Control-Allow-Methods"), StringComparison.Ordinal);
                Assert.Equal("Authorization,Content-Type,X-Correlation-Id,X-Bio-Page", Header(response, "Access-Control-Allow-Headers"));
                Assert.Null(Header(response, "Access-Control-Allow-Credentials"));
                Assert.Contains("Origin", Header(response, "Vary"), StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData("https://evil.example")]
    [InlineData("null")]
    [InlineData("https://app.example.evil.example")]
    [InlineData("http://app.example")]
    [InlineData("https://app.example:8443")]
    [InlineData("https://APP.example")]
    [InlineData("https://app.example, https://evil.example")]
    [InlineData("*")]
    public async Task Other_origins_are_not_allowed(string origin)
    {
        await using var app = await StartAsync();
        var creator = await app.AddCreatorAsync();

        using var preflight = await PreflightAsync(app, Shared[0].Path, "GET", origin);
        using var request = new HttpRequestMessage(HttpMethod.Get, Shared[0].Path);
        request.Headers.TryAddWithoutValidation("Origin", origin);
        request.Headers.Add("Authorization", "Bearer " + app.Token(creator));
        using var answer = await app.Http.SendAsync(request, Cancellation);

        Assert.Null(Header(preflight, "Access-Control-Allow-Origin"));
        Assert.Null(Header(answer, "Access-Control-Allow-Origin"));
        Assert.Contains("Origin", Header(answer, "Vary"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/v1/creators/bio", "GET")]
    [InlineData("/api/v1/creators/analytics/rules", "PUT")]
    [InlineData("/api/v1/auth/password", "PUT")]
    [InlineData("/dashboard", "GET")]
    public async Task Other_routes_are_not_opened(string path, string method)
    {
        await using var app = await StartAsync();

        using var preflight = await PreflightAsync(app, path, method, Origin);

        Assert.Null(Header(preflight, "Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task A_front_end_signs_in_reads_and_refreshes_without_cookies()
    {
        await using var app = await StartAsync(("Throttle:Reports", "1"));
        await app.AddCreatorAsync("anna@example.com", DashboardVisit.Password);

        using var login = await SendAsync(
            app, HttpMethod.Post, "/api/v1/auth/login", new { email = "anna@example.com", password = DashboardVisit.Password });
        var data = await DataAsync(login);
        using var refresh = await SendAsync(
            app, HttpMethod.Post, "/api/v1/auth/refresh", new { refreshToken = data.GetProperty("refreshToken").GetString() });
        var token = (await DataAsync(refresh)).GetProperty("accessToken").GetString();
        using var report = await SendAsync(app, HttpMethod.Get, Shared[0].Path, null, token);
        using var over = await SendAsync(app, HttpMethod.Get, Shared[0].Path, null, token);
        using var refused = await SendAsync(app, HttpMethod.Get, Shared[0].Path, null, "nonsense");

        Assert.Equal(
            (HttpStatusCode.OK, HttpStatusCode.TooManyRequests, HttpStatusCode.Unauthorized), (report.StatusCode, over.StatusCode, refused.StatusCode));
        Assert.DoesNotContain("bioscope_refresh", Header(login, "Set-Cookie"), StringComparison.Ordinal);
        foreach (var answer in (HttpResponseMessage[])[login, refresh, report, over, refused])
        {
            Assert.Equal(Origin, Header(answer, "Access-Control-Allow-Origin"));
            Assert.Contains("Retry-After", Header(answer, "Access-Control-Expose-Headers"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_login_from_elsewhere_shows_no_refresh_token()
    {
        await using var app = await StartAsync();
        await app.AddCreatorAsync("anna@example.com", DashboardVisit.Password);

        foreach (var origin in (string?[])[null, "https://evil.example"])
        {
            using var login = await SendAsync(
                app, HttpMethod.Post, "/api/v1/auth/login", new { email = "anna@example.com", password = DashboardVisit.Password }, origin: origin);
            Assert.False((await DataAsync(login)).TryGetProperty("refreshToken", out _));
            Assert.True(login.Headers.Contains("Set-Cookie"));
        }
    }

    [Fact]
    public async Task It_works_beside_another_service()
    {
        using var databases = await TestDatabases.CreateAsync(EngineKind.Sqlite);
        await (await TestApp.StartAsync(databases)).DisposeAsync();
        await using var app = await TestApp.StartAsync(databases, ("Storage:Ownership", "shared"), ("Cors:Origins", Origin));
        foreach (var (path, method) in Shared)
        {
            using var preflight = await PreflightAsync(app, path, method, Origin);
            Assert.Equal(Origin, Header(preflight, "Access-Control-Allow-Origin"));
        }
    }

    [Theory]
    [InlineData("*")]
    [InlineData("null")]
    [InlineData("app.example")]
    [InlineData("https://*.example")]
    [InlineData("https://app.example/path")]
    [InlineData("https://app.example?x")]
    [InlineData("https://user@app.example")]
    [InlineData("ftp://app.example")]
    public void What_is_no_exact_origin_stops_the_start(string origin) => Assert.StartsWith(
        $"Cors:Origins: '{origin}' is not an origin",
        Assert.Throws<SettingsException>(() => Read($"https://a.example, {origin}")).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Origins_are_read_as_browsers_send_them() => Assert.Equal(
        ["http://localhost:3000", "https://app.example", "https://xn--bcher-kva.example"],
        Read("https://App.example:443/, https://bücher.example,http://localhost:3000").CorsOrigins.Order(StringComparer.Ordinal));

    private static Settings Read(string origins) => Settings.Read(
        new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create("Cors:Origins", (string?)origins)]).Build());

    private static Task<TestApp> StartAsync(params (string Key, string Value)[] settings) =>
        TestApp.StartAsync(EngineKind.Sqlite, [.. settings, ("Cors:Origins", $"{Origin}, http://localhost:3000")]);

    private static async Task<HttpResponseMessage> PreflightAsync(TestApp app, string path, string method, string origin)
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, path);
        request.Headers.TryAddWithoutValidation("Origin", origin);
        request.Headers.Add("Access-Control-Request-Method", method);
        request.Headers.Add("Access-Control-Request-Headers", "authorization,content-type");
        return await app.Http.SendAsync(request, Cancellation);
    }

    private static async Task<HttpResponseMessage> SendAsync(
        TestApp app, HttpMethod method, string path, object? body, string? token = null, string? origin = Origin)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.TryAddWithoutValidation("Origin", origin);
        request.Headers.TryAddWithoutValidation("Authorization", token is null ? null : "Bearer " + token);
        return await app.Http.SendAsync(request, Cancellation);
    }

    private static async Task<JsonElement> DataAsync(HttpResponseMessage response)
    {
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("data");
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? string.Join(',', values) : null;
}
