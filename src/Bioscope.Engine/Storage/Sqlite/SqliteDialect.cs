using System.Data;
using System.Data.Common;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Bioscope.Engine.Storage.Sqlite;

/// <summary>
/// SQLite: ids are lower-case text, so that the file is readable with any tool; instants are whole milliseconds since 1970, which sort
/// and compare exactly; booleans are 0 and 1.
/// </summary>
internal sealed class SqliteDialect : SqlDialect
{
    private const string FenceSql = """
        -- held fence
        SELECT "at" FROM "Fence"
        """;

    private const string Year10000 = "253402300800000"; // in milliseconds since 1970

    private static readonly string UuidPattern = string.Join(
        '-', new[] { 8, 4, 4, 4, 12 }.Select(digits => string.Concat(Enumerable.Repeat("[0-9a-f]", digits))));

    public override string Name => "SQLite";

    protected override IReadOnlyDictionary<string, string> Words { get; } = new Dictionary<string, string>
    {
        ["uuid"] = "TEXT",
        ["text"] = "TEXT",
        ["integer"] = "INTEGER",
        ["boolean"] = "INTEGER",
        ["instant"] = "INTEGER",
        ["bigint"] = "INTEGER",
        ["bytes"] = "BLOB",
        ["withoutRowId"] = " WITHOUT ROWID", // stored in key order, without a second copy of the key
        ["indexOf"] = "instr", // from 1; 0 when there is none
        ["ordinal"] = "BINARY",
        ["forShare"] = "", // there is only one writer at a time
        ["dayOfEnteredAt"] = "\"enteredAt\" / 86400000",
        ["hourOfEnteredAt"] = "\"enteredAt\" / 3600000",
        ["hourOfStartedAt"] = "\"startedAt\" / 3600000",
        ["minuteOfStartedAt"] = "\"startedAt\" / 60000",
        ["secondsSinceEnteredAt"] = "((@now - \"enteredAt\" - (@now < \"enteredAt\") * 999) / 1000)", // rounded down, also below 0
        ["isAnyOfIds"] = "IN (SELECT value FROM json_each(@ids))",
        // Without statistics it takes the page's rows to be few, and an index that begins with the page for the best.
        ["ofPageByOtherIndex"] = "+\"bioPageId\" = @page",
        ["isAnyOfInstants"] = "IN (SELECT value FROM json_each(@instants))",
        ["isAnyOfTexts"] = "IN (SELECT value FROM json_each(@texts))",
        ["isAnyOfNumbers"] = "IN (SELECT value FROM json_each(@numbers))",
        ["forUpdate"] = "", // there is only one writing transaction at a time
        ["skipLocked"] = "",
        // Any column accepts any type. An invalid value cannot be compared as a time.
        ["startedAtIsInstant"] = $"typeof(\"startedAt\") = 'integer' AND \"startedAt\" < {Year10000}",
        ["enteredAtIsInstant"] = $"typeof(\"enteredAt\") = 'integer' AND \"enteredAt\" < {Year10000}",
        ["milliseconds"] = "",
    };

