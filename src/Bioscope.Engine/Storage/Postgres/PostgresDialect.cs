using System.Collections.Concurrent;
using System.Data.Common;
using System.Text.RegularExpressions;
using Bioscope.Core;
using Npgsql;
using NpgsqlTypes;

namespace Bioscope.Engine.Storage.Postgres;

/// <summary>
/// PostgreSQL: ids are <c>uuid</c>; instants are <c>timestamp(3)</c> without time zone, UTC by convention, and are deliberately written
/// and read as such.
/// </summary>
/// <param name="isDistributed">Says whether Citus has spread the tables of visits over its workers.</param>
internal sealed partial class PostgresDialect(Func<bool>? isDistributed = null) : SqlDialect
{
    // "Bioscope" in ASCII; any constant works that no other program uses on the same database.
    private const long ExclusiveLock = 0x42696F73636F7065;
    private const long FenceLock = ExclusiveLock + 1;
    private const long FirstSoleWork = ExclusiveLock + 2;

    private const string HeldFenceSql = """
        -- held fence
        SELECT (SELECT "at" FROM "Fence"), clock_timestamp() AT TIME ZONE 'UTC'
        """;

    private readonly ConcurrentDictionary<string, (string Text, string[] Names)> _numbered = new(StringComparer.Ordinal);

    public override string Name => "PostgreSQL";

    public override bool IsDistributed => isDistributed?.Invoke() == true;

    /// <summary>Where the pages are, if it is.</summary>
    public PageShards Shards { get; } = new();

    protected override IReadOnlyDictionary<string, string> Words { get; } = new Dictionary<string, string>
    {
        ["uuid"] = "uuid",
        ["text"] = "text",
        ["integer"] = "integer",
        ["boolean"] = "boolean",
        ["instant"] = "timestamp(3)",
        ["bigint"] = "bigint",
        ["bytes"] = "bytea",
        ["withoutRowId"] = "",
        ["indexOf"] = "strpos", // from 1; 0 when there is none
        ["ordinal"] = "\"C\"",
        ["forShare"] = "FOR SHARE",
        ["dayOfEnteredAt"] = "CAST(FLOOR(EXTRACT(EPOCH FROM \"enteredAt\") / 86400) AS bigint)",
        ["hourOfEnteredAt"] = "CAST(FLOOR(EXTRACT(EPOCH FROM \"enteredAt\") / 3600) AS bigint)",
        ["hourOfStartedAt"] = "CAST(FLOOR(EXTRACT(EPOCH FROM \"startedAt\") / 3600) AS bigint)",
        ["minuteOfStartedAt"] = "CAST(FLOOR(EXTRACT(EPOCH FROM \"startedAt\") / 60) AS bigint)",
        ["secondsSinceEnteredAt"] = "CAST(FLOOR(EXTRACT(EPOCH FROM @now - \"enteredAt\")) AS integer)",
        ["isAnyOfIds"] = "= ANY(@ids)",
        ["ofPageByOtherIndex"] = "\"bioPageId\" = @page",
        ["isAnyOfInstants"] = "= ANY(@instants)",
        ["isAnyOfTexts"] = "= ANY(@texts)",
        ["isAnyOfNumbers"] = "= ANY(@numbers)",
        ["forUpdate"] = "FOR UPDATE",
        ["skipLocked"] = "FOR UPDATE SKIP LOCKED",
        ["startedAtIsInstant"] = "\"startedAt\" < TIMESTAMP '10000-01-01'", // also excludes infinity
        ["enteredAtIsInstant"] = "\"enteredAt\" < TIMESTAMP '10000-01-01'",
        ["milliseconds"] = " * INTERVAL '1 millisecond'",
    };

