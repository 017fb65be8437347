using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Bioscope.Core;
using OtpNet;
using SkiaSharp;

namespace Bioscope.Server.Tests;

/// <summary>
/// The program as an operator starts it, with every feature used once. Of a published file, named by <c>BIOSCOPE_PROGRAM</c>, this proves
/// that trimming took nothing that the program or one of its libraries looks up by name.
/// </summary>
public sealed partial class ProgramTests
{
    private const string Anna = "anna@example.com";
    private const string Password = DashboardVisit.Password;
    private const string Reports = "creators/analytics/";

    // Of a German network in the built-in table, and of Japan in the test's .mmdb.
    private const string Visitor = KeyCalls.Visitor;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory, Engines]
    public async Task Each_feature_works_once(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        using var cli = Cli.For(databases);
        await using var smtp = SmtpHost.Start();
        await using var hook = await WebhookHost.StartAsync();
        await using var issuer = await OidcIssuer.StartAsync();
        var countries = Path.Combine(cli.Folder, "countries.mmdb");
        MmdbFile.WriteFlat(countries, ("193.99.144.0/24", "JP"));
        foreach (var (key, value) in ((string, string)[])
        [
            .. smtp.Settings, .. issuer.Settings, ("Geo:Database", countries), ("Mcp:Enabled", "true"), ("Throttle:Enabled", "false"),
            ("Webhooks:Allowed", "127.0.0.0/8"), ("Proxies:Trusted", "127.0.0.1"), ("Accounts:SignUp", "invite"),
            // Whatever is said is a failure of the test, but that a statement was slow on a busy machine.
            ("Logging:LogLevel:Default", "Warning"), ("Logging:LogLevel:Bioscope.Engine.Storage.DatabaseTimings", "None"),
        ])
        {
            cli.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        var added = await cli.RunAsync(["creator", "add", "--handle", "anna", "--email", Anna], Password + "\n");
        Assert.Equal((0, ""), (added.ExitCode, added.Error));
        var (user, page) = (IdPattern().Match(Line(added.Output, "user")).Value, Guid.Parse(IdPattern().Match(Line(added.Output, "page")).Value));
        await cli.SucceedAsync(["mail", "test", Anna]);
        await ImportAsync(cli);
        var (process, http) = await cli.ServeAsync("serve");
        using var client = http;
        http.DefaultRequestHeaders.Add("X-Forwarded-For", Visitor);
        http.DefaultRequestHeaders.Authorization = new("Bearer", await SignInAsync(http));

        await EditAsync(http);
        await VisitAsync(http, page);
        await ReadReportsAsync(http);
        await AskAssistantsToolsAsync(http, cli);
        await ProveAsync(http, cli);
        await TellWebhookAsync(http, hook);
        await UseDashboardAsync(http.BaseAddress!);
        await InviteAsync(http, cli);
        var claims = issuer.Claims(user);
        claims["exp"] = TimeProvider.System.GetUtcNow().AddHours(1).ToUnixTimeSeconds();
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(http, Reports + "overview", issuer.Token(claims)));
        using var beside = new HttpClient { BaseAddress = http.BaseAddress }; // metrics are only for this machine
        Assert.Contains("bioscope_", await beside.GetStringAsync("/metrics", Cancelled), StringComparison.Ordinal);
        await TurnSecondFactorOnAsync(http);

        await Cli.TerminateAsync(process);
        await process.WaitForExitAsync(Cancelled);
        Assert.Equal((0, ""), (process.ExitCode, await process.StandardOutput.ReadToEndAsync(Cancelled)));
        await KeepAsync(cli, engine);
    }

    [Fact]
    public async Task The_service_manager_is_told_when_the_server_listens()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "systemd is of Linux.");
        using var cli = new Cli();
        var path = Path.Combine(cli.Folder, "notify");
        using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        manager.Bind(new UnixDomainSocketEndPoint(path));
        cli.Environment["NOTIFY_SOCKET"] = path;
        var told = new byte[100];
        var telling = manager.ReceiveAsync(told, Cancelled).AsTask();

        var (_, http) = await cli.ServeAsync("serve");

        using var client = http;
        Assert.Equal("READY=1", Encoding.ASCII.GetString(told, 0, await telling.WaitAsync(Patience.Limit, Cancelled)));
    }

    /// <summary>An export of another tool, which is a file of comma-separated values.</summary>
    private static async Task ImportAsync(Cli cli)
    {
        var file = Path.Combine(cli.Folder, "goatcounter.csv");
        await File.WriteAllTextAsync(
            file,
            "2Path,Title,Event,UserAgent,Browser,System,Session,Bot,Referrer,Referrer scheme,Screen size,Location,FirstVisit,Date\n" +
            "/,Home,0,,Chrome 131,Windows 10,aa-1,0,https://t.co/x,h,\"1280,768,1\",US,1,2026-03-01T10:00:00Z\n",
            Cancelled);
        await cli.SucceedAsync(["import", "--page", "anna", file]);
    }

    private static async Task<string> SignInAsync(HttpClient http)
    {
        using var login = await http.PostAsJsonAsync("/api/v1/auth/login", new { email = Anna, password = Password }, Cancelled);
        var token = (await login.DataAsync()).GetProperty("accessToken").GetString()!;
        var cookie = login.Cookie("bioscope_refresh");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/auth/refresh") { Headers = { { "Cookie", "bioscope_refresh=" + cookie } } };
        using var refreshed = await http.SendAsync(request, Cancelled);
        await refreshed.DataAsync();
        return token;
    }

    /// <summary>A page with a link, a place where it is shared, and a picture.</summary>
    private static async Task EditAsync(HttpClient http)
    {
        await SendAsync(http, "PUT creators/bio", new { title = "Anna", description = "Ceramics", handle = "anna", theme = "soft" });
        await SendAsync(http, "POST creators/bio/links", new { title = "Shop", url = "https://shop.example/" });
        await SendAsync(http, "POST creators/bio/placements", new { slug = "poster", source = "Print", label = "Poster" });
        await SendAsync(http, "PUT creators/mails", new { weekly = true, monthly = true, spikes = true, drops = true, times = 3, minVisits = 30, language = "en" });
        using var bitmap = new SKBitmap(300, 200);
        bitmap.Erase(SKColors.Orange);
        using var picture = new ByteArrayContent(bitmap.Encode(SKEncodedImageFormat.Png, 90).ToArray())
        {
            Headers = { ContentType = new MediaTypeHeaderValue("image/png") },
        };
        using var uploaded = await http.PutAsync("/api/v1/creators/bio/avatar", picture, Cancelled);
        var hash = (await uploaded.DataAsync()).GetProperty("avatar").GetString();
        Assert.Contains($"/@anna/avatar-{hash}-256.webp", await http.GetStringAsync("/@anna", Cancelled), StringComparison.Ordinal);
        var shown = await http.GetByteArrayAsync($"/@anna/avatar-{hash}-256.webp", Cancelled);
        Assert.Equal(256, SKBitmap.DecodeBounds(shown).Width);
    }

    private static async Task VisitAsync(HttpClient http, Guid page)
    {
        var token = TrackingToken.Create(
            Encoding.UTF8.GetBytes(TestApp.HmacSecret), page, TimeProvider.System.GetUtcNow());
        var session = await SendAsync(
            http, "POST analytics/session",
            new { visitorId = "somebody", consentAnalytics = "granted", bioPageId = page, trackingToken = token, referrer = "https://l.instagram.com/" });
        await SendAsync(http, "POST analytics/pageview", new { sessionId = (string)session["id"]!, path = "/@anna", title = "Anna" });
        Assert.Contains("Bioscope", await http.GetStringAsync("/bioscope.js", Cancelled), StringComparison.OrdinalIgnoreCase);
    }

    private static async Task ReadReportsAsync(HttpClient http)
    {
        foreach (var report in (string[])["overview", "trend", "traffic", "devices", "links", "sessions", "drops", "sources?range=30d", "rules"])
        {
            await SendAsync(http, $"GET {Reports}{report}");
        }

        Assert.Contains("Japan", (await SendAsync(http, $"GET {Reports}geo")).ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("instagram", await http.GetStringAsync($"/api/v1/{Reports}export?type=traffic", Cancelled), StringComparison.Ordinal);
        var asked = await SendAsync(
            http, $"POST {Reports}query",
            new { metrics = (string[])["visits", "visitors"], dimensions = (string[])["source"], range = "7d", timeZone = "Europe/Berlin" });
        Assert.Equal("""[{"dimensions":["Instagram"],"metrics":[1,1],"comparison":null}]""", asked["rows"]!.ToJsonString());
    }

    private static async Task AskAssistantsToolsAsync(HttpClient http, Cli cli)
    {
        var key = (await cli.RunAsync(["key", "add", "--name", "Assistant", "--handle", "anna"])).Output.Trim();
        await using var assistant = await McpTests.ConnectAsync(http.BaseAddress!, key);
        Assert.Equal(4, (await assistant.ListToolsAsync(cancellationToken: Cancelled)).Count);
        var answer = await McpTests.CallAsync(assistant, "query", """{"metrics":["visits"],"dimensions":["country"]}""");
        Assert.Contains("JP", answer[0], StringComparison.Ordinal);
    }

    /// <summary>Shared, frozen and signed figures, and the picture that others see of them.</summary>
    private static async Task ProveAsync(HttpClient http, Cli cli)
    {
        var shared = await SendAsync(
            http, $"POST {Reports}shared-views",
            new { title = "Figures", question = new { range = "7d" }, blocks = (string[])["figures", "sources"] }, HttpStatusCode.Created);
        await SendAsync(http, $"PUT {Reports}shared-views/{(string)shared["id"]!}/proof");
        var path = new Uri((string)shared["url"]!).AbsolutePath;
        var picture = await http.GetByteArrayAsync(path + "/picture.png", Cancelled);
        Assert.True(SKBitmap.DecodeBounds(picture).Width > 600);
        var file = Path.Combine(cli.Folder, "proof.json");
        await File.WriteAllBytesAsync(file, await http.GetByteArrayAsync(path + "/proof.json", Cancelled), Cancelled);
        await cli.SucceedAsync(["proof", "verify", file]);
    }

    private static async Task TellWebhookAsync(HttpClient http, WebhookHost host)
    {
        var webhook = await SendAsync(
            http, "POST creators/webhooks", new { url = host.Url, events = (string[])["visits.spike", "report.weekly"] }, HttpStatusCode.Created);
        await SendAsync(http, $"POST creators/webhooks/{(string)webhook["id"]!}/test");
        await Patience.UntilAsync(() => host.Told.Count == 1, "a call of the webhook");
        Assert.Equal("test", (string?)JsonNode.Parse(host.Told[0].Body)!["type"]);
    }

    /// <summary>All pages of the dashboard, by password and by passkey.</summary>
    private static async Task UseDashboardAsync(Uri server)
    {
        using var visit = new DashboardVisit(server);
        using (var signedIn = await visit.SignInAsync(Anna, Password))
        {
            Assert.Equal(HttpStatusCode.SeeOther, signedIn.StatusCode);
        }

        var figures = await visit.ReadAsync("/dashboard");
        Assert.Contains("Instagram", figures, StringComparison.Ordinal);
        foreach (var path in DashboardPath().Matches(figures).Select(match => WebUtility.HtmlDecode(match.Groups[1].Value)).Distinct())
        {
            await visit.ReadAsync(path);
        }

        var placements = await visit.ReadAsync("/dashboard/placements");
        Assert.Contains("class=\"qr\"", placements, StringComparison.Ordinal);
        using var passkey = new SoftPasskey();
        Assert.Equal(HttpStatusCode.SeeOther, await PasskeyTests.AddAsync(visit, passkey.Create(await PasskeyTests.CreationAsync(visit, Password))));
        using var phone = new DashboardVisit(server);
        Assert.Equal(HttpStatusCode.SeeOther, await PasskeyTests.SignInAsync(phone, passkey.Get(await PasskeyTests.OptionsAsync(phone))));
    }

    private static async Task InviteAsync(HttpClient http, Cli cli)
    {
        var invited = await cli.SucceedAsync(["creator", "invite"]);
        var token = InvitationPattern().Match(invited).Groups[1].Value;
        using var answer = await http.PostAsJsonAsync(
            "/api/v1/auth/sign-up",
            new { invitation = token, email = "carla@example.com", password = Password, handle = "carla", displayName = "Carla" }, Cancelled);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
    }

    private static async Task TurnSecondFactorOnAsync(HttpClient http)
    {
        var begun = await SendAsync(http, "POST auth/second-factor", new { password = Password });
        var code = new Totp(Base32Encoding.ToBytes((string)begun["secret"]!)).ComputeTotp(TimeProvider.System.GetUtcNow().UtcDateTime);
        var codes = await SendAsync(http, "PUT auth/second-factor", new { setup = (string)begun["setup"]!, code });
        Assert.Equal(10, codes["recoveryCodes"]!.AsArray().Count);
    }

    /// <summary>What an operator does beside the server: check, export, back up and restore.</summary>
    private static async Task KeepAsync(Cli cli, EngineKind engine)
    {
        await cli.SucceedAsync(["verify"]);
        await cli.SucceedAsync(["doctor"]);
        await cli.SucceedAsync(["creator", "list"]);
        await cli.SucceedAsync(["audit"]);
        var file = Path.Combine(cli.Folder, "anna.zip");
        await cli.SucceedAsync(["creator", "export", "--handle", "anna", "--output", file]);
        Assert.True(new FileInfo(file).Length > 0);
        if (engine == EngineKind.Sqlite)
        {
            var backups = Path.Combine(cli.Folder, "backups");
            await cli.SucceedAsync(["backup", backups]);
            await cli.SucceedAsync(["restore", backups, "--replace"]);
            Assert.Contains("anna", await cli.SucceedAsync(["creator", "list"]), StringComparison.Ordinal);
        }
    }

    // The route is method and path, such as "GET creators/bio".
    private static async Task<JsonNode> SendAsync(HttpClient http, string route, object? body = null, HttpStatusCode? expected = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(route.Split(' ')[0]), "/api/v1/" + route.Split(' ')[1]);
        request.Content = body is null ? null : JsonContent.Create(body);
        using var response = await http.SendAsync(request, Cancelled);
        var text = await response.Content.ReadAsStringAsync(Cancelled);
        Assert.True(expected is { } status ? response.StatusCode == status : response.IsSuccessStatusCode, $"{route}: {response.StatusCode} {text}");
        return JsonNode.Parse(text)!["data"]!;
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient http, string path, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/" + path) { Headers = { Authorization = new("Bearer", token) } };
        using var response = await http.SendAsync(request, Cancelled);
        return response.StatusCode;
    }

    private static string Line(string output, string with) =>
        output.Split('\n').First(line => line.StartsWith(with, StringComparison.Ordinal));

    [GeneratedRegex("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")]
    private static partial Regex IdPattern();

    [GeneratedRegex("href=\"(/dashboard[^\"#]*)\"")]
    private static partial Regex DashboardPath();

    [GeneratedRegex("/join/([A-Za-z0-9_-]+)")]
    private static partial Regex InvitationPattern();
}
