using System.Data.Common;

namespace Bioscope.Engine.Storage.Migrations;

/// <summary>
/// Which tables Citus spreads over its workers: those that have a page in every row, all in the same way, so that what is about one page is on
/// one machine. Small tables of the installation stay on the coordinator.
/// </summary>
internal static class DistributedTables
{
    /// <summary>All that migrations make; the others are spread like the first.</summary>
    public static readonly IReadOnlyList<string> ByPage =
    [
        "AnalyticsSession", "AnalyticsPageView", "AnonymousVisit", "RollupPage", "Rollup", "RollupVisitors", "OutcomeChange", "Segment",
        "SegmentColumn", "PageDrop", "ImportedDay",
    ];

    private const string MissingSql = """
        -- tables to distribute
        SELECT "name" FROM unnest(@names) WITH ORDINALITY AS "table" ("name", "place")
        WHERE to_regclass(quote_ident("name")) IS NOT NULL
          AND NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = to_regclass(quote_ident("name")) AND partmethod = 'h')
        ORDER BY "place"
        """;

    // The first one decides how many shards there are.
    private const string DistributeFirstSql = """
        -- distribute first table
        SELECT create_distributed_table(quote_ident(@table)::regclass, 'bioPageId', colocate_with => 'none', shard_count => @shards)
        """;

    private const string DistributeSql = """
        -- distribute table
        SELECT create_distributed_table(quote_ident(@table)::regclass, 'bioPageId', colocate_with => quote_ident(@like))
        """;

    // Citus copies the rows, and leaves the old ones where no statement sees them: what is erased later must not be left there.
    private const string TruncateSql = """
        -- remove local rows
        SELECT truncate_local_data_after_distributing_table(quote_ident(@table)::regclass)
        """;

    /// <summary>Those that are not distributed, in the order in which they are to be.</summary>
    public static Task<List<string>> MissingAsync(SqlDialect dialect, DbTransaction transaction, CancellationToken cancellationToken) =>
        dialect.QueryAsync(transaction, MissingSql, row => row.GetString(0), cancellationToken, ("@names", ByPage.ToArray()));

    /// <summary>Has Citus change several tables in one transaction: on one connection to each worker, one shard after the other.</summary>
    public static Task BeginChangesAsync(SqlDialect dialect, DbTransaction transaction, CancellationToken cancellationToken) =>
        dialect.ExecuteAsync(transaction, "-- one after the other\nSET LOCAL citus.multi_shard_modify_mode = 'sequential'", cancellationToken);

    /// <summary>Distributes a table, with the rows that it has.</summary>
    /// <param name="dialect">PostgreSQL's.</param>
    /// <param name="transaction">The transaction in which it happens.</param>
    /// <param name="table">One of <see cref="ByPage"/>.</param>
    /// <param name="shards">How many shards there are to be, if it is the first one.</param>
    /// <param name="cancellationToken">Ends it; the transaction must then be abandoned.</param>
    public static async Task DistributeAsync(
        SqlDialect dialect, DbTransaction transaction, string table, int shards, CancellationToken cancellationToken)
    {
        if (table == ByPage[0])
        {
            await RunAsync(DistributeFirstSql, ("@table", table), ("@shards", shards));
        }
        else
        {
            await RunAsync(DistributeSql, ("@table", table), ("@like", ByPage[0]));
        }

        await RunAsync(TruncateSql, ("@table", table));

        async Task RunAsync(string sql, params (string Name, object? Value)[] values)
        {
            await using var command = dialect.Command(transaction.Connection!, transaction, sql, values);
            command.CommandTimeout = 0; // it copies all rows
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }
}
