using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Bioscope.Core;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Sealing;
using Bioscope.Server.Web;

namespace Bioscope.Server.Tests;

/// <summary>The list of all pages that somebody may see: its figures are those of each page's queries, by one statement for each page.</summary>
public sealed class PageListTests
{
    private const string Path = "/api/v1/creators/pages";

    private static readonly string[] Ranges = ["today", "7d", "30d", "90d", "365d", "week", "month", "year"];

    private static string Spam => ReferrerSpam.All.Order(StringComparer.Ordinal).First();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory, Engines]
    public async Task Figures_equal_a_recount_in_every_zone_and_state(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, ("Throttle:Enabled", "false"));
        var agency = await app.AddCreatorAsync();
        var random = new Random(9);
        // Nothing sealed; sealed up to yesterday, an hour ago, now; with a half hour in the zone; with spam; with a rule that hides.
        string?[] zones = [null, "Europe/Berlin", "Pacific/Kiritimati", "America/St_Johns", "Asia/Kathmandu", null, "America/New_York"];
        List<Creator> pages = [];
        for (var i = 0; i < zones.Length; i++)
        {
            var page = await app.AddCreatorAsync();
            pages.Add(page);
            await AddMemberAsync(app, page, agency, "viewer");
            await AddRowsAsync(app, page, random, spam: i is 1 or 5);
            await app.Main.ExecuteAsync(
                """UPDATE "BioPage" SET "timeZone" = @zone, "sourceRules" = @rules WHERE "id" = @page""", Cancelled, ("@zone", zones[i]),
                ("@rules", i == 6 ? """{"rules":[{"match":["is","referrerDomain",["a.example"]],"hide":true}]}""" : null), ("@page", page.BioPageId));
            if (i > 0)
            {
                await new Sealer(app.Analytics) { HoldsFence = false }.SealAsync(
                    page.BioPageId, Grain.Hour.Floor(TestApp.Start.AddHours(i == 1 ? -30 : -1)), Cancelled);
            }
        }

        foreach (var range in Ranges)
        {
            var listed = (await ReadAsync(app, agency, $"?range={range}"))["pages"]!.AsArray();
            foreach (var page in pages)
            {
                var found = listed.Single(row => (string)row!["id"]! == page.BioPageId.ToString())!;
                Assert.Equal((range, pages.IndexOf(page), await CountAsync(app, agency, page, range)), (range, pages.IndexOf(page), Figures(found)));
            }
        }

        Assert.Equal("0", await app.MetricAsync("bioscope_rollups_damaged_pages_total") ?? "0");
    }

    [Theory, Engines]
    public async Task Spam_that_is_added_to_what_was_sealed_is_hidden(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, ("Throttle:Enabled", "false"));
        var (agency, page) = (await app.AddCreatorAsync(), await app.AddCreatorAsync());
        await AddMemberAsync(app, page, agency, "viewer");
        await AddRowsAsync(app, page, new Random(3), spam: false);
        // Spam within what rollups count, and before it: its views are of today.
        foreach (var age in new[] { 40, 900 })
        {
            await new Sealer(app.Analytics) { HoldsFence = false }.SealAsync(page.BioPageId, Grain.Hour.Floor(TestApp.Start), Cancelled);
            var before = await ListedAsync();
            Assert.Equal(before, await ListedAsync());
            var session = new SessionRow
            {
                BioPageId = page.BioPageId,
                Id = Guid.NewGuid(),
                VisitorId = "spam",
                ReferrerDomain = Spam,
                StartedAt = TestApp.Start.AddDays(-age),
            };
            var view = new PageViewRow { BioPageId = page.BioPageId, Id = Guid.NewGuid(), SessionId = session.Id, EnteredAt = TestApp.Start.AddMinutes(-90) };
            await app.Analytics.TransactAsync(
                "spam of the past",
                async transaction =>
                {
                    var dialect = app.Analytics.Dialect;
                    await BackfillGuard.WriteAsync(
                        dialect, transaction, [(page.BioPageId, session.StartedAt)],
                        async () => await dialect.InsertAsync(transaction, SessionRow.Table, [session], Cancelled)
                            + await dialect.InsertAsync(transaction, PageViewRow.Table, [view], Cancelled),
                        Cancelled);
                    return 0;
                },
                Cancelled);
            Assert.Equal(before, await ListedAsync());
            Assert.Equal(before, await CountAsync(app, agency, page, "30d"));
        }

        async Task<string> ListedAsync() => Figures((await ReadAsync(app, agency, "?range=30d"))["pages"]!.AsArray().Single(row => (string)row!["id"]! == page.BioPageId.ToString())!);
    }

    [Theory, Engines]
    public async Task It_is_searched_sorted_and_cut(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var agency = await app.AddCreatorAsync();
        foreach (var (title, visits, role) in ((string, int, string)[])[("Anna", 2, "editor"), ("ben", 5, "viewer"), ("Hanna", 3, "viewer")])
        {
            var page = await app.AddCreatorAsync();
            await app.Main.ExecuteAsync("""UPDATE "BioPage" SET "title" = @title WHERE "id" = @page""", Cancelled, ("@title", title), ("@page", page.BioPageId));
            await AddMemberAsync(app, page, agency, role);
            await app.AddSessionsAsync(page, "instagram.com", visits);
        }

        await app.AddCreatorAsync(); // nobody showed it to them
        await app.Main.ExecuteAsync("""UPDATE "BioPage" SET "title" = 'Agency' WHERE "id" = @page""", Cancelled, ("@page", agency.BioPageId));

        Assert.Equal("ben 5 viewer, Hanna 3 viewer, Anna 2 editor, Agency 0 owner", await NamesAsync(""));
        Assert.Equal("Agency 0 owner, Anna 2 editor, ben 5 viewer, Hanna 3 viewer", await NamesAsync("?sort=name"));
        Assert.Equal("Hanna 3 viewer, Anna 2 editor", await NamesAsync("?search=ANNA"));
        Assert.Equal("Hanna 3 viewer, Anna 2 editor", await NamesAsync("?limit=2&offset=1"));
        var part = await ReadAsync(app, agency, "?limit=1");
        Assert.Equal((4, 10), ((int)part["pageCount"]!, (int)part["totals"]!["visits"]!));
        using var refused = await app.GetAsync(Path + "?range=lastMonth&sort=size&limit=0&offset=-1", app.Token(agency));
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);

        async Task<string> NamesAsync(string query) => string.Join(
            ", ", (await ReadAsync(app, agency, query))["pages"]!.AsArray().Select(page => $"{page!["title"]} {page["visits"]} {page["role"]}"));
    }

    /// <summary>BIOSCOPE_PAGES=1000 measures it with as many pages, of which each has 200 visits and 300 page views in 90 days, all sealed.</summary>
    [Theory, Engines]
    public async Task Each_page_costs_one_statement(EngineKind engine)
    {
        var count = int.Parse(Environment.GetEnvironmentVariable("BIOSCOPE_PAGES") ?? "20", CultureInfo.InvariantCulture);
        await using var app = await TestApp.StartAsync(engine, ("Throttle:Enabled", "false"));
        var agency = await app.AddCreatorAsync();
        var random = new Random(9);
        for (var i = 0; i < count; i++)
        {
            var page = await app.AddCreatorAsync();
            await AddMemberAsync(app, page, agency, "viewer");
            await AddRowsAsync(app, page, random, spam: false);
            await new Sealer(app.Analytics) { HoldsFence = false }.SealAsync(page.BioPageId, Grain.Hour.Floor(TestApp.Start), Cancelled);
        }

        var before = await StatementsAsync();
        var times = new List<string>();
        for (var i = 0; i < 12; i++)
        {
            var watch = Stopwatch.StartNew();
            Assert.Equal(count + 1, (int)(await ReadAsync(app, agency, "?range=30d&sort=clicks"))["pageCount"]!);
            times.Add(watch.Elapsed.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture));
        }

        TestContext.Current.SendDiagnosticMessage($"{engine}: {count} pages in {string.Join(", ", times)} ms");
        Assert.Equal(12 * (count + 1), await StatementsAsync() - before);

        async Task<long> StatementsAsync() => (await app.MetricsAsync())
            .Where(metric => metric.Key.Contains("database=\"analytics\"", StringComparison.Ordinal) && metric.Key.Contains("_count", StringComparison.Ordinal)
                && (metric.Key.Contains("page totals", StringComparison.Ordinal) || metric.Key.Contains("rollup page", StringComparison.Ordinal)))
            .Sum(metric => long.Parse(metric.Value, CultureInfo.InvariantCulture));
    }

    private static async Task AddRowsAsync(TestApp app, Creator page, Random random, bool spam)
    {
        // Some of tomorrow, which a wrong clock writes.
        DateTimeOffset At() => TestApp.Start.AddMilliseconds(random.NextInt64(-(long)TimeSpan.FromDays(90).TotalMilliseconds, (long)TimeSpan.FromDays(2).TotalMilliseconds));
        string?[] domains = ["a.example", "instagram.com", null, spam ? Spam : "b.example"];
        await app.Analytics.InsertAsync(
            SessionRow.Table,
            [.. Enumerable.Range(0, 200).Select(i => new SessionRow { BioPageId = page.BioPageId, Id = Guid.NewGuid(), VisitorId = $"v{i % 50}", ReferrerDomain = domains[i % 4], StartedAt = At() })],
            Cancelled);
        var sessions = await app.Analytics.QueryAsync(
            """SELECT "id" FROM "AnalyticsSession" WHERE "bioPageId" = @page""", row => app.Analytics.Dialect.ReadGuid(row, 0), Cancelled, ("@page", page.BioPageId));
        await app.Analytics.InsertAsync(
            PageViewRow.Table,
            [.. Enumerable.Range(0, 300).Select(i => new PageViewRow { BioPageId = page.BioPageId, Id = Guid.NewGuid(), SessionId = sessions[i % sessions.Count], EnteredAt = At(), LinkClicked = i % 3 == 0 ? Guid.NewGuid() : null })],
            Cancelled);
    }

    private static Task<int> AddMemberAsync(TestApp app, Creator page, Creator member, string role) => app.Main.ExecuteAsync(
        """INSERT INTO "PageMember" ("bioPageId", "userId", "role", "createdAt") VALUES (@page, @user, @role, @now)""", Cancelled,
        ("@page", page.BioPageId), ("@user", member.UserId), ("@role", role), ("@now", TestApp.Start));

    private static async Task<JsonNode> ReadAsync(TestApp app, Creator who, string query)
    {
        using var answer = await app.GetAsync(Path + query, app.Token(who));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<JsonNode>(Cancelled))!["data"]!;
    }

    private static string Figures(JsonNode page) => $"{page["visits"]} {page["views"]} {page["clicks"]}";

    private static async Task<string> CountAsync(TestApp app, Creator who, Creator page, string range)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/creators/analytics/query")
        {
            Content = JsonContent.Create(new { range, metrics = (string[])["visits", "views", "clicks"] }),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", app.Token(who));
        request.Headers.Add(CallerPage.Header, page.BioPageId.ToString());
        using var answer = await app.Http.SendAsync(request, Cancelled);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return string.Join(' ', (await answer.Content.ReadFromJsonAsync<JsonNode>(Cancelled))!["data"]!["totals"]!.AsArray().Select(total => total!.ToString()));
    }
}
