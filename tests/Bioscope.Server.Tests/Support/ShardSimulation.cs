using System.Text.Json;
using System.Text.RegularExpressions;
using Bioscope.Engine.Storage;
using Bioscope.Engine.Storage.Migrations;
using Npgsql;

namespace Bioscope.Server.Tests.Support;

/// <summary>
/// A database of PostgreSQL whose tables of visits are divided by page as Citus divides them, each shard in a schema of its own, and which answers
/// questions about them as Citus does. So the server sends what it sends to Citus, and PostgreSQL's log says which shards each statement has touched.
/// </summary>
internal sealed partial class ShardSimulation
{
    private const int Shards = 4;

    private static readonly string Names = string.Join(", ", DistributedTables.ByPage.Select(table => $"'{table}'"));

    private static readonly string DivideSql = $$"""
        CREATE FUNCTION note_row() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE LOG ''row of %'', TG_TABLE_SCHEMA; RETURN NEW; END';
        DO $$
        DECLARE name text;
        BEGIN
          FOR shard IN 0 .. {{Shards - 1}} LOOP EXECUTE format('CREATE SCHEMA shard_%s', shard); END LOOP;
          FOREACH name IN ARRAY ARRAY[{{Names}}] LOOP
            EXECUTE format('ALTER TABLE %I RENAME TO "whole"', name);
            EXECUTE format('CREATE TABLE %I (LIKE "whole" INCLUDING ALL) PARTITION BY HASH ("bioPageId")', name);
            DROP TABLE "whole";
            FOR shard IN 0 .. {{Shards - 1}} LOOP
              EXECUTE format('CREATE TABLE shard_%s.%I PARTITION OF %I FOR VALUES WITH (MODULUS {{Shards}}, REMAINDER %s)', shard, name, name, shard);
              EXECUTE format('CREATE TRIGGER note_row BEFORE INSERT ON shard_%s.%I FOR EACH ROW EXECUTE FUNCTION note_row()', shard, name);
            END LOOP;
          END LOOP;
        END $$
        """;

    // Two machines.
    private static readonly string AnswersSql = $$"""
        SET allow_system_table_mods = on;
        CREATE TABLE pg_catalog.pg_dist_partition AS SELECT to_regclass(quote_ident("name")) AS logicalrelid, 'h'::"char" AS partmethod FROM unnest(ARRAY[{{Names}}]) AS "name";
        CREATE TABLE pg_catalog.pg_dist_shard AS SELECT '"AnalyticsSession"'::regclass AS logicalrelid, "shard"::bigint AS shardid FROM generate_series(0, {{Shards - 1}}) AS "shard";
        CREATE TABLE pg_catalog.pg_dist_placement AS SELECT shardid, 1 + (shardid % 2)::integer AS groupid FROM pg_dist_shard;
        CREATE FUNCTION pg_catalog.get_shard_id_for_distribution_column(tbl regclass, page uuid) RETURNS bigint LANGUAGE sql STABLE
          AS 'SELECT shardid FROM pg_dist_shard WHERE satisfies_hash_partition(tbl, {{Shards}}, shardid::integer, page)';
        CREATE FUNCTION pg_catalog.run_command_on_workers(command text) RETURNS TABLE (success boolean, result text) LANGUAGE sql AS 'SELECT TRUE, ''0''';
        CREATE FUNCTION pg_catalog.run_command_on_colocated_placements(one regclass, other regclass, command text) RETURNS TABLE (success boolean, result text)
          LANGUAGE plpgsql AS $$
        BEGIN
          FOR shard IN 0 .. {{Shards - 1}} LOOP
            success := TRUE;
            EXECUTE format(command, format('shard_%s.%s', shard, one), format('shard_%s.%s', shard, other)) INTO result;
            RETURN NEXT;
          END LOOP;
        END $$
        """;

    private const string PlansSql = """
        LOAD 'auto_explain';
        DO $$
        DECLARE setting text;
        BEGIN
          FOREACH setting IN ARRAY ARRAY['session_preload_libraries = auto_explain', 'auto_explain.log_min_duration = 0', 'auto_explain.log_analyze = on',
            'auto_explain.log_verbose = on', 'auto_explain.log_timing = off', 'auto_explain.log_format = json'] LOOP
            EXECUTE format('ALTER DATABASE %I SET %s', current_database(), setting);
          END LOOP;
        END $$
        """;

    private readonly string _log;
    private readonly long _begin;

    private ShardSimulation(string connectionString, string log) =>
        (ConnectionString, _log, _begin) = (connectionString, log, new FileInfo(log).Length);

    /// <summary>Of the database; it is not used again.</summary>
    public string ConnectionString { get; }

    public static async Task<ShardSimulation> CreateAsync()
    {
        PostgresCluster.SkipWhereMissing();
        var cancelled = TestContext.Current.CancellationToken;
        var connectionString = await PostgresCluster.NewDatabaseAsync();
        await using (var analytics = new AnalyticsDatabase(connectionString))
        {
            await Migrator.MigrateAsync([analytics], new TestClock(TestApp.Start), cancelled);
        }

        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync(cancelled);
        foreach (var sql in (string[])[DivideSql, AnswersSql, PlansSql])
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync(cancelled);
        }

        return new ShardSimulation(connectionString, await PostgresCluster.LogFileAsync());
    }

    /// <summary>The statements that have run, by name, or whole where they have none, each with the shards in which it read or wrote rows.</summary>
    public async Task<List<(string Name, string Shards)>> StatementsAsync()
    {
        await using var file = new FileStream(_log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        file.Position = _begin;
        var statements = new List<(string, string)>();
        var rows = new Dictionary<string, SortedSet<string>>(); // of the statement that a process is running
        foreach (Match line in Line().Matches(await new StreamReader(file).ReadToEndAsync(TestContext.Current.CancellationToken)))
        {
            var process = line.Groups["process"].Value;
            if (!rows.TryGetValue(process, out var shards))
            {
                rows[process] = shards = new SortedSet<string>(StringComparer.Ordinal);
            }

            if (line.Groups["shard"].Success)
            {
                shards.Add(line.Groups["shard"].Value);
                continue;
            }

            using var explained = JsonDocument.Parse(line.Groups["plan"].Value);
            AddShards(explained.RootElement.GetProperty("Plan"), shards);
            statements.Add((NameOf(explained.RootElement.GetProperty("Query Text").GetString()!), string.Join(' ', shards)));
            shards.Clear();
        }

        return statements;
    }

    private static void AddShards(JsonElement node, SortedSet<string> shards)
    {
        if (node.TryGetProperty("Schema", out var schema) && schema.GetString()!.StartsWith("shard_", StringComparison.Ordinal)
            && node.GetProperty("Node Type").GetString() != "ModifyTable" && node.GetProperty("Actual Loops").GetDouble() > 0)
        {
            shards.Add(schema.GetString()!);
        }

        foreach (var part in node.TryGetProperty("Plans", out var parts) ? parts.EnumerateArray().ToArray() : [])
        {
            AddShards(part, shards);
        }
    }

    private static string NameOf(string sql) => sql.StartsWith("-- ", StringComparison.Ordinal) ? sql[3..sql.IndexOf('\n', StringComparison.Ordinal)].Trim() : sql;

    [GeneratedRegex(@"^\S+ \S+ \S+ \[(?<process>\d+)\] LOG:  (?:row of (?<shard>shard_\d)|duration: \S+ ms  plan:\n(?<plan>(?:\t.*\n)+))", RegexOptions.Multiline)]
    private static partial Regex Line();
}
