using System.Data.Common;

namespace Bioscope.Server.Storage;

/// <summary>The database of users, creators, bio pages and links.</summary>
internal sealed class MainDatabase(string connectionString) : Database("main", connectionString);

/// <summary>The database of sessions and page views. Every statement on it filters or inserts by <c>"bioPageId"</c>.</summary>
internal sealed class AnalyticsDatabase(string connectionString) : Database("analytics", connectionString);

/// <summary>
/// One of the two databases on whichever engine its connection string names: <c>Data Source=…</c> is SQLite, <c>Host=…</c> is
/// PostgreSQL. All that a slice needs is here: run a statement and read its rows, or insert rows.
/// </summary>
internal abstract class Database : IAsyncDisposable
{
    private readonly DbDataSource _source;

    protected Database(string name, string connectionString)
    {
        Name = name;
        (_source, Dialect) = Engine.Open(connectionString);
    }

    /// <summary>"main" or "analytics"; also the folder of its migrations.</summary>
    public string Name { get; }

    public SqlDialect Dialect { get; }

    public async Task<DbConnection> OpenAsync(CancellationToken cancellation) => await _source.OpenConnectionAsync(cancellation);

    /// <summary>Runs a query and maps each row. Parameters are named <c>@name</c> in the text.</summary>
    public async Task<List<T>> QueryAsync<T>(
        string sql, Func<DbDataReader, T> map, CancellationToken cancellation, params (string Name, object? Value)[] parameters)
    {
        await using var connection = await OpenAsync(cancellation);
        await using var command = Dialect.Command(connection, null, sql, parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellation))
            rows.Add(map(reader));
        return rows;
    }

    /// <summary>Runs one statement and tells how many rows it changed.</summary>
    public async Task<int> ExecuteAsync(
        string sql, CancellationToken cancellation, params (string Name, object? Value)[] parameters)
    {
        await using var connection = await OpenAsync(cancellation);
        await using var command = Dialect.Command(connection, null, sql, parameters);
        return await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Adds rows in a transaction of their own; those whose key is there already are left as they are.</summary>
    public async Task<int> InsertAsync<T>(Table<T> table, IReadOnlyList<T> rows, CancellationToken cancellation)
    {
        await using var connection = await OpenAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var added = await Dialect.InsertAsync(transaction, table, rows, cancellation);
        await transaction.CommitAsync(cancellation);
        return added;
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();
}
