using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Bioscope.Engine.Creators;
using Bioscope.Server.Proofs;

namespace Bioscope.Server.Tests;

/// <summary>Shared views that are frozen and signed, and how others check them.</summary>
public sealed class ProofTests : IDisposable
{
    private const string Path = "/api/v1/creators/analytics/shared-views";

    private readonly string _folder = Directory.CreateTempSubdirectory("bioscope-proof-").FullName;

    [Theory, Engines]
    public async Task A_frozen_view_shows_its_figures_for_ever(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var anna = await AddAnnaAsync(app);
        var (id, path) = await ShareAsync(app, anna, """{"title":"Spring <b>","blocks":["figures","trend","sources","quality","live"]}""");
        await FreezeAsync(app, anna, id);
        var (filtered, other) = await ShareAsync(
            app, anna, """{"title":"TikTok","question":{"filters":[["is","source",["TikTok"]]]},"blocks":["sources"]}""");
        await FreezeAsync(app, anna, filtered);
        var frozen = await ReadAsync(app, other);
        Assert.Equal("Source is TikTok", DashboardVisit.TextOf(frozen, "aria-label=\"Filters\""));
        Assert.Equal("This period 2", DashboardVisit.TextOf(frozen, "<tbody"));

        await app.AddSessionsAsync(anna, "instagram.com", 5);
        app.Clock.Advance(TimeSpan.FromDays(90));

        var page = await ReadAsync(app, path);
        Assert.Contains("Frozen at <bdi>2026-04-15T12:00:00.000Z</bdi>", page, StringComparison.Ordinal);
        Assert.Equal(
            "Period Visits Visitors Views Clicks Click rate, % Bounce rate, % Time on page, s Actions per visit",
            DashboardVisit.TextOf(page, "<thead"));
        Assert.StartsWith("This period 3 1 4 1 25", DashboardVisit.TextOf(page, "<tbody"), StringComparison.Ordinal);
        Assert.Contains("Spring &lt;b&gt;", page, StringComparison.Ordinal);
        Assert.DoesNotContain("in the last 30 minutes", page, StringComparison.Ordinal);
        // Again gives the same.
        Assert.Equal(await FreezeAsync(app, anna, id), await FreezeAsync(app, anna, id));
        using var picture = await app.GetAsync(path + "/picture.png");
        Assert.Equal(HttpStatusCode.OK, picture.StatusCode);
    }

    [Theory, Engines]
    public async Task A_proof_says_what_was_asked_and_what_was_not_counted(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, ("PublicUrl", "https://links.example"));
        var anna = await AddAnnaAsync(app);
        var link = await app.AddLinkAsync(anna, "Sponsor", "https://sponsor.example/");
        await app.AddPageViewsAsync(anna, 2, link.Id);
        await app.PostSessionAsync(anna, ("consentAnalytics", "denied"));
        var (id, path) = await ShareAsync(
            app, anna, $$"""{"title":"x","question":{"range":"7d","timeZone":"Europe/Berlin","compare":"previous"},"link":"{{link.Id}}"}""");
        await FreezeAsync(app, anna, id);
        Assert.DoesNotContain("Shop", await ReadAsync(app, path), StringComparison.Ordinal);

