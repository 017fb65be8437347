using Bioscope.Engine.Creators;
using Bioscope.Engine.Moving;
using Bioscope.Engine.Storage;
using Bioscope.Engine.Storage.Migrations;

namespace Bioscope.Server.Tests;

/// <summary>An installation goes from SQLite to PostgreSQL with everything, whenever it is interrupted, and nobody counts on the wrong one.</summary>
public sealed class MoveTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_row_of_every_table_arrives_and_figures_are_equal()
    {
        PostgresCluster.SkipWhereMissing();
        using var databases = await TestDatabases.CreateAsync(EngineKind.Sqlite);
        using var cli = Cli.For(databases);
        var target = await PostgresCluster.NewDatabaseAsync();
        string before, rows;
        Creator anna;
        await using (var app = await TestApp.StartAsync(databases))
        {
            anna = await FillAsync(app);
            before = await FiguresAsync(app, anna);
            rows = await RowsAsync(app.Main, app.Main) + await RowsAsync(app.Analytics, app.Analytics);
        }

        var said = await cli.SucceedAsync(["move", "--to", target]);

        Assert.Matches("(?s)main: [1-9].* rows in .*analytics: [1-9].*Moved\\.", said);
        await using (var main = new MainDatabase(target))
        await using (var analytics = new AnalyticsDatabase(target))
        await using (var oldMain = new MainDatabase(databases.Settings["ConnectionStrings:Main"]!))
        await using (var oldAnalytics = new AnalyticsDatabase(databases.Settings["ConnectionStrings:Analytics"]!))
        {
            Assert.Equal(rows, await RowsAsync(main, oldMain) + await RowsAsync(analytics, oldAnalytics));
        }

        await AssertStopsAsync(cli, "was moved to PostgreSQL");
        (cli.Environment["ConnectionStrings__Main"], cli.Environment["ConnectionStrings__Analytics"]) = (target, target);
        await using (var moved = await TestApp.StartAsync(databases, ("ConnectionStrings:Main", target), ("ConnectionStrings:Analytics", target)))
        {
            Assert.Equal(before, await FiguresAsync(moved, anna));
        }

        await cli.SucceedAsync(["verify"]);
        PostgresCluster.Return(target);
    }

    [Fact]
    public async Task An_interrupted_move_goes_on_and_until_then_no_server_starts()
    {
        PostgresCluster.SkipWhereMissing();
        using var databases = await TestDatabases.CreateAsync(EngineKind.Sqlite);
        using var cli = Cli.For(databases);
        using var other = Cli.For(databases);
        var target = await PostgresCluster.NewDatabaseAsync();
        (other.Environment["ConnectionStrings__Main"], other.Environment["ConnectionStrings__Analytics"]) = (target, target);
        string before;
        Creator anna;
        await using (var app = await TestApp.StartAsync(databases))
        {
            anna = await FillAsync(app);
            await app.AddPageViewsAsync(anna, 41_000);
            before = await FiguresAsync(app, anna);
        }

        await InterruptAsync(databases, target);
        await AssertStopsAsync(cli, "the move has not ended");
        await AssertStopsAsync(other, "A move to the");
        await cli.SucceedAsync(["move", "--to", target]);

        await using (var moved = await TestApp.StartAsync(databases, ("ConnectionStrings:Main", target), ("ConnectionStrings:Analytics", target)))
        {
            Assert.Equal(before, await FiguresAsync(moved, anna));
        }

        PostgresCluster.Return(target); // for another test, so nobody may use it any more
    }

    [Fact]
    public async Task A_move_that_was_cancelled_leaves_the_files_as_they_were()
    {
        PostgresCluster.SkipWhereMissing();
        using var databases = await TestDatabases.CreateAsync(EngineKind.Sqlite);
        using var cli = Cli.For(databases);
        var target = await PostgresCluster.NewDatabaseAsync();
        Creator anna;
        string before;
        await using (var app = await TestApp.StartAsync(databases))
        {
            anna = await FillAsync(app);
            await app.AddPageViewsAsync(anna, 41_000);
            before = await FiguresAsync(app, anna);
        }

        await InterruptAsync(databases, target);
        await cli.SucceedAsync(["move", "--cancel"]);

        await using (var app = await TestApp.StartAsync(databases))
        {
            Assert.Equal(before, await FiguresAsync(app, anna));
            var (busy, _, inUse) = await cli.RunAsync(["move", "--to", target]);
            Assert.Equal((1, true), (busy, inUse.Contains("is in use. Nothing was changed. Stop the server first.", StringComparison.Ordinal)));
        }

        // What is there is of the cancelled one: it may lack what was counted since.
        var (code, _, error) = await cli.RunAsync(["move", "--to", target]);
        Assert.Equal((1, true), (code, error.Contains("has not ended: it was cancelled", StringComparison.Ordinal)));
        PostgresCluster.Return(target);
    }

    [Fact]
    public async Task A_database_with_data_and_a_row_that_cannot_be_read_are_refused()
    {
        PostgresCluster.SkipWhereMissing();
        using var databases = await TestDatabases.CreateAsync(EngineKind.Sqlite);
        using var used = await TestDatabases.CreateAsync(EngineKind.Postgres);
        using var cli = Cli.For(databases);
        var target = await PostgresCluster.NewDatabaseAsync();
        await using (var app = await TestApp.StartAsync(databases))
        {
            var anna = await app.AddCreatorAsync("anna@example.com", DashboardVisit.Password);
            await app.AddSessionsAsync(anna, "instagram.com", 3);
            await app.Analytics.ExecuteAsync("""UPDATE "AnalyticsSession" SET "pageViews" = 5000000000""", Cancelled);
        }

        await using (var app = await TestApp.StartAsync(used))
        {
            await app.AddCreatorAsync("ben@example.com", DashboardVisit.Password);
        }

        var (refused, _, problem) = await cli.RunAsync(["move", "--to", used.Settings["ConnectionStrings:Main"]!]);
        Assert.Equal((1, true), (refused, problem.Contains("has data already", StringComparison.Ordinal)));
        var (bad, _, badRow) = await cli.RunAsync(["move", "--to", target]);
        Assert.Equal((1, true), (bad, badRow.Contains("\"AnalyticsSession\" has a row whose \"pageViews\" cannot be read", StringComparison.Ordinal)));
        foreach (var wrong in (string[][])[["move"], ["move", "--to", "nonsense"], ["move", "--to", "Data Source=x.db"], ["move", "--to", target, "--cancel"]])
        {
            var (code, _, error) = await cli.RunAsync(wrong);
            Assert.Equal((1, true), (code, error.Contains("Nothing was changed.", StringComparison.Ordinal)));
        }

        PostgresCluster.Return(target);
    }

    /// <summary>Begins a move and ends it after the first rows of page views, as a kill would.</summary>
    private static async Task InterruptAsync(TestDatabases databases, string target)
    {
        await using var main = new MainDatabase(target);
        await using var analytics = new AnalyticsDatabase(target);
        await Migrator.MigrateAsync([main, analytics], TimeProvider.System, Cancelled);
        await using var source = new AnalyticsDatabase(databases.Settings["ConnectionStrings:Analytics"]!);
        await using var move = await DatabaseMove.BeginAsync(source, analytics, TimeProvider.System, Cancelled);
        foreach (var table in move.Tables.Where(table => table.Name is "AnalyticsPageView" or "PageDrop"))
        {
            using var kill = new CancellationTokenSource();
            var copy = move.CopyAsync(table, _ => kill.Cancel(), kill.Token);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => copy);
        }
    }

    private static async Task AssertStopsAsync(Cli cli, string reason)
    {
        var (code, _, error) = await cli.RunAsync(["serve", "--Urls", "http://127.0.0.1:0"]);
        Assert.Equal((1, true), (code, error.Contains(reason, StringComparison.Ordinal)));
    }

    /// <summary>A creator with a row in every table, visits that are sealed and others that are not.</summary>
    private static async Task<Creator> FillAsync(TestApp app)
    {
        var anna = await app.AddCreatorAsync("anna@example.com", DashboardVisit.Password);
        await FilledTables.FillAsync(app, anna, "eva@example.com", "account", "Мета\u0000ä");
        await app.AddSessionsAsync(anna, "instagram.com", 40, app.Clock.GetUtcNow() - TimeSpan.FromDays(9));
        await app.AddSessionsAsync(anna, "tiktok.com", 7);
        await app.AddPageViewsAsync(anna, 30);
        await FilledTables.SealAsync(app, anna);
        return anna;
    }

    private static async Task<string> FiguresAsync(TestApp app, Creator creator) =>
        await app.ReportAsync(creator, "overview") + await app.ReportAsync(creator, "traffic") + await app.ReportAsync(creator, "trend");

    /// <summary>All rows of the tables of <paramref name="listed"/>, as text that is the same on both engines.</summary>
    private static async Task<string> RowsAsync(Database database, Database listed)
    {
        var schema = await FilledTables.SchemaAsync(database);
        var tables = (await FilledTables.SchemaAsync(listed)).Select(table => table.Key).Where(name => name is not ("BioscopeMigration" or "Instance")).Order(StringComparer.Ordinal);
        var text = new System.Text.StringBuilder();
        foreach (var table in tables)
        {
            var columns = schema[table].OrderBy(column => column.Column, StringComparer.Ordinal).ToList();
            var rows = await database.QueryAsync(
                $"SELECT {string.Join(", ", columns.Select(column => $"\"{column.Column}\""))} FROM \"{table}\"",
                row => string.Join('|', columns.Select((_, i) => row.GetValue(i) switch
                {
                    byte[] bytes => Convert.ToHexString(bytes),
                    DateTime instant => new DateTimeOffset(DateTime.SpecifyKind(instant, DateTimeKind.Utc)).ToUnixTimeMilliseconds().ToString("D"),
                    bool flag => flag ? "1" : "0",
                    var value => Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture)!.Replace('\0', '\uFFFD'),
                })),
                Cancelled);
            Assert.True(rows.Count > 0 || table is "Rebuild" or "DailySecret" or "Erasure" or "AnonymousVisit" or "PageDrop" or "OutcomeChange" or "AuditEvent" or "ImportedDay" or "Retention"
                or "SharedBudget" or "UsedChallenge", table);
            text.Append(table).Append(": ").AppendJoin('\n', rows.Order(StringComparer.Ordinal)).Append('\n');
        }

        return text.ToString();
    }
}
