using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Retention;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Sealing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Bioscope.Server.Tests;

/// <summary>Visits older than <c>Retention:Months</c> go for good; what is left is counted as before, and nothing pretends to know more.</summary>
public sealed class RetentionTests
{
    // TestApp.Start is in April 2026: with 13 months, visits are kept since 1 March 2025.
    private static readonly DateTimeOffset Since = new(2025, 3, 1, 0, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory, Engines]
    public async Task Old_visits_go_and_everything_since_is_counted_as_before(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (anna, ben) = (await app.AddCreatorAsync(), await app.AddCreatorAsync());
        await FillAsync(app, anna);
        await FillAsync(app, ben);
        await FilledTables.SealAsync(app, anna);
        var kept = new { range = (string[])["2025-03-01", "2026-04-15"], metrics = (string[])["visits", "views", "clicks", "visitors"], dimensions = (string[])["day", "source"], limit = 1000 };
        var before = (await QueryAsync(app, anna, kept), await app.ReportAsync(anna, "overview"), await app.ReportAsync(anna, "traffic?days=365"));

        var service = ServiceOf(app, 13);
        Assert.Equal(0, await service.LookAsync(Cancelled)); // says so first
        Assert.Equal(Since, app.Services.GetRequiredService<KeptVisits>().Since);
        var removed = await service.LookAsync(Cancelled);

        // Of each page; sessions of the day before may go on.
        Assert.Equal(2 * (68 + 70), removed);
        Assert.Equal(before, (await QueryAsync(app, anna, kept), await app.ReportAsync(anna, "overview"), await app.ReportAsync(anna, "traffic?days=365")));
        foreach (var (table, time, grace) in ((string, string, TimeSpan)[])[("AnalyticsPageView", "enteredAt", TimeSpan.Zero), ("AnalyticsSession", "startedAt", SessionRow.Life)])
        {
            Assert.Equal(0, (await app.Analytics.QueryAsync(
                $"""SELECT COUNT(*) FROM "{table}" WHERE "{time}" < @since""", row => row.GetInt32(0), Cancelled, ("@since", Since - grace)))[0]);
        }

        Assert.Equal(0, await service.LookAsync(Cancelled));
        Assert.Equal(before.Item1, await QueryAsync(app, anna, kept));
        // What came afterwards, such as by an import, goes with the next day.
        await app.AddSessionsAsync(ben, "old.example", 3, Since.AddDays(-40));
        app.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(3, await service.LookAsync(Cancelled));
    }

    // Rows go 5,000 at a time.
    [Theory, Engines]
    public async Task More_old_visits_than_go_at_once_go_in_one_sweep(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var anna = await app.AddCreatorAsync();
        await app.AddSessionsAsync(anna, "old.example", 5_001, Since - SessionRow.Life - TimeSpan.FromMilliseconds(1));
        await app.AddPageViewsAsync(anna, 10_000, enteredAt: Since.AddMilliseconds(-1));
        await app.AddSessionsAsync(anna, "kept.example", 2, Since - SessionRow.Life);
        await app.AddPageViewsAsync(anna, 3, enteredAt: Since);
        await Fence.MoveAsync(app.Analytics, app.Clock.GetUtcNow().AddHours(-1), Cancelled);
        var service = ServiceOf(app, 13);
        await service.LookAsync(Cancelled); // says so first

        Assert.Equal(15_001, await service.LookAsync(Cancelled));
        Assert.Equal(2, (await app.RowsAsync("AnalyticsSession", anna.BioPageId, "id")).Count);
        Assert.Equal(3, (await app.RowsAsync("AnalyticsPageView", anna.BioPageId, "id")).Count);
    }

    [Theory, Engines]
    public async Task Questions_about_the_time_before_are_refused(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var anna = await app.AddCreatorAsync();
        await FillAsync(app, anna);
        await FilledTables.SealAsync(app, anna);
        var service = ServiceOf(app, 13);
        await service.LookAsync(Cancelled);
        await service.LookAsync(Cancelled);

        string[] metrics = ["visits"];
        foreach (var (question, problem) in ((object, string)[])[
            (new { range = (string[])["2025-02-28", "2025-03-05"], metrics }, "range begins at 2025-02-28T00:00:00Z, but visits are kept since 2025-03-01T00:00:00Z only"),
            (new { range = "lastYear", metrics }, "range begins at 2025-01-01T00:00:00Z"),
            (new { range = "365d", compare = "previous", metrics }, "compare begins at ")])
        {
            using var refused = await AskAsync(app, anna, question);
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
            Assert.Contains(problem, await refused.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
        }

        using var sources = await app.GetAsync("/api/v1/creators/analytics/sources?range=lastYear", app.Token(anna));
        Assert.Equal(HttpStatusCode.BadRequest, sources.StatusCode);
        foreach (var range in (string[])["all", "365d", "30d"])
        {
            using var answered = await AskAsync(app, anna, new { range, metrics });
            Assert.Equal(HttpStatusCode.OK, answered.StatusCode);
        }
    }

    [Fact]
    public async Task A_clock_that_is_years_ahead_removes_nothing_and_fewer_months_bring_nothing_back()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var anna = await app.AddCreatorAsync();
        await FillAsync(app, anna);
        await FilledTables.SealAsync(app, anna);
        app.Clock.Advance(TimeSpan.FromDays(3650));
        var service = ServiceOf(app, 13);
        await service.LookAsync(Cancelled);

        Assert.Equal(Since, app.Services.GetRequiredService<KeptVisits>().Since);
        await ServiceOf(app, 48).LookAsync(Cancelled);
        await ServiceOf(app, 0).LookAsync(Cancelled);
        Assert.Equal(Since, app.Services.GetRequiredService<KeptVisits>().Since);
    }

