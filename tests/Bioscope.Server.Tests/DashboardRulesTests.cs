using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Bioscope.Core;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Rows;

namespace Bioscope.Server.Tests;

/// <summary><c>/dashboard/rules</c>: renaming, joining and hiding sources without JavaScript, over visits that a person can count.</summary>
public sealed class DashboardRulesTests
{
    private const string Path = "/dashboard/rules";
    private const string TikTok = Path + "/source?name=TikTok";

    [Theory, Engines]
    public async Task A_source_is_renamed_after_a_preview_that_stores_nothing(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (visit, anna) = await StartAsync(app);
        using var browser = visit;
        var dashboard = await visit.ReadAsync("/dashboard?range=7d");
        Assert.Contains($"href=\"{TikTok}\"", dashboard, StringComparison.Ordinal);
        Assert.DoesNotContain("name=Direct", dashboard, StringComparison.Ordinal);
        Assert.Contains($"href=\"{TikTok}\"", await visit.ReadAsync("/dashboard/rows/source?range=7d"), StringComparison.Ordinal);

        var page = await visit.ReadAsync(TikTok);
        Assert.Equal(
            ["UTM source tt 1 visit", "Click id ttclid 1 visit", "Referrer domain tiktok.com 2 visits m.tiktok.com 1 visit", "In-app browser TikTok 1 visit"],
            Facts(page));
        string[] facts = ["utmSource:tt", "referrerDomain:tiktok.com"];
        var preview = await PreviewAsync(visit, page, facts, ("name", " My ads "), ("act", "rename"));

        // The domain is also that of a visit which a tag named.
        Assert.Contains("<h1>This changes 4 visits since 1 Mar</h1>", preview, StringComparison.Ordinal);
        Assert.Equal("TikTok 3 → becomes My ads zine 1 → becomes My ads", DashboardVisit.TextOf(preview, "changes\""));
        Assert.Contains("were named by another one", preview, StringComparison.Ordinal);
        Assert.Null(await StoredAsync(app, anna));

        using var done = await PostAsync(visit, "", preview, facts, ("name", " My ads "), ("act", "rename"));
        Assert.Equal((HttpStatusCode.SeeOther, Path + "?done=change"), (done.StatusCode, done.Headers.Location?.ToString()));
        var list = await visit.ReadAsync(Path + "?done=change");
        Assert.Equal("Done. 4 visits changed. Undo", DashboardVisit.TextOf(list, "class=\"done\""));
        Assert.Equal(
            "Visits whose UTM source is tt are called My ads . 1 visit in the last 30 days Remove rule 1",
            DashboardVisit.TextOf(list, "data-rule=\"0\""));
        Assert.Equal(
            "Visits whose referrer domain is tiktok.com are called My ads . 2 visits in the last 30 days Remove rule 2",
            DashboardVisit.TextOf(list, "data-rule=\"1\""));
        Assert.Equal(["Direct / None 2", "Instagram 2", "My ads 4", "TikTok 3"], await SourcesAsync(app, anna));
        // What is renamed can be renamed again, by the same facts and without old rules that do nothing.
        page = await visit.ReadAsync(Path + "/source?name=My%20ads");
        using var again = await PostAsync(visit, "", page, facts, ("name", "instagram"), ("channel", "Email"), ("act", "rename"));
        Assert.Equal(HttpStatusCode.SeeOther, again.StatusCode);
        Assert.Equal(
            """{"rules":[{"match":["is","utmSource",["tt"]],"name":"Instagram","channel":"Email"},{"match":["is","referrerDomain",["tiktok.com"]],"name":"Instagram","channel":"Email"}]}""",
            await StoredAsync(app, anna));
        Assert.Equal(["Direct / None 2", "Instagram 6", "TikTok 3"], await SourcesAsync(app, anna));
    }

