using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Bioscope.Engine.Storage.Sqlite;

/// <summary>
/// Open connections to one file for single queries, each with its prepared statements: reading a page's few rows takes a tenth of the
/// time of opening and preparing. No statement is open between queries, so none holds a snapshot, and the write-ahead log can be
/// checkpointed.
/// </summary>
internal sealed class SqliteConnectionPool(SqliteSource source, SqliteConnectionStringBuilder options) : IDisposable
{
    // The driver blocks the thread while it reads, so there are seldom more at once. Each has up to 2 MB of pages in memory.
    private readonly int _maxIdle = options.Pooling ? Math.Clamp(2 * Environment.ProcessorCount, 4, 16) : 0;

    // Real time even under a test's clock: replacing the file does not wait for that.
    private static readonly TimeProvider Clock = TimeProvider.System;
    private static readonly long BetweenLooks = Clock.TimestampFrequency / 2_000;

    private readonly string _folder = Path.GetDirectoryName(Path.GetFullPath(options.DataSource))!;
    private readonly ConcurrentStack<Reader> _idle = new();
    private readonly Lock _gate = new();
    private long _changed;
    private long _nextLook;
    private int _idleCount;
    private volatile bool _disposed;

    /// <summary>Runs a query and maps each row.</summary>
    public async Task<List<T>> QueryAsync<T>(
        SqlDialect dialect, string sql, Func<DbDataReader, T> map, CancellationToken cancellationToken,
        params (string Name, object? Value)[] parameters)
    {
        var reader = Take();
        try
        {
            var rows = await SqlDialect.ReadAsync(reader.Command(dialect, sql, parameters), map, cancellationToken);
            Return(reader);
            return rows;
        }
        catch
        {
            reader.Dispose(); // whatever went wrong, the next query starts with a new connection
            throw;
        }
    }

    public void Dispose()
    {
        _disposed = true;
        CloseIdle();
    }

    private Reader Take()
    {
        var changed = LookAtFolder();
        if (_idle.TryPop(out var reader))
        {
            Interlocked.Decrement(ref _idleCount);
            if (reader.Changed == changed)
            {
                return reader;
            }
        }

        try
        {
            return new Reader((SqliteConnection)source.OpenConnection(), changed);
        }
        finally
        {
            // Not earlier: the last connection that is closed removes the log, and that would change the folder again, for ever.
            if (reader is not null)
            {
                reader.Dispose();
                CloseIdle();
            }
        }
    }

    private void Return(Reader reader)
    {
        if (Interlocked.Increment(ref _idleCount) > _maxIdle)
        {
            Interlocked.Decrement(ref _idleCount);
            reader.Dispose();
            return;
        }

        _idle.Push(reader);
        if (_disposed)
        {
            CloseIdle();
        }
    }

    /// <summary>
    /// An open file stays readable after it was removed or replaced, as when an operator restores a backup. That changes the folder's
    /// time, as does creating or removing the log; then all connections are to be reopened, including the driver's. Checked at most twice
    /// per millisecond, since a check takes as long as a small query.
    /// </summary>
    private long LookAtFolder()
    {
        var now = Clock.GetTimestamp();
        if (now < Volatile.Read(ref _nextLook))
        {
            return Volatile.Read(ref _changed);
        }

        Volatile.Write(ref _nextLook, now + BetweenLooks);
        var changed = Directory.GetLastWriteTimeUtc(_folder).Ticks;
        if (changed == Volatile.Read(ref _changed))
        {
            return changed;
        }

        lock (_gate)
        {
            if (changed != _changed)
            {
                Volatile.Write(ref _changed, changed);
                source.ClearPool();
            }
        }

        return changed;
    }

    /// <summary>Closes idle connections.</summary>
    public void CloseIdle()
    {
        while (_idle.TryPop(out var reader))
        {
            Interlocked.Decrement(ref _idleCount);
            reader.Dispose();
        }
    }

    /// <summary>A connection and its prepared statements; used by one query at a time.</summary>
    private sealed class Reader(SqliteConnection connection, long changed) : IDisposable
    {
        // More than the number of statement names in the code; without a limit, generated texts would fill the memory.
        private const int MaxCommands = 64;

        private readonly Dictionary<string, SqliteCommand> _commands = new(StringComparer.Ordinal);

        /// <summary>The folder's modification time when the connection was opened.</summary>
        public long Changed => changed;

        public SqliteCommand Command(SqlDialect dialect, string sql, (string Name, object? Value)[] parameters)
        {
            if (_commands.TryGetValue(sql, out var command))
            {
                if (TrySet(dialect, command.Parameters, parameters))
                {
                    return command;
                }

                _commands.Remove(sql);
                command.Dispose();
            }

            if (_commands.Count == MaxCommands)
            {
                foreach (var known in _commands.Values)
                {
                    known.Dispose();
                }

                _commands.Clear();
            }

            return _commands[sql] = (SqliteCommand)dialect.Command(connection, null, sql, parameters);
        }

        // Disposes its commands.
        public void Dispose() => connection.Dispose();

        private static bool TrySet(SqlDialect dialect, SqliteParameterCollection known, (string Name, object? Value)[] parameters)
        {
            if (known.Count != parameters.Length)
            {
                return false;
            }

            for (var i = 0; i < parameters.Length; i++)
            {
                if (known[i].ParameterName != parameters[i].Name)
                {
                    return false;
                }

                known[i].Value = dialect.Value(parameters[i].Value);
            }

            return true;
        }
    }
}
