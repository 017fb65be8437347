using System.Net;
using System.Text;
using Bioscope.Core;
using Bioscope.Engine.Checking;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Erasing;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Sealing;
using Bioscope.Server.Api.Data;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace Bioscope.Server.Tests;

/// <summary>A visitor is forgotten, or a link's clicks, among visits that stay.</summary>
public sealed class ForgetTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory, Engines(With = ["/api/v1/analytics/forget", "/hi"])]
    public async Task A_visitor_is_forgotten_on_every_page_and_all_other_figures_stay(EngineKind engine, string route)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (anna, ben) = (await app.AddCreatorAsync(), await app.AddCreatorAsync());
        await FillAsync(app, anna, "shared", days: 3);
        await FillAsync(app, ben, "shared", days: 3);
        // A part of the past is sealed, the rest is not.
        await SealAsync(app, anna);
        Assert.Contains("\"totalViews\":36", await app.ReportAsync(anna, "overview"), StringComparison.Ordinal);
        Assert.NotEmpty(await VisitsAsync(app, anna, "shared"));

        using var said = await SayAsync(app, route, "shared");
        using var unknown = await SayAsync(app, route, "nobody");
        app.Clock.Advance(TimeSpan.FromMinutes(2));
        await app.Services.GetRequiredService<ErasureService>().LookAsync(Cancelled);
        // The server itself may have been faster.
        await Patience.UntilAsync(async () => (await app.Services.GetRequiredService<Erasure>().ReadAsync(1, Cancelled)) is [{ DoneAt: not null }]);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (said.StatusCode, unknown.StatusCode));
        foreach (var creator in (Creator[])[anna, ben])
        {
            Assert.Empty(await VisitsAsync(app, creator, "shared"));
            Assert.Equal(30, (await app.RowsAsync("AnalyticsSession", creator.BioPageId, "id")).Count);
            Assert.Equal(30, (await app.RowsAsync("AnalyticsPageView", creator.BioPageId, "id")).Count);
            await SealAsync(app, creator);
            Assert.Null(await new RollupVerifier(app.Analytics, creator.BioPageId).FindDifferenceAsync(Cancelled));
            Assert.Contains("\"totalViews\":30", await app.ReportAsync(creator, "overview"), StringComparison.Ordinal);
            Assert.Contains("\"uniqueVisitors\":10", await app.ReportAsync(creator, "overview"), StringComparison.Ordinal);
        }

        // What is left says that and how much, not whom; the unknown visitor left nothing.
        var row = Assert.Single(await app.Services.GetRequiredService<Erasure>().ReadAsync(10, Cancelled));
        Assert.Equal((ErasureKind.Visitor, ErasureOrigin.Visitor, 12L, 12L, null), (row.Kind, row.Origin, row.Sessions, row.PageViews, row.Subject));
        await Patience.UntilAsync(async () => (await app.Services.GetRequiredService<Erasure>().ReadAsync(1, Cancelled)) is [{ OverwrittenAt: not null }]);
    }

    [Fact]
    public async Task The_bytes_are_gone_too()
    {
        using var databases = await TestDatabases.CreateAsync(EngineKind.Sqlite);
        await using var app = await TestApp.StartAsync(databases);
        var anna = await app.AddCreatorAsync();
        await FillAsync(app, anna, "visitor-1", days: 3);
        var service = app.Services.GetRequiredService<ErasureService>();
        var hash = VisitorHash.Of(Encoding.UTF8.GetBytes(TestApp.VisitorSecret), "visitor-1");
        var file = new SqliteConnectionStringBuilder(databases.Settings["ConnectionStrings:Analytics"]).DataSource;
        // A checkpoint leaves in the log what is newer than what somebody is just reading.
        await Patience.UntilAsync(async () =>
        {
            await app.Analytics.CheckpointAsync(Cancelled);
            return FilledTables.IsIn(file, hash);
        });
        using var said = await SayAsync(app, "/hi", "visitor-1");
        app.Clock.Advance(TimeSpan.FromMinutes(2));
        await service.LookAsync(Cancelled);
        await Patience.UntilAsync(async () => (await app.Services.GetRequiredService<Erasure>().ReadAsync(1, Cancelled)) is [{ OverwrittenAt: not null }]);

        foreach (var name in (string[])[file, file + "-wal", file.Replace("analytics.db", "main.db", StringComparison.Ordinal)])
        {
            Assert.False(File.Exists(name) && FilledTables.IsIn(name, hash), name);
        }
    }

    [Theory, Engines]
    public async Task A_flood_of_requests_reads_every_page_once_an_hour(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, ("Throttle:Enabled", "false"));
        var anna = await app.AddCreatorAsync();
        await FillAsync(app, anna, "first", days: 1);
        await FillAsync(app, anna, "second", days: 1);
        var service = app.Services.GetRequiredService<ErasureService>();
        using var first = await SayAsync(app, "/hi", "first");
        app.Clock.Advance(TimeSpan.FromMinutes(2));
        await service.LookAsync(Cancelled);
        Assert.Empty(await VisitsAsync(app, anna, "first"));

        using var second = await SayAsync(app, "/hi", "second");
        app.Clock.Advance(TimeSpan.FromMinutes(30));
        await service.LookAsync(Cancelled);
        Assert.NotEmpty(await VisitsAsync(app, anna, "second"));
        app.Clock.Advance(TimeSpan.FromMinutes(31));
        await service.LookAsync(Cancelled);

        Assert.Empty(await VisitsAsync(app, anna, "second"));
    }

    [Fact]
    public async Task Requests_are_limited_for_each_network()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        for (var i = 0; i < 10; i++)
        {
            using var taken = await SayAsync(app, "/hi", $"visitor {i}");
            Assert.Equal(HttpStatusCode.OK, taken.StatusCode);
        }

        using var over = await SayAsync(app, "/hi", "one more");
        using var published = await SayAsync(app, "/api/v1/analytics/forget", "one more");
        Assert.Equal((HttpStatusCode.TooManyRequests, HttpStatusCode.TooManyRequests), (over.StatusCode, published.StatusCode));
    }

    [Theory, Engines]
    public async Task The_operator_erases_a_links_clicks_and_a_visitor(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        BioLinkRow link;
        Creator anna;
        await using (var app = await TestApp.StartAsync(databases))
        {
            anna = await app.AddCreatorAsync();
            link = await app.AddLinkAsync(anna, "Shop", "https://shop.example/");
            await FillAsync(app, anna, "someone", days: 1);
            await app.AddPageViewsAsync(anna, 7, link.Id);
        }

        using var cli = Cli.For(databases);
        var clicks = await cli.SucceedAsync(["forget", "--link", link.Id.ToString()]);
        var visitor = await cli.SucceedAsync(["forget", "--visitor", "someone"]);
        var (code, _, error) = await cli.RunAsync(["forget", "--link", Guid.NewGuid().ToString()]);

        Assert.StartsWith("Erased: 0 sessions, 7 page views and clicks.", clicks, StringComparison.Ordinal);
        Assert.StartsWith("Erased: 2 sessions, 2 page views and clicks.", visitor, StringComparison.Ordinal);
        Assert.Equal((1, true), (code, error.StartsWith("There is no link", StringComparison.Ordinal)));
        await cli.SucceedAsync(["verify"]);
        await using var after = await TestApp.StartAsync(databases);
        Assert.Equal(10, (await after.RowsAsync("AnalyticsPageView", anna.BioPageId, "id")).Count);
    }

    // Sessions are looked at, and rows go, 1,000 at a time.
    [Theory, Engines]
    public async Task Visitors_with_more_visits_than_go_at_once_are_forgotten_whole(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (anna, ben) = (await app.AddCreatorAsync(), await app.AddCreatorAsync());
        await app.StopAsync();
        await AddVisitsAsync(app, anna, ("often", 2_001), ("twice", 2), ("stays", 3));
        await AddVisitsAsync(app, ben, ("often", 4));

        var erased = await new VisitErasure(app.Analytics).VisitorsAsync(
            anna.BioPageId, [HashOf("often"), HashOf("twice"), HashOf("nobody")], Cancelled);

        Assert.Equal(
            [(HashOf("often"), (2_001, 2_001)), (HashOf("twice"), (2, 2))],
            erased.Select(pair => (pair.Key, pair.Value)).OrderByDescending(pair => pair.Value.Sessions));
        foreach (var table in (string[])["AnalyticsSession", "AnalyticsPageView"])
        {
            Assert.Equal(3, (await app.RowsAsync(table, anna.BioPageId, "id")).Count);
            Assert.Equal(4, (await app.RowsAsync(table, ben.BioPageId, "id")).Count);
        }

        Assert.Equal(3, (await VisitsAsync(app, anna, "stays")).Count);
    }

    [Theory, Engines]
    public async Task An_anonymous_visitor_is_forgotten_with_the_visit_that_goes_on(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var anna = await app.AddCreatorAsync();
        await app.StopAsync();
        await AddVisitsAsync(app, anna, ("gone", 1), ("stays", 1));
        foreach (var visitor in (string[])["gone", "stays"])
        {
            await app.Analytics.ExecuteAsync(
                """INSERT INTO "AnonymousVisit" ("bioPageId", "visitorId", "sessionId", "startedAt") VALUES (@page, @visitor, @session, @at)""",
                Cancelled, ("@page", anna.BioPageId), ("@visitor", HashOf(visitor)), ("@session", Guid.NewGuid()), ("@at", app.Clock.GetUtcNow()));
        }

        await new VisitErasure(app.Analytics).VisitorsAsync(anna.BioPageId, [HashOf("gone")], Cancelled);

        Assert.Equal([HashOf("stays")], await app.Analytics.QueryAsync("""SELECT "visitorId" FROM "AnonymousVisit" """, row => row.GetString(0), Cancelled));
    }

    [Theory, Engines]
    public async Task What_a_killed_server_was_to_erase_is_erased_an_hour_later(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var anna = await app.AddCreatorAsync();
        await app.StopAsync();
        await AddVisitsAsync(app, anna, ("gone", 2));
        var erasure = app.Services.GetRequiredService<Erasure>();
        await erasure.RequestAsync(ErasureKind.Visitor, ErasureOrigin.Visitor, null, HashOf("gone"), Cancelled);
        var asked = app.Clock.GetUtcNow();
        // As after a kill: somebody took it for an hour, and it is not done.
        await app.Main.ExecuteAsync("""UPDATE "Erasure" SET "takenUntil" = @lease""", Cancelled, ("@lease", asked + TimeSpan.FromHours(1)));

        app.Clock.Advance(TimeSpan.FromMinutes(59));
        Assert.False(await erasure.HasVisitsAsync(asked, Cancelled));
        Assert.Empty(await erasure.EraseVisitsAsync(asked, Cancelled));
        Assert.Equal(2, (await VisitsAsync(app, anna, "gone")).Count);
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.False(await erasure.HasVisitsAsync(asked.AddMilliseconds(-1), Cancelled)); // before it was asked for
        Assert.True(await erasure.HasVisitsAsync(asked, Cancelled));
        var erased = Assert.Single(await erasure.EraseVisitsAsync(asked, Cancelled));

        Assert.Equal((2L, 2L, app.Clock.GetUtcNow(), null), (erased.Sessions, erased.PageViews, erased.DoneAt, erased.Subject));
        Assert.Empty(await VisitsAsync(app, anna, "gone"));
        Assert.False(await erasure.HasVisitsAsync(asked, Cancelled));
    }

    private static Task<HttpResponseMessage> SayAsync(TestApp app, string route, string visitor) => app.Http.PostAsync(
        route,
        new StringContent(
            route == "/hi" ? $$"""{"kind":"forget","visitor":"{{visitor}}"}""" : $$"""{"visitorId":"{{visitor}}"}""",
            Encoding.UTF8, "application/json"),
        Cancelled);

    /// <summary>For each day ten visits of other visitors and two of this one, each with a page view.</summary>
    private static async Task FillAsync(TestApp app, Creator creator, string visitor, int days)
    {
        var secret = Encoding.UTF8.GetBytes(TestApp.VisitorSecret);
        var sessions = Enumerable.Range(0, 12 * days).Select(i => new SessionRow
        {
            BioPageId = creator.BioPageId,
            Id = Guid.NewGuid(),
            VisitorId = VisitorHash.Of(secret, i % 12 < 10 ? $"other {i % 12}" : visitor),
            StartedAt = app.Clock.GetUtcNow() - TimeSpan.FromHours(2 * i) - TimeSpan.FromMinutes(1),
            PageViews = 1,
        }).ToList();
        await FilledTables.AddVisitsAsync(app, sessions);
    }

    private static async Task SealAsync(TestApp app, Creator creator)
    {
        await new Sealer(app.Analytics).SealAsync(creator.BioPageId, app.Clock.GetUtcNow(), Cancelled);
        await new Segmenter(app.Analytics).AdvanceAsync(creator.BioPageId, app.Clock.GetUtcNow(), Cancelled);
    }

    private static Task<List<Guid>> VisitsAsync(TestApp app, Creator creator, string visitor) => app.Analytics.QueryAsync(
        """SELECT "id" FROM "AnalyticsSession" WHERE "bioPageId" = @page AND "visitorId" = @visitor""",
        row => app.Analytics.Dialect.ReadGuid(row, 0), Cancelled,
        ("@page", creator.BioPageId), ("@visitor", HashOf(visitor)));

    private static string HashOf(string visitor) => VisitorHash.Of(Encoding.UTF8.GetBytes(TestApp.VisitorSecret), visitor);

    /// <summary>Visits of an hour ago, each with a page view.</summary>
    private static Task AddVisitsAsync(TestApp app, Creator creator, params (string Visitor, int Visits)[] visitors) => FilledTables.AddVisitsAsync(
        app,
        [.. visitors.SelectMany(visitor => Enumerable.Range(0, visitor.Visits).Select(_ => new SessionRow
        {
            BioPageId = creator.BioPageId,
            Id = Guid.NewGuid(),
            VisitorId = HashOf(visitor.Visitor),
            StartedAt = app.Clock.GetUtcNow() - TimeSpan.FromHours(1),
        }))]);
}
