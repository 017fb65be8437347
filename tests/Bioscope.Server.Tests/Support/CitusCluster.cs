using System.Collections.Concurrent;
using System.Globalization;
using Bioscope.Engine.Storage;
using Bioscope.Engine.Storage.Migrations;
using Npgsql;

[assembly: AssemblyFixture(typeof(Bioscope.Server.Tests.Support.CitusCluster))]

namespace Bioscope.Server.Tests.Support;

/// <summary>
/// A Citus that somebody started: <c>BIOSCOPE_CITUS=Host=…;Username=…;Database=…</c> names a database of its coordinator in which Citus knows
/// the workers. The tests make databases of their own on all nodes, and drop them at the end.
/// </summary>
public sealed class CitusCluster : IAsyncDisposable
{
    public const string IsMissing = "BIOSCOPE_CITUS does not name a database of a Citus coordinator";

    // Fewer than an installation has, because each statement for all pages asks all of them.
    private const int Shards = 4;

    private static readonly string? Given = Environment.GetEnvironmentVariable("BIOSCOPE_CITUS") is { Length: > 0 } given ? given : null;
    private static readonly string Prefix = $"bioscope_{Guid.NewGuid():N}"[..16];
    private static readonly ConcurrentBag<string> Made = [], Used = [];
    private static readonly SemaphoreSlim Creating = new(1, 1);
    private static int _databases;
    private static string? _schema; // of a new database

    public static bool IsThere => Given is not null;

    /// <summary>The connection string of a database of its own: with this version's tables distributed and empty, or without any.</summary>
    public static async Task<string> NewDatabaseAsync(bool isDistributed)
    {
        var number = Interlocked.Increment(ref _databases);
        while (isDistributed && Used.TryTake(out var used))
        {
            if (await TryEmptyAsync(used))
            {
                return ConnectionString(used) + $";Application Name=test{number}"; // a pool of its own
            }
        }

        var name = string.Create(CultureInfo.InvariantCulture, $"{Prefix}_{number}");
        await CreateAsync(name);
        Made.Add(name);
        if (isDistributed)
        {
            await using var analytics = new AnalyticsDatabase(ConnectionString(name));
            await Migrator.MigrateAsync([analytics], TimeProvider.System, CancellationToken.None);
            await new Distribution(analytics).RunAsync(Shards, _ => { }, CancellationToken.None);
            _schema ??= await SchemaAsync(name);
        }

        return ConnectionString(name);
    }

    /// <summary>Returns a distributed database, for the next test to use.</summary>
    public static void Return(string connectionString) => Used.Add(new NpgsqlConnectionStringBuilder(connectionString).Database!);

    public async ValueTask DisposeAsync()
    {
        foreach (var name in Made)
        {
            foreach (var node in await NodesAsync())
            {
                await RunAsync(node, $"DROP DATABASE IF EXISTS {name} WITH (FORCE)");
            }
        }
    }

    // One at a time: with each node Citus makes the role there anew, which all databases have in common.
    private static async Task CreateAsync(string name)
    {
        await Creating.WaitAsync();
        try
        {
            await CreateAloneAsync(name);
        }
        finally
        {
            Creating.Release();
        }
    }

    private static async Task CreateAloneAsync(string name)
    {
        var nodes = await NodesAsync();
        foreach (var node in nodes)
        {
            await RunAsync(node, $"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'");
            await RunAsync(In(node, name), "CREATE EXTENSION citus");
        }

        var coordinator = new NpgsqlConnectionStringBuilder(nodes[0]);
        await RunAsync(In(nodes[0], name), $"SELECT citus_set_coordinator_host('{coordinator.Host}', {coordinator.Port})");
        foreach (var worker in nodes.Skip(1).Select(node => new NpgsqlConnectionStringBuilder(node)))
        {
            await RunAsync(In(nodes[0], name), $"SELECT citus_add_node('{worker.Host}', {worker.Port})");
        }
    }

    // A database that a test has made unusable, or whose tables it has changed, is abandoned.
    private static async Task<bool> TryEmptyAsync(string name)
    {
        try
        {
            await RunAsync(
                ConnectionString(name),
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND application_name NOT ILIKE 'citus%'
                """);
            await RunAsync(
                ConnectionString(name),
                $"""
                DO $$ BEGIN IF to_regclass('"User"') IS NOT NULL THEN RAISE 'It was used as a main database too.'; END IF; END $$;
                TRUNCATE {string.Join(", ", DistributedTables.ByPage.Select(table => $"\"{table}\""))};
                DELETE FROM "Fence"; DELETE FROM "Rebuild"; DELETE FROM "Retention"
                """);
            return await SchemaAsync(name) == _schema;
        }
        catch (PostgresException)
        {
            return false;
        }
    }

    /// <summary>The columns of all tables and indexes.</summary>
    private static async Task<string> SchemaAsync(string name)
    {
        await using var source = NpgsqlDataSource.Create(ConnectionString(name) + ";Pooling=false");
        await using var command = source.CreateCommand(
            """
            SELECT string_agg(concat_ws(' ', "attrelid"::regclass, "attname", "atttypid", "attnotnull", "atthasdef"), ',' ORDER BY "attrelid"::regclass::text, "attnum")
            FROM pg_attribute JOIN pg_class ON pg_class."oid" = "attrelid" WHERE "relnamespace" = 'public'::regnamespace AND "attnum" > 0 AND NOT "attisdropped"
            """);
        return (string)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>The coordinator, then the workers.</summary>
    private static async Task<List<string>> NodesAsync()
    {
        await using var connection = new NpgsqlConnection(Given);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            "SELECT nodename, nodeport FROM pg_dist_node WHERE groupid > 0 AND noderole = 'primary' ORDER BY groupid", connection);
        await using var reader = await command.ExecuteReaderAsync();
        List<string> nodes = [Given!];
        while (await reader.ReadAsync())
        {
            nodes.Add(new NpgsqlConnectionStringBuilder(Given) { Host = reader.GetString(0), Port = reader.GetInt32(1) }.ConnectionString);
        }

        return nodes;
    }

    private static string In(string node, string database) => new NpgsqlConnectionStringBuilder(node) { Database = database }.ConnectionString;

    private static string ConnectionString(string name) =>
        In(Given!, name) + ";Maximum Pool Size=10;Connection Idle Lifetime=5;Connection Pruning Interval=2;" +
        $"Timeout={Patience.Limit.TotalSeconds};Command Timeout={Patience.Limit.TotalSeconds}";

    private static async Task RunAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false;Command Timeout=120");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
