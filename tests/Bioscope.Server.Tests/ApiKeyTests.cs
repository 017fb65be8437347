using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Bioscope.Engine.Creators;
using Bioscope.Server.Web;
using Microsoft.Extensions.DependencyInjection;

namespace Bioscope.Server.Tests;

/// <summary>API keys that read: which page they open, for how long, and that nobody else learns them. <see cref="KeyScopeTests"/> has the scopes.</summary>
public sealed partial class ApiKeyTests
{
    private const string Keys = "/api/v1/creators/keys", Overview = "GET /api/v1/creators/analytics/overview";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory, Engines]
    public async Task A_key_reads_its_page_and_no_other(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (anna, ben) = (await app.AddCreatorAsync(), await app.AddCreatorAsync());
        await app.AddSessionsAsync(anna, "instagram.com", 3);
        var key = (await app.AddKeyAsync(KeyScope.Read, anna.BioPageId)).Text;

        foreach (var report in (string[])["overview", "trend", "traffic", "geo", "devices", "links", "sessions", "export?type=traffic", "sources", "drops"])
        {
            using var asUser = await app.GetAsync("/api/v1/creators/analytics/" + report, app.Token(anna));
            using var asKey = await app.GetAsync("/api/v1/creators/analytics/" + report, key);
            Assert.Equal(await asUser.Content.ReadAsStringAsync(Cancelled), await asKey.Content.ReadAsStringAsync(Cancelled));
            Assert.Equal(HttpStatusCode.OK, asKey.StatusCode);
        }

        using var own = await app.SendAsync(Overview, key, null, $"{CallerPage.Header}: {anna.BioPageId}");
        Assert.Equal(HttpStatusCode.OK, own.StatusCode);
        foreach (var other in (string[])[ben.BioPageId.ToString(), Guid.NewGuid().ToString(), "no-uuid", "", $"{anna.BioPageId},{ben.BioPageId}"])
        {
            using var refused = await app.SendAsync(Overview, key, null, $"{CallerPage.Header}: {other}");
            await refused.AssertErrorAsync(HttpStatusCode.NotFound, "BIO_NOT_FOUND", "error.creator.bio_not_found");
        }

        Assert.Equal([anna.BioPageId], await PagesAsync(app, key));
    }

    [Theory, Engines]
    public async Task A_key_of_all_pages_says_which_page(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (anna, ben) = (await app.AddCreatorAsync(), await app.AddCreatorAsync());
        await app.AddSessionsAsync(ben, "instagram.com", 2);
        var key = (await app.AddKeyAsync(KeyScope.Read, null)).Text;

        using var traffic = await app.SendAsync("GET /api/v1/creators/analytics/traffic", key, null, $"{CallerPage.Header}: {ben.BioPageId}");
        Assert.Equal(2, (await traffic.DataAsync()).GetProperty("sources")[0].GetProperty("visits").GetInt32());
        using var none = await app.SendAsync(Overview, key);
        var error = await none.AssertErrorAsync(HttpStatusCode.BadRequest, "VALIDATION_ERROR", "error.validation");
        Assert.Equal(["X-Bio-Page must name the page, because this key is for all pages"], error.Details());
        using var unknown = await app.SendAsync(Overview, key, null, $"{CallerPage.Header}: {Guid.NewGuid()}");
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        Assert.Equal(new[] { anna.BioPageId, ben.BioPageId }.Order(), (await PagesAsync(app, key)).Order());
    }

    [Theory, Engines]
    public async Task Anything_but_the_key_itself_is_refused(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, ("Throttle:Enabled", "false"));
        var anna = await app.AddCreatorAsync();
        var key = (await app.AddKeyAsync(KeyScope.Read, anna.BioPageId)).Text;
        Assert.Matches("^bio_[A-Za-z0-9_-]{36}$", key);
        var garbled = Enumerable.Range(0, key.Length).Select(i => key[..i] + (key[i] == 'A' ? 'B' : 'A') + key[(i + 1)..]);

        foreach (var wrong in garbled.Concat([KeyText.New().Text, key[..^1], key + "A", key[..^1] + "=", "bio_", key + " " + key, key.ToUpperInvariant(), "x" + key, key + ",x"]))
        {
            using var refused = await app.SendAsync(Overview, wrong);
            await refused.AssertErrorAsync(HttpStatusCode.Unauthorized, "AUTH_UNAUTHORIZED", "error.auth.unauthorized");
            Assert.Equal("Bearer", refused.Headers.WwwAuthenticate.ToString());
        }

        foreach (var header in (string[])[$"Authorization: Basic {key}", $"Authorization: {key}", $"Authorization: Bearer{key}", $"Cookie: bioscope_session={key}", $"X-Api-Key: {key}"])
        {
            using var refused = await app.SendAsync(Overview, null, null, header);
            Assert.Equal((header, HttpStatusCode.Unauthorized), (header, refused.StatusCode));
        }

        using var lower = await app.SendAsync(Overview, null, null, $"Authorization: bearer {key}");
        Assert.Equal(HttpStatusCode.OK, lower.StatusCode);
        foreach (var query in (string[])[$"key={key}", $"token={key}", $"access_token={key}", $"authorization=Bearer%20{key}"])
        {
            using var refused = await app.SendAsync($"{Overview}?{query}", null);
            Assert.Equal((query, HttpStatusCode.Unauthorized), (query, refused.StatusCode));
        }
    }

    [Theory, Engines]
    public async Task A_key_is_made_shown_once_and_removed_everywhere_at_once(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        await using var app = await TestApp.StartAsync(databases);
        await using var other = await TestApp.StartAsync(databases);
        var (anna, ben) = (await app.AddCreatorAsync(), await app.AddCreatorAsync());
        var made = await AddAsync(app, anna, " Newsletter sheet ");
        var (id, key) = ((string)made["id"]!, (string)made["key"]!);
        Assert.Equal(("Newsletter sheet", "read"), ((string)made["name"]!, (string)made["scope"]!));

        using (var used = await other.GetAsync("/api/v1/creators/analytics/overview", key))
        {
            Assert.Equal(HttpStatusCode.OK, used.StatusCode);
        }

        var listed = await ListAsync(app, anna);
        Assert.DoesNotContain(key, listed, StringComparison.Ordinal);
        Assert.Contains(""","name":"Newsletter sheet","scope":"read","createdAt":"2026-04-15T12:00:00.000Z","usedAt":"2026-04-15T12:00:00.000Z"}""", listed, StringComparison.Ordinal);
        Assert.Equal("""{"keys":[]}""", await ListAsync(app, ben));
        using (var foreign = await app.SendAsync($"DELETE {Keys}/{id}", app.Token(ben)))
        {
            await foreign.AssertErrorAsync(HttpStatusCode.NotFound, "KEY_NOT_FOUND", "error.creator.key_not_found");
        }

        using (var removed = await app.SendAsync($"DELETE {Keys}/{id}", app.Token(anna)))
        {
            Assert.Equal(HttpStatusCode.OK, removed.StatusCode);
        }

        foreach (var instance in (TestApp[])[app, other])
        {
            using var refused = await instance.GetAsync("/api/v1/creators/analytics/overview", key);
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        }
    }

    [Theory, Engines]
    public async Task Only_the_hash_of_a_key_is_stored(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var key = (string)(await AddAsync(app, await app.AddCreatorAsync(), "Sheet"))["key"]!;

        Assert.Equal((0, 1), (await FilledTables.FindAsync(app.Main, key[4..]), await FilledTables.FindAsync(app.Main, KeyText.Read("Bearer " + key)!.Hash)));
    }

    [Theory, Engines]
    public async Task The_last_use_is_written_at_most_once_a_minute(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var anna = await app.AddCreatorAsync();
        var key = (await app.AddKeyAsync(KeyScope.Read, anna.BioPageId)).Text;
        List<string> seen = [];
        foreach (var seconds in (int[])[0, 59, 1, 30])
        {
            app.Clock.Advance(TimeSpan.FromSeconds(seconds));
            await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ => (await app.SendAsync(Overview, key)).Dispose()));
            seen.Add((await app.Services.GetRequiredService<ApiKeys>().ReadAsync(anna.BioPageId, Cancelled))[0].UsedAt!.Value.ToString("mm:ss", null));
        }

        Assert.Equal(["00:00", "00:00", "01:00", "01:00"], seen);
    }

    [Theory, Engines]
    public async Task A_key_has_a_limit_of_its_own_over_all_routes(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, ("Throttle:Key", "3"));
        var anna = await app.AddCreatorAsync();
        var (key, other) = ((await app.AddKeyAsync(KeyScope.Read, anna.BioPageId)).Text, (await app.AddKeyAsync(KeyScope.Read, null)).Text);

        foreach (var (report, status) in ((string, HttpStatusCode)[])[("overview", HttpStatusCode.OK), ("trend", HttpStatusCode.OK), ("shared-views", HttpStatusCode.Forbidden), ("geo", HttpStatusCode.TooManyRequests)])
        {
            using var answer = await app.GetAsync("/api/v1/creators/analytics/" + report, key);
            Assert.Equal((report, status), (report, answer.StatusCode));
        }

        using var another = await app.SendAsync(Overview, other, null, $"{CallerPage.Header}: {anna.BioPageId}");
        using var user = await app.SendAsync(Overview, app.Token(anna));
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (another.StatusCode, user.StatusCode));
        Assert.Equal(["2"], another.Headers.GetValues("X-RateLimit-Remaining"));
    }

    [Theory, Engines]
    public async Task Names_and_numbers_of_keys_are_bounded(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, ("Throttle:Enabled", "false"));
        var anna = await app.AddCreatorAsync();
        foreach (var name in (object?[])[null, "", "  ", new string('x', 101), "a\nb", "\u200b", 7])
        {
            using var refused = await app.SendAsync("POST " + Keys, app.Token(anna), new { name });
            Assert.Equal((name, HttpStatusCode.BadRequest), (name, refused.StatusCode));
        }

        var answers = await Task.WhenAll(Enumerable.Range(0, 24).Select(async i =>
        {
            using var answer = await app.SendAsync("POST " + Keys, app.Token(anna), new { name = $"Key {i}", scope = "ingest" });
            return answer.StatusCode;
        }));
        Assert.Equal((20, 4), (answers.Count(status => status == HttpStatusCode.Created), answers.Count(status => status == HttpStatusCode.Conflict)));
        Assert.All(await app.Services.GetRequiredService<ApiKeys>().ReadAsync(anna.BioPageId, Cancelled), key => Assert.Equal("read", key.Scope));
    }

    [Theory, Engines]
    public async Task The_dashboard_shows_a_new_key_once(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (visit, anna) = await DashboardVisit.StartAsync(app);
        using var _ = visit;
        var foreign = (await app.AddKeyAsync(KeyScope.Read, (await app.AddCreatorAsync()).BioPageId)).Id;
        var form = DashboardVisit.FormField(await visit.ReadAsync("/dashboard/keys"));
        using (var refused = await visit.PostAsync("/dashboard/keys", ("form", form), ("name", " ")))
        {
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
            Assert.Contains("Not saved: name is required.", await refused.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
        }

        using var made = await visit.PostAsync("/dashboard/keys", ("form", form), ("name", "<b>Sheet</b>"));
        var key = Assert.Single(KeyPattern().Matches(await made.Content.ReadAsStringAsync(Cancelled))).Value;
        Assert.Equal((HttpStatusCode.OK, true), (made.StatusCode, made.Headers.CacheControl!.NoStore));
        Assert.Empty(made.Content.Headers.ContentEncoding);
        using (var used = await app.SendAsync(Overview, key))
        {
            Assert.Equal(HttpStatusCode.OK, used.StatusCode);
        }

        var page = await visit.ReadAsync("/dashboard/keys");
        Assert.DoesNotMatch(KeyPattern(), page);
        Assert.Contains("<bdi>&lt;b&gt;Sheet&lt;/b&gt;</bdi> <small>reads</small>", page, StringComparison.Ordinal);
        Assert.Contains("last used on", page, StringComparison.Ordinal);
        var id = (await app.Services.GetRequiredService<ApiKeys>().ReadAsync(anna.BioPageId, Cancelled)).Single().Id;
        foreach (var one in (Guid[])[foreign, id])
        {
            using var removed = await visit.PostAsync($"/dashboard/keys/{one}", ("form", form));
            Assert.Equal("/dashboard/keys", removed.Headers.Location?.ToString());
        }

        Assert.Contains("None yet.", await visit.ReadAsync("/dashboard/keys"), StringComparison.Ordinal);
        Assert.Equal([foreign], (await app.Services.GetRequiredService<ApiKeys>().ReadAllAsync(Cancelled)).Select(left => left.Id));
        using var without = await visit.PostAsync("/dashboard/keys", ("name", "Sheet"));
        Assert.Equal(HttpStatusCode.BadRequest, without.StatusCode);
    }

    [Theory, Engines]
    public async Task The_operator_makes_lists_and_removes_keys(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        await using var app = await TestApp.StartAsync(databases);
        using var cli = Cli.For(databases);
        await cli.SucceedAsync(["creator", "add", "--handle", "anna"]);
        var (code, text, note) = await cli.RunAsync(["key", "add", "--name", "Sheet", "--handle", "@Anna"]);
        Assert.Equal(0, code);
        var key = text.TrimEnd('\n');
        Assert.Matches($"^{KeyPattern()}$", key);
        Assert.DoesNotContain(key, note, StringComparison.Ordinal);
        using (var used = await app.SendAsync(Overview, key))
        {
            Assert.Equal(HttpStatusCode.OK, used.StatusCode);
        }

        await cli.SucceedAsync(["key", "add", "--name", "Server", "--scope", "ingest", "--all-pages"]);
        var lines = (await cli.SucceedAsync(["key", "list"])).TrimEnd('\n').Split('\n');
        Assert.Matches("^[0-9a-f-]{36}  read    @anna  used 2026-04-15 12:00 UTC  made .* UTC  Sheet$", lines[0]);
        Assert.Matches("^[0-9a-f-]{36}  ingest  all pages  never used  made .* UTC  Server$", lines[1]);
        Assert.Equal("The key is removed.\n", await cli.SucceedAsync(["key", "remove", "--id", lines[0].Split(' ')[0]]));
        using (var refused = await app.SendAsync(Overview, key))
        {
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        }

        foreach (var (arguments, why) in ((string[], string)[])
        [
            (["remove", "--id", lines[0].Split(' ')[0]], "There is no API key"),
            (["add", "--name", "x"], "Give one of --page, --handle and --all-pages."),
            (["add", "--name", "x", "--handle", "anna", "--all-pages"], "Give one of --page, --handle and --all-pages."),
            (["add", "--name", "x", "--page", Guid.NewGuid().ToString()], "--page: there is no page"),
            (["add", "--name", "x", "--handle", "nobody"], "--handle: there is no page nobody"),
            (["add", "--name", " ", "--all-pages"], "--name: give 1 to 100 characters"),
            (["add", "--name", "x", "--all-pages", "--scope", "write"], "--scope: 'write' is not one of read, ingest."),
        ])
        {
            var (exitCode, output, error) = await cli.RunAsync(["key", .. arguments]);
            Assert.Equal((1, ""), (exitCode, output));
            Assert.StartsWith(why, error, StringComparison.Ordinal);
        }

        Assert.Single((await cli.SucceedAsync(["key", "list"])).TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public async Task No_log_line_has_a_key()
    {
        using var databases = await TestDatabases.CreateAsync(EngineKind.Sqlite);
        using var cli = Cli.For(databases);
        cli.Environment["Logging__LogLevel__Default"] = "Trace";
        cli.Environment["Logging__LogLevel__Microsoft.AspNetCore"] = "Trace";
        cli.Environment["Logging__LogLevel__Microsoft"] = "Trace";
        var key = (await cli.SucceedAsync(["key", "add", "--name", "Sheet", "--all-pages"])).TrimEnd('\n');
        var (process, http) = await cli.ServeAsync("serve");
        var output = process.StandardOutput.ReadToEndAsync(Cancelled);
        Assert.Equal(HttpStatusCode.BadRequest, await GetAsync("overview", key));
        Assert.Equal(HttpStatusCode.Unauthorized, await GetAsync("overview", key + "A"));
        Assert.Equal(HttpStatusCode.Forbidden, await GetAsync("shared-views", key));
        Assert.Equal(HttpStatusCode.Unauthorized, await GetAsync("overview?key=" + key, null));
        await using (var main = new Engine.Storage.MainDatabase(databases.Settings["ConnectionStrings:Main"]!))
        {
            await main.ExecuteAsync("""ALTER TABLE "ApiKey" RENAME TO "Away" """, Cancelled);
        }

        Assert.Equal(HttpStatusCode.InternalServerError, await GetAsync("overview?key=" + key, key));
        await Cli.TerminateAsync(process);
        var lines = await output;
        Assert.Contains("no such table: ApiKey", lines, StringComparison.Ordinal);
        Assert.DoesNotContain("bio_", lines, StringComparison.Ordinal);

        async Task<HttpStatusCode> GetAsync(string report, string? bearer)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/creators/analytics/" + report);
            request.Headers.Authorization = bearer is null ? null : new("Bearer", bearer);
            using var answer = await http.SendAsync(request, Cancelled);
            return answer.StatusCode;
        }
    }

    [Fact]
    public async Task Databases_of_another_service_have_no_keys()
    {
        using var databases = await TestDatabases.CreateAsync(EngineKind.Sqlite);
        string key;
        await using (var own = await TestApp.StartAsync(databases))
        {
            key = (await own.AddKeyAsync(KeyScope.Read, (await own.AddCreatorAsync()).BioPageId)).Text;
        }

        await using var app = await TestApp.StartAsync(databases, ("Storage:Ownership", "shared"));
        using var refused = await app.SendAsync(Overview, key);
        await refused.AssertErrorAsync(HttpStatusCode.Unauthorized, "AUTH_UNAUTHORIZED", "error.auth.unauthorized");
        Assert.DoesNotContain("bio_…", await app.Http.GetStringAsync("/openapi.json", Cancelled), StringComparison.Ordinal);
    }

    private static async Task<JsonNode> AddAsync(TestApp app, Creator creator, string name)
    {
        using var answer = await app.SendAsync("POST " + Keys, app.Token(creator), new { name });
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<JsonNode>(Cancelled))!["data"]!;
    }

    private static async Task<string> ListAsync(TestApp app, Creator creator)
    {
        using var answer = await app.SendAsync("GET " + Keys, app.Token(creator));
        return (await answer.DataAsync()).GetRawText();
    }

    private static async Task<Guid[]> PagesAsync(TestApp app, string key)
    {
        using var answer = await app.SendAsync("GET /api/v1/creators/pages", key);
        var pages = (await answer.DataAsync()).GetProperty("pages");
        Assert.All(pages.EnumerateArray(), page => Assert.Equal("viewer", page.GetProperty("role").GetString()));
        return [.. pages.EnumerateArray().Select(page => page.GetProperty("id").GetGuid())];
    }

    [GeneratedRegex("bio_[A-Za-z0-9_-]{36}")]
    private static partial Regex KeyPattern();
}
