using System.Text;
using Microsoft.Data.Sqlite;
using static SQLitePCL.raw;

namespace Bioscope.Engine.Storage.Sqlite;

/// <summary>
/// One INSERT that runs for many rows, directly on the library: the driver's command looks up each parameter by name and creates a reader
/// for each row, which costs as much as the row itself. Values are stored as in <see cref="SqliteDialect.Value"/>.
/// </summary>
internal sealed class SqliteInsert : IDisposable
{
    private readonly SQLitePCL.sqlite3 _database;
    private readonly SQLitePCL.sqlite3_stmt _statement;
    private byte[] _text = new byte[256];

    public SqliteInsert(SqliteConnection connection, string sql)
    {
        _database = connection.Handle!;
        SqliteException.ThrowExceptionForRC(sqlite3_prepare_v2(_database, sql, out _statement), _database);
    }

    /// <summary>Sets the value of a column, counted from 0.</summary>
    public void Bind(int column, object? value) => SqliteException.ThrowExceptionForRC(
        value switch
        {
            null => sqlite3_bind_null(_statement, column + 1),
            string text => Text(column + 1, text),
            Guid id => id.TryFormat(_text, out var length, "D") ? sqlite3_bind_text(
                _statement, column + 1, _text.AsSpan(0, length)) : SQLITE_ERROR,
            DateTimeOffset instant => sqlite3_bind_int64(_statement, column + 1, instant.ToUnixTimeMilliseconds()),
            bool flag => sqlite3_bind_int(_statement, column + 1, flag ? 1 : 0),
            int number => sqlite3_bind_int(_statement, column + 1, number),
            long number => sqlite3_bind_int64(_statement, column + 1, number),
            byte[] bytes => sqlite3_bind_blob(_statement, column + 1, bytes),
            _ => throw new ArgumentOutOfRangeException(nameof(value), value.GetType(), "SQLite has no such type."),
        },
        _database);

    /// <summary>Adds the row and returns 1 if it is new, otherwise 0.</summary>
    public int Run()
    {
        var result = sqlite3_step(_statement);
        // After a failed step, the reset returns the reason.
        SqliteException.ThrowExceptionForRC(sqlite3_reset(_statement), _database);
        return result == SQLITE_DONE ? sqlite3_changes(_database) : throw new InvalidOperationException("An INSERT returned rows.");
    }

    public void Dispose() => _statement.Dispose();

    private int Text(int parameter, string text)
    {
        if (_text.Length < Encoding.UTF8.GetMaxByteCount(text.Length))
        {
            _text = new byte[Encoding.UTF8.GetMaxByteCount(text.Length)];
        }

        return sqlite3_bind_text(_statement, parameter, _text.AsSpan(0, Encoding.UTF8.GetBytes(text, _text)));
    }
}
