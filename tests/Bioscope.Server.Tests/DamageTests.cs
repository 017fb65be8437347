using Bioscope.Engine.Checking;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Sealing;
using Bioscope.Engine.Storage;
using Bioscope.Server.Commands;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Bioscope.Server.Tests;

/// <summary>
/// Damage from other writers to the analytics database, or from a broken disk: reports and sealing continue, and the damage is reported.
/// </summary>
public sealed class DamageTests
{
    private static readonly string[] Reports = [.. Recount.Reports];

    // Each on its own row: {0} is a session, {1} a page view.
    private static readonly (string Sql, string Named)[] OfSqlite =
    [
        ("""UPDATE "AnalyticsSession" SET "startedAt" = '2026-04-15T09:30:00Z' WHERE "id" = '{0}'""", """{0}: startedAt has the invalid value '2026-04-15T09:30:00Z'"""),
        ("""UPDATE "AnalyticsSession" SET "startedAt" = 1776240000000.5 WHERE "id" = '{0}'""", """{0}: startedAt has the invalid value 1776240000000.5"""),
        ("""UPDATE "AnalyticsSession" SET "startedAt" = 9000000000000000000 WHERE "id" = '{0}'""", """{0}: startedAt has the invalid value 9000000000000000000"""),
        ("""UPDATE "AnalyticsSession" SET "startedAt" = X'00' WHERE "id" = '{0}'""", """{0}: startedAt has the invalid value X'00'"""),
        ("""UPDATE "AnalyticsSession" SET "visitorId" = X'ff00' WHERE "id" = '{0}'""", """{0}: visitorId has the invalid value X'FF00'"""),
        ("""UPDATE "AnalyticsSession" SET "pageViews" = 'many of them' WHERE "id" = '{0}'""", """{0}: pageViews has the invalid value 'many of them'"""),
        ("""UPDATE "AnalyticsSession" SET "pageViews" = -5 WHERE "id" = '{0}'""", """{0}: pageViews has the invalid value -5"""),
        ("""UPDATE "AnalyticsSession" SET "duration" = 9000000000000000000 WHERE "id" = '{0}'""", """{0}: duration has the invalid value 9000000000000000000"""),
        ("""UPDATE "AnalyticsSession" SET "duration" = 'long' WHERE "id" = '{0}'""", """{0}: duration has the invalid value 'long'"""),
        ("""UPDATE "AnalyticsSession" SET "bounced" = 'yes' WHERE "id" = '{0}'""", """{0}: bounced has the invalid value 'yes'"""),
        ("""UPDATE "AnalyticsSession" SET "country" = X'c3', "referrerDomain" = X'c328', "device" = X'00' WHERE "id" = '{0}'""", """{0}: country has the invalid value X'C3'"""),
        ("""UPDATE "AnalyticsSession" SET "bioPageId" = 'no page' WHERE "id" = '{0}'""", """page no page: "AnalyticsSession", row {0}: bioPageId has the invalid value 'no page'"""),
        ("""UPDATE "AnalyticsSession" SET "id" = 'no id' WHERE "id" = '{0}'""", """row no id: id has the invalid value 'no id'"""),
        ("""UPDATE "AnalyticsPageView" SET "enteredAt" = 'soon' WHERE "id" = '{1}'""", """{1}: enteredAt has the invalid value 'soon'"""),
        ("""UPDATE "AnalyticsPageView" SET "enteredAt" = 9000000000000000000 WHERE "id" = '{1}'""", """{1}: enteredAt has the invalid value 9000000000000000000"""),
        ("""UPDATE "AnalyticsPageView" SET "linkClicked" = 'the first' WHERE "id" = '{1}'""", """{1}: linkClicked has the invalid value 'the first'"""),
        ("""UPDATE "AnalyticsPageView" SET "bioPageId" = X'0102' WHERE "id" = '{1}'""", "row {1}: bioPageId has the invalid value X'0102'"),
        ("""UPDATE "AnalyticsPageView" SET "duration" = 'x' WHERE "id" = '{1}'""", """{1}: duration has the invalid value 'x'"""),
    ];