    [Theory, Engines]
    public async Task Hidden_visits_leave_the_figures_but_not_the_reports_and_come_back(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (visit, anna) = await StartAsync(app);
        using var browser = visit;
        var before = await SourcesAsync(app, anna);
        var traffic = await app.TrafficAsync(anna);
        string[] facts = ["referrerDomain:tiktok.com", "referrerDomain:m.tiktok.com"];
        var preview = await PreviewAsync(visit, await visit.ReadAsync(TikTok), facts, ("act", "hide"));
        Assert.Contains("<h1>This changes 4 visits since 1 Mar</h1>", preview, StringComparison.Ordinal);
        Assert.Equal("TikTok 3 → becomes hidden zine 1 → becomes hidden", DashboardVisit.TextOf(preview, "changes\""));

        using var hidden = await PostAsync(visit, "", preview, facts, ("act", "hide"));

        string[] shown = ["Direct / None 2", "Instagram 2", "TikTok 3"];
        Assert.Equal(shown, await SourcesAsync(app, anna));
        Assert.Equal(traffic, await app.TrafficAsync(anna));
        foreach (var (address, line) in new[]
        {
            ("range=all", "4 visits are hidden by your rules."), ("range=7d", "3 visits are hidden by your rules."),
            ("range=7d&filter=is:referrerDomain:m.tiktok.com", "1 visit is hidden by your rules."),
        })
        {
            Assert.Equal(line, DashboardVisit.TextOf(await visit.ReadAsync("/dashboard?" + address), "data-hidden"));
        }

        Assert.DoesNotContain("data-hidden", await visit.ReadAsync("/dashboard?range=7d&filter=is:source:Instagram"), StringComparison.Ordinal);

        // Undo, redo, undo: each says what it changed, the visits that come back too.
        var list = await visit.ReadAsync(Path + "?done=change");
        foreach (var expected in (string[][])[before, shown, before])
        {
            using var undone = await PostAsync(visit, "/undo", list, []);
            Assert.Equal((HttpStatusCode.SeeOther, Path + "?done=undo"), (undone.StatusCode, undone.Headers.Location?.ToString()));
            list = await visit.ReadAsync(Path + "?done=undo");
            Assert.Equal("Undone. 4 visits changed. Redo", DashboardVisit.TextOf(list, "class=\"done\""));
            Assert.Equal(expected, await SourcesAsync(app, anna));
        }

        Assert.Contains("No rules yet.", list, StringComparison.Ordinal);
        Assert.DoesNotContain("data-hidden", await visit.ReadAsync("/dashboard?range=all"), StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task A_rule_is_removed_and_hidden_visits_get_a_name(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (visit, anna) = await StartAsync(app);
        using var browser = visit;
        await PutAsync(app, anna, """
            {"rules":[{"match":["contains","referrer",["/Spring"]],"name":"Spring"},{"match":["is","referrerDomain",["tiktok.com"]],"hide":true},
             {"match":["is","app",["TikTok"]],"name":"TikTok","channel":"Email"}]}
            """);
        var list = await visit.ReadAsync(Path);
        Assert.DoesNotContain("class=\"done\"", list, StringComparison.Ordinal);
        Assert.Equal(
            "Visits whose referring page contains /Spring are called Spring . 1 visit in the last 30 days Remove rule 1",
            DashboardVisit.TextOf(list, "data-rule=\"0\""));
        Assert.Equal(
            "Visits whose referrer domain is tiktok.com are hidden. 2 visits in the last 30 days Remove rule 2",
            DashboardVisit.TextOf(list, "data-rule=\"1\""));
        Assert.Equal(
            "Visits whose in-app browser is TikTok are called TikTok in the channel Email. 1 visit in the last 30 days Remove rule 3",
            DashboardVisit.TextOf(list, "data-rule=\"2\""));

        // A front rule on a fact of hidden visits shows those again; equal names with another channel change too.
        var preview = await PreviewAsync(
            visit, await visit.ReadAsync(TikTok), ["referrerDomain:tiktok.com", "app:TikTok"], ("name", "TikTok"), ("act", "rename"));
        Assert.Contains("<h1>This changes 4 visits since 1 Mar</h1>", preview, StringComparison.Ordinal);
        Assert.Equal(
            "hidden 3 → becomes TikTok TikTok (Email) 1 → becomes TikTok (Organic Social)",
            DashboardVisit.TextOf(preview, "changes\""));

        using var removed = await visit.PostAsync(Path + "/remove", [.. Guards(list), ("rule", "1")]);
        Assert.Equal(HttpStatusCode.SeeOther, removed.StatusCode);
        Assert.Equal("Done. 3 visits changed. Undo", DashboardVisit.TextOf(await visit.ReadAsync(Path + "?done=change"), "class=\"done\""));
        Assert.Equal(["Direct / None 2", "Instagram 1", "Spring 1", "TikTok 6", "zine 1"], await SourcesAsync(app, anna));
    }

    [Theory, Engines]
    public async Task Known_spam_is_said_to_be_hidden_and_can_be_shown(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (visit, anna) = await StartAsync(app);
        using var browser = visit;
        await app.Analytics.InsertAsync(
            SessionRow.Table, [Session(app, anna, "0n-line.tv", "")], TestContext.Current.CancellationToken);
        Assert.Equal("1 visit is hidden as known referrer spam.", await HiddenAsync());
        await PutAsync(app, anna, """{"rules":[{"match":["is","referrerDomain",["m.tiktok.com"]],"hide":true}]}""");
        Assert.Equal("2 visits are hidden by your rules or as known referrer spam.", await HiddenAsync());

        var list = await visit.ReadAsync(Path);
        using var shown = await visit.PostAsync(Path + "/spam", [.. Guards(list), ("hide", "0")]);

        Assert.Equal((HttpStatusCode.SeeOther, Path), (shown.StatusCode, shown.Headers.Location?.ToString()));
        Assert.Equal("1 visit is hidden by your rules.", await HiddenAsync());
        Assert.Contains("0n-line.tv 1", await SourcesAsync(app, anna));
        list = await visit.ReadAsync(Path);
        Assert.Contains("are shown where no rule matches them.", list, StringComparison.Ordinal);
        using var hidden = await visit.PostAsync(Path + "/spam", [.. Guards(list), ("hide", "1")]);
        Assert.DoesNotContain("0n-line.tv 1", await SourcesAsync(app, anna));
        // A rule on it, even one that only names it, shows it.
        var preview = await PreviewAsync(
            visit, await visit.ReadAsync(TikTok), ["referrerDomain:0n-line.tv"], ("name", "Telly"), ("act", "rename"));
        Assert.Equal("hidden 1 → becomes Telly", DashboardVisit.TextOf(preview, "changes\""));

        async Task<string> HiddenAsync() => DashboardVisit.TextOf(await visit.ReadAsync("/dashboard?range=7d"), "data-hidden");
    }

    [Theory, Engines]
    public async Task A_form_shown_with_other_rules_changes_nothing(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (visit, anna) = await StartAsync(app);
        using var browser = visit;
        var page = await visit.ReadAsync(TikTok);
        string[] facts = ["utmSource:tt"];
        using var first = await PostAsync(visit, "", page, facts, ("name", "First"), ("act", "rename"));
        var list = await visit.ReadAsync(Path);
        var stored = await StoredAsync(app, anna);

        using var second = await PostAsync(visit, "", page, facts, ("name", "Second"), ("act", "rename"));
        var answer = await AssertRefusedAsync(second, HttpStatusCode.Conflict, "Not saved: your rules have changed in the meantime, so look again.");
        Assert.Equal("First 1 → becomes Second", DashboardVisit.TextOf(answer, "changes\""));
        using var preview = await PostAsync(visit, "/preview", page, facts, ("name", "Second"), ("act", "rename"));
        await AssertRefusedAsync(preview, HttpStatusCode.Conflict, "Not saved: your rules have changed");
        Assert.Equal(stored, await StoredAsync(app, anna));

        await PutAsync(app, anna, """{"rules":[]}""");
        using var removed = await visit.PostAsync(Path + "/remove", [.. Guards(list), ("rule", "0")]);
        await AssertRefusedAsync(removed, HttpStatusCode.Conflict, "Not saved: your rules have changed");
        using var undone = await PostAsync(visit, "/undo", list, []);
        await AssertRefusedAsync(undone, HttpStatusCode.Conflict, "Not saved: your rules have changed");
        Assert.Null(await StoredAsync(app, anna));
        // The form that was refused has the rules of now, and can be sent again.
        using var third = await PostAsync(visit, "", await visit.ReadAsync(TikTok), facts, ("name", "Second"), ("act", "rename"));
        Assert.Equal(HttpStatusCode.SeeOther, third.StatusCode);
    }

    [Theory, Engines]
    public async Task Of_several_equal_forms_at_once_one_is_done(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (visit, anna) = await StartAsync(app);
        using var browser = visit;
        var page = await visit.ReadAsync(TikTok);

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(
            i => PostAsync(visit, "", page, ["utmSource:tt"], ("name", $"Name {i}"), ("act", "rename"))));

        Assert.Equal(1, answers.Count(answer => answer.StatusCode == HttpStatusCode.SeeOther));
        Assert.Equal(5, answers.Count(answer => answer.StatusCode == HttpStatusCode.Conflict));
        // An undo leads to the rules before the one that was done, a redo back to it; then the only rule is removed.
        using var undone = await PostAsync(visit, "/undo", await visit.ReadAsync(Path + "?done=change"), []);
        Assert.Null(await StoredAsync(app, anna));
        using var redone = await PostAsync(visit, "/undo", await visit.ReadAsync(Path + "?done=undo"), []);
        Assert.NotNull(await StoredAsync(app, anna));
        using var removed = await visit.PostAsync(Path + "/remove", [.. Guards(await visit.ReadAsync(Path)), ("rule", "0")]);
        Assert.Null(await StoredAsync(app, anna));
        Array.ForEach(answers, answer => answer.Dispose());
    }

    [Fact]
    public async Task Incomplete_and_forged_forms_change_nothing_and_say_why()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var (visit, anna) = await StartAsync(app);
        using var browser = visit;
        var page = await visit.ReadAsync(TikTok);
        string[] facts = ["utmSource:tt", "app:TikTok"];

        foreach (var path in (string[])["/preview", ""])
        {
            await RefusedAsync([], "tick at least one of the facts.", ("name", "x"), ("act", "rename"));
            await RefusedAsync(facts, "name must be one line of 1 to 100 characters.", ("name", " "), ("act", "rename"));
            await RefusedAsync(facts, "name must be one line of 1 to 100 characters.", ("name", new string('x', 101)), ("act", "rename"));
            await RefusedAsync(facts, "channel has no channel", ("name", "x"), ("channel", "Letters"), ("act", "rename"));
            await RefusedAsync(["country:DE"], "match has no stored fact", ("name", "x"), ("act", "rename"));
            await RefusedAsync(["nonsense"], "match has no dimension", ("name", "x"), ("act", "rename"));

            async Task RefusedAsync(string[] ticked, string problem, params (string, string)[] fields)
            {
                using var answer = await PostAsync(visit, path, page, ticked, fields);
                await AssertRefusedAsync(answer, HttpStatusCode.BadRequest, "Not saved: " + problem);
            }
        }

        var version = Guards(page)[1];
        foreach (var path in (string[])["", "/preview", "/remove", "/undo", "/spam"])
        {
            using var forged = await visit.PostAsync(Path + path, version, ("fact", "utmSource:tt"), ("act", "hide"), ("rule", "0"));
            await AssertRefusedAsync(forged, HttpStatusCode.BadRequest, "Not saved: this form was open for too long");
        }

        await PutAsync(app, anna, new JsonObject
        {
            ["rules"] = new JsonArray([.. Enumerable.Range(0, 199).Select(i => JsonNode.Parse($$"""{"match":["is","utmTerm",["{{i}}"]],"hide":true}"""))]),
        }.ToJsonString());
        using var tooMany = await PostAsync(visit, "", await visit.ReadAsync(TikTok), facts, ("act", "hide"));
        await AssertRefusedAsync(
            tooMany, HttpStatusCode.BadRequest, "Not saved: you have 199 rules, and there can be at most 200. Remove some first.");
        // Back keeps what was entered.
        using var back = await PostAsync(visit, "/preview", await visit.ReadAsync(TikTok), facts[..1], ("name", "Mine"), ("back", "1"));
        page = await back.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains("name=\"name\" value=\"Mine\"", page, StringComparison.Ordinal);
        Assert.Equal(1, page.Split(" checked>").Length - 1);
    }

