using System.Globalization;
using Bioscope.Engine.Storage.Migrations;

namespace Bioscope.Engine.Storage;

/// <summary>
/// Spreads the tables of visits over the workers of Citus, by page. All of it is one transaction: it is done, or nothing has changed.
/// </summary>
internal sealed class Distribution(AnalyticsDatabase analytics)
{
    /// <summary>The oldest version of Citus that this was tried with.</summary>
    public static readonly Version MinVersion = new(13, 0);

    private const string VersionSql = """
        -- version of citus
        SELECT "extversion" FROM pg_extension WHERE "extname" = 'citus'
        """;

    private const string AvailableSql = """
        -- available citus
        SELECT 1 FROM pg_available_extensions WHERE "name" = 'citus'
        """;

    private const string NodesSql = """
        -- nodes of citus
        SELECT "nodename" || ':' || "nodeport", "isactive", "shouldhaveshards"
        FROM pg_dist_node WHERE "noderole" = 'primary' ORDER BY "groupid"
        """;

    private const string LocalSql = """
        -- group of this node
        SELECT "groupid" FROM pg_dist_local_group
        """;

    // Whoever connects as this role, which is what the coordinator does.
    private const string SettingsSql = """
        -- settings of workers
        SELECT "nodename" || ':' || "nodeport", "success", "result" FROM run_command_on_workers(
          'SELECT concat_ws('' '', current_setting(''synchronous_commit''), current_setting(''enable_seqscan''), current_setting(''jit''))')
        """;

    private const string OwnPlans = "off off";

    // What a session of ours sets does not reach the workers, which plan their statements by themselves: in a table that is new to it, one would
    // read a whole shard for one page. Citus passes this on to all of them.
    private const string SetPlansSql = """
        -- plans of workers
        DO $$
        BEGIN
          EXECUTE format('ALTER DATABASE %I SET enable_seqscan = off', current_database());
          EXECUTE format('ALTER DATABASE %I SET jit = off', current_database());
        END $$
        """;

    // Without it, shards of tables that have no primary key move only while nobody writes. It costs nothing where wal_level is not logical.
    private const string IdentifySql = """
        -- identities of rows
        DO $$
        DECLARE "name" text;
        BEGIN
          FOR "name" IN SELECT "relname" FROM pg_dist_partition JOIN pg_class ON "oid" = "logicalrelid"
            WHERE "partmethod" = 'h' AND "relreplident" = 'd'
              AND NOT EXISTS (SELECT 1 FROM pg_index WHERE "indrelid" = "logicalrelid" AND "indisprimary")
          LOOP
            EXECUTE format('ALTER TABLE %I REPLICA IDENTITY FULL', "name");
          END LOOP;
        END $$
        """;

    private const string RowsSql = """
        -- estimated rows
        SELECT GREATEST("reltuples", 0)::bigint FROM pg_class WHERE "oid" = to_regclass(quote_ident(@table))
        """;

    /// <summary>What is in the way, one sentence each, with what to do; empty when all is well.</summary>
    /// <returns>With the version of Citus, and its workers.</returns>
    public async Task<DistributionState> ReadAsync(CancellationToken cancellationToken)
    {
        if (await analytics.QueryAloneAsync(VersionSql, row => row.GetString(0), cancellationToken) is not [var version])
        {
            var isThere = (await analytics.QueryAloneAsync(AvailableSql, _ => true, cancellationToken)).Count > 0;
            return new(null, [], true, [
                "Citus is not in the analytics database" + (isThere ? "" : ", and the server does not have it") + ". Install it on all machines " +
                "(shared_preload_libraries = 'citus'), run CREATE EXTENSION citus in a database of this name on each, and on the " +
                "coordinator SELECT citus_set_coordinator_host(…) and SELECT citus_add_node('worker', 5432) for each worker."]);
        }

        var problems = new List<string>();
        if (!Version.TryParse(version.Split('-')[0], out var number) || number < MinVersion)
        {
            problems.Add($"Citus is {version}, and {MinVersion} or newer is needed.");
        }

        if (await analytics.QueryAloneAsync(LocalSql, row => row.GetInt32(0), cancellationToken) is not [0])
        {
            problems.Add("This is a worker of Citus. Name the coordinator in the connection string.");
            return new(version, [], true, problems);
        }

        var nodes = await analytics.QueryAloneAsync(
            NodesSql, row => (Address: row.GetString(0), IsActive: row.GetBoolean(1), HasShards: row.GetBoolean(2)), cancellationToken);
        var workers = nodes.FindAll(node => node.HasShards);
        if (workers.Count == 0)
        {
            problems.Add("Citus knows no worker that takes shards. On the coordinator: SELECT citus_add_node('worker', 5432) for each.");
        }

        problems.AddRange(workers.Where(node => !node.IsActive).Select(
            node => $"The worker {node.Address} is not active. On the coordinator: SELECT citus_activate_node(…)."));
        var settings = await analytics.QueryAloneAsync(
            SettingsSql, row => new WorkerSettings(row.GetString(0), row.GetBoolean(1), row.IsDBNull(2) ? "" : row.GetString(2)), cancellationToken);
        problems.AddRange(settings.Select(CommitProblem).OfType<string>());
        var arePlansOurs = settings.TrueForAll(worker => !worker.Answers || worker.Values.EndsWith(OwnPlans, StringComparison.Ordinal));
        return new(version, workers.ConvertAll(node => node.Address), arePlansOurs, problems);
    }

