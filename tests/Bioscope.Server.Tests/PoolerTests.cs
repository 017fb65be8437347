using System.Globalization;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Storage;
using Npgsql;

namespace Bioscope.Server.Tests;

/// <summary>Behind Debian's PgBouncer nothing is lost, whatever its configuration, or the start says what to set.</summary>
public sealed class PoolerTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("pool_mode = transaction")] // refuses our startup options
    [InlineData("pool_mode = transaction\nignore_startup_parameters = options")]
    [InlineData("pool_mode = transaction\nignore_startup_parameters = options,extra_float_digits\nserver_reset_query_always = 1")]
    [InlineData("pool_mode = session\nignore_startup_parameters = options\ndefault_pool_size = 60")]
    public async Task Every_visit_is_stored_and_counted(string settings)
    {
        PgBouncer.SkipWhereMissing();
        using var databases = await TestDatabases.CreateAsync(EngineKind.Postgres);
        await using var pooler = await PgBouncer.StartAsync(databases.Settings["ConnectionStrings:Main"]!, settings);
        await using var app = await StartAsync(databases, pooler);
        var creator = await app.AddCreatorAsync();

        // Far more at once than the pooler has connections, and each statement often enough to be prepared elsewhere.
        for (var round = 0; round < 5; round++)
        {
            var sessions = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => VisitAsync(app, creator)));
            Assert.DoesNotContain(null, sessions);
        }

        Assert.Equal(["direct 300 100%"], await app.TrafficAsync(creator));
        Assert.All(
            (await app.MetricsAsync()).Where(metric => metric.Key.StartsWith("bioscope_ingest_drops", StringComparison.Ordinal)),
            metric => Assert.Equal("0", metric.Value));
        Assert.True(app.Main.IsBehindPooler && app.Analytics.IsBehindPooler);
    }

    [Theory]
    [InlineData("pool_mode = statement", "", "pool_mode = transaction in pgbouncer.ini")]
    [InlineData("pool_mode = transaction", ";Search Path=public", "ignore_startup_parameters in pgbouncer.ini")]
    public async Task A_pooler_that_cannot_work_is_refused_with_the_setting(string settings, string more, string advice)
    {
        PgBouncer.SkipWhereMissing();
        using var databases = await TestDatabases.CreateAsync(EngineKind.Postgres);
        await using var pooler = await PgBouncer.StartAsync(databases.Settings["ConnectionStrings:Main"]!, settings);

        var failure = await Assert.ThrowsAsync<NpgsqlException>(() => StartAsync(databases, pooler, more));

        Assert.Contains(advice, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_may_lose_acknowledged_visits_is_refused()
    {
        PgBouncer.SkipWhereMissing();
        using var databases = await TestDatabases.CreateAsync(EngineKind.Postgres);
        var main = databases.Settings["ConnectionStrings:Main"]!;
        await using var pooler = await PgBouncer.StartAsync(main, "pool_mode = transaction");
        await SetAsync("off");
        try
        {
            var failure = await Assert.ThrowsAsync<NpgsqlException>(() => StartAsync(databases, pooler));
            Assert.Contains("SET synchronous_commit = on", failure.Message, StringComparison.Ordinal);
        }
        finally
        {
            await SetAsync("on");
        }

        async Task SetAsync(string value)
        {
            await using var source = NpgsqlDataSource.Create(main + ";Pooling=false");
            await using var command = source.CreateCommand(string.Create(
                CultureInfo.InvariantCulture, $"ALTER DATABASE {new NpgsqlConnectionStringBuilder(main).Database} SET synchronous_commit = {value}"));
            await command.ExecuteNonQueryAsync(Cancellation);
        }
    }

    [Fact]
    public async Task Without_a_pooler_statements_are_prepared_with_our_settings()
    {
        PostgresCluster.SkipWhereMissing();
        await using var database = new MainDatabase(
            (await PostgresCluster.NewDatabaseAsync()).Replace("Host=127.0.0.1;", "Host=127.0.0.1;Options=-c work_mem=7MB;", StringComparison.Ordinal));

        var settings = (await database.QueryAsync(
            "SELECT current_setting('jit') || ' ' || current_setting('plan_cache_mode') || ' ' || current_setting('work_mem')",
            row => row.GetString(0), Cancellation)).Single();

        Assert.Equal(("off force_generic_plan 7MB", false), (settings, database.IsBehindPooler));
    }

    private static async Task<Guid?> VisitAsync(TestApp app, Creator creator)
    {
        if (await app.PostSessionAsync(creator) is not { } session || await app.PostPageViewAsync(session) is null)
        {
            return null;
        }

        return session;
    }

    private static Task<TestApp> StartAsync(TestDatabases databases, PgBouncer pooler, string more = "") => TestApp.StartAsync(
        databases,
        ("Throttle:Enabled", "false"),
        ("ConnectionStrings:Main", pooler.Through(databases.Settings["ConnectionStrings:Main"]!) + more),
        ("ConnectionStrings:Analytics", pooler.Through(databases.Settings["ConnectionStrings:Analytics"]!) + more));
}