    public override string IsMalformed(string column, ColumnType type, bool nullable)
    {
        var isSound = type switch
        {
            ColumnType.Uuid => $"(typeof(\"{column}\") = 'text' AND \"{column}\" GLOB '{UuidPattern}')",
            ColumnType.Text => $"typeof(\"{column}\") = 'text'",
            ColumnType.Integer => $"(typeof(\"{column}\") = 'integer' AND \"{column}\" BETWEEN 0 AND 2147483647)",
            ColumnType.Boolean => $"(typeof(\"{column}\") = 'integer' AND \"{column}\" BETWEEN 0 AND 1)",
            ColumnType.Instant => $"(typeof(\"{column}\") = 'integer' AND \"{column}\" >= -62135596800000 AND \"{column}\" < {Year10000})",
            ColumnType.BigInteger => $"(typeof(\"{column}\") = 'integer' AND \"{column}\" >= 0)",
            ColumnType.Bytes => $"typeof(\"{column}\") = 'blob'",
            _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
        };
        return $"(NOT {isSound}{(nullable ? $" AND \"{column}\" IS NOT NULL" : "")})";
    }

    public override string Shown(string column) => $"substr(quote(\"{column}\"), 1, 80)";

    protected override string ColumnsSql => """
        -- columns of table
        SELECT name FROM pragma_table_info(@table)
        """;

    protected override string IndexesSql => """
        -- indexes of table
        SELECT group_concat(part.name, ',' ORDER BY part.seqno)
        FROM pragma_index_list(@table) list, pragma_index_info(list.name) part
        WHERE NOT list.partial GROUP BY list.name
        """;

    public override object Value(object? value) => value switch
    {
        null => DBNull.Value,
        Guid id => id.ToString("D"),
        Guid[] ids => $"[{string.Join(',', ids.Select(id => $"\"{id:D}\""))}]",
        int[] numbers => $"[{string.Join(',', numbers)}]",
        string[] texts => $"[{string.Join(',', texts.Select(text => $"\"{JsonEncodedText.Encode(text)}\""))}]",
        DateTimeOffset instant => instant.ToUnixTimeMilliseconds(),
        DateTimeOffset[] instants => $"[{string.Join(',', instants.Select(instant => instant.ToUnixTimeMilliseconds()))}]",
        bool flag => flag ? 1L : 0L,
        _ => value,
    };

    public override Guid ReadGuid(DbDataReader reader, int column) => Guid.ParseExact(reader.GetString(column), "D");

    // The library would read a text as its leading number, or 0.
    public override DateTimeOffset ReadInstant(DbDataReader reader, int column) => reader.GetFieldType(column) == typeof(long)
        ? DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(column))
        : throw new FormatException($"'{reader.GetValue(column)}' is not a time.");

    // Primary result codes, https://www.sqlite.org/rescode.html: busy, locked, read-only, I/O error, corrupt, full, cannot open, not a
    // database.
    public override bool IsUnavailable(DbException failure) =>
        failure is SqliteException { SqliteErrorCode: 5 or 6 or 8 or 10 or 11 or 13 or 14 or 26 };

    // SQLITE_CONSTRAINT_UNIQUE
    public override bool IsTaken(DbException failure) => failure is SqliteException { SqliteExtendedErrorCode: 2067 };

    // SQLITE_ERROR, such as "integer overflow", and SQLITE_MISMATCH.
    public override bool IsBadValue(DbException failure) => failure is SqliteException { SqliteErrorCode: 1 or 20 };

    public override Task<int> InsertAsync<T>(
        DbTransaction transaction, Table<T> table, IReadOnlyList<T> rows, CancellationToken cancellationToken)
    {
        if (rows.Count == 0)
        {
            return Task.FromResult(0);
        }

        var values = string.Join(", ", Enumerable.Repeat("?", table.Columns.Length));
        using var insert = new SqliteInsert((SqliteConnection)transaction.Connection!, table.InsertOf($"VALUES ({values})"));
        var added = 0;
        foreach (var row in rows)
        {
            for (var i = 0; i < table.Columns.Length; i++)
            {
                insert.Bind(i, table.Columns[i].Value(row));
            }

            added += insert.Run();
        }

        return Task.FromResult(added);
    }

    public override async Task<int> ExecuteEachAsync(
        DbTransaction transaction, string sql, StatementValues values, CancellationToken cancellationToken)
    {
        if (values.Count == 0)
        {
            return 0;
        }

        var changed = 0;
        await using var command = Command(transaction.Connection!, transaction, sql, values[0]);
        foreach (var set in values)
        {
            Bind(command, set);
            changed += await command.ExecuteNonQueryAsync(cancellationToken);
        }

        return changed;
    }

    public override async Task<List<T>> QueryEachAsync<T>(
        DbTransaction transaction, string sql, StatementValues values, Func<DbDataReader, T> map, CancellationToken cancellationToken)
    {
        var rows = new List<T>();
        if (values.Count == 0)
        {
            return rows;
        }

        await using var command = Command(transaction.Connection!, transaction, sql, values[0]);
        foreach (var set in values)
        {
            Bind(command, set);
            rows.AddRange(await ReadAsync(command, map, cancellationToken));
        }

        return rows;
    }

    private void Bind(DbCommand command, (string Name, object? Value)[] values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = Value(values[i].Value);
        }
    }

    public override string CheckpointSql => """
        -- fold log
        PRAGMA wal_checkpoint(PASSIVE)
        """;

    // Every connection overwrites what it deletes (SqliteSource); this removes older copies from the log.
    public override string TruncateLogSql => """
        -- erase deleted rows
        PRAGMA wal_checkpoint(TRUNCATE)
        """;

    // Also in the pages that become free, which are not written otherwise.
    public override Task BeginErasingAsync(DbTransaction transaction, CancellationToken cancellationToken) => ExecuteAsync(
        transaction,
        """
        -- overwrite deleted rows
        PRAGMA secure_delete = ON
        """,
        cancellationToken);

    public override string RewriteSql(string table) => """
        -- rewrite database
        VACUUM
        """;

    public override string SizeSql => """
        -- size of file
        SELECT page_count * page_size FROM pragma_page_count, pragma_page_size
        """;

    // A transaction that begins by reading sees the file as of then, while others write.
    public override Task<DbTransaction> BeginSnapshotAsync(DbConnection connection, CancellationToken cancellationToken) =>
        Task.FromResult<DbTransaction>(((SqliteConnection)connection).BeginTransaction(deferred: true));

    // This transaction is the only writer.
    public override async Task<HeldFence> HoldFenceAsync(DbTransaction transaction, CancellationToken cancellationToken) =>
        await QueryAsync(transaction, FenceSql, row => ReadInstantIfSound(row, 0), cancellationToken) is [var at] ? new(at, null) : default;

    // As above: the next writer begins later.
    public override Task LockFenceAsync(DbTransaction transaction, CancellationToken cancellationToken) => Task.CompletedTask;

    // IsolationLevel.Serializable is BEGIN IMMEDIATE here: it waits for the write lock instead of failing at the first write.
    public override async Task<DbTransaction> BeginExclusiveAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        // Another server may be migrating a large file; only an operator waits here.
        ((SqliteConnection)connection).DefaultTimeout = 60;
        return await connection.BeginTransactionAsync(IsolationLevel.Serializable, cancellationToken);
    }
}