    [Theory, InlineData("12"), InlineData("-1"), InlineData("a year"), InlineData("1201")]
    public async Task Months_that_would_take_visits_from_the_reports_are_refused(string months)
    {
        using var cli = new Cli();
        var (code, _, error) = await cli.RunAsync(["serve", "--Retention:Months", months]);
        Assert.Equal((1, true), (code, error.Contains("Retention:Months", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_dashboard_says_since_when_visits_are_kept()
    {
        using var databases = await TestDatabases.CreateAsync(EngineKind.Sqlite);
        await using var app = await TestApp.StartAsync(databases);
        var (visit, anna) = await DashboardVisit.StartAsync(app);
        using var signedIn = visit;
        await FillAsync(app, anna);
        await FilledTables.SealAsync(app, anna);
        Assert.DoesNotContain("id=\"kept\"", await visit.ReadAsync("/dashboard?range=lastYear"), StringComparison.Ordinal);

        var service = ServiceOf(app, 13);
        await service.LookAsync(Cancelled);
        await service.LookAsync(Cancelled);

        Assert.Contains("Visits before 1 Mar 2025 are no longer kept", await visit.ReadAsync("/dashboard?range=lastYear"), StringComparison.Ordinal);
        Assert.Contains("id=\"kept\"", await visit.ReadAsync("/dashboard?range=all"), StringComparison.Ordinal);
        Assert.DoesNotContain("id=\"kept\"", await visit.ReadAsync("/dashboard?range=30d"), StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task Figures_that_lack_visits_are_neither_signed_nor_written_to_files(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        await using var app = await TestApp.StartAsync(databases);
        var (visit, anna) = await DashboardVisit.StartAsync(app);
        using var browser = visit;
        await FillAsync(app, anna);
        await FilledTables.SealAsync(app, anna);
        var service = ServiceOf(app, 13);
        await service.LookAsync(Cancelled);
        await service.LookAsync(Cancelled);
        var old = await ShareAsync(app, anna, """{"range":["2025-02-28","2025-03-05"]}""");
        var year = await ShareAsync(app, anna, """{"range":"365d","compare":"previous"}""");
        var all = await ShareAsync(app, anna, """{"range":"all","timeZone":"Europe/Berlin"}""");

        const string Reason = "this view is about visits from before 2025-03-01, which are no longer kept, so it cannot be frozen";
        var (status, refusal) = await FreezeAsync(app, anna, old);
        Assert.Equal((HttpStatusCode.Conflict, true), (status, refusal.Contains(Reason, StringComparison.Ordinal)));
        var page = await visit.ReadAsync("/dashboard/shared");
        using (var refused = await visit.PostAsync($"/dashboard/shared/{old}", ("form", DashboardVisit.FormField(page)), ("freeze", "1")))
        {
            Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
            Assert.Contains(Reason, await refused.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
        }

        // What is partly gone is not compared with, as the view shows it; all time begins with the first whole day.
        Assert.Contains("\"compare\":null,", Payload(await FreezeAsync(app, anna, year)), StringComparison.Ordinal);
        Assert.Contains("""
            "range":{"from":"2025-03-01T23:00:00.000Z","until":"2026-04-15T22:00:00.000Z","timeZone":"Europe/Berlin"}
            """, Payload(await FreezeAsync(app, anna, all)), StringComparison.Ordinal);

        foreach (var file in (string[])["trend", "overview", "source"])
        {
            using var refused = await visit.GetAsync($"/dashboard/export?type={file}&range=lastYear");
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
            Assert.Contains("visits are kept since 2025-03-01", await refused.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
            using var written = await visit.GetAsync($"/dashboard/export?type={file}&range=365d&compare=lastYear");
            Assert.Equal(HttpStatusCode.OK, written.StatusCode);
        }

        var rows = await visit.ReadAsync("/dashboard/rows/source?range=lastYear");
        Assert.Contains("id=\"kept\"", rows, StringComparison.Ordinal);
        Assert.DoesNotContain("/dashboard/export", rows, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task An_import_says_which_of_its_rows_will_not_stay(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        using var cli = Cli.For(databases);
        await cli.SucceedAsync(["creator", "add", "--handle", "anna"]);
        var now = TimeProvider.System.GetUtcNow();
        var since = new DateTimeOffset(now.Year, now.Month, 1, 0, 0, 0, TimeSpan.Zero).AddMonths(-13);
        string[] visits = ["2019-05-04 10:00:00", "2020-01-01 00:00:00", $"{now.AddDays(-2):yyyy-MM-dd HH:mm:ss}"];
        var file = System.IO.Path.Combine(cli.Folder, "log");
        await File.WriteAllLinesAsync(
            file, visits.Select((at, i) => $"192.0.2.{i} - - [{DateTime.Parse(at, CultureInfo.InvariantCulture):dd/MMM/yyyy:HH:mm:ss} +0000] \"GET / HTTP/1.1\" 200 9 \"-\" \"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\""), Cancelled);

        var (code, _, error) = await cli.RunAsync(["import", "--page", "anna", file, "--Retention:Months", "13"]);

        Assert.Equal(0, code);
        Assert.Contains($"Visits are kept since {since:yyyy-MM-dd} (Retention:Months).", error, StringComparison.Ordinal);
        Assert.Contains(
            $"4 of the rows will not stay: they are from before {since:yyyy-MM-dd}, the earliest of 2019-05-04,", error, StringComparison.Ordinal);
        Assert.Equal("", (await cli.RunAsync(["import", "--page", "anna", file])).Error);
    }

    private static async Task<string> ShareAsync(TestApp app, Creator creator, string question)
    {
        using var answer = await SendAsync(app, creator, HttpMethod.Post, "", $$"""{"title":"x","question":{{question}}}""");
        return (await answer.CreatedAsync()).GetProperty("id").GetString()!;
    }

    private static async Task<(HttpStatusCode Status, string Answer)> FreezeAsync(TestApp app, Creator creator, string id)
    {
        using var answer = await SendAsync(app, creator, HttpMethod.Put, $"/{id}/proof", null);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancelled));
    }

    private static string Payload((HttpStatusCode Status, string Answer) frozen)
    {
        Assert.Equal(HttpStatusCode.OK, frozen.Status);
        return JsonNode.Parse((string)JsonNode.Parse(frozen.Answer)!["data"]!["payload"]!)!.ToJsonString();
    }

    private static Task<HttpResponseMessage> SendAsync(TestApp app, Creator creator, HttpMethod method, string path, string? body)
    {
        var request = new HttpRequestMessage(method, "/api/v1/creators/analytics/shared-views" + path);
        request.Headers.Authorization = new("Bearer", app.Token(creator));
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        return app.Http.SendAsync(request, Cancelled);
    }

    private static RetentionService ServiceOf(TestApp app, int months) => new(
        app.Analytics, app.Services.GetRequiredService<KeptVisits>(), months, app.Clock, NullLogger<RetentionService>.Instance);

    /// <summary>A visit every ten days for three years, and one over the first midnight that is kept.</summary>
    private static async Task FillAsync(TestApp app, Creator creator)
    {
        var visits = Enumerable.Range(0, 110).Select(i => (Id: Guid.NewGuid(), At: app.Clock.GetUtcNow().AddDays(-10 * i - 1), Visitor: i % 7)).ToList();
        visits.Add((Guid.NewGuid(), Since.AddMinutes(-10), 8));
        await FilledTables.AddVisitsAsync(app, visits.ConvertAll(visit => new SessionRow
        {
            BioPageId = creator.BioPageId,
            Id = visit.Id,
            VisitorId = $"visitor {visit.Visitor}",
            ReferrerDomain = "instagram.com",
            StartedAt = visit.At,
        }));
        await app.Analytics.InsertAsync(
            PageViewRow.Table,
            [new PageViewRow { BioPageId = creator.BioPageId, Id = Guid.NewGuid(), SessionId = visits[^1].Id, EnteredAt = Since.AddMinutes(5) }],
            Cancelled);
    }

    private static Task<HttpResponseMessage> AskAsync(TestApp app, Creator creator, object question)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/creators/analytics/query") { Content = JsonContent.Create(question) };
        request.Headers.Authorization = new("Bearer", app.Token(creator));
        return app.Http.SendAsync(request, Cancelled);
    }

    private static async Task<string> QueryAsync(TestApp app, Creator creator, object question)
    {
        using var answer = await AskAsync(app, creator, question);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (await answer.DataAsync()).ToString();
    }
}