        using var file = await app.GetAsync(path + "/proof.json");
        Assert.Equal("attachment; filename=\"proof.json\"", file.Content.Headers.ContentDisposition?.ToString());
        var proof = Proof.Parse(await file.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Proof!;
        var payload = JsonNode.Parse(proof.Payload)!;

        Assert.Null(proof.ProblemWith([new ProofKey(app.Settings.ProofKey).Public]));
        Assert.Equal(
            ("bioscope-proof-1", "https://links.example", "2026-04-15T12:00:00.000Z"),
            ((string?)payload["format"], (string?)payload["server"], (string?)payload["frozenAt"]));
        Assert.Equal(
            """{"range":"7d","timeZone":"Europe/Berlin","filters":[],"compare":"previous"}""", payload["question"]!.ToJsonString());
        Assert.Equal(
            """{"from":"2026-04-08T22:00:00.000Z","until":"2026-04-15T22:00:00.000Z","timeZone":"Europe/Berlin"}""",
            payload["range"]!.ToJsonString());
        Assert.Equal("""[{"reason":"consent","count":1}]""", payload["notCounted"]!["reasons"]!.ToJsonString());
        var answers = payload["answers"]!.AsArray();
        Assert.Equal(
            ["Headline figures", "Clicks on Sponsor", "Views", "Clicks on Sponsor"], answers.Select(answer => (string?)answer!["name"]));
        // Two clicks on the link; the other one is nowhere.
        Assert.Equal("""["This period",2]""", answers[1]!["rows"]![0]!.ToJsonString());
        Assert.Equal("""["visits","visitors","views"]""", answers[0]!["query"]!["metrics"]!.ToJsonString());
        Assert.Null(payload["name"]);

        // Each question, asked again, has the signed answer.
        foreach (var answer in answers)
        {
            var query = answer!["query"]!.DeepClone();
            query["fill"] = query["dimensions"]!.AsArray().Count > 0;
            query["limit"] = 1000;
            using var again = await app.QueryAsync(query.ToJsonString(), app.Token(anna));
            var text = await again.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.True(again.IsSuccessStatusCode, text);
            var data = JsonNode.Parse(text)!["data"]!;
            var first = answer["rows"]![0]!.AsArray().Skip(1).Select(number => (double)number!);
            var counted = query["dimensions"]!.AsArray().Count > 0 ? data["rows"]![0]!["metrics"]! : data["totals"]!;
            Assert.Equal(first, counted.AsArray().Select(number => (double)number!));
        }
    }

    [Theory, Engines]
    public async Task Only_its_creator_freezes_a_view_and_a_password_protects_the_proof(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (anna, ben) = (await AddAnnaAsync(app), await app.AddCreatorAsync());
        var (id, path) = await ShareAsync(app, anna, """{"title":"x","password":"a long shared secret"}""");

        using (var stolen = await SendAsync(app, HttpMethod.Put, $"{Path}/{id}/proof", ben))
        {
            Assert.Equal(HttpStatusCode.NotFound, stolen.StatusCode);
        }

        await FreezeAsync(app, anna, id);
        using var viewer = new DashboardVisit(app);
        using var closed = await viewer.GetAsync(path + "/proof.json");
        Assert.Equal(HttpStatusCode.NotFound, closed.StatusCode);
        Assert.DoesNotContain("Frozen", await viewer.ReadAsync(path), StringComparison.Ordinal);
        await viewer.PostAsync(path, ("password", "a long shared secret"));
        Assert.Contains("Frozen", await viewer.ReadAsync(path), StringComparison.Ordinal);
        using var open = await viewer.GetAsync(path + "/proof.json");
        Assert.Equal(HttpStatusCode.OK, open.StatusCode);
    }

    [Fact]
    public async Task A_creator_freezes_a_view_in_the_dashboard()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var (visit, anna) = await DashboardVisit.StartAsync(app);
        using var browser = visit;
        var (id, path) = await ShareAsync(app, anna, """{"title":"Mine"}""");
        var page = await visit.ReadAsync("/dashboard/shared");

        using var frozen = await visit.PostAsync($"/dashboard/shared/{id}", ("form", DashboardVisit.FormField(page)), ("freeze", "1"));

