using System.Data.Common;
using System.Text.RegularExpressions;
using Bioscope.Engine.Ingest;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Storage;
using Bioscope.Engine.Storage.Migrations;
using Bioscope.Engine.Storage.Postgres;
using Npgsql;

namespace Bioscope.Server.Tests;

/// <summary>The tables of visits are spread by page over the workers of Citus: all of them or none, and nothing where there is no Citus.</summary>
public sealed partial class DistributeTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>
    /// Migrations with several subcommands in an ALTER TABLE, which Citus refuses on distributed tables. They are older than distribution, which
    /// wants this version's schema first, so they never run on such tables. A new one must not be added here: write an ALTER TABLE for each.
    /// </summary>
    private static readonly string[] BeforeDistribution = ["0004_rows_in_time_order"];

    [Fact]
    public async Task Distribute_refuses_a_file()
    {
        using var databases = await TestDatabases.CreateAsync(EngineKind.Sqlite);
        using var cli = Cli.For(databases);

        foreach (var arguments in (string[][])[["distribute"], ["distribute", "--dry-run"]])
        {
            var (code, _, error) = await cli.RunAsync(arguments);

            Assert.Equal(1, code);
            Assert.Contains("only PostgreSQL with Citus can be distributed. Nothing was changed.", error, StringComparison.Ordinal);
        }

        Assert.Empty(Directory.GetFiles(databases.Settings["Data:Folder"]!));
    }

    [Fact]
    public async Task Distribute_refuses_PostgreSQL_without_Citus()
    {
        PostgresCluster.SkipWhereMissing();
        using var databases = await TestDatabases.CreateAsync(EngineKind.Postgres);
        using var cli = Cli.For(databases);
        await cli.SucceedAsync(["migrate"]);

        foreach (var arguments in (string[][])[["distribute"], ["distribute", "--dry-run"]])
        {
            var (code, _, error) = await cli.RunAsync(arguments);

            Assert.Equal(1, code);
            Assert.Matches("^Citus is not in the analytics database.*CREATE EXTENSION citus.*\nNothing was changed.\n$", error);
        }
    }

    [Theory]
    [InlineData("--Storage:Ownership=shared", "Storage:Ownership is 'shared'")]
    [InlineData("--shards=0", "--shards: 0 is not a number from 1 to 1024. Nothing was changed.")]
    [InlineData("--shards=1025", "--shards: 1025 is not a number from 1 to 1024. Nothing was changed.")]
    public async Task Distribute_refuses_what_it_cannot_do(string argument, string message)
    {
        using var databases = await TestDatabases.CreateAsync(EngineKind.Sqlite);
        using var cli = Cli.For(databases);

        var (code, _, error) = await cli.RunAsync(["distribute", argument]);

        Assert.Equal((1, true), (code, error.StartsWith(message, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task All_tables_with_a_page_are_distributed()
    {
        PostgresCluster.SkipWhereMissing();
        using var databases = await TestDatabases.CreateAsync(EngineKind.Postgres);
        await using var analytics = new AnalyticsDatabase(databases.Settings["ConnectionStrings:Analytics"]!);
        await Migrator.MigrateAsync([analytics], TimeProvider.System, Cancelled);

        var tables = (await FilledTables.SchemaAsync(analytics)).Where(table => table.Any(column => column.Column == "bioPageId"));

        Assert.Equal(tables.Select(table => table.Key).Order(StringComparer.Ordinal), DistributedTables.ByPage.Order(StringComparer.Ordinal));
        Assert.False(analytics.Dialect.IsDistributed);
    }

    [Fact]
    public async Task Migrations_alter_distributed_tables_one_thing_at_a_time()
    {
        await using var analytics = new AnalyticsDatabase("Host=127.0.0.1");
        var several = MigrationFile.Of(analytics).Where(
            file => AlterTable().Matches(Comment().Replace(file.Sql, "")).Any(alter => Subcommand().Count(alter.Value) > 1));

        Assert.Equal(BeforeDistribution, several.Select(file => file.Name));
    }

    [Fact]
    public void A_statement_that_the_engine_does_not_support_is_a_bug()
    {
        var dialect = new PostgresDialect();
        var unsupported = new PostgresException("could not plan", "ERROR", "ERROR", PostgresErrorCodes.FeatureNotSupported);
        var full = new PostgresException("full", "ERROR", "ERROR", PostgresErrorCodes.TooManyConnections);

        Assert.False(dialect.IsUnavailable(unsupported));
        Assert.False(dialect.IsUnavailable(Together(full, unsupported)));
        Assert.True(dialect.IsUnavailable(Together(full, full)));
        Assert.True(dialect.IsUnavailable(new NpgsqlException("no route", new IOException())));

        // Citus has no other word for a worker that ends in the middle of a statement.
        var ended = new PostgresException("failure on connection marked as essential", "ERROR", "ERROR", PostgresErrorCodes.InternalError);
        Assert.False(dialect.IsUnavailable(ended));
        Assert.True(new PostgresDialect(() => true).IsUnavailable(ended));

        static NpgsqlException Together(params DbException[] failures) => new("several", new AggregateException(failures));
    }

    [Fact]
    public async Task Distribute_takes_rows_along_and_changes_nothing_again()
    {
        Assert.SkipUnless(CitusCluster.IsThere, CitusCluster.IsMissing);
        using var databases = await TestDatabases.CreateAsync(EngineKind.Postgres);
        var analytics = await CitusCluster.NewDatabaseAsync(isDistributed: false);
        using var cli = Cli.For(databases);
        cli.Environment["ConnectionStrings__Analytics"] = analytics;
        await cli.SucceedAsync(["migrate"]);
        var pages = Enumerable.Range(0, 300).Select(_ => Guid.NewGuid()).ToList();
        await using (var before = new AnalyticsDatabase(analytics))
        {
            await before.InsertAsync(SessionRow.Table, pages.ConvertAll(Session), Cancelled);
            Assert.False(before.Dialect.IsDistributed);
        }

        var dry = await cli.SucceedAsync(["distribute", "--dry-run"]);
        Assert.Contains("Nothing was changed. To do it: bioscope distribute", dry, StringComparison.Ordinal);
        var said = await cli.SucceedAsync(["distribute", "--shards", "4"]);
        Assert.Contains($"{DistributedTables.ByPage.Count} tables are distributed.", said, StringComparison.Ordinal);
        Assert.Contains("already. Nothing was changed.", await cli.SucceedAsync(["distribute"]), StringComparison.Ordinal);

        await using var after = new AnalyticsDatabase(analytics);
        Assert.Equal(pages.Order(Pages.Order), await Pages.AllAsync(after, Cancelled).ToListAsync(Cancelled));
        Assert.True(after.Dialect.IsDistributed);
        Assert.True((await new Distribution(after).ReadAsync(Cancelled)).ArePlansOurs);
        Assert.Empty(await after.QueryAsync(
            """
            SELECT 1 FROM pg_dist_partition JOIN pg_class ON "oid" = "logicalrelid" WHERE "relreplident" = 'd'
            AND NOT EXISTS (SELECT 1 FROM pg_index WHERE "indrelid" = "logicalrelid" AND "indisprimary")
            """,
            _ => true, Cancelled));
        await after.ExecuteAsync($"ALTER DATABASE \"{new NpgsqlConnectionStringBuilder(analytics).Database}\" RESET jit", Cancelled);
        Assert.Contains("To fix: bioscope distribute", (await cli.RunAsync(["doctor"])).Output, StringComparison.Ordinal);
        Assert.Contains("settings were made", await cli.SucceedAsync(["distribute"]), StringComparison.Ordinal);
        var doctor = await cli.RunAsync(["doctor"]);
        Assert.Matches("distributed by Citus .* over [1-9]", doctor.Output);
        Assert.DoesNotContain("FAIL  analytics", doctor.Output, StringComparison.Ordinal);
        Assert.Contains(" runs each kind of statement", doctor.Output, StringComparison.Ordinal);
        // What doctor tried is taken back.
        Assert.Equal(pages.Order(Pages.Order), await Pages.AllAsync(after, Cancelled).ToListAsync(Cancelled));
    }

    /// <summary>Servers that lock rows in the order of shards must not take a page for one of which nothing is known.</summary>
    [Fact]
    public async Task Each_batch_says_in_which_shards_its_pages_are()
    {
        Assert.SkipUnless(CitusCluster.IsThere, CitusCluster.IsMissing);
        await using var analytics = new AnalyticsDatabase(await CitusCluster.NewDatabaseAsync(isDistributed: true));
        using var machines = new PageMachines(analytics, TimeProvider.System);
        Guid[] pages = [.. Enumerable.Range(0, 20).Select(_ => Guid.NewGuid())];
        var shards = ((PostgresDialect)analytics.Dialect).Shards;
        await machines.FindAsync(pages, Cancelled);
        var divided = shards.Divide(pages, page => page).ToList();
        Assert.InRange(divided.Count, 1, 4);

        for (var i = 0; i < 100_000; i++)
        {
            shards.Set(Guid.NewGuid(), 1); // so many that what was known is forgotten
        }

        Assert.Equal(20, shards.Divide(pages, page => page).Count());
        await machines.FindAsync(pages, Cancelled);
        Assert.Equal(divided, shards.Divide(pages, page => page));
    }

    /// <summary>Citus would keep a plan for each execution there.</summary>
    [Fact]
    public async Task A_coordinator_that_has_shards_keeps_no_plans()
    {
        Assert.SkipUnless(CitusCluster.IsThere, CitusCluster.IsMissing);
        var connectionString = await CitusCluster.NewDatabaseAsync(isDistributed: false);
        await using (var before = new AnalyticsDatabase(connectionString))
        {
            await Migrator.MigrateAsync([before], TimeProvider.System, Cancelled);
            await new Distribution(before).RunAsync(shards: 4, _ => { }, Cancelled);
        }

        await using var running = new AnalyticsDatabase(connectionString);
        Assert.Equal("auto", await ModeAsync(running));
        var page = Guid.NewGuid();
        await using (var connection = new NpgsqlConnection(connectionString))
        {
            await connection.OpenAsync(Cancelled);
            await using var move = new NpgsqlCommand(
                $"""
                SELECT citus_set_node_property("nodename", "nodeport", 'shouldhaveshards', true) FROM pg_dist_node WHERE "groupid" = 0;
                SELECT citus_move_shard_placement(
                  get_shard_id_for_distribution_column('"AnalyticsSession"', '{page}'),
                  (SELECT "nodeid" FROM pg_dist_node JOIN pg_dist_placement USING ("groupid")
                   WHERE "shardid" = get_shard_id_for_distribution_column('"AnalyticsSession"', '{page}')),
                  (SELECT "nodeid" FROM pg_dist_node WHERE "groupid" = 0), 'block_writes')
                """,
                connection);
            await move.ExecuteNonQueryAsync(Cancelled);
        }

        using var machines = new PageMachines(running, TimeProvider.System);
        Assert.Equal(0, (await machines.FindAsync([page], Cancelled))[page].Machine);
        Assert.Equal("force_custom_plan", await ModeAsync(running));
        await using var started = new AnalyticsDatabase(connectionString);
        Assert.Equal("force_custom_plan", await ModeAsync(started));

        static async Task<string> ModeAsync(AnalyticsDatabase analytics) =>
            (await analytics.QueryAloneAsync("SHOW plan_cache_mode", row => row.GetString(0), Cancelled)).Single();
    }

    [Fact]
    public async Task Migrations_run_on_tables_that_were_distributed_before()
    {
        Assert.SkipUnless(CitusCluster.IsThere, CitusCluster.IsMissing);
        var last = MigrationFile.Of(new AnalyticsDatabase("Host=127.0.0.1"))[^1].Number;
        for (var number = 4; number < last; number++)
        {
            var connectionString = await CitusCluster.NewDatabaseAsync(isDistributed: false);
            await using (var earlier = new AnalyticsDatabase(connectionString))
            {
                await MigratorTests.MigrateToAsync(earlier, number);
                await new Distribution(earlier).RunAsync(shards: 2, _ => { }, Cancelled);
            }

            await using var analytics = new AnalyticsDatabase(connectionString);
            await Migrator.MigrateAsync([analytics], TimeProvider.System, Cancelled);

            Assert.Empty(await new Distribution(analytics).MissingAsync(Cancelled));
            await analytics.InsertAsync(SessionRow.Table, [Session(Guid.NewGuid())], Cancelled);
        }
    }

    private static SessionRow Session(Guid page) =>
        new() { BioPageId = page, Id = Guid.NewGuid(), VisitorId = "visitor", StartedAt = TestApp.Start };

    [GeneratedRegex(@"ALTER TABLE[^;]+;")]
    private static partial Regex AlterTable();

    [GeneratedRegex(@"--.*")]
    private static partial Regex Comment();

    [GeneratedRegex(@"\b(?:ALTER COLUMN \S+ (?:SET|DROP|ADD|TYPE)|ADD|DROP|RENAME|SET|VALIDATE)\b(?! NOT)")]
    private static partial Regex Subcommand();
}