    /// <summary>The tables that are not distributed yet, with about how many rows each has.</summary>
    public async Task<List<(string Table, long Rows)>> MissingAsync(CancellationToken cancellationToken)
    {
        await using var connection = await analytics.OpenAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var tables = new List<(string, long)>();
        foreach (var table in await DistributedTables.MissingAsync(analytics.Dialect, transaction, cancellationToken))
        {
            tables.Add((table, (await analytics.Dialect.QueryAsync(
                transaction, RowsSql, row => row.GetInt64(0), cancellationToken, ("@table", table)))[0]));
        }

        return tables;
    }

    /// <summary>
    /// Distributes all tables that are not yet, and makes settings: also those that are missing for tables that an earlier version has
    /// distributed, and for workers that were added.
    /// </summary>
    /// <param name="shards">How many shards each table has, if none is distributed yet.</param>
    /// <param name="progress">Is told of each table before it is copied.</param>
    /// <param name="cancellationToken">Leaves everything as it was.</param>
    /// <returns>Which ones.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(int shards, Action<string> progress, CancellationToken cancellationToken)
    {
        var dialect = analytics.Dialect;
        await using var connection = await analytics.OpenAsync(cancellationToken);
        await using var transaction = await dialect.BeginExclusiveAsync(connection, cancellationToken); // no migration at the same time
        await DistributedTables.BeginChangesAsync(dialect, transaction, cancellationToken);
        var tables = await DistributedTables.MissingAsync(dialect, transaction, cancellationToken);
        for (var i = 0; i < tables.Count; i++)
        {
            progress(string.Create(CultureInfo.InvariantCulture, $"{tables[i]}, table {i + 1} of {tables.Count}"));
            await DistributedTables.DistributeAsync(dialect, transaction, tables[i], shards, cancellationToken);
        }

        await dialect.ExecuteAsync(transaction, IdentifySql, cancellationToken);
        await dialect.ExecuteAsync(transaction, SetPlansSql, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return tables;
    }

    private static string? CommitProblem(WorkerSettings worker) =>
        !worker.Answers ? $"The worker {worker.Address} does not answer: {worker.Values}"
        : worker.Values.StartsWith("off ", StringComparison.Ordinal)
            ? $"The worker {worker.Address} has synchronous_commit=off, so visits that were acknowledged could be lost. There: ALTER SYSTEM SET " +
                "synchronous_commit = on; SELECT pg_reload_conf();"
            : null;

    private sealed record WorkerSettings(string Address, bool Answers, string Values);
}

/// <summary>What Citus is like.</summary>
/// <param name="Version">Null where it is not in the database.</param>
/// <param name="Workers">The addresses of those that take shards.</param>
/// <param name="ArePlansOurs">Whether the workers plan statements as this program wants.</param>
/// <param name="Problems">What is in the way of distributing, with what to do.</param>
internal sealed record DistributionState(string? Version, IReadOnlyList<string> Workers, bool ArePlansOurs, IReadOnlyList<string> Problems);
