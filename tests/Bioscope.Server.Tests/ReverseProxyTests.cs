using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Security;
using System.Net.Sockets;
using Bioscope.Core.Tests;
using Bioscope.Server.Dashboard;
using Microsoft.Extensions.DependencyInjection;

namespace Bioscope.Server.Tests;

/// <summary>The example files for nginx and Caddy, as they are in the repository, in front of a server.</summary>
public sealed class ReverseProxyTests
{
    private const string Name = "links.example";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, InlineData("nginx"), InlineData("caddy")]
    public async Task Links_and_cookies_are_those_of_TLS(string kind)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, ("Proxies:Trusted", "127.0.0.1"));
        await using var proxy = await Proxy.StartAsync(kind, app);
        var creator = await app.AddCreatorAsync();
        await app.Main.ExecuteAsync(
            """UPDATE "BioPage" SET "handle" = 'anna' WHERE "id" = @id""", Cancellation, ("@id", creator.BioPageId));
        using var http = proxy.Client();

        var page = await http.GetStringAsync("/@anna", Cancellation);
        using var form = await http.GetAsync("/dashboard/sign-in", Cancellation);

        Assert.Contains($"<link rel=\"canonical\" href=\"https://{Name}/@anna\">", page, StringComparison.Ordinal);
        Assert.Contains("; secure", Assert.Single(form.Headers.GetValues("Set-Cookie")), StringComparison.OrdinalIgnoreCase);
        Assert.Equal("0", await app.MetricAsync("bioscope_http_forwarded_untrusted_total"));
    }

    [Theory, InlineData("nginx"), InlineData("caddy")]
    public async Task Limits_are_those_of_the_visitors_own_address(string kind)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, ("Proxies:Trusted", "127.0.0.1"), ("Throttle:Login", "1"));
        await using var proxy = await Proxy.StartAsync(kind, app);
        using var anna = proxy.Client("127.0.0.2");
        using var forger = proxy.Client("127.0.0.2");
        using var ben = proxy.Client("127.0.0.3");
        forger.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.7");
        forger.DefaultRequestHeaders.Add("CF-Connecting-IP", "203.0.113.8");

        Assert.Equal(HttpStatusCode.Unauthorized, await LoginAsync(anna));
        Assert.Equal(HttpStatusCode.TooManyRequests, await LoginAsync(anna));
        Assert.Equal(HttpStatusCode.TooManyRequests, await LoginAsync(forger));
        Assert.Equal(HttpStatusCode.Unauthorized, await LoginAsync(ben));
    }

    [Theory, InlineData("nginx"), InlineData("caddy")]
    public async Task Live_figures_are_not_held_back(string kind)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, ("Proxies:Trusted", "127.0.0.1"));
        await using var proxy = await Proxy.StartAsync(kind, app);
        var creator = await app.AddCreatorAsync("anna@example.com", DashboardVisit.Password);
        app.Services.GetRequiredService<LiveFeed>().Longest = TimeSpan.FromHours(1);
        using var http = proxy.Client();
        var field = DashboardVisit.FormField(await http.GetStringAsync("/dashboard/sign-in", Cancellation));
        using var signIn = await http.PostAsync(
            "/dashboard/sign-in",
            new FormUrlEncodedContent([new("form", field), new("email", "anna@example.com"), new("password", DashboardVisit.Password)]),
            Cancellation);
        Assert.Equal(HttpStatusCode.SeeOther, signIn.StatusCode);

        using var live = await http.GetAsync("/dashboard/live", HttpCompletionOption.ResponseHeadersRead, Cancellation);
        using var events = new StreamReader(await live.Content.ReadAsStreamAsync(Cancellation));
        await ReadToAsync(events, ">0</b> visits in the last 30 minutes");
        await app.PostSessionAsync(creator);
        await ReadToAsync(events, ">1</b> visit in the last 30 minutes");
    }

    /// <summary>The largest picture that the server takes is not refused on its way.</summary>
    [Theory, InlineData("nginx"), InlineData("caddy")]
    public async Task Pictures_pass(string kind)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, ("Proxies:Trusted", "127.0.0.1"));
        await using var proxy = await Proxy.StartAsync(kind, app);
        using var http = proxy.Client();

        using var answer = await http.PutAsync(
            "/api/v1/creators/bio/avatar", new ByteArrayContent(new byte[8 * 1024 * 1024]), Cancellation);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    private static async Task<HttpStatusCode> LoginAsync(HttpClient http)
    {
        using var answer = await http.PostAsJsonAsync(
            "/api/v1/auth/login", new { email = "a@example.com", password = "wrong wrong" }, Cancellation);
        return answer.StatusCode;
    }

    private static async Task ReadToAsync(StreamReader events, string text)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(Patience.Limit);
        while (await events.ReadLineAsync(patience.Token) is { } line)
        {
            if (line.Contains(text, StringComparison.Ordinal))
            {
                return;
            }
        }

        Assert.Fail($"The stream ended before: {text}");
    }

    private sealed class Proxy(Process process, string folder, int port) : IAsyncDisposable
    {
        public static async Task<Proxy> StartAsync(string kind, TestApp app)
        {
            Tool.SkipWhereMissing(kind, "openssl");
            var folder = Directory.CreateTempSubdirectory("bioscope-proxy-").FullName;
            var (port, file) = (PostgresCluster.FreePort(), Path.Combine(folder, "proxy.conf"));
            var process = kind == "nginx"
                ? await StartNginxAsync(folder, file, port, app.Http.BaseAddress!.Authority)
                : await StartCaddyAsync(folder, file, port, app.Http.BaseAddress!.Authority);
            var proxy = new Proxy(process, folder, port);
            try
            {
                await proxy.WaitAsync();
                return proxy;
            }
            catch
            {
                await proxy.DisposeAsync();
                throw;
            }
        }

        /// <summary>A browser with an address of its own, which knows the proxy by its public name.</summary>
        public HttpClient Client(string address = "127.0.0.1")
        {
            var handler = new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                SslOptions =
                {
                    // For the right name, but signed by nobody.
                    RemoteCertificateValidationCallback = (_, _, _, errors) =>
                        errors is SslPolicyErrors.None or SslPolicyErrors.RemoteCertificateChainErrors,
                },
                ConnectCallback = async (_, cancellation) =>
                {
                    var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                    socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
                    await socket.ConnectAsync(IPAddress.Loopback, port, cancellation);
                    return new NetworkStream(socket, ownsSocket: true);
                },
            };
            var http = new HttpClient(handler) { BaseAddress = new Uri($"https://{Name}"), Timeout = Patience.Limit };
            http.DefaultRequestHeaders.UserAgent.ParseAdd(TestApp.Phone);
            http.DefaultRequestHeaders.Accept.ParseAdd("text/html");
            return http;
        }

        public async ValueTask DisposeAsync()
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
            Directory.Delete(folder, recursive: true);
        }

        private static async Task<Process> StartNginxAsync(string folder, string file, int port, string server)
        {
            var (certificate, key) = (Path.Combine(folder, "certificate.pem"), Path.Combine(folder, "key.pem"));
            await Tool.RunAsync(
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", $"/CN={Name}",
                "-addext", $"subjectAltName=DNS:{Name}", "-days", "1",
                "-keyout", key, "-out", certificate);
            var example = Example("nginx/bioscope.conf")
                .Replace("127.0.0.1:5000", server, StringComparison.Ordinal)
                .Replace("listen 80;", $"listen 127.0.0.1:{PostgresCluster.FreePort()};", StringComparison.Ordinal)
                .Replace("listen 443 ", $"listen 127.0.0.1:{port} ", StringComparison.Ordinal)
                .Replace($"/etc/letsencrypt/live/{Name}/fullchain.pem", certificate, StringComparison.Ordinal)
                .Replace($"/etc/letsencrypt/live/{Name}/privkey.pem", key, StringComparison.Ordinal);
            // What Debian's nginx.conf has around such a file, with every file in the test's folder.
            var folders = string.Concat(
                ((string[])["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]).Select(name => $"{name}_temp_path {folder}/{name};\n"));
            await File.WriteAllTextAsync(
                file,
                $$"""
                {{(Environment.UserName == "root" ? "user root;" : "")}}
                daemon off;
                pid {{folder}}/nginx.pid;
                error_log {{folder}}/error.log;
                events { }
                http {
                {{folders}}access_log off;
                gzip on;
                {{example}}
                }
                """,
                Cancellation);
            return Tool.Start(Tool.PathOf("nginx")!, "-p", folder, "-c", file, "-e", Path.Combine(folder, "error.log"));
        }

        private static async Task<Process> StartCaddyAsync(string folder, string file, int port, string server)
        {
            var example = Example("caddy/Caddyfile")
                .Replace("127.0.0.1:5000", server, StringComparison.Ordinal)
                .Replace(
                    $"{Name} {{\n", string.Create(CultureInfo.InvariantCulture, $"{Name}:{port} {{\n\ttls internal\n"), StringComparison.Ordinal);
            await File.WriteAllTextAsync(
                file,
                $$"""
                {
                	admin off
                	skip_install_trust
                	default_bind 127.0.0.1
                	auto_https disable_redirects
                	storage file_system {{folder}}
                }
                {{example}}
                """,
                Cancellation);
            return Tool.Start(Tool.PathOf("caddy")!, "run", "--adapter", "caddyfile", "--config", file);
        }

        private static string Example(string path) => File.ReadAllText(Path.Combine(RepositoryFiles.Root!, "packaging", path));

        private async Task WaitAsync()
        {
            using var http = Client();
            for (var tries = 0; ; tries++)
            {
                try
                {
                    (await http.GetAsync("/healthz", Cancellation)).EnsureSuccessStatusCode();
                    return;
                }
                catch (HttpRequestException) when (tries < 200)
                {
                    Assert.False(process.HasExited, process.HasExited ? process.StandardError.ReadToEnd() : "");
                    await Task.Delay(50, Cancellation);
                }
            }
        }
    }
}
