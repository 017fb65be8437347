using System.Data.Common;
using System.Globalization;
using Bioscope.Bench.Data;
using Bioscope.Bench.Processes;
using Bioscope.Engine.Storage;
using Npgsql;

namespace Bioscope.Bench.Engines;

/// <summary>
/// A PostgreSQL server of our own, with its data in the folder, on loopback and a random port. Unlike the one of the tests it syncs:
/// what it answers is on disk. Runs until it is disposed of.
/// </summary>
internal sealed class PostgresEngine(string folder) : BenchEngine(folder)
{
    // Both databases in one, as they may be: pgbench then can run all that a request leads to on one connection.
    private const string Database = "bioscope";
    private const string Copy = "bioscope_copy";

    private static readonly string[] MainTables = ["User", "CreatorProfile", "BioPage", "BioLink", "RefreshFamily", "LoginAttempt"];

    private bool _runs;

    public override string Name => "postgresql";

    public int Port { get; private set; }

    public override string MainConnection => ConnectionTo(Database);

    public override string AnalyticsConnection => ConnectionTo(Database);

    /// <summary>Where the server's log goes, an object a line.</summary>
    public string LogFolder => Path.Combine(Cluster, "log");

    private string Cluster => Path.Combine(Folder, "cluster");

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await PrepareFolderAsync(cancellationToken);
        var isNew = !File.Exists(Path.Combine(Cluster, "PG_VERSION"));
        if (isNew)
        {
            await PostgresPrograms.RunAsync("initdb", cancellationToken, "-D", Cluster, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C");
        }
        else if (File.Exists(Path.Combine(Cluster, "postmaster.pid")))
        {
            // Ours, left behind by a run that was killed.
            await PostgresPrograms.RunAsync("pg_ctl", cancellationToken, "stop", "-s", "-m", "fast", "-D", Cluster);
        }

        Port = Ports.Free();
        var options = string.Create(CultureInfo.InvariantCulture, $"-p {Port} ") + string.Join(' ', ((string[])
        [
            "listen_addresses=127.0.0.1", "unix_socket_directories=''", "max_connections=200", "shared_buffers=512MB", "max_wal_size=4GB",
            "maintenance_work_mem=512MB", "effective_cache_size=4GB", "random_page_cost=1.1",
            "logging_collector=on", "log_destination=jsonlog", "log_directory=log", "log_filename=bench.log", "log_truncate_on_rotation=on",
        ]).Select(option => "-c " + option));
        await PostgresPrograms.RunAsync("pg_ctl", cancellationToken, "start", "-s", "-w", "-D", Cluster, "-l", Path.Combine(Cluster, "start.log"), "-o", options);
        _runs = true;

        await using var connection = await ConnectAsync("postgres", cancellationToken);
        // Somebody else could have taken the port meanwhile: talk to our own server only.
        if (await ScalarAsync<string>(connection, "SHOW data_directory", cancellationToken) != Cluster)
        {
            throw new BenchException("Another PostgreSQL answers on the port that was chosen; try again.");
        }

        if (isNew)
        {
            await RunAsync(connection, $"CREATE DATABASE {Database} TEMPLATE template0", cancellationToken);
        }
    }

    public override async Task<string> VersionAsync(CancellationToken cancellationToken)
    {
        await using var connection = await ConnectAsync("postgres", cancellationToken);
        return "PostgreSQL " + connection.ServerVersion;
    }

    public override Task StoreAsync(IEnumerable<Chunk> chunks, Action<int> stored, CancellationToken cancellationToken) =>
        PostgresCopy.StoreAsync(AnalyticsConnection, chunks, stored, cancellationToken);

    public override async Task<List<(string Name, string Sql)>> IndexesAsync(DbConnection connection, string table, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = $"""
            SELECT relname::text, pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
            WHERE indrelid = '"{table}"'::regclass AND NOT indisprimary
            """;
        return await SqlDialect.ReadAsync(command, row => (row.GetString(0), row.GetString(1)), cancellationToken);
    }

    public override async Task TidyAsync(CancellationToken cancellationToken)
    {
        await using var connection = await ConnectAsync(Database, cancellationToken);
        await RunAsync(connection, "VACUUM ANALYZE", cancellationToken);
    }

    public override async Task<Weights> WeighAsync(CancellationToken cancellationToken)
    {
        await using var connection = await ConnectAsync(Database, cancellationToken);
        var (raw, all) = (In(RawTables), In([.. RawTables, .. MainTables]));
        return new Weights(
            await SumAsync("pg_table_size(oid)", raw),
            await SumAsync("pg_indexes_size(oid)", raw),
            await SumAsync("pg_total_relation_size(oid)", "NOT " + all));

        static string In(string[] tables) => $"IN ({string.Join(", ", tables.Select(table => $"'{table}'"))})";

        Task<long> SumAsync(string size, string which) => ScalarAsync<long>(
            connection,
            $"SELECT COALESCE(SUM({size}), 0)::bigint FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname {which}",
            cancellationToken);
    }

    public override async Task<string> CopyAnalyticsAsync(CancellationToken cancellationToken)
    {
        await DropCopyAsync(cancellationToken);
        NpgsqlConnection.ClearAllPools();
        await using var connection = await ConnectAsync("postgres", cancellationToken);
        await RunAsync(connection, $"CREATE DATABASE {Copy} TEMPLATE {Database} STRATEGY FILE_COPY", cancellationToken);
        return ConnectionTo(Copy);
    }

    public override async Task DropCopyAsync(CancellationToken cancellationToken)
    {
        await using var connection = await ConnectAsync("postgres", cancellationToken);
        await RunAsync(connection, $"DROP DATABASE IF EXISTS {Copy} WITH (FORCE)", cancellationToken);
    }

    /// <summary>Changes a setting of the running server, or takes it back when the value is null.</summary>
    public async Task SetAsync(string setting, string? value, CancellationToken cancellationToken)
    {
        await using var connection = await ConnectAsync("postgres", cancellationToken);
        await RunAsync(connection, value is null ? $"ALTER SYSTEM RESET {setting}" : $"ALTER SYSTEM SET {setting} = '{value}'", cancellationToken);
        await RunAsync(connection, "SELECT pg_reload_conf()", cancellationToken);
    }

    public override async ValueTask DisposeAsync()
    {
        if (_runs)
        {
            _runs = false;
            NpgsqlConnection.ClearAllPools();
            await PostgresPrograms.RunAsync("pg_ctl", CancellationToken.None, "stop", "-s", "-m", "fast", "-D", Cluster);
        }
    }

    private string ConnectionTo(string database) => string.Create(
        CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={Port};Username=postgres;Database={database}");

    private async Task<NpgsqlConnection> ConnectAsync(string database, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(ConnectionTo(database) + ";Pooling=false");
        await connection.OpenAsync(cancellationToken);
        return connection;
    }

    /// <summary>Makes the folder, for the user that the server runs as.</summary>
    private async Task PrepareFolderAsync(CancellationToken cancellationToken)
    {
        if (!PostgresPrograms.AreInstalled)
        {
            throw new BenchException("PostgreSQL is not installed: there is no initdb. Leave it out with --engine sqlite.");
        }

        if (!Directory.Exists(Folder))
        {
            Directory.CreateDirectory(Folder);
            if (Environment.UserName == "root")
            {
                await Commands.RunAsync("chown", cancellationToken, "postgres", Folder);
            }
        }
    }
}