    [Fact]
    public async Task A_rule_is_of_the_creators_own_page()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var (visit, _) = await StartAsync(app);
        using var browser = visit;
        var (other, ben) = await DashboardVisit.StartAsync(app, "ben@example.com");
        using var others = other;
        await FillAsync(app, ben);
        var before = await SourcesAsync(app, ben);

        using var hidden = await PostAsync(visit, "", await visit.ReadAsync(TikTok), ["referrerDomain:tiktok.com"], ("act", "hide"));

        Assert.Equal(HttpStatusCode.SeeOther, hidden.StatusCode);
        Assert.Equal(before, await SourcesAsync(app, ben));
        Assert.Contains("No rules yet.", await other.ReadAsync(Path), StringComparison.Ordinal);
        using var stranger = new DashboardVisit(app);
        foreach (var path in (string[])[Path, TikTok])
        {
            using var answer = await stranger.GetAsync(path);
            Assert.Equal("/dashboard/sign-in", answer.Headers.Location?.ToString());
        }
    }

    [Fact]
    public async Task What_no_rule_can_name_is_said()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var (visit, anna) = await StartAsync(app);
        using var browser = visit;

        Assert.Contains("No visit so far has this source.", await visit.ReadAsync(Path + "/source?name=%3Cb%3E"), StringComparison.Ordinal);
        Assert.Contains(
            "2 visits of this source, and no fact is stored with them that a rule can name.",
            await visit.ReadAsync(Path + "/source?name=Direct%20%2F%20None"), StringComparison.Ordinal);
        // By the package that the app sent, which is no dimension.
        await app.Analytics.InsertAsync(
            SessionRow.Table, [Session(app, anna, null, "") with { RequestedWith = "com.zhiliaoapp.musically" }],
            TestContext.Current.CancellationToken);
        Assert.Contains("1 visit has no fact that a rule can name.", await visit.ReadAsync(TikTok), StringComparison.Ordinal);
        // A hundred facts are listed.
        await app.Analytics.InsertAsync(
            SessionRow.Table, [.. Enumerable.Range(0, 130).Select(i => Session(app, anna, $"m{i}.tiktok.com", ""))],
            TestContext.Current.CancellationToken);
        var page = await visit.ReadAsync(TikTok);
        Assert.Equal(100, page.Split("name=\"fact\"").Length - 1);
        Assert.Contains("35 more facts with 35 visits are not listed and stay as they are.", page, StringComparison.Ordinal);
    }

    private static async Task<(DashboardVisit Visit, Creator Creator)> StartAsync(TestApp app)
    {
        var (visit, creator) = await DashboardVisit.StartAsync(app);
        await FillAsync(app, creator);
        return (visit, creator);
    }

    /// <summary>Six visits of TikTok, one of a tag from there, two of Instagram, two direct ones.</summary>
    private static Task<int> FillAsync(TestApp app, Creator creator) => app.Analytics.InsertAsync(
        SessionRow.Table,
        [
            Session(app, creator, "tiktok.com", ""), Session(app, creator, "m.tiktok.com", ""), Session(app, creator, null, "?utm_source=tt"),
            Session(app, creator, "tiktok.com", "") with { StartedAt = new(2026, 3, 1, 9, 0, 0, TimeSpan.Zero) },
            Session(app, creator, null, "?ttclid=1"), Session(app, creator, null, "") with { InAppBrowser = "TikTok" },
            Session(app, creator, "tiktok.com", "?utm_source=zine"), Session(app, creator, "instagram.com", ""),
            Session(app, creator, "instagram.com", "") with { Referrer = "https://instagram.com/Spring" },
            Session(app, creator, null, ""), Session(app, creator, null, ""),
        ],
        TestContext.Current.CancellationToken);

    private static SessionRow Session(TestApp app, Creator creator, string? domain, string query) => new()
    {
        BioPageId = creator.BioPageId,
        Id = Guid.NewGuid(),
        VisitorId = Guid.NewGuid().ToString("N"),
        ReferrerDomain = domain,
        Referrer = domain is null ? null : $"https://{domain}/",
        Attribution = Attribution.Of(query),
        StartedAt = app.Clock.GetUtcNow().AddHours(-1),
    };

    /// <summary>The hidden fields that each form of a page has.</summary>
    private static (string Name, string Value)[] Guards(string page) =>
        [("form", DashboardVisit.FormField(page)), ("rules", page.Split("name=\"rules\" value=\"")[1].Split('"')[0])];

    private static Task<HttpResponseMessage> PostAsync(
        DashboardVisit visit, string path, string page, string[] facts, params (string, string)[] fields) => visit.PostAsync(
            Path + path, [.. Guards(page), ("source", "TikTok"), .. facts.Select(fact => ("fact", fact)), .. fields]);

    private static async Task<string> PreviewAsync(DashboardVisit visit, string page, string[] facts, params (string, string)[] fields)
    {
        using var answer = await PostAsync(visit, "/preview", page, facts, fields);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    private static async Task<string> AssertRefusedAsync(HttpResponseMessage answer, HttpStatusCode status, string problem)
    {
        Assert.Equal(status, answer.StatusCode);
        var page = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains(problem, WebUtility.HtmlDecode(page), StringComparison.Ordinal);
        return page;
    }

    private static IEnumerable<string> Facts(string page) =>
        page.Split("<fieldset class=\"facts\"").Skip(1).Select(part => DashboardVisit.TextOf("<fieldset" + part, "<fieldset"));

    private static async Task<string?> StoredAsync(TestApp app, Creator creator) => (await app.Main.QueryAsync(
        """SELECT "sourceRules" FROM "BioPage" WHERE "id" = @page""", row => row.IsDBNull(0) ? null : row.GetString(0),
        TestContext.Current.CancellationToken, ("@page", creator.BioPageId)))[0];

    private static async Task<string[]> SourcesAsync(TestApp app, Creator creator) =>
    [
        .. (await app.ReadAsync(creator, "/api/v1/creators/analytics/sources?range=all"))["sources"]!.AsArray()
            .Select(source => $"{source!["name"]} {source["visits"]}").Order(StringComparer.Ordinal),
    ];

    private static async Task PutAsync(TestApp app, Creator creator, string rules)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "/api/v1/creators/analytics/rules")
        {
            Headers = { Authorization = new("Bearer", app.Token(creator)) },
            Content = new StringContent(rules, Encoding.UTF8, "application/json"),
        };
        using var answer = await app.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }
}
