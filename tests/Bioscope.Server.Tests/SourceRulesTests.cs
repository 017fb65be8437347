using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Bioscope.Core;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Rows;

namespace Bioscope.Server.Tests;

/// <summary>A creator's rules over a handful of visits that a person can count.</summary>
public sealed class SourceRulesTests
{
    private const string Path = "/api/v1/creators/analytics/rules";
    private const string Spam = Path + "/referrer-spam";
    private const string Sources = "/api/v1/creators/analytics/sources";

    private const string Rules = """
        {"rules":[{"match":["is","utmSource",["zine"]],"name":"My newsletter","channel":"Email"},
         {"match":["contains","referrer",["blog.example/Spring"]],"name":"tiktok"},
         {"match":["matches","referrerDomain",["*spam*"]],"hide":true},
         {"match":["is","referrerDomain",["instagram.com","blog.example"]],"name":"Never reached by the others"}]}
        """;

    [Theory, Engines]
    public async Task Rules_rename_merge_and_hide_the_past_until_they_are_gone(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        await FillAsync(app, creator);
        string[] before =
        [
            "Direct / None 1", "Instagram 1", "TikTok 1", "blog.example 2", "buy-spam.example 1", "zine 2",
        ];
        Assert.Equal(before, await SourcesAsync(app, creator));

        var kept = await SendAsync(app, creator, HttpMethod.Put, Path, Rules);

        Assert.Equal(4, kept["rules"]!.AsArray().Count);
        Assert.Equal("""{"match":["is","utmSource",["zine"]],"name":"My newsletter","channel":"Email"}""", kept["rules"]![0]!.ToJsonString());
        Assert.Equal("""{"match":["contains","referrer",["blog.example/Spring"]],"name":"TikTok"}""", kept["rules"]![1]!.ToJsonString());
        Assert.Equal("""{"match":["matches","referrerDomain",["*spam*"]],"hide":true}""", kept["rules"]![2]!.ToJsonString());
        Assert.Equal(kept.ToJsonString(), (await SendAsync(app, creator, HttpMethod.Get, Path, null)).ToJsonString());
        string[] renamed = ["Direct / None 1", "My newsletter 2", "Never reached by the others 2", "TikTok 2"];
        Assert.Equal(renamed, await SourcesAsync(app, creator));
        Assert.Equal("7", await TotalAsync(app, creator, """{"metrics":["visits"]}"""));
        Assert.Equal("2", await TotalAsync(app, creator, """{"metrics":["visits"],"filters":[["is","channel",["Email"]]]}"""));
        Assert.Equal("1", await TotalAsync(app, creator, """{"metrics":["views"]}""")); // one of two is of the hidden visit
        Assert.Contains("\"source\":\"buy-spam.example\",\"visits\":1", await app.ReportAsync(creator, "traffic"), StringComparison.Ordinal);

        await SendAsync(app, creator, HttpMethod.Put, Path, """{"rules":[]}""");
        Assert.Equal(before, await SourcesAsync(app, creator));
    }

    [Theory, Engines]
    public async Task Referrer_spam_is_hidden_until_the_creator_wants_to_see_it(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (creator, other) = (await app.AddCreatorAsync(), await app.AddCreatorAsync());
        await app.AddSessionsAsync(creator, "semalt.com", 2, app.Clock.GetUtcNow());
        await app.AddSessionsAsync(creator, "instagram.com", 3, app.Clock.GetUtcNow());
        await app.AddSessionsAsync(other, "semalt.com", 1, app.Clock.GetUtcNow());
        Assert.Equal(["Instagram 3"], await SourcesAsync(app, creator));
        Assert.Equal("3", await TotalAsync(app, creator, """{"metrics":["visits"]}"""));
        Assert.Contains("\"source\":\"semalt.com\",\"visits\":2", await app.ReportAsync(creator, "traffic"), StringComparison.Ordinal);
        Assert.Equal(
            $$"""{"hide":true,"domains":{{ReferrerSpam.All.Count}}}""", (await SendAsync(app, creator, HttpMethod.Get, Spam, null)).ToJsonString());

        var shown = await SendAsync(app, creator, HttpMethod.Put, Spam, """{"hide":false}""");

        Assert.False(shown["hide"]!.GetValue<bool>());
        Assert.Equal(["Instagram 3", "semalt.com 2"], await SourcesAsync(app, creator));
        Assert.Empty(await SourcesAsync(app, other));

        // A rule of her own goes before the list.
        await SendAsync(app, creator, HttpMethod.Put, Spam, """{"hide":true}""");
        await SendAsync(
            app, creator, HttpMethod.Put, Path, """{"rules":[{"match":["is","referrerDomain",["semalt.com"]],"name":"My shop"}]}""");
        Assert.Equal(["Instagram 3", "My shop 2"], await SourcesAsync(app, creator));
    }