    private static readonly (string Sql, string Named)[] OfPostgres =
    [
        ("""UPDATE "AnalyticsSession" SET "startedAt" = 'infinity' WHERE "id" = '{0}'""", """{0}: startedAt has the invalid value infinity"""),
        ("""UPDATE "AnalyticsSession" SET "startedAt" = '20000-01-01' WHERE "id" = '{0}'""", """{0}: startedAt has the invalid value 20000-01-01 00:00:00"""),
        ("""UPDATE "AnalyticsSession" SET "startedAt" = '-infinity' WHERE "id" = '{0}'""", """{0}: startedAt has the invalid value -infinity"""),
        ("""UPDATE "AnalyticsSession" SET "pageViews" = -5 WHERE "id" = '{0}'""", """{0}: pageViews has the invalid value -5"""),
        ("""UPDATE "AnalyticsSession" SET "duration" = -1 WHERE "id" = '{0}'""", """{0}: duration has the invalid value -1"""),
        ("""UPDATE "AnalyticsPageView" SET "enteredAt" = 'infinity' WHERE "id" = '{1}'""", """{1}: enteredAt has the invalid value infinity"""),
        ("""ALTER TABLE "AnalyticsSession" ALTER "visitorId" DROP NOT NULL; UPDATE "AnalyticsSession" SET "visitorId" = NULL WHERE "id" = '{0}'""", """{0}: visitorId has the invalid value NULL"""),
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, Engines]
    public async Task Malformed_rows_are_named_and_reports_continue(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        using var cli = Cli.For(databases);
        await using var app = await TestApp.StartAsync(databases);
        var (creator, other) = (await app.AddCreatorAsync(), await app.AddCreatorAsync());
        var damages = engine == EngineKind.Sqlite ? OfSqlite : OfPostgres;
        var named = new List<string>();
        var (sessions, views) = await RowsAsync(app, creator, 100);
        await RowsAsync(app, other, 100);
        foreach (var (i, (sql, words)) in damages.Index())
        {
            var (session, view) = (sessions[i].ToString(), views[i].ToString());
            await app.Analytics.ExecuteAsync(
                sql.Replace("{0}", session, StringComparison.Ordinal).Replace("{1}", view, StringComparison.Ordinal), Cancellation);
            named.Add(words.Replace("{0}", session, StringComparison.Ordinal).Replace("{1}", view, StringComparison.Ordinal));
        }

        var raw = await ReportsAsync(app, creator);
        app.Clock.Advance(TimeSpan.FromHours(1));
        foreach (var page in (Creator[])[creator, other])
        {
            await UntilAsync(app, async () => (await StateAsync(app, page)).SealedUntil == TestApp.Start);
            Assert.Null(await new RollupVerifier(app.Analytics, page.BioPageId).FindDifferenceAsync(Cancellation));
        }

        Assert.Equal(raw, await ReportsAsync(app, creator));
        var (verified, counted, differences) = await cli.RunAsync(["verify"]);
        var (exitCode, diagnosis, _) = await cli.RunAsync(["doctor"]);
        Assert.All(named, words => Assert.Contains(words, differences, StringComparison.Ordinal));
        Assert.All(named, words => Assert.Contains(words, diagnosis, StringComparison.Ordinal));
        Assert.Equal((1, 1), (verified, exitCode));
        Assert.Contains("bioscope repair --malformed", counted, StringComparison.Ordinal);

        Assert.Contains("add --yes", (await cli.RunAsync(["repair", "--malformed"])).Output, StringComparison.Ordinal);
        Assert.Contains(
            $"{damages.Length} rows of sessions and page views removed",
            (await cli.RunAsync(["repair", "--malformed", "--yes"])).Output,
            StringComparison.Ordinal);
        await cli.SucceedAsync(["verify"]);
        await cli.SucceedAsync(["doctor"]);
        Assert.Equal("100", (await app.TrafficAsync(other))[0].Split(' ')[1]);
    }

