using System.Collections.Concurrent;
using System.Data.Common;

namespace Bioscope.Engine.Storage;

/// <summary>
/// The little that differs between the engines. SQL text is shared: the words that differ stand in it in braces
/// (<c>{uuid}</c>, <c>{ordinal}</c> …) and are replaced by <see cref="Render"/>; values go through <see cref="Value"/>.
/// </summary>
internal abstract class SqlDialect
{
    private readonly ConcurrentDictionary<string, string> _rendered = new(StringComparer.Ordinal);

    public abstract string Name { get; }

    /// <summary>The words of this engine, by the marked word without its braces.</summary>
    protected abstract IReadOnlyDictionary<string, string> Words { get; }

    /// <summary>The text with its marked words replaced; each text is worked on once, and there are as many as the code holds.</summary>
    public string Render(string sql) => _rendered.GetOrAdd(
        sql, static (text, words) => words.Aggregate(text, (sql, word) => sql.Replace('{' + word.Key + '}', word.Value, StringComparison.Ordinal)), Words);

    /// <summary>A statement with its marked words and its values as this engine wants them; parameters stand in the text as <c>@name</c>.</summary>
    public DbCommand Command(DbConnection connection, DbTransaction? transaction, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
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
    /// A value as this engine's driver wants it: <see cref="Guid"/>, <see cref="DateTimeOffset"/> and <see cref="bool"/> are
    /// stored differently, the rest is passed on. Null becomes <see cref="DBNull"/>.
    /// </summary>
    public abstract object Value(object? value);

    public abstract Guid ReadGuid(DbDataReader reader, int column);

    public abstract DateTimeOffset ReadInstant(DbDataReader reader, int column);

    /// <summary>
    /// Whether the failure says that the database cannot be used right now (away, full, locked, shutting down), so that the
    /// same request may succeed later. Anything else is a bug of ours.
    /// </summary>
    public abstract bool IsUnavailable(DbException failure);

    /// <summary>Whether the failure says that a value which must be unique is there already.</summary>
    public abstract bool IsTaken(DbException failure);

    /// <summary>Whether the failure says that a stored value cannot be worked with: it is out of range, or no number.</summary>
    public abstract bool IsBadValue(DbException failure);

    /// <summary>
    /// Adds the rows whose primary key is not there yet, in as few steps as the engine can, and tells how many were added.
    /// </summary>
    public abstract Task<int> InsertAsync<T>(
        DbTransaction transaction, Table<T> table, IReadOnlyList<T> rows, CancellationToken cancellationToken);

    /// <summary>Runs one changing statement with each of the sets of values, in order, in as few steps as the engine can.</summary>
    public abstract Task ExecuteEachAsync(DbTransaction transaction, string sql, StatementValues values, CancellationToken cancellationToken);

    /// <summary>Runs a query within a transaction and maps each row.</summary>
    public async Task<List<T>> QueryAsync<T>(
        DbTransaction transaction, string sql, Func<DbDataReader, T> map, CancellationToken cancellationToken, params (string Name, object? Value)[] parameters)
    {
        await using var command = Command(transaction.Connection!, transaction, sql, parameters);
        return await ReadAsync(command, map, cancellationToken);
    }

    /// <summary>Runs one statement within a transaction and tells how many rows it changed.</summary>
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
    /// Starts a transaction that no other holder of the same lock runs beside; released by its end. A SQLite file has one
    /// writer anyway; PostgreSQL takes an advisory lock.
    /// </summary>
    public abstract Task<DbTransaction> BeginExclusiveAsync(DbConnection connection, CancellationToken cancellationToken);

    /// <summary>Starts a transaction that reads everything as it is at its first statement, and keeps nobody from writing.</summary>
    public abstract Task<DbTransaction> BeginSnapshotAsync(DbConnection connection, CancellationToken cancellationToken);

    /// <summary>
    /// Whether clocks beside this machine's own are asked: the database server's, and the times at which files were written. Not where the
    /// clock is a test's.
    /// </summary>
    public bool AsksOtherClocks { get; set; } = true;

    /// <summary>Selects the time of the database server; null where it has no clock of its own.</summary>
    public virtual string? ServerTimeSql => null;

    /// <summary>Reads the fence, if there is one yet, and keeps it where it is until the end of this writing transaction.</summary>
    public abstract Task<HeldFence> HoldFenceAsync(DbTransaction transaction, CancellationToken cancellationToken);

    /// <summary>See <see cref="Database.CheckpointAsync"/>; null where the engine needs no asking.</summary>
    public virtual string? CheckpointSql => null;

    /// <summary>See <see cref="Database.EraseDeletedAsync"/>. Where the first column of its answer is not 0, it could not be done.</summary>
    public abstract string EraseDeletedSql(string table);

    /// <summary>Waits until nobody holds the fence, and keeps everybody from it until the end of the transaction.</summary>
    public abstract Task LockFenceAsync(DbTransaction transaction, CancellationToken cancellationToken);

    /// <summary>An instant that need not be sound.</summary>
    /// <returns>Null when there is none, or when what is there is no time before the year 9999.</returns>
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
    /// A condition that holds where a column has what it cannot have: another type than its own, a time before the year 1 or from 10000 on, a
    /// number below 0 or above 2,147,483,647 (64 bits: above 2^63), or nothing where it must have something.
    /// </summary>
    public abstract string IsMalformed(string column, ColumnType type, bool nullable);

    /// <summary>A stored value as text that people can read, whatever it is.</summary>
    public abstract string Shown(string column);

    /// <summary>The columns of a table, or none when there is no such table.</summary>
    public Task<IReadOnlySet<string>> ColumnsAsync(DbConnection connection, string table, CancellationToken cancellationToken) =>
        ColumnsAsync(connection, null, table, cancellationToken);

    /// <summary>As above, within a transaction of the connection, if it has begun one.</summary>
    public async Task<IReadOnlySet<string>> ColumnsAsync(
        DbConnection connection, DbTransaction? transaction, string table, CancellationToken cancellationToken) =>
        (await NamesAsync(connection, transaction, ColumnsSql, table, cancellationToken)).ToHashSet(StringComparer.Ordinal);

    /// <summary>The indexes of a table, each as its columns in order with commas between; those over a part of the rows are left out.</summary>
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

/// <summary>The fence as a writing transaction holds it; null: there is none. With the time of the database server, where it is asked.</summary>
internal readonly record struct HeldFence(DateTimeOffset? At, DateTimeOffset? ServerTime);

/// <summary>The values of one statement for each time that it runs; always the same names in the same order.</summary>
internal sealed class StatementValues : List<(string Name, object? Value)[]>
{
    /// <summary>A set of values for each item.</summary>
    public static StatementValues Of<T>(IEnumerable<T> items, Func<T, (string Name, object? Value)[]> values) => [.. items.Select(values)];
}
