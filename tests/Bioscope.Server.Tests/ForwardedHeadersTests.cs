using System.Diagnostics.Metrics;
using System.Net;
using Bioscope.Server.Configuration;
using Bioscope.Server.Web;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Bioscope.Server.Tests;

/// <summary>What a reverse proxy says of a request is believed only if the operator trusts it, and is never ignored silently.</summary>
public sealed class ForwardedHeadersTests
{
    private const string Metric = "bioscope_http_forwarded_untrusted_total";

    [Theory]
    [InlineData("127.0.0.1", "Proxies:Trusted=127.0.0.1")]
    [InlineData("10.1.2.3", "Proxies:Trusted=10.1.2.3")]
    [InlineData("fe80::1%3", "Proxies:Trusted=fe80::1")]
    [InlineData("2001:4860:4860::8888", "Proxies:Trusted=<its addresses or ranges>")]
    [InlineData("8.8.8.8", "Proxies:Trusted=<its addresses or ranges>")]
    public void An_untrusted_proxy_is_logged_once_an_hour_with_the_setting(string socket, string setting)
    {
        using var folder = new TemporaryFolder();
        var (log, clock) = (new ListLogger<UntrustedProxies>(), new TestClock(TestApp.Start));
        var untrusted = Create(folder, log, clock);

        for (var minute = 0; minute < 119; minute++)
        {
            untrusted.Report(IPAddress.Parse(socket), "X-Forwarded-For");
            clock.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(2, log.Lines.Count);
        Assert.All(log.Lines, line => Assert.Contains(setting, line, StringComparison.Ordinal));
        Assert.All(log.Lines, line => Assert.Contains("20 logins", line, StringComparison.Ordinal));
        Assert.Equal(
            setting.Contains('<', StringComparison.Ordinal),
            !log.Lines.Any(line => line.Contains(socket.Split('%')[0], StringComparison.Ordinal))); // a visitor's address is never logged
    }

    [Fact]
    public void A_forged_header_does_not_use_up_the_warning_about_a_proxy()
    {
        using var folder = new TemporaryFolder();
        var log = new ListLogger<UntrustedProxies>();
        var untrusted = Create(folder, log, new TestClock(TestApp.Start), ("Proxies:Trusted", "10.0.0.0/8, ::1"));

        untrusted.Report(IPAddress.Parse("8.8.8.8"), "Forwarded");
        untrusted.Report(IPAddress.Parse("192.168.0.2"), "Forwarded");

        Assert.Contains("Proxies:Trusted=10.0.0.0/8,::1/128,192.168.0.2", log.Lines.Last(), StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_logged_when_the_operator_says_that_there_is_no_proxy()
    {
        using var folder = new TemporaryFolder();
        var log = new ListLogger<UntrustedProxies>();

        Create(folder, log, new TestClock(TestApp.Start), ("Proxies:Trusted", "none")).Report(IPAddress.Loopback, "X-Forwarded-For");

        Assert.Empty(log.Lines);
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Theory]
    [InlineData("X-Forwarded-For", "203.0.113.1", 1)]
    [InlineData("X-Forwarded-Proto", "https", 1)]
    [InlineData("X-Forwarded-Host", "links.example", 1)]
    [InlineData("Forwarded", "for=203.0.113.1", 1)]
    [InlineData("CF-Connecting-IP", "203.0.113.1", 1)]
    [InlineData("X-Real-IP", "", 1)]
    [InlineData("Via", "1.1 office", 0)]
    [InlineData("X-Other", "1", 0)]
    public async Task Each_ignored_header_is_counted(string header, string value, int count)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/healthz");
        request.Headers.TryAddWithoutValidation(header, value);

        (await app.Http.SendAsync(request, TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();

        Assert.Equal($"{count}", await app.MetricAsync(Metric));
    }

    [Theory]
    [InlineData("127.0.0.1", "203.0.113.9", "https", "links.example", "https://links.example")]
    [InlineData("none", "203.0.113.9", "https", "links.example", null)]
    [InlineData("", "203.0.113.9", "https", "links.example", null)]
    [InlineData("127.0.0.1", "203.0.113.9", "http, https", "evil.example, links.example", "https://links.example")]
    [InlineData("127.0.0.1, 10.0.0.0/8", "203.0.113.9, 10.0.0.1", "https, http", "links.example, 10.0.0.1", "https://links.example")]
    [InlineData("127.0.0.1", "203.0.113.9", "HTTPS", "links.example:8443", "https://links.example:8443")]
    [InlineData("127.0.0.1", "203.0.113.9", "javascript", "links.example/<script>", null)]
    [InlineData("127.0.0.1", "203.0.113.9", "", "user@links.example", null)]
    [InlineData("127.0.0.1", "203.0.113.9", ",,", "*.links.example", null)]
    public async Task Links_name_what_a_trusted_proxy_forwards(string trusted, string client, string scheme, string host, string? origin)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, ("Proxies:Trusted", trusted));
        var creator = await app.AddCreatorAsync();
        await app.Main.ExecuteAsync(
            """UPDATE "BioPage" SET "handle" = 'anna' WHERE "id" = @id""", TestContext.Current.CancellationToken, ("@id", creator.BioPageId));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/@anna");
        request.Headers.TryAddWithoutValidation("X-Forwarded-For", client);
        request.Headers.TryAddWithoutValidation("X-Forwarded-Proto", scheme);
        request.Headers.TryAddWithoutValidation("X-Forwarded-Host", host);

        using var response = await app.Http.SendAsync(request, TestContext.Current.CancellationToken);

        var page = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        origin ??= app.Http.BaseAddress!.ToString().TrimEnd('/');
        Assert.Contains($"<link rel=\"canonical\" href=\"{origin}/@anna\">", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("10.0.0.1", false)]
    public async Task Cookies_are_secure_behind_a_trusted_proxy_with_TLS(string trusted, bool secure)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, ("Proxies:Trusted", trusted));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/dashboard/sign-in");
        request.Headers.Add("X-Forwarded-Proto", "https");

        using var response = await app.Http.SendAsync(request, TestContext.Current.CancellationToken);

        var cookie = Assert.Single(response.Headers.GetValues("Set-Cookie"));
        Assert.Equal(secure, cookie.Contains("; secure", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("evil.example", "links.example", 421)]
    [InlineData("links.example", "evil.example", 421)]
    [InlineData("links.example", "links.example", 200)]
    [InlineData("127.0.0.1", "links.example", 200)]
    public async Task A_forwarded_host_does_not_make_a_foreign_one_known(string host, string forwarded, int status)
    {
        await using var app = await TestApp.StartAsync(
            EngineKind.Sqlite, ("Proxies:Trusted", "127.0.0.1"), ("PublicUrl", "https://links.example"));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/docs") { Headers = { Host = host } };
        request.Headers.Add("X-Forwarded-Host", forwarded);

        using var response = await app.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    public async Task Doctor_names_an_untrusted_proxy_and_the_setting()
    {
        using var cli = new Cli();
        var (process, http) = await cli.ServeAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/healthz");
        request.Headers.Add("X-Forwarded-For", "203.0.113.1");
        (await http.SendAsync(request, TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();
        await Cli.TerminateAsync(process);
        var log = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);

        var found = await cli.RunAsync(["doctor"]);
        var trusted = await cli.RunAsync(["doctor", "--Proxies:Trusted=127.0.0.0/8"]);
        var none = await cli.RunAsync(["doctor", "--Proxies:Trusted=none"]);

        Assert.Contains("set Proxies:Trusted=127.0.0.1 and start again", log, StringComparison.Ordinal);
        Assert.DoesNotContain("203.0.113.1", log, StringComparison.Ordinal);
        Assert.Equal((1, 0, 0), (found.ExitCode, trusted.ExitCode, none.ExitCode));
        Assert.Contains("FAIL  proxies: 127.0.0.1 sent the header X-Forwarded-For", found.Output, StringComparison.Ordinal);
        Assert.Contains("To fix: set Proxies:Trusted=127.0.0.1,", found.Output, StringComparison.Ordinal);
    }

    private static UntrustedProxies Create(
        TemporaryFolder folder, ListLogger<UntrustedProxies> log, TestClock clock, params (string Key, string Value)[] settings)
    {
        var values = settings.Append(("Data:Folder", folder.Path)).ToDictionary(pair => pair.Item1, string? (pair) => pair.Item2);
        var meters = new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>();
        return new UntrustedProxies(
            Settings.Read(new ConfigurationBuilder().AddInMemoryCollection(values).Build()), meters, clock, log);
    }
}