    [Theory, Engines(With = [
        """UPDATE "Rollup" SET "sources" = '{broken', "devices" = '[]', "outcomes" = '{"sessions":1e3}', "views" = 'null'""",
        """UPDATE "Rollup" SET "returns" = '{"x":1}', "countries" = '{"a":-1}', "links" = '{"a":1}', "views" = '{"a":1}', "sources" = '7', "outcomes" = '{"a":1}', "devices" = '"a"'""",
        """UPDATE "Rollup" SET "sources" = '{"a.example":9223372036854775807}', "devices" = '{"mobile":99999999999999999999}', "views" = '{"1":9000000000000000000}'""",
        """UPDATE "RollupPage" SET "sealedFrom" = "sealedUntil" """,
        """UPDATE "RollupPage" SET "shardBits" = 40""",
        """UPDATE "RollupPage" SET "shardBits" = -1""",
        """UPDATE "RollupPage" SET "version" = -7""",
        """sqlite: UPDATE "RollupPage" SET "sealedUntil" = 'tomorrow'""",
        """sqlite: UPDATE "RollupPage" SET "version" = 'first'""",
        """sqlite: UPDATE "Rollup" SET "bucket" = 'then' WHERE "grain" = 2""",
        """sqlite: UPDATE "Rollup" SET "sources" = X'ff', "devices" = X'7b', "views" = 5""",
        """postgres: UPDATE "RollupPage" SET "sealedUntil" = 'infinity'""",
        """postgres: UPDATE "RollupPage" SET "sealedFrom" = '-infinity'""",
    ])]
    public async Task Damaged_rollups_are_ignored_and_recounted(EngineKind engine, string damage)
    {
        if (damage.Split(": UPDATE") is [var only, var rest])
        {
            if (!only.Equals(engine.ToString(), StringComparison.OrdinalIgnoreCase))
            {
                return;
            }

            damage = "UPDATE" + rest;
        }

        await using var app = await TestApp.StartAsync(engine);
        var creator = await SealedPageAsync(app);
        var before = await ReportsAsync(app, creator);

        Assert.InRange(await app.Analytics.ExecuteAsync(damage, Cancellation), 1, 10);
        // the same window, but the cached part is of an older version if there is a new one
        app.Clock.Advance(TimeSpan.FromMilliseconds(1));
        var after = await ReportsAsync(app, creator);
        if (damage.Contains("UPDATE \"Rollup\"", StringComparison.Ordinal))
        {
            app.Clock.Advance(TimeSpan.FromHours(1)); // the cached part is no longer requested
            after = await ReportsAsync(app, creator);
        }

        Assert.Equal(before, after);
        await UntilAsync(app, async () => await new RollupVerifier(app.Analytics, creator.BioPageId).FindDifferenceAsync(Cancellation) is null
            && (await StateAsync(app, creator)).SealedUntil is not null);
        Assert.Equal(before, await ReportsAsync(app, creator));
    }

    [Theory, Engines]
    public async Task Damaged_visitor_rollups_are_ignored(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await SealedPageAsync(app);
        await app.PostSessionAsync(creator);
        var before = await ReportsAsync(app, creator);

        await app.Analytics.ExecuteAsync(
            engine == EngineKind.Sqlite
                ? """UPDATE "RollupVisitors" SET "visitors" = X'0102'"""
                : """UPDATE "RollupVisitors" SET "visitors" = '\x0102'""",
            Cancellation);
        app.Clock.Advance(TimeSpan.FromHours(1));

        Assert.Equal(before, await ReportsAsync(app, creator));
        await UntilAsync(app, async () => await new RollupVerifier(app.Analytics, creator.BioPageId).FindDifferenceAsync(Cancellation) is null
            && (await StateAsync(app, creator)).SealedUntil is not null);
    }

