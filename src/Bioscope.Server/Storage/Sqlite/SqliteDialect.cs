using System.Data;
using System.Data.Common;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Bioscope.Server.Storage.Sqlite;

/// <summary>
/// SQLite: ids are lower-case text, so that the file reads well with any tool, instants are whole milliseconds since 1970 (they
/// sort and compare exactly), booleans are 0 and 1.
/// </summary>
internal sealed class SqliteDialect : SqlDialect
{
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
        ["withoutRowId"] = " WITHOUT ROWID", // the key is the table: no second copy of it
        ["ordinal"] = "BINARY",
        ["forShare"] = "", // one statement writes at a time anyway
        ["dayOfEnteredAt"] = "\"enteredAt\" / 86400000",
        ["hourOfEnteredAt"] = "\"enteredAt\" / 3600000",
        ["hourOfStartedAt"] = "\"startedAt\" / 3600000",
        ["minuteOfStartedAt"] = "\"startedAt\" / 60000",
        ["secondsSinceEnteredAt"] = "((@now - \"enteredAt\" - (@now < \"enteredAt\") * 999) / 1000)", // rounded down, also below 0
        ["isAnyOfIds"] = "IN (SELECT value FROM json_each(@ids))",
        ["isAnyOfTexts"] = "IN (SELECT value FROM json_each(@texts))",
        ["isAnyOfNumbers"] = "IN (SELECT value FROM json_each(@numbers))",
        ["forUpdate"] = "", // a writing transaction is alone anyway
    };

    protected override string ColumnsSql => "SELECT name FROM pragma_table_info(@table)";

    protected override string IndexesSql => """
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
        bool flag => flag ? 1L : 0L,
        _ => value,
    };

    public override Guid ReadGuid(DbDataReader reader, int column) => Guid.ParseExact(reader.GetString(column), "D");

    public override DateTimeOffset ReadInstant(DbDataReader reader, int column) => DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(column));

    // Primary result codes, https://www.sqlite.org/rescode.html: busy, locked, read-only, I/O error, corrupt, full, cannot open, not a database.
    public override bool IsUnavailable(DbException failure) =>
        failure is SqliteException { SqliteErrorCode: 5 or 6 or 8 or 10 or 11 or 13 or 14 or 26 };

    public override bool IsTaken(DbException failure) => failure is SqliteException { SqliteExtendedErrorCode: 2067 }; // SQLITE_CONSTRAINT_UNIQUE

    public override Task<int> InsertAsync<T>(
        DbTransaction transaction, Table<T> table, IReadOnlyList<T> rows, CancellationToken cancellation)
    {
        if (rows.Count == 0)
        {
            return Task.FromResult(0);
        }

        var values = string.Join(", ", Enumerable.Repeat("?", table.Columns.Length));
        using var insert = new SqliteInsert(
            (SqliteConnection)transaction.Connection!, $"""INSERT INTO "{table.Name}" ({table.ColumnList}) VALUES ({values}) ON CONFLICT DO NOTHING""");
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

    public override async Task ExecuteEachAsync(DbTransaction transaction, string sql, StatementValues values, CancellationToken cancellation)
    {
        if (values.Count == 0)
        {
            return;
        }

        await using var command = Command(transaction.Connection!, transaction, sql, values[0]);
        foreach (var set in values)
        {
            for (var i = 0; i < set.Length; i++)
            {
                command.Parameters[i].Value = Value(set[i].Value);
            }

            await command.ExecuteNonQueryAsync(cancellation);
        }
    }

    public override string FoldLogSql => """
        -- fold log
        PRAGMA wal_checkpoint(PASSIVE)
        """;

    // Every connection overwrites what it deletes (SqliteSource); this takes the older copies out of the log.
    public override string EraseDeletedSql(string table) => """
        -- erase deleted rows
        PRAGMA wal_checkpoint(TRUNCATE)
        """;

    // A transaction that begins with reading sees the file as it was then, while others write.
    public override Task<DbTransaction> BeginSnapshotAsync(DbConnection connection, CancellationToken cancellation) =>
        Task.FromResult<DbTransaction>(((SqliteConnection)connection).BeginTransaction(deferred: true));

    // The transaction is the only one that writes.
    public override Task<DateTimeOffset?> HoldFenceAsync(DbTransaction transaction, CancellationToken cancellation) =>
        ReadFenceAsync(transaction, cancellation);

    // As above: whoever writes next has begun later.
    public override Task LockFenceAsync(DbTransaction transaction, CancellationToken cancellation) => Task.CompletedTask;

    // IsolationLevel.Serializable is BEGIN IMMEDIATE here: it waits for the writer's place instead of failing at the first write.
    public override async Task<DbTransaction> BeginExclusiveAsync(DbConnection connection, CancellationToken cancellation)
    {
        // Another start may be migrating a large file; nobody but an operator waits here.
        ((SqliteConnection)connection).DefaultTimeout = 60;
        return await connection.BeginTransactionAsync(IsolationLevel.Serializable, cancellation);
    }
}
