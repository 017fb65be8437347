using System.Collections.Concurrent;
using System.Data.Common;

namespace Bioscope.Server.Storage;

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

    /// <summary>
    /// Whether the failure says that the database cannot be used right now (away, full, locked, shutting down), so that the
    /// same request may succeed later. Anything else is a bug of ours.
    /// </summary>
    public abstract bool IsUnavailable(DbException failure);

    /// <summary>
    /// Adds the rows whose primary key is not there yet, in as few steps as the engine can, and tells how many were added.
    /// </summary>
    public abstract Task<int> InsertAsync<T>(
        DbTransaction transaction, Table<T> table, IReadOnlyList<T> rows, CancellationToken cancellation);

    /// <summary>
    /// Starts a transaction that no other holder of the same lock runs beside; released by its end. A SQLite file has one
    /// writer anyway; PostgreSQL takes an advisory lock.
    /// </summary>
    public abstract Task<DbTransaction> BeginExclusiveAsync(DbConnection connection, CancellationToken cancellation);

    /// <summary>The columns of a table, or none when there is no such table.</summary>
    public async Task<IReadOnlySet<string>> ColumnsAsync(DbConnection connection, string table, CancellationToken cancellation) =>
        (await NamesAsync(connection, ColumnsSql, table, cancellation)).ToHashSet(StringComparer.Ordinal);

    /// <summary>The indexes of a table, each as its columns in order with commas between; those over a part of the rows are left out.</summary>
    public Task<List<string>> IndexesAsync(DbConnection connection, string table, CancellationToken cancellation) =>
        NamesAsync(connection, IndexesSql, table, cancellation);

    protected abstract string ColumnsSql { get; }

    protected abstract string IndexesSql { get; }

    private async Task<List<string>> NamesAsync(DbConnection connection, string sql, string table, CancellationToken cancellation)
    {
        await using var command = Command(connection, null, sql, ("@table", table));
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var names = new List<string>();
        while (await reader.ReadAsync(cancellation))
        {
            names.Add(reader.GetString(0));
        }

        return names;
    }
}