    [Theory]
    [InlineData("{}", "hide is required")]
    [InlineData("""{"hide":"yes"}""", "hide must be true or false")]
    [InlineData("""{"hide":null}""", "hide is required")]
    public async Task Whether_spam_is_hidden_must_be_said(string body, string detail)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var creator = await app.AddCreatorAsync();

        using var answer = await app.Http.SendAsync(Request(app, creator, HttpMethod.Put, Spam, body), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(detail, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task A_preview_answers_as_it_would_be_and_stores_nothing(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        await FillAsync(app, creator);

        var preview = await SendAsync(app, creator, HttpMethod.Post, Path + "/preview?limit=2&range=7d", Rules);

        Assert.Equal(7, (long)preview["totals"]!["visits"]!);
        Assert.Equal(["My newsletter", "Never reached by the others"], preview["sources"]!.AsArray().Select(source => (string)source!["name"]!));
        Assert.Equal((4, 3L), ((int)preview["sourceCount"]!, (long)preview["rest"]!["visits"]!));
        Assert.Equal("""{"rules":[]}""", (await SendAsync(app, creator, HttpMethod.Get, Path, null)).ToJsonString());
        await SendAsync(app, creator, HttpMethod.Put, Path, Rules);
        Assert.Equal(
            preview.ToJsonString(), (await app.ReadAsync(creator, Sources + "?limit=2&range=7d")).ToJsonString());
    }

    [Fact]
    public async Task Rules_are_of_the_callers_page_only()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var (creator, other) = (await app.AddCreatorAsync(), await app.AddCreatorAsync());
        await FillAsync(app, other);
        await SendAsync(app, creator, HttpMethod.Put, Path, Rules);

        Assert.Contains("buy-spam.example 1", await SourcesAsync(app, other));
        Assert.Equal("""{"rules":[]}""", (await SendAsync(app, other, HttpMethod.Get, Path, null)).ToJsonString());
    }

    [Theory]
    [InlineData("""{}""", "rules")]
    [InlineData("""{"rules":{}}""", "rules")]
    [InlineData("""{"rules":[7]}""", "rules[0]")]
    [InlineData("""{"rules":[{"match":["is","utmSource",["a"]]}]}""", "rules[0]")]
    [InlineData("""{"rules":[{"match":["is","utmSource",["a"]],"hide":false}]}""", "rules[0]")]
    [InlineData("""{"rules":[{"match":["is","utmSource",["a"]],"hide":"yes"}]}""", "rules[0].hide")]
    [InlineData("""{"rules":[{"match":["is","country",["DE"]],"hide":true}]}""", "rules[0].match")]
    [InlineData("""{"rules":[{"match":["is","source",["X"]],"hide":true}]}""", "rules[0].match")]
    [InlineData("""{"rules":[{"match":["was","utmSource",["a"]],"hide":true}]}""", "rules[0].match")]
    [InlineData("""{"rules":[{"hide":true}]}""", "rules[0].match")]
    [InlineData("""{"rules":[{"match":["is","utmSource",["a"]],"name":" "}]}""", "rules[0].name")]
    [InlineData("""{"rules":[{"match":["is","utmSource",["a"]],"name":"a\nb"}]}""", "rules[0].name")]
    [InlineData("""{"rules":[{"match":["is","utmSource",["a"]],"name":"a","channel":"Letters"}]}""", "rules[0].channel")]
    [InlineData("""{"rules":[{"match":["is","utmSource",["a"]],"nmae":"a","hide":true}]}""", "rules[0]")]
    [InlineData("""{"rules":[{"match":["is","utmSource",["a"]],"name":"\ud800"}]}""", "rules[0].name")]
    public async Task What_is_wrong_is_said_by_field_and_nothing_is_stored(string body, string field)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var creator = await app.AddCreatorAsync();
        await SendAsync(app, creator, HttpMethod.Put, Path, Rules);

        foreach (var (method, path) in new[] { (HttpMethod.Put, Path), (HttpMethod.Post, Path + "/preview") })
        {
            using var answer = await app.Http.SendAsync(Request(app, creator, method, path, body), TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            var details = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["error"]!["details"]!;
            Assert.StartsWith(field + " ", (string)details.AsArray().Single()!["message"]!, StringComparison.Ordinal);
        }

        Assert.Equal(4, (await SendAsync(app, creator, HttpMethod.Get, Path, null))["rules"]!.AsArray().Count);
    }

    [Fact]
    public async Task There_are_at_most_200_rules()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var creator = await app.AddCreatorAsync();
        string Body(int count) => new JsonObject
        {
            ["rules"] = new JsonArray([.. Enumerable.Range(0, count).Select(i => JsonNode.Parse($$"""{"match":["is","utmTerm",["{{i}}"]],"hide":true}"""))]),
        }.ToJsonString();

        Assert.Equal(200, (await SendAsync(app, creator, HttpMethod.Put, Path, Body(200)))["rules"]!.AsArray().Count);
        using var refused = await app.Http.SendAsync(Request(app, creator, HttpMethod.Put, Path, Body(201)), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
    }

    private static async Task<string[]> SourcesAsync(TestApp app, Creator creator) =>
    [
        .. (await app.ReadAsync(creator, Sources))["sources"]!.AsArray().Select(source => $"{source!["name"]} {source["visits"]}")
            .Order(StringComparer.Ordinal),
    ];

    private static async Task<string> TotalAsync(TestApp app, Creator creator, string query)
    {
        using var answer = await app.QueryAsync(query, app.Token(creator));
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["data"]!["totals"]![0]!.ToJsonString();
    }

    private static async Task<JsonNode> SendAsync(TestApp app, Creator creator, HttpMethod method, string path, string? body)
    {
        using var answer = await app.Http.SendAsync(Request(app, creator, method, path, body), TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!["data"]!;
    }

    private static HttpRequestMessage Request(TestApp app, Creator creator, HttpMethod method, string path, string? body) => new(method, path)
    {
        Headers = { Authorization = new("Bearer", app.Token(creator)) },
        Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json"),
    };

    private static async Task FillAsync(TestApp app, Creator creator)
    {
        SessionRow[] sessions =
        [
            Session(null, Attribution.None with { UtmSource = "zine" }),
            Session("instagram.com", Attribution.None with { UtmSource = "zine" }),
            Session("instagram.com", Attribution.None),
            Session("tiktok.com", Attribution.None) with { ReferrerDomain = null, Referrer = null, InAppBrowser = "TikTok" },
            Session("blog.example", Attribution.None) with { Referrer = "https://blog.example/Spring/sale?q=1" },
            Session("blog.example", Attribution.None),
            Session("buy-spam.example", Attribution.None),
            Session(null, Attribution.None),
        ];
        await app.Analytics.InsertAsync(SessionRow.Table, sessions, TestContext.Current.CancellationToken);
        PageViewRow[] views = [View(sessions[0]), View(sessions[6])];
        await app.Analytics.InsertAsync(PageViewRow.Table, views, TestContext.Current.CancellationToken);

        SessionRow Session(string? domain, Attribution tags) => new()
        {
            BioPageId = creator.BioPageId,
            Id = Guid.NewGuid(),
            VisitorId = Guid.NewGuid().ToString("N"),
            ReferrerDomain = domain,
            Referrer = domain is null ? null : $"https://{domain}/",
            Attribution = tags,
            StartedAt = app.Clock.GetUtcNow().AddHours(-1),
        };

        PageViewRow View(SessionRow session) => new()
        {
            BioPageId = creator.BioPageId,
            Id = Guid.NewGuid(),
            SessionId = session.Id,
            EnteredAt = app.Clock.GetUtcNow().AddHours(-1),
        };
    }
}
