using System.Net;
using Bioscope.Server.Configuration;
using Bioscope.Server.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace Bioscope.Server.Tests;

public sealed class KnownHostsTests
{
    private static readonly string[] Guarded =
        ["/", "/metrics", "/dashboard", "/dashboard/sign-in", "/dashboard/live", "/DASHBOARD/", "/docs", "/openapi.json",
            "/api/v1/creators/analytics/traffic", "/api/v1/auth/login", "/nothing"];

    private static readonly string[] Open = ["/healthz", "/readyz", "/@nobody", "/bioscope.js", "/hi", "/dashboard.js",
        "/dashboard-world.svg"];

    [Fact]
    public async Task Foreign_hosts_get_421_once_a_host_is_set()
    {
        await using var app = await TestApp.StartAsync(
            EngineKind.Sqlite, ("PublicUrl", "https://links.example"), ("Hosts:Allowed", "stats.example:8443, *.Intern.example"));
        foreach (var path in Guarded)
        {
            using var refused = await GetAsync(app, path, "evil.example");
            var error = await refused.AssertErrorAsync(HttpStatusCode.MisdirectedRequest, "UNKNOWN_HOST", "error.unknown_host");
            Assert.Contains("'evil.example'", error.Details().Single(), StringComparison.Ordinal);
            Assert.Contains("Hosts:Allowed", error.Details().Single(), StringComparison.Ordinal);
            foreach (var host in new[] { "links.example", "links.example:5000", "LINKS.example.", "stats.example:8443",
                "a.b.intern.example", "localhost:1", "127.0.0.1", "[::1]:80" })
            {
                Assert.NotEqual(HttpStatusCode.MisdirectedRequest, (await GetAsync(app, path, host)).StatusCode);
            }

            foreach (var host in new[] { "stats.example", "intern.example", "xintern.example", "links.example.evil.example", "10.0.0.1",
                "[::2]" })
            {
                Assert.Equal(HttpStatusCode.MisdirectedRequest, (await GetAsync(app, path, host)).StatusCode);
            }
        }

        foreach (var path in Open)
        {
            Assert.NotEqual(HttpStatusCode.MisdirectedRequest, (await GetAsync(app, path, "evil.example")).StatusCode);
        }
    }

    [Fact]
    public async Task Any_host_is_answered_while_none_is_set()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);

        Assert.Equal(HttpStatusCode.OK, (await GetAsync(app, "/metrics", "anything.example")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(app, "/docs", "other.example")).StatusCode);
    }

    [Fact]
    public async Task The_421_page_says_what_to_set()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, ("Hosts:Allowed", "stats.example"));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/dashboard") { Headers = { Host = "other.example" } };
        request.Headers.Accept.ParseAdd("text/html");

        using var response = await app.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.MisdirectedRequest, response.StatusCode);
        var page = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains("other.example", page, StringComparison.Ordinal);
        Assert.Contains("Hosts:Allowed", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1", "localhost", true)]
    [InlineData("::ffff:127.0.0.1", "127.0.0.1:5000", true)]
    [InlineData("::1", "[::1]:5000", true)]
    [InlineData("203.0.113.1", "localhost", false)]
    [InlineData("203.0.113.1", "127.0.0.1", false)]
    public async Task Localhost_names_work_only_from_this_machine(string socket, string host, bool isKnown)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, ("Hosts:Allowed", "stats.example"));
        var isServed = false;
        var hosts = new KnownHosts(Serve, app.Settings, NullLogger<KnownHosts>.Instance);
        var http = new DefaultHttpContext
        {
            Connection = { RemoteIpAddress = IPAddress.Parse(socket) },
            Request = { Path = "/metrics", Host = new HostString(host) },
        };

        await hosts.InvokeAsync(http);

        Assert.Equal(isKnown, isServed);
        Assert.Equal(isKnown ? 200 : 421, http.Response.StatusCode);

        Task Serve(HttpContext served)
        {
            isServed = true;
            return Task.CompletedTask;
        }
    }

    [Theory]
    [InlineData("links.example", "links.example", null)]
    [InlineData("Bücher.example.", "xn--bcher-kva.example", null)]
    [InlineData("*.links.example:80", "*.links.example", 80)]
    [InlineData("203.0.113.1:8080", "203.0.113.1", 8080)]
    [InlineData("[2001:DB8:0::1]", "2001:db8::1", null)]
    [InlineData("[2001:db8::1]:443", "2001:db8::1", 443)]
    public void A_valid_host_is_parsed(string text, string name, int? port) =>
        Assert.Equal(new AllowedHost(name, port), AllowedHost.Parse(text));

    [Theory]
    [InlineData("https://links.example")]
    [InlineData("links.example/path")]
    [InlineData("links.example:")]
    [InlineData("links.example:99999")]
    [InlineData("links.example:0")]
    [InlineData("user@links.example")]
    [InlineData("*")]
    [InlineData("*.")]
    [InlineData("a.*.example")]
    [InlineData("a b")]
    [InlineData("2001:db8::1")]
    public void An_invalid_host_is_refused(string text) => Assert.Null(AllowedHost.Parse(text));

    private static async Task<HttpResponseMessage> GetAsync(TestApp app, string path, string host)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Host", host);
        return await app.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
