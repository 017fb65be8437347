using Bioscope.Bench.Data;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Storage.Sqlite;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Bioscope.Bench.Measures;

/// <summary>SQLite's own interface, without the driver above it: nothing that .NET can do is faster.</summary>
internal sealed class SqliteInserts : EngineInserts
{
    private readonly SqliteConnection _connection;
    private readonly sqlite3_stmt _insert;
    private readonly SqliteDialect _dialect = new();
    private object[][] _rows = [];

    private SqliteInserts(Population population, SqliteConnection connection, sqlite3_stmt insert)
        : base(population) => (_connection, _insert) = (connection, insert);

    public static async Task<EngineInserts> OpenAsync(Population population, string connectionString)
    {
        var connection = new SqliteConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        // The server beside it may still be writing what came last.
        Run(connection, "PRAGMA synchronous = FULL; PRAGMA busy_timeout = 60000");
        var values = string.Join(", ", Table.Columns.Select(_ => "?"));
        Check(raw.sqlite3_prepare_v2(connection.Handle, $"""INSERT INTO "{Table.Name}" ({Table.ColumnList}) VALUES ({values})""", out var insert));
        return new SqliteInserts(population, connection, insert);
    }

    protected override void Prepare(SessionRow[] rows) =>
        _rows = Array.ConvertAll(rows, row => Array.ConvertAll(Table.Columns, column => _dialect.Value(column.Value(row))));

    protected override Task InsertAsync(CancellationToken cancellationToken)
    {
        Run(_connection, "BEGIN IMMEDIATE");
        foreach (var row in _rows)
        {
            for (var i = 0; i < row.Length; i++)
            {
                Check(row[i] switch
                {
                    string text => raw.sqlite3_bind_text(_insert, i + 1, text),
                    byte[] bytes => raw.sqlite3_bind_blob(_insert, i + 1, bytes),
                    long number => raw.sqlite3_bind_int64(_insert, i + 1, number),
                    int number => raw.sqlite3_bind_int(_insert, i + 1, number),
                    DBNull => raw.sqlite3_bind_null(_insert, i + 1),
                    var other => throw new NotSupportedException(other.GetType().Name),
                });
            }

            Check(raw.sqlite3_step(_insert), raw.SQLITE_DONE);
            Check(raw.sqlite3_reset(_insert));
        }

        Run(_connection, "COMMIT");
        return Task.CompletedTask;
    }

    public override ValueTask DisposeAsync()
    {
        _insert.Dispose();
        return _connection.DisposeAsync();
    }

    private static void Run(SqliteConnection connection, string sql) => Check(raw.sqlite3_exec(connection.Handle, sql));

    private static void Check(int result, int expected = raw.SQLITE_OK)
    {
        if (result != expected)
        {
            throw new BenchException($"SQLite answered {result}.");
        }
    }
}