    [Theory, Engines]
    public async Task Damaged_rollups_are_named_with_their_row(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        using var cli = Cli.For(databases);
        Creator creator;
        await using (var app = await TestApp.StartAsync(databases))
        {
            creator = await SealedPageAsync(app);
        }

        // A server that runs would mend this by itself.
        await using (var analytics = new AnalyticsDatabase(databases.Settings["ConnectionStrings:Analytics"]!))
        {
            await analytics.ExecuteAsync("""UPDATE "Rollup" SET "sources" = '{broken' """, Cancellation);
            await analytics.ExecuteAsync("""UPDATE "RollupPage" SET "shardBits" = -1""", Cancellation);
        }

        var (verified, _, differences) = await cli.RunAsync(["verify"]);
        var (exitCode, diagnosis, _) = await cli.RunAsync(["doctor"]);

        Assert.Equal((1, 1), (verified, exitCode));
        foreach (var text in (string[])[differences, diagnosis])
        {
            Assert.Contains($"page {creator.BioPageId}: \"Rollup\", row 2 ", text, StringComparison.Ordinal);
            Assert.Contains(": sources has the invalid value '{broken'", text, StringComparison.Ordinal);
            Assert.Contains($"\"RollupPage\", row {creator.BioPageId}: shardBits has the invalid value -1", text, StringComparison.Ordinal);
        }

        Assert.Contains("what is kept cannot be read", differences, StringComparison.Ordinal);
        await cli.SucceedAsync(["rebuild"]);
        await cli.SucceedAsync(["verify"]);
        await cli.SucceedAsync(["doctor"]);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_failed_background_service_stops_the_server_with_code_1(bool fails)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrel().UseUrls("http://127.0.0.1:0");
        builder.Services.AddHostedService(services => new Part(services.GetRequiredService<IHostApplicationLifetime>(), fails));
        await using var app = builder.Build();
        await app.StartAsync(Cancellation);

        Assert.Equal(1, await ServeCommand.RunToEndAsync(app, Cancellation));
    }

    private static async Task<(List<Guid> Sessions, List<Guid> Views)> RowsAsync(TestApp app, Creator creator, int count)
    {
        var sessions = Enumerable.Range(0, count).Select(i => new SessionRow
        {
            BioPageId = creator.BioPageId,
            Id = Guid.NewGuid(),
            VisitorId = $"visitor {i % 30}",
            ReferrerDomain = "a.example",
            Country = "Germany",
            Device = "mobile",
            StartedAt = TestApp.Start.AddHours(-2.5),
            PageViews = 1,
            Duration = 10,
        }).ToList();
        var views = sessions.ConvertAll(session => new PageViewRow
        {
            BioPageId = creator.BioPageId,
            Id = Guid.NewGuid(),
            SessionId = session.Id,
            EnteredAt = session.StartedAt.AddHours(1.6),
            LinkClicked = Guid.Empty,
        });
        await app.Analytics.InsertAsync(SessionRow.Table, sessions, Cancellation);
        await app.Analytics.InsertAsync(PageViewRow.Table, views, Cancellation);
        return (sessions.ConvertAll(row => row.Id), views.ConvertAll(row => row.Id));
    }

    private static async Task<Creator> SealedPageAsync(TestApp app)
    {
        var creator = await app.AddCreatorAsync();
        await RowsAsync(app, creator, 100);
        await Fence.MoveAsync(app.Analytics, TestApp.Start, Cancellation);
        await new Sealer(app.Analytics).SealAsync(creator.BioPageId, TestApp.Start, Cancellation); // unless the server was faster
        var sealedUntil = await app.Analytics.QueryAsync(
            """SELECT "sealedUntil" FROM "RollupPage" WHERE "bioPageId" = @page""", row =>
                app.Analytics.Dialect.ReadInstant(row, 0), Cancellation, ("@page", creator.BioPageId));
        Assert.Equal([TestApp.Start], sealedUntil);
        return creator;
    }

    private static async Task<List<string>> ReportsAsync(TestApp app, Creator creator)
    {
        var reports = new List<string>();
        foreach (var report in Reports)
        {
            using var response = await app.GetAsync("/api/v1/creators/analytics/" + report, app.Token(creator));
            Assert.Equal(System.Net.HttpStatusCode.OK, response.StatusCode);
            reports.Add(await response.Content.ReadAsStringAsync(Cancellation));
        }

        return reports;
    }

    private static async Task<PageState> StateAsync(TestApp app, Creator creator)
    {
        await using var connection = await app.Analytics.OpenAsync(Cancellation);
        await using var snapshot = await app.Analytics.Dialect.BeginSnapshotAsync(connection, Cancellation);
        return await PageState.ReadAsync(app.Analytics.Dialect, snapshot, creator.BioPageId, Cancellation);
    }

    private static Task UntilAsync(TestApp app, Func<Task<bool>> isSo) => Patience.UntilAsync(() =>
    {
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        return isSo();
    });

    private sealed class Part(IHostApplicationLifetime server, bool fails) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var listens = server.ApplicationStarted.Register(started.SetResult);
            await started.Task;
            if (fails)
            {
                throw new InvalidOperationException("It cannot go on.");
            }
        }
    }
}