        Assert.Equal(HttpStatusCode.SeeOther, frozen.StatusCode);
        Assert.Contains("Frozen ", DashboardVisit.TextOf(await visit.ReadAsync("/dashboard/shared"), "data-shared="), StringComparison.Ordinal);
        Assert.Contains("these figures do not change", await ReadAsync(app, path), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_command_verifies_a_proof_and_a_changed_digit_fails()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var anna = await AddAnnaAsync(app);
        var (id, path) = await ShareAsync(app, anna, """{"title":"x"}""");
        await FreezeAsync(app, anna, id);
        var text = await ReadAsync(app, path + "/proof.json");
        var keys = await ReadAsync(app, ProofPages.KeysPath);
        var (file, keyFile) = (Write("proof.json", text), Write("keys.json", keys));
        var origin = app.Http.BaseAddress!.GetLeftPart(UriPartial.Authority);

        using var cli = new Cli();
        var holds = await cli.RunAsync(["proof", "verify", file, "--keys", keyFile]);
        Assert.Equal((0, ""), (holds.ExitCode, holds.Error));
        Assert.StartsWith($"The proof holds. {origin} signed these figures at 2026-04-15T12:00:00.000Z.", holds.Output, StringComparison.Ordinal);
        Assert.Equal(0, (await cli.RunAsync(["proof", "verify", file, "--url", origin])).ExitCode);

        const string Mismatch = "the signature does not match: the proof was changed after it was signed";
        (string Text, string Problem)[] changed =
        [
            (Digit(text), Mismatch),
            (text.Replace("\"signature\": \"", "\"signature\": \"A", StringComparison.Ordinal), Mismatch),
            ("{}", "it is no proof: it needs the texts protected, payload and signature"),
            ("x", "it is not JSON"),
        ];
        foreach (var (forged, problem) in changed)
        {
            var fails = await cli.RunAsync(["proof", "verify", Write("forged.json", forged), "--keys", keyFile]);
            Assert.Equal((1, $"The proof does not hold: {problem}.{Environment.NewLine}"), (fails.ExitCode, fails.Error));
        }

        // Signed by somebody else.
        var other = Write("other.json", Proof.Make(new ProofKey(new string('8', 64)), Proof.Parse(text).Proof!.Payload).ToText());
        var foreign = await cli.RunAsync(["proof", "verify", other, "--keys", keyFile]);
        Assert.Equal(1, foreign.ExitCode);
        Assert.Contains("which is not among the keys", foreign.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_are_published_as_a_key_set()
    {
        await using var app = await TestApp.StartAsync(
            EngineKind.Sqlite, ("Proof:SigningKey", "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"));

        using var answer = await app.GetAsync(ProofPages.KeysPath);
        var keys = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["keys"]!.AsArray();

        Assert.Equal(["*"], answer.Headers.GetValues("Access-Control-Allow-Origin"));
        // The key and its thumbprint of RFC 8037, A.2 and A.3.
        Assert.Equal(
            """{"x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":"kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k","kty":"OKP","crv":"Ed25519","alg":"EdDSA","use":"sig"}""",
            Assert.Single(keys)!.ToJsonString());
    }

    [Fact]
    public void The_key_is_made_once_and_only_its_owner_reads_it()
    {
        var file = System.IO.Path.Combine(_folder, "data", "proof-key");
        var settings = Configuration.Settings.Read(new Microsoft.Extensions.Configuration.ConfigurationBuilder().Build());
        settings = settings with { DataFolder = System.IO.Path.GetDirectoryName(file)! };

        var made = ProofKeyFile.Complete(settings).ProofKey;

        Assert.Equal(64, made.Length);
        Assert.Equal(made, ProofKeyFile.Complete(settings).ProofKey);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Equal("given", ProofKeyFile.Complete(settings with { ProofKey = "given" }).ProofKey);
        File.WriteAllText(file, "damaged");
        var damage = Assert.Throws<Configuration.SettingsException>(() => ProofKeyFile.Complete(settings));
        Assert.Contains("the file is damaged", damage.Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Changes one digit of the first figure.</summary>
    private static string Digit(string proof)
    {
        var at = proof.IndexOf("This period", StringComparison.Ordinal);
        at = proof.IndexOfAny("0123456789".ToCharArray(), at);
        return string.Concat(proof.AsSpan(0, at), proof[at] == '9' ? "8" : "9", proof.AsSpan(at + 1));
    }

    private string Write(string name, string text)
    {
        var file = System.IO.Path.Combine(_folder, name);
        File.WriteAllText(file, text);
        return file;
    }

    /// <summary>Three visits, four views, and a click on a link.</summary>
    private static async Task<Creator> AddAnnaAsync(TestApp app)
    {
        var anna = await app.AddCreatorAsync();
        await app.AddSessionsAsync(anna, "tiktok.com", 2);
        await app.AddSessionsAsync(anna, null);
        await app.AddPageViewsAsync(anna, 4);
        await app.AddPageViewsAsync(anna, 1, (await app.AddLinkAsync(anna, "Shop", "https://shop.example/")).Id);
        return anna;
    }

    private static async Task<(string Id, string Path)> ShareAsync(TestApp app, Creator creator, string body)
    {
        using var answer = await SendAsync(app, HttpMethod.Post, Path, creator, body);
        var data = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["data"]!;
        return ((string)data["id"]!, new Uri((string)data["url"]!).AbsolutePath);
    }

    private static async Task<string> FreezeAsync(TestApp app, Creator creator, string id)
    {
        using var answer = await SendAsync(app, HttpMethod.Put, $"{Path}/{id}/proof", creator);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    private static async Task<string> ReadAsync(TestApp app, string path)
    {
        using var answer = await app.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    private static Task<HttpResponseMessage> SendAsync(TestApp app, HttpMethod method, string path, Creator creator, string? body = null)
    {
        var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", app.Token(creator));
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        return app.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
