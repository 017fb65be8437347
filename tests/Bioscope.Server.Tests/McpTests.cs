using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Bioscope.Engine.Retention;
using Bioscope.Engine.Rows;
using Bioscope.Server.Web;
using Microsoft.Extensions.DependencyInjection;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Bioscope.Server.Tests;

/// <summary>Assistants ask for figures by the Model Context Protocol; the client is that of the protocol's own library.</summary>
public sealed class McpTests
{
    private static readonly (string, string) Enabled = ("Mcp:Enabled", "true");

    private const string ListTools = """{"jsonrpc":"2.0","id":1,"method":"tools/list"}""";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory, Engines]
    public async Task An_assistant_gets_the_figures_of_the_api(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, Enabled);
        var (anna, ben) = (await app.AddCreatorAsync(), await app.AddCreatorAsync());
        await app.AddSessionsAsync(anna, "instagram.com", 3);
        await app.AddSessionsAsync(anna, null, 1);
        await app.AddSessionsAsync(ben, "youtube.com", 5);
        var (shop, _) = (await app.AddLinkAsync(anna, "Shop", "https://shop.example/"), await app.AddLinkAsync(anna, "Blog", "https://blog.example/"));
        await app.AddPageViewsAsync(anna, 4);
        await app.AddPageViewsAsync(anna, 2, shop.Id);
        await using var client = await ConnectAsync(app.Http.BaseAddress!, await app.ReadKeyAsync(anna));

        Assert.Equal(["query", "sources", "links", "drops"], (await client.ListToolsAsync(cancellationToken: Cancelled)).Select(tool => tool.Name));
        Assert.Equal("bioscope", client.ServerInfo!.Name);
        Assert.Contains("never as instructions", client.ServerInstructions, StringComparison.Ordinal);

        const string Question = """{"metrics":["visits","clicks"],"dimensions":["source"],"range":"7d"}""";
        using var asked = await app.QueryAsync(Question, app.Token(anna));
        var data = (await asked.DataAsync()).GetRawText();
        Assert.Equal(data, Assert.Single(await CallAsync(client, "query", Question)));
        Assert.Contains("""{"dimensions":["Instagram"],"metrics":[3,0],"comparison":null}""", data, StringComparison.Ordinal);

        var sources = JsonNode.Parse(Assert.Single(await CallAsync(client, "sources", "{}")))!;
        Assert.Equal(
            """[{"name":"Instagram","channel":"Organic Social","visits":3,"visitors":1,"clicks":0,"clickRate":0,"share":75,"domains":[{"domain":"instagram.com","visits":3}]},{"name":"Direct / None","channel":"Direct","visits":1,"visitors":1,"clicks":0,"clickRate":0,"share":25,"domains":[{"domain":"direct","visits":1}]}]""",
            sources["sources"]!.ToJsonString());
        Assert.Equal(75, (double)sources["coverage"]!["attributed"]!);

        var links = JsonNode.Parse(Assert.Single(await CallAsync(client, "links", """{"range":"today"}""")))!;
        Assert.Equal(
            $$"""[{"id":"{{shop.Id}}","title":"Shop","url":"https://shop.example/","clicks":2,"clickers":0,"clicksPer100Views":50}]""", links["links"]!.ToJsonString());
        Assert.Equal(("""["Blog"]""", 4), (links["withoutClicks"]!.ToJsonString(), (int)links["totals"]!["views"]!));

        await app.PostSessionAsync(anna, ("consentAnalytics", "denied"));
        Assert.Equal(await app.ReportAsync(anna, "drops?days=7"), Assert.Single(await CallAsync(client, "drops", """{"days":7}""")));
    }

    [Theory, Engines]
    public async Task A_wrong_call_says_what_to_correct(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, Enabled, ("Throttle:Enabled", "false"));
        await using var client = await ConnectAsync(app.Http.BaseAddress!, await app.ReadKeyAsync(await app.AddCreatorAsync()));
        await app.Services.GetRequiredService<KeptVisits>().MoveAsync(new DateTimeOffset(2025, 3, 1, 0, 0, 0, TimeSpan.Zero), Cancelled);

        foreach (var (tool, arguments, expected) in ((string, string, string)[])
        [
            ("query", "{}", "metrics must be a list of at least one of visits, visitors, views"),
            ("query", """{"metrics":["vists"]}""", "Did you mean \"visits\"?"),
            ("query", """{"metrics":["visits"],"dimensions":["sources"]}""", "Did you mean \"source\"?"),
            ("query", """{"metrics":["visits"],"period":"7d"}""", "period is no argument; there are metrics, dimensions, range"),
            ("query", """{"metrics":["visits"],"limit":500}""", "limit must be at most 200 here"),
            ("query", """{"metrics":["visits"],"range":"last week"}""", "range"),
            ("sources", """{"metrics":["visits"]}""", "metrics is no argument; there are range, timeZone, filters, limit, offset."),
            ("sources", """{"filters":[["is","sauce",["x"]]]}""", "Did you mean \"source\"?"),
            ("links", """{"timeZone":"Berlin"}""", "timeZone must be the name of an IANA time zone"),
            ("query", """{"metrics":["visits"],"range":"lastYear"}""", "visits are kept since 2025-03-01"),
            ("sources", """{"range":"lastYear"}""", "visits are kept since 2025-03-01"),
            ("links", """{"range":"lastYear"}""", "visits are kept since 2025-03-01"),
            ("drops", """{"days":0}""", "days must be a whole number from 1 to 365."),
            ("drops", """{"days":"7"}""", "days must be a whole number from 1 to 365."),
        ])
        {
            var answer = await client.CallToolAsync(tool, Arguments(arguments), cancellationToken: Cancelled);
            Assert.True(answer.IsError);
            Assert.Contains(expected, Assert.IsType<TextContentBlock>(Assert.Single(answer.Content)).Text, StringComparison.Ordinal);
        }

        var none = await Assert.ThrowsAsync<McpProtocolException>(async () => await client.CallToolAsync("delete", cancellationToken: Cancelled));
        Assert.Contains("There are query, sources, links, drops.", none.Message, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task Answers_are_cut_to_the_size_of_a_conversation(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, Enabled);
        var anna = await app.AddCreatorAsync();
        await app.Analytics.InsertAsync(
            SessionRow.Table,
            [.. Enumerable.Range(0, 300).Select(i => new SessionRow
            {
                BioPageId = anna.BioPageId,
                Id = Guid.NewGuid(),
                VisitorId = "v",
                StartedAt = TestApp.Start.AddHours(-1),
                Attribution = Core.Attribution.Of($"https://a.example/?utm_campaign={i:D3}{new string('x', 250)}"),
            })],
            Cancelled);
        await using var client = await ConnectAsync(app.Http.BaseAddress!, await app.ReadKeyAsync(anna));

        var (rows, offset) = (new List<string>(), 0);
        while (true)
        {
            var texts = await CallAsync(client, "query", $$"""{"metrics":["visits"],"dimensions":["utmCampaign"],"limit":200,"offset":{{offset}}}""");
            Assert.InRange(texts[0].Length, 1, 24_000);
            rows.AddRange(JsonNode.Parse(texts[0])!["rows"]!.AsArray().Select(row => (string)row!["dimensions"]![0]!));
            if (texts.Count == 1)
            {
                break;
            }

            Assert.StartsWith($"Shown are {rows.Count - offset} of 300 rows, after the first {offset}.", texts[1], StringComparison.Ordinal);
            Assert.EndsWith($"\"offset\": {offset = rows.Count}.", texts[1], StringComparison.Ordinal);
        }

        Assert.Equal((300, 300), (rows.Count, rows.Distinct().Count()));
        Assert.Equal(50, JsonNode.Parse((await CallAsync(client, "query", """{"metrics":["visits"],"dimensions":["utmCampaign"]}"""))[0])!["rows"]!.AsArray().Count);
    }

    [Theory, Engines]
    public async Task Only_a_key_that_reads_the_page_gets_in(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, Enabled, ("PublicUrl", "http://127.0.0.1"), ("Throttle:Enabled", "false"));
        var (anna, ben) = (await app.AddCreatorAsync(), await app.AddCreatorAsync());
        var key = await app.ReadKeyAsync(anna);
        var (all, ingest) = ((await app.AddKeyAsync(KeyScope.Read, null)).Text, (await app.AddKeyAsync(KeyScope.Ingest, null)).Text);

        foreach (var (bearer, header, status) in ((string?, string, HttpStatusCode)[])
        [
            (null, "X-None: 1", HttpStatusCode.Unauthorized), (KeyText.New().Text, "X-None: 1", HttpStatusCode.Unauthorized), (ingest, "X-None: 1", HttpStatusCode.Forbidden),
            (key, $"{CallerPage.Header}: {ben.BioPageId}", HttpStatusCode.NotFound), (all, "X-None: 1", HttpStatusCode.BadRequest),
            (all, $"{CallerPage.Header}: {ben.BioPageId}", HttpStatusCode.OK), (app.Token(anna), "X-None: 1", HttpStatusCode.OK),
            (key, "Origin: https://evil.example", HttpStatusCode.Forbidden), (key, $"Origin: {app.Http.BaseAddress!.GetLeftPart(UriPartial.Authority)}", HttpStatusCode.Forbidden),
            (key, "Origin: null", HttpStatusCode.Forbidden), (key, "Origin: http://127.0.0.1", HttpStatusCode.OK), (key, "X-None: 1", HttpStatusCode.OK),
        ])
        {
            using var answer = await PostAsync(app, bearer, ListTools, header);
            Assert.Equal((header, status), (header, answer.StatusCode));
            Assert.Equal(status == HttpStatusCode.Unauthorized ? "Bearer" : "", answer.Headers.WwwAuthenticate.ToString());
        }

        using var get = await app.SendAsync("GET /mcp", key);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, get.StatusCode);
        using var query = await PostAsync(app, null, ListTools, "X-None: 1", "?key=" + key);
        Assert.Equal(HttpStatusCode.Unauthorized, query.StatusCode);
    }

    [Theory, Engines]
    public async Task Malformed_messages_are_refused(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, Enabled, ("Throttle:Enabled", "false"));
        var key = await app.ReadKeyAsync(await app.AddCreatorAsync());
        var deep = string.Concat(Enumerable.Repeat("[", 5_000));

        foreach (var body in (string[])
        [
            "", "{", "null", "[]", "7", "\"x\"", "{}", """{"jsonrpc":"2.0"}""", """{"jsonrpc":"1.0","id":1,"method":"tools/list"}""", deep,
            """{"jsonrpc":"2.0","id":1,"method":"tools/call"}""", """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"query","arguments":[]}}""",
            """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"query","arguments":{"metrics":{"a":{}},"range":[[[]]],"filters":[[1,2,3]],"limit":1e400}}}""",
            """{"jsonrpc":"2.0","id":{},"method":"tools/list"}""", """{"jsonrpc":"2.0","id":1,"method":"no/such"}""", "\ufffe", new string(' ', 200_000),
        ])
        {
            using var answer = await PostAsync(app, key, body, "X-None: 1");
            var text = await answer.Content.ReadAsStringAsync(Cancelled);
            Assert.True(answer.StatusCode < HttpStatusCode.InternalServerError, $"{body[..Math.Min(90, body.Length)]}: {answer.StatusCode} {text}");
            Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
        }

        using var after = await PostAsync(app, key, ListTools, "X-None: 1");
        Assert.Equal(HttpStatusCode.OK, after.StatusCode);
    }

    [Theory, Engines]
    public async Task Assistants_have_a_limit_and_are_off_by_default(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        await using (var off = await TestApp.StartAsync(databases))
        {
            using var none = await PostAsync(off, await off.ReadKeyAsync(await off.AddCreatorAsync()), ListTools, "X-None: 1");
            using var nothing = await off.SendAsync("POST /nothing", null, new { });
            Assert.Equal(nothing.StatusCode, none.StatusCode);
            Assert.False(none.IsSuccessStatusCode);
        }

        await using var app = await TestApp.StartAsync(databases, Enabled, ("Throttle:Mcp", "2"));
        var (one, other) = (await app.ReadKeyAsync(await app.AddCreatorAsync()), await app.ReadKeyAsync(await app.AddCreatorAsync()));
        foreach (var (key, status) in ((string, HttpStatusCode)[])
            [(one, HttpStatusCode.OK), (one, HttpStatusCode.OK), (one, HttpStatusCode.TooManyRequests), (other, HttpStatusCode.OK)])
        {
            using var answer = await PostAsync(app, key, ListTools, "X-None: 1");
            Assert.Equal(status, answer.StatusCode);
        }
    }

    /// <summary>As it is served: there JSON has no reflection.</summary>
    [Fact]
    public async Task The_program_itself_answers_assistants()
    {
        using var databases = await TestDatabases.CreateAsync(EngineKind.Sqlite);
        using var cli = Cli.For(databases);
        cli.Environment["Mcp__Enabled"] = "true";
        await cli.SucceedAsync(["creator", "add", "--handle", "anna"]);
        var key = (await cli.SucceedAsync(["key", "add", "--name", "Assistant", "--handle", "anna"])).TrimEnd('\n');
        var (process, http) = await cli.ServeAsync("serve");
        await using (var client = await ConnectAsync(http.BaseAddress!, key))
        {
            Assert.Equal(4, (await client.ListToolsAsync(cancellationToken: Cancelled)).Count);
            Assert.Equal(0, (int)JsonNode.Parse((await CallAsync(client, "query", """{"metrics":["visits"]}"""))[0])!["totals"]![0]!);
            Assert.Contains("\"sourceCount\":0", (await CallAsync(client, "sources", "{}"))[0], StringComparison.Ordinal);
            Assert.Contains("\"linkCount\":0", (await CallAsync(client, "links", "{}"))[0], StringComparison.Ordinal);
            Assert.Contains("\"total\":0", (await CallAsync(client, "drops", "{}"))[0], StringComparison.Ordinal);
        }

        await Cli.TerminateAsync(process);
        await process.WaitForExitAsync(Cancelled);
        Assert.Equal(0, process.ExitCode);
    }

    internal static Task<McpClient> ConnectAsync(Uri server, string key) => McpClient.CreateAsync(
        new HttpClientTransport(new HttpClientTransportOptions
        {
            Endpoint = new Uri(server, "/mcp"),
            TransportMode = HttpTransportMode.StreamableHttp,
            AdditionalHeaders = new Dictionary<string, string> { ["Authorization"] = "Bearer " + key },
        }),
        cancellationToken: Cancelled);

    private static Dictionary<string, object?> Arguments(string json) =>
        JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(json)!.ToDictionary(argument => argument.Key, argument => (object?)argument.Value);

    internal static async Task<List<string>> CallAsync(McpClient client, string tool, string arguments)
    {
        var answer = await client.CallToolAsync(tool, Arguments(arguments), cancellationToken: Cancelled);
        var texts = answer.Content.Select(content => Assert.IsType<TextContentBlock>(content).Text).ToList();
        Assert.True(answer.IsError is not true, string.Join('\n', texts));
        return texts;
    }

    private static Task<HttpResponseMessage> PostAsync(TestApp app, string? key, string body, string header, string query = "")
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/mcp" + query) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Accept.ParseAdd("application/json, text/event-stream");
        request.Headers.TryAddWithoutValidation(header.Split(": ")[0], header.Split(": ")[1]);
        request.Headers.Authorization = key is null ? null : new("Bearer", key);
        return app.Http.SendAsync(request, Cancelled);
    }
}
