using System.Globalization;
using Bioscope.Engine.Checking;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Sealing;

namespace Bioscope.Server.Tests;

/// <summary><c>bioscope rebuild</c>; <c>bioscope verify</c> checks that its result is correct.</summary>
public sealed class RebuildTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, Engines]
    public async Task A_rebuild_repairs_damaged_rollups(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        using var cli = Cli.For(databases);
        await using var app = await TestApp.StartAsync(databases);
        var creators = await PagesAsync(app, 600, 70, 10);
        await cli.SucceedAsync(["rebuild"]);
        var whole = await RollupsAsync(app);
        Assert.Equal(4, whole.Count); // month, day, hour; month; ten sessions are read raw

        await app.Analytics.ExecuteAsync("""UPDATE "Rollup" SET "sources" = '[broken' WHERE "grain" = 2""", Cancellation);
        await app.Analytics.ExecuteAsync("""DELETE FROM "Rollup" WHERE "grain" = 0""", Cancellation);
        await app.Analytics.ExecuteAsync("""DELETE FROM "RollupVisitors" """, Cancellation);
        var (exitCode, output, _) = await cli.RunAsync(["rebuild"]);

        Assert.Equal(0, exitCode);
        Assert.StartsWith("3 pages, 670 rows sealed, ", output, StringComparison.Ordinal);
        Assert.Equal(whole, await RollupsAsync(app));
        await cli.SucceedAsync(["verify"]);
        Assert.Equal(["instagram.com 600 100%"], await app.TrafficAsync(creators[0]));
    }

    [Theory, Engines]
    public async Task Rebuild_with_a_page_leaves_other_pages_alone(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        using var cli = Cli.For(databases);
        await using var app = await TestApp.StartAsync(databases);
        var creators = await PagesAsync(app, 70, 80);
        await cli.RunAsync(["rebuild"]);

        var (exitCode, output, _) = await cli.RunAsync(["rebuild", "--page", $"{creators[1].BioPageId}"]);

        Assert.Equal(0, exitCode);
        Assert.StartsWith("1 page, 80 rows sealed, ", output, StringComparison.Ordinal);
        Assert.Equal(2, (await cli.RunAsync(["rebuild", "--page", "all"])).ExitCode);
    }

    [Theory, Engines]
    public async Task An_interrupted_rebuild_continues_where_it_stopped(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        using var cli = Cli.For(databases);
        await using var app = await TestApp.StartAsync(databases);
        await PagesAsync(app, 70, 70, 70, 70, 70);
        await cli.RunAsync(["rebuild"]);
        var whole = await RollupsAsync(app);
        // As after a kill: three pages are done, and the rollups of the fourth are dropped.
        var pages = await Pages.KnownAsync(app.Analytics, Cancellation);
        await using (var connection = await app.Analytics.OpenAsync(Cancellation))
        {
            await using var transaction = await connection.BeginTransactionAsync(Cancellation);
            await BackfillGuard.UnsealAsync(app.Analytics.Dialect, transaction, pages[3], Cancellation);
            await app.Analytics.Dialect.ExecuteAsync(
                transaction, """INSERT INTO "Rebuild" ("id", "page") VALUES (1, @page)""", Cancellation, ("@page", pages[3]));
            await transaction.CommitAsync(Cancellation);
        }

        var (exitCode, output, error) = await cli.RunAsync(["rebuild"]);

        Assert.Equal(0, exitCode);
        Assert.StartsWith("Continuing after 3 of 5 pages", error, StringComparison.Ordinal);
        Assert.StartsWith("5 pages, 140 rows sealed, ", output, StringComparison.Ordinal);
        Assert.Equal(whole, await RollupsAsync(app));
        Assert.Empty((await cli.RunAsync(["rebuild"])).Error); // it was completed
    }

    [Theory, Engines]
    public async Task From_start_ignores_an_interrupted_rebuild(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        using var cli = Cli.For(databases);
        await using var app = await TestApp.StartAsync(databases);
        await PagesAsync(app, 70, 70);
        var last = (await Pages.KnownAsync(app.Analytics, Cancellation))[^1];
        await app.Analytics.ExecuteAsync($"""INSERT INTO "Rebuild" ("id", "page") VALUES (1, '{last}')""", Cancellation);

        var (_, output, error) = await cli.RunAsync(["rebuild", "--from-start"]);

        Assert.Empty(error);
        Assert.StartsWith("2 pages, 140 rows sealed, ", output, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task During_a_rebuild_reports_are_exact_and_visits_stored(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, ("Throttle:Enabled", "false"));
        var creator = (await PagesAsync(app, 700))[0];
        var fence = app.Clock.GetUtcNow();
        await Fence.MoveAsync(app.Analytics, fence, Cancellation);

        for (var visits = 1; visits <= 40; visits++)
        {
            // Two at once, and not without end: SQLite lets one write, and the others try until it is their turn, which may then never come.
            var rebuilding = Enumerable.Range(0, 2).Select(_ => Task.Run(
                () => new Rebuild(app.Analytics).PageAsync(creator.BioPageId, fence, savesPosition: true, Cancellation), Cancellation)).ToList();
            await app.PostSessionAsync(creator);
            Assert.Equal(700 + visits, await VisitsAsync(app, creator));
            await Task.WhenAll(rebuilding);
        }

        await new Sealer(app.Analytics).SealAsync(creator.BioPageId, fence, Cancellation);
        Assert.Null(await new RollupVerifier(app.Analytics, creator.BioPageId).FindDifferenceAsync(Cancellation));
    }

    [Theory, Engines]
    public async Task A_page_without_rows_loses_its_rollups(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        using var cli = Cli.For(databases);
        await using var app = await TestApp.StartAsync(databases);
        await PagesAsync(app, 70);
        await cli.RunAsync(["rebuild"]);
        await app.Analytics.ExecuteAsync("""DELETE FROM "AnalyticsSession" """, Cancellation);

        Assert.Equal(1, (await cli.RunAsync(["verify"])).ExitCode);
        Assert.StartsWith("1 page, 0 rows sealed, ", await cli.SucceedAsync(["rebuild"]), StringComparison.Ordinal);

        Assert.Empty(await RollupsAsync(app));
        await cli.SucceedAsync(["verify"]);
    }

    [Theory, Engines]
    public async Task An_empty_database_has_nothing_to_rebuild(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        using var cli = Cli.For(databases);

        var (exitCode, output, _) = await cli.RunAsync(["rebuild"]);
        var shared = await cli.RunAsync(["rebuild", "--Storage:Ownership=shared"]);

        Assert.Equal(0, exitCode);
        Assert.StartsWith("0 pages, 0 rows sealed, ", output, StringComparison.Ordinal);
        Assert.Equal(1, shared.ExitCode);
        Assert.Contains("Storage:Ownership is 'shared': the databases belong to another service", shared.Error, StringComparison.Ordinal);
    }

    private static async Task<int> VisitsAsync(TestApp app, Creator creator) =>
        (await app.TrafficAsync(creator)).Sum(source => int.Parse(source.Split(' ')[1], CultureInfo.InvariantCulture));

    /// <summary>Pages, each with this many sessions in one hour.</summary>
    private static async Task<List<Creator>> PagesAsync(TestApp app, params int[] sessions)
    {
        var creators = new List<Creator>();
        foreach (var count in sessions)
        {
            var creator = await app.AddCreatorAsync();
            await app.Analytics.InsertAsync(SessionRow.Table, [.. Enumerable.Range(0, count).Select(i => new SessionRow
            {
                BioPageId = creator.BioPageId, Id = Guid.NewGuid(), VisitorId = $"visitor {i % 50}", ReferrerDomain = "instagram.com",
                StartedAt = TestApp.Start.AddDays(-3),
            })], Cancellation);
            creators.Add(creator);
        }

        return creators;
    }

    private static Task<List<string>> RollupsAsync(TestApp app) => app.Analytics.QueryAsync(
        """SELECT "grain", "sources", "outcomes", "returns" FROM "Rollup" ORDER BY "bioPageId", "grain", "bucket" """,
        row => $"{row.GetInt32(0)} {row.GetValue(1)} {row.GetValue(2)} {row.GetValue(3)}",
        Cancellation);
}
