using System.Collections.Concurrent;
using System.Data.Common;

namespace Bioscope.Engine.Storage;

/// <summary>
/// The few differences between the engines. SQL text is shared: the words that differ are in braces (<c>{uuid}</c>, <c>{ordinal}</c> …)
/// and are replaced by <see cref="Render"/>; values go through <see cref="Value"/>.
/// </summary>
internal abstract class SqlDialect
{
    private readonly ConcurrentDictionary<string, string> _rendered = new(StringComparer.Ordinal);

    public abstract string Name { get; }

    /// <summary>
    /// Whether the tables of visits are spread over several machines by page (Citus): known after the first connection. A statement for one page
    /// then goes to one machine; others ask all, and cannot lock rows.
    /// </summary>
    public virtual bool IsDistributed => false;

    /// <summary>This engine's words, by the marked word without its braces.</summary>
    protected abstract IReadOnlyDictionary<string, string> Words { get; }

    /// <summary>The text with its marked words replaced. Results are cached; there are as many as the code has statements.</summary>
    public string Render(string sql) => _rendered.GetOrAdd(
        sql, static (text, words) =>
            words.Aggregate(text, (sql, word) => sql.Replace('{' + word.Key + '}', word.Value, StringComparison.Ordinal)), Words);

    /// <summary>
    /// A statement with its marked words and values in this engine's form; parameters appear in the text as <c>@name</c>.
    /// </summary>
    public DbCommand Command(
        DbConnection connection, DbTransaction? transaction, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = Render(sql);
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, Value(value));
            command.Parameters.Add(parameter);
        }

        return command;
    }

    /// <summary>
    /// A value in the form this engine's driver needs: <see cref="Guid"/>, <see cref="DateTimeOffset"/> and <see cref="bool"/> are stored
    /// differently, others are passed through. Null becomes <see cref="DBNull"/>.
    /// </summary>
    public abstract object Value(object? value);

    public abstract Guid ReadGuid(DbDataReader reader, int column);

    public abstract DateTimeOffset ReadInstant(DbDataReader reader, int column);

    /// <summary>
    /// Whether the failure means that the database is temporarily unusable (unavailable, full, locked, shutting down), so that the same
    /// request may succeed later. Anything else is a bug of ours.
    /// </summary>
    public abstract bool IsUnavailable(DbException failure);

    /// <summary>Whether the failure means that a value which must be unique exists already.</summary>
    public abstract bool IsTaken(DbException failure);

    /// <summary>Whether the failure means that a stored value is unusable: out of range, or not a number.</summary>
    public abstract bool IsBadValue(DbException failure);

    /// <summary>
    /// Adds the rows whose primary key does not exist yet, in as few steps as the engine can, and returns how many were added.
    /// </summary>
    public abstract Task<int> InsertAsync<T>(
        DbTransaction transaction, Table<T> table, IReadOnlyList<T> rows, CancellationToken cancellationToken);

    /// <summary>
    /// Runs one modifying statement with each set of values, in order, in as few steps as the engine can, and returns how many rows were
    /// changed.
    /// </summary>
    public abstract Task<int> ExecuteEachAsync(
        DbTransaction transaction, string sql, StatementValues values, CancellationToken cancellationToken);

    /// <summary>Begins to gather statements that write many rows each; the engine may send them together.</summary>
    public virtual Writes StartWrites(DbTransaction transaction) => new WritesInTurn(this, transaction);

    /// <summary>Runs one query with each set of values, in order, in as few steps as the engine can, and maps each row.</summary>
    public abstract Task<List<T>> QueryEachAsync<T>(
        DbTransaction transaction, string sql, StatementValues values, Func<DbDataReader, T> map, CancellationToken cancellationToken);

    /// <summary>Runs a query within a transaction and maps each row.</summary>
    public async Task<List<T>> QueryAsync<T>(
        DbTransaction transaction, string sql, Func<DbDataReader, T> map, CancellationToken cancellationToken,
        params (string Name, object? Value)[] parameters)
    {
        await using var command = Command(transaction.Connection!, transaction, sql, parameters);
        return await ReadAsync(command, map, cancellationToken);
    }

    /// <summary>Runs one statement within a transaction and returns how many rows it changed.</summary>
    public async Task<int> ExecuteAsync(
        DbTransaction transaction, string sql, CancellationToken cancellationToken, params (string Name, object? Value)[] parameters)
    {
        await using var command = Command(transaction.Connection!, transaction, sql, parameters);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Runs the command and maps each row.</summary>
    public static async Task<List<T>> ReadAsync<T>(DbCommand command, Func<DbDataReader, T> map, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(map(reader));
        }

        return rows;
    }

    /// <summary>
    /// Starts a transaction that excludes other holders of the same lock until it ends. A SQLite file has one writer anyway; PostgreSQL
    /// takes an advisory lock.
    /// </summary>
    public abstract Task<DbTransaction> BeginExclusiveAsync(DbConnection connection, CancellationToken cancellationToken);

    /// <summary>Commits, and fails where what was committed may be lost, so that it is not acknowledged.</summary>
    public virtual Task CommitAsync(DbTransaction transaction, CancellationToken cancellationToken) => transaction.CommitAsync(cancellationToken);

    /// <summary>
    /// Whether this transaction is now, until it ends, the only one that does some work: others try, and leave it. A SQLite file has one server.
    /// </summary>
    public virtual Task<bool> TryLockAsync(DbTransaction transaction, SoleWork work, CancellationToken cancellationToken) => Task.FromResult(true);

    /// <summary>Starts a transaction that reads everything as of its first statement, and blocks no writer.</summary>
    public abstract Task<DbTransaction> BeginSnapshotAsync(DbConnection connection, CancellationToken cancellationToken);

    /// <summary>
    /// Whether to use clocks other than this machine's: the database server's, and the times at which files were written. Not when the
    /// clock is a test's.
    /// </summary>
    public bool AsksOtherClocks { get; set; } = true;

    /// <summary>Selects the database server's time; null where it has no clock of its own.</summary>
    public virtual string? ServerTimeSql => null;

    /// <summary>Reads the fence, if there is one, and holds it in place until this writing transaction ends.</summary>
    public abstract Task<HeldFence> HoldFenceAsync(DbTransaction transaction, CancellationToken cancellationToken);

    /// <summary>The same, and then runs the queries, in this order and in as few steps as the engine can.</summary>
    public virtual async Task<HeldFence> HoldFenceAsync(
        DbTransaction transaction, IReadOnlyList<EachQuery> queries, CancellationToken cancellationToken)
    {
        var fence = await HoldFenceAsync(transaction, cancellationToken);
        foreach (var query in queries)
        {
            await query.RunAsync(this, transaction, cancellationToken);
        }

        return fence;
    }

    /// <summary>See <see cref="Database.CheckpointAsync"/>; null where the engine does it by itself.</summary>
    public virtual string? CheckpointSql => null;

    /// <summary>From here on in the transaction, what is deleted is overwritten with zeros, as far as the engine can.</summary>
    public virtual Task BeginErasingAsync(DbTransaction transaction, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The statement that rewrites a table; SQLite rewrites the whole file, whatever the table.</summary>
    public abstract string RewriteSql(string table);

    /// <summary>Selects a mark of now, as text: snapshots that were taken before are older. Null where a rewrite leaves nothing for them.</summary>
    public virtual string? SnapshotMarkSql => null;

    /// <summary>Selects how many transactions may still read rows that were deleted before <c>@mark</c>.</summary>
    public virtual string? OlderSnapshotsSql => null;

    /// <summary>
    /// Empties the write-ahead log, unless the first column of the result is not 0; null where what is overwritten leaves no copy in one.
    /// </summary>
    public virtual string? TruncateLogSql => null;

    /// <summary>Selects the size of the database in bytes.</summary>
    public abstract string SizeSql { get; }

    /// <summary>Waits until nobody holds the fence, and locks it until the transaction ends.</summary>
    public abstract Task LockFenceAsync(DbTransaction transaction, CancellationToken cancellationToken);

    /// <summary>Reads an instant that may be malformed.</summary>
    /// <returns>Null when there is none, or when the value is not a time before the year 10000.</returns>
    public DateTimeOffset? ReadInstantIfSound(DbDataReader reader, int column)
    {
        try
        {
            return !reader.IsDBNull(column) && ReadInstant(reader, column) is { Year: < 9999 } instant ? instant : null;
        }
        catch (Exception e) when (e is FormatException or InvalidCastException or ArgumentException or OverflowException)
        {
            return null;
        }
    }

    /// <summary>
    /// A condition that holds where a column has an invalid value: another type than its own, a time before the year 1 or from the year
    /// 10000, a number below 0 or above 2,147,483,647 (64 bits: above 2^63), or null where a value is required.
    /// </summary>
    public abstract string IsMalformed(string column, ColumnType type, bool nullable);

    /// <summary>Any stored value as readable text.</summary>
    public abstract string Shown(string column);

    /// <summary>The columns of a table; empty when the table does not exist.</summary>
    public Task<IReadOnlySet<string>> ColumnsAsync(DbConnection connection, string table, CancellationToken cancellationToken) =>
        ColumnsAsync(connection, null, table, cancellationToken);

    /// <summary>As above, within the connection's current transaction, if it has one.</summary>
    public async Task<IReadOnlySet<string>> ColumnsAsync(
        DbConnection connection, DbTransaction? transaction, string table, CancellationToken cancellationToken) =>
        (await NamesAsync(connection, transaction, ColumnsSql, table, cancellationToken)).ToHashSet(StringComparer.Ordinal);

    /// <summary>The indexes of a table, each as its columns in order, separated by commas; partial indexes are left out.</summary>
    public Task<List<string>> IndexesAsync(DbConnection connection, string table, CancellationToken cancellationToken) =>
        NamesAsync(connection, null, IndexesSql, table, cancellationToken);

    protected abstract string ColumnsSql { get; }

    protected abstract string IndexesSql { get; }

    private async Task<List<string>> NamesAsync(
        DbConnection connection, DbTransaction? transaction, string sql, string table, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, transaction, sql, ("@table", table));
        return await ReadAsync(command, row => row.GetString(0), cancellationToken);
    }
}

/// <summary>
/// The fence as held by a writing transaction, or null when there is none; with the database server's time, where it is used.
/// </summary>
internal readonly record struct HeldFence(DateTimeOffset? At, DateTimeOffset? ServerTime);

/// <summary>Work that one of several instances does.</summary>
internal enum SoleWork
{
    /// <summary>Goes through all pages to seal them.</summary>
    Sealing,

    /// <summary>Removes budgets that expired.</summary>
    SweepingBudgets,
}

/// <summary>The values of a statement that runs several times; always the same names in the same order.</summary>
internal sealed class StatementValues : List<(string Name, object? Value)[]>
{
    /// <summary>One set of values per item.</summary>
    public static StatementValues Of<T>(IEnumerable<T> items, Func<T, (string Name, object? Value)[]> values) => [.. items.Select(values)];

    /// <summary>One set of values per item, each from its column.</summary>
    public static StatementValues Of<T>(IEnumerable<T> items, Column<T>[] columns)
    {
        var names = Array.ConvertAll(columns, column => $"@{column.Name}");
        return Of(items, item => [.. columns.Select((column, i) => (names[i], column.Value(item)))]);
    }
}