    // The types allow nothing else, but a constraint may have been dropped.
    public override string IsMalformed(string column, ColumnType type, bool nullable)
    {
        var isMalformed = type switch
        {
            ColumnType.Integer or ColumnType.BigInteger => $"\"{column}\" < 0",
            ColumnType.Instant => $"NOT (\"{column}\" >= TIMESTAMP '0001-01-01' AND \"{column}\" < TIMESTAMP '10000-01-01')",
            _ => "FALSE",
        };
        return $"({isMalformed}{(nullable ? "" : $" OR \"{column}\" IS NULL")})";
    }

    public override string Shown(string column) => $"left(COALESCE(CAST(\"{column}\" AS text), 'NULL'), 80)";

    protected override string ColumnsSql => """
        -- columns of table
        SELECT attname::text FROM pg_attribute WHERE attrelid = to_regclass(quote_ident(@table)) AND attnum > 0 AND NOT attisdropped
        """;

    protected override string IndexesSql => """
        -- indexes of table
        SELECT string_agg(attname, ',' ORDER BY place)
        FROM pg_index, unnest(indkey) WITH ORDINALITY AS part(number, place)
        JOIN pg_attribute ON attnum = part.number
        WHERE attrelid = indrelid AND indrelid = to_regclass(quote_ident(@table)) AND indisvalid AND indpred IS NULL
        GROUP BY indexrelid
        """;

    public override object Value(object? value) => value switch
    {
        null => DBNull.Value,
        // Truncated, not rounded as timestamp(3) would: SQLite's milliseconds are truncated too, and a row must not move across a
        // window's edge.
        DateTimeOffset instant => Stored(instant),
        DateTimeOffset[] instants => Array.ConvertAll(instants, Stored),
        _ => value,
    };

    /// <summary>An instant in the driver's form.</summary>
    public static DateTime Stored(DateTimeOffset instant) =>
        DateTime.SpecifyKind(instant.TruncateToMillisecond().UtcDateTime, DateTimeKind.Unspecified);

    public override Guid ReadGuid(DbDataReader reader, int column) => reader.GetGuid(column);

    public override DateTimeOffset ReadInstant(DbDataReader reader, int column) =>
        new(DateTime.SpecifyKind(reader.GetDateTime(column), DateTimeKind.Utc));

    // Without an SQLSTATE the server was not reached. Classes: https://www.postgresql.org/docs/current/errcodes-appendix.html 08
    // connection, 25006 read-only, 42501 insufficient privilege, 55000 the database does not accept connections, 28 authorization, 3D no
    // such database, 53 out of resources, 57 operator intervention, 58 system error.
    public override bool IsUnavailable(DbException failure) => failure switch
    {
        PostgresException { SqlState: PostgresErrorCodes.InternalError } => IsDistributed, // how Citus calls a worker that ended in the middle
        PostgresException { SqlState: "25006" or "42501" or "55000" or "XX001" or "XX002" } => true,
        PostgresException { SqlState: [var first, var second, ..] } =>
            $"{first}{second}" is "08" or "28" or "3D" or "53" or "57" or "58",
        // Several statements that were sent together failed, each for its own reason.
        NpgsqlException { InnerException: AggregateException several } => several.InnerExceptions.OfType<DbException>().All(IsUnavailable),
        NpgsqlException => true,
        _ => false,
    };

    public override bool IsTaken(DbException failure) => failure is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation };

    public override bool IsBadValue(DbException failure) => failure is PostgresException { SqlState: ['2', '2', ..] };

    public override async Task<int> InsertAsync<T>(
        DbTransaction transaction, Table<T> table, IReadOnlyList<T> rows, CancellationToken cancellationToken)
    {
        var writes = StartWrites(transaction);
        writes.Insert(table, rows);
        return (await writes.RunAsync(cancellationToken))[0];
    }

    public override Writes StartWrites(DbTransaction transaction) => new PostgresWrites(this, transaction);

    public override async Task<int> ExecuteEachAsync(
        DbTransaction transaction, string sql, StatementValues values, CancellationToken cancellationToken)
    {
        if (values.Count == 0)
        {
            return 0;
        }

        await using var batch = BatchOf(transaction);
        values.ForEach(set => batch.BatchCommands.Add(CommandOf(sql, set)));
        return await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    public override async Task<List<T>> QueryEachAsync<T>(
        DbTransaction transaction, string sql, StatementValues values, Func<DbDataReader, T> map, CancellationToken cancellationToken)
    {
        var query = new EachQuery<T>(sql, values, map);
        if (values.Count > 0)
        {
            await using var batch = BatchOf(transaction);
            var results = Add(batch, [query]);
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            await ReadAsync(reader, results, cancellationToken);
        }

        return query.Rows;
    }

    // Of a batch, all are sent before the first result is awaited.
    private static NpgsqlBatch BatchOf(DbTransaction transaction) =>
        new((NpgsqlConnection)transaction.Connection!, (NpgsqlTransaction)transaction);

    /// <summary>
    /// Adds the queries' statements. Rows are found, and locked, in one order: the parts of a batch run one after the other, and so does a subquery
    /// that is evaluated for each row; a statement about one page sorts them.
    /// </summary>
    /// <returns>For each statement, the query that it is for.</returns>
    private List<EachQuery> Add(NpgsqlBatch batch, IReadOnlyList<EachQuery> queries)
    {
        var results = new List<EachQuery>();
        foreach (var query in queries.Where(query => query.Values.Count > 0))
        {
            foreach (var (sql, values) in StatementsOf(query))
            {
                batch.BatchCommands.Add(CommandOf(sql, values));
                results.Add(query);
            }
        }

        return results;
    }

    private IEnumerable<(string Sql, (string Name, object? Value)[] Values)> StatementsOf(EachQuery query)
    {
        if (!ManyRows.AreKeys(query.Values))
        {
            return query.Values.Select(values => (query.Sql, values));
        }

        var text = Render(query.Sql);
        return !IsDistributed
            ? [(ManyRows.Query(text, query.Values[0]), ManyRows.ArraysOf(query.Values))]
            : Shards.Divide(query.Values, PageOf).SelectMany(shard => ShardRows.Divide(shard, PageOf, key => (Guid)key[^1].Value!)).Select(some => ShardRows.Query(text, some));

        static Guid PageOf((string Name, object? Value)[] key) => (Guid)key[0].Value!;
    }

    /// <summary>Reads the results, beginning with the one at which the reader is.</summary>
    private static async Task ReadAsync(NpgsqlDataReader reader, List<EachQuery> results, CancellationToken cancellationToken)
    {
        foreach (var query in results)
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                query.Add(reader);
            }

            await reader.NextResultAsync(cancellationToken);
        }
    }

    /// <summary>A statement and its values, to be sent with others.</summary>
    public NpgsqlBatchCommand CommandOf(string sql, (string Name, object? Value)[] values)
    {
        var (text, names) = Numbered(sql);
        var command = new NpgsqlBatchCommand(text);
        foreach (var name in names)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = ValueOf(name, values) });
        }

        return command;
    }

    /// <summary>
    /// The text with its marked words replaced and with <c>$1</c> in place of names, so that the driver does not parse it each time; and the names
    /// in this order.
    /// </summary>
    public (string Text, string[] Names) Numbered(string sql) => _numbered.GetOrAdd(
        sql,
        static (text, dialect) =>
        {
            var rendered = dialect.Render(text);
            var names = ParameterName().Matches(rendered).Select(name => name.Value).Distinct().ToArray();
            return (ParameterName().Replace(rendered, name => $"${1 + Array.IndexOf(names, name.Value)}"), names);
        },
        this);

    /// <summary>The value with this name, in the driver's form.</summary>
    public object ValueOf(string name, (string Name, object? Value)[] values) => Value(values[Array.FindIndex(values, value => value.Name == name)].Value);

    /// <summary>The name of a value in a statement.</summary>
    [GeneratedRegex(@"@\w+")]
    public static partial Regex ParameterName();

    public override async Task<DbTransaction> BeginExclusiveAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        var transaction = await ((NpgsqlConnection)connection).BeginTransactionAsync(cancellationToken);
        await using var command = new NpgsqlCommand("-- exclusive lock\nSELECT pg_advisory_xact_lock(@key)", transaction.Connection);
        command.Parameters.AddWithValue("key", ExclusiveLock);
        command.CommandTimeout = 0; // another server may be migrating
        await command.ExecuteNonQueryAsync(cancellationToken);
        return transaction;
    }

    // Where a standby must confirm and does not, a command that is cancelled after its time ends the wait: the commit succeeds, with a warning that
    // only this server has it.
    public override async Task CommitAsync(DbTransaction transaction, CancellationToken cancellationToken)
    {
        var connection = (NpgsqlConnection)transaction.Connection!;
        string? warning = null;
        connection.Notice += Hear;
        try
        {
            await transaction.CommitAsync(cancellationToken);
        }
        finally
        {
            connection.Notice -= Hear;
        }

        if (warning is not null)
        {
            throw new NpgsqlException($"The commit is not certain: {warning}");
        }

        void Hear(object? sender, NpgsqlNoticeEventArgs notice) =>
            warning = notice.Notice.InvariantSeverity == "WARNING" ? notice.Notice.MessageText : warning;
    }

    public override async Task<bool> TryLockAsync(DbTransaction transaction, SoleWork work, CancellationToken cancellationToken) =>
        (await QueryAsync(
            transaction,
            """
            -- try lock
            SELECT pg_try_advisory_xact_lock(@key)
            """,
            row => row.GetBoolean(0), cancellationToken, ("@key", FirstSoleWork + (long)work))).Single();

    public override async Task<DbTransaction> BeginSnapshotAsync(DbConnection connection, CancellationToken cancellationToken) =>
        await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellationToken);

    // Rewrites the table: a plain VACUUM would leave the bytes in the free space of their page.
    public override string RewriteSql(string table) => $"""
        -- erase deleted rows
        VACUUM FULL "{table}"
        """;

    public override string SnapshotMarkSql => """
        -- mark of now
        SELECT CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text)
        """;

    // For these, VACUUM FULL copies what was deleted.
    public override string OlderSnapshotsSql => """
        -- older snapshots
        SELECT count(*)::integer FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()
          AND GREATEST(age(backend_xmin), age(backend_xid)) > age(CAST(CAST(@mark AS xid8) AS xid))
        """;

    public override string SizeSql => IsDistributed
        ? """
          -- size of distributed database
          SELECT pg_database_size(current_database()) + (SELECT COALESCE(SUM("result"::bigint), 0)::bigint
            FROM run_command_on_workers('SELECT pg_database_size(current_database())') WHERE "success")
          """
        : """
          -- size of database
          SELECT pg_database_size(current_database())
          """;

    public override string ServerTimeSql => """
        -- server time
        SELECT clock_timestamp() AT TIME ZONE 'UTC'
        """;

    public override Task<HeldFence> HoldFenceAsync(DbTransaction transaction, CancellationToken cancellationToken) =>
        HoldFenceAsync(transaction, [], cancellationToken);

    // Several statements, so that the fence is read after the lock was acquired, and all else while it is held; sent together.
    public override async Task<HeldFence> HoldFenceAsync(
        DbTransaction transaction, IReadOnlyList<EachQuery> queries, CancellationToken cancellationToken)
    {
        await using var batch = BatchOf(transaction);
        batch.BatchCommands.Add(new($"-- hold fence\nSELECT pg_advisory_xact_lock_shared({FenceLock})"));
        batch.BatchCommands.Add(new(HeldFenceSql));
        var results = Add(batch, queries);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var fence = new HeldFence(ReadInstantIfSound(reader, 0), AsksOtherClocks ? ReadInstant(reader, 1) : null);
        await reader.NextResultAsync(cancellationToken);
        await ReadAsync(reader, results, cancellationToken);
        return fence;
    }

    // Writers queue behind this lock, so the wait is short.
    public override async Task LockFenceAsync(DbTransaction transaction, CancellationToken cancellationToken)
    {
        await ExecuteAsync(transaction, "-- limit lock wait\nSET LOCAL lock_timeout = '1s'", cancellationToken);
        await ExecuteAsync(transaction, $"-- lock fence\nSELECT pg_advisory_xact_lock({FenceLock})", cancellationToken);
    }

    /// <summary>The driver's name of a type.</summary>
    public static NpgsqlDbType TypeOf(ColumnType type) => type switch
    {
        ColumnType.Uuid => NpgsqlDbType.Uuid,
        ColumnType.Text => NpgsqlDbType.Text,
        ColumnType.Integer => NpgsqlDbType.Integer,
        ColumnType.Boolean => NpgsqlDbType.Boolean,
        ColumnType.Instant => NpgsqlDbType.Timestamp,
        ColumnType.BigInteger => NpgsqlDbType.Bigint,
        ColumnType.Bytes => NpgsqlDbType.Bytea,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
    };
}
