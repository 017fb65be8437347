using System.Data.Common;
using System.Diagnostics;
using Bioscope.Engine.Storage.Postgres;
using Bioscope.Engine.Storage.Sqlite;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Bioscope.Engine.Storage;

/// <summary>The database of users, creators, bio pages and links.</summary>
internal sealed class MainDatabase(string connectionString, bool readOnly = false, DatabaseTimings? timings = null)
    : Database("main", connectionString, readOnly, timings);

/// <summary>
/// The database of sessions and page views. Every statement on it filters or inserts by <c>"bioPageId"</c>, except those that look up the
/// page of an id sent by a browser.
/// </summary>
internal sealed class AnalyticsDatabase(string connectionString, bool readOnly = false, DatabaseTimings? timings = null)
    : Database("analytics", connectionString, readOnly, timings);

/// <summary>
/// One of the two databases, on the engine that its connection string names: <c>Data Source=…</c> is SQLite,
/// <c>Host=…</c> and <c>postgres://…</c> are PostgreSQL. It runs statements, reads their rows, and inserts rows. A statement whose first line is <c>-- name</c> is timed under that name.
/// </summary>
internal abstract class Database : IAsyncDisposable
{
    private readonly DbDataSource _source;
    private readonly DatabaseTimings? _timings;
    private readonly string _system;
    private readonly QueryBatcher? _together;

    protected Database(string name, string connectionString, bool readOnly, DatabaseTimings? timings)
    {
        (Name, _timings) = (name, timings);
        (_source, Dialect) = StorageEngine.Open(connectionString, readOnly, notice => timings?.Notice(name, notice));
        _system = Dialect.Name.ToLowerInvariant();
        // Another service's tables have no rollups: queries on them may be slow and must not delay others.
        _together = _source is PostgresSource postgres && !readOnly ? new QueryBatcher(postgres, (PostgresDialect)Dialect) : null;
    }

    /// <summary>"main" or "analytics"; also the folder of its migrations.</summary>
    public string Name { get; }

    public SqlDialect Dialect { get; }

    /// <summary>Whether the disk has room for more; always true for a database server, whose disk is not visible from here.</summary>
    public bool HasRoom => _source is not SqliteSource file || file.HasRoom;

    /// <summary>Database files that users other than their owner can access; a database server's are not visible from here.</summary>
    public IEnumerable<string> FilesOpenToOthers => _source is SqliteSource file ? file.Files.Where(PrivateFile.IsOpenToOthers) : [];

    /// <summary>The database's file if it does not exist yet.</summary>
    public string? MissingFile => FilePath is { } path && !File.Exists(path) ? path : null;

    /// <summary>Whether both are the same file or server database, according to their connection strings.</summary>
    public bool IsSameAs(Database other) => _source.ConnectionString == other._source.ConnectionString;

    /// <summary>
    /// When the files of the database were last written: before this process opened them, and now. Null where the database is not in
    /// files, or they are not checked.
    /// </summary>
    public (DateTimeOffset? Before, DateTimeOffset? Now) Written =>
        Dialect.AsksOtherClocks && _source is SqliteSource file ? (file.WrittenBefore, file.LastWrite()) : (null, null);

    /// <summary>How many connections to a database server this process may have; 0 for files.</summary>
    public int MaxConnections => _source is PostgresSource server ? server.MaxConnections : 0;

    /// <summary>Whether a connection pooler such as PgBouncer is in between, as the first connection has shown.</summary>
    public bool IsBehindPooler => _source is PostgresSource { IsBehindPooler: true };

    /// <summary>Whether notices of other instances can be heard: not in files, and not through a connection pooler.</summary>
    public bool CanListen => _source is PostgresSource { IsBehindPooler: false };

    /// <summary>Hears the notices of a channel, on a connection of its own, until it breaks.</summary>
    /// <param name="channel">A name of lower-case letters and underscores.</param>
    /// <param name="listening">Called once notices are heard from now on.</param>
    /// <param name="heard">Called with each.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task ListenAsync(string channel, Action listening, Action<string> heard, CancellationToken cancellationToken)
    {
        await using var connection = await ((PostgresSource)_source).OpenListenerAsync(cancellationToken);
        connection.Notification += (_, notice) => heard(notice.Payload);
        await using (var command = Dialect.Command(connection, null, $"-- listen\nLISTEN {channel}"))
        {
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        listening();
        while (true)
        {
            await connection.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Sends a notice to all who listen on the channel, in a transaction of its own.</summary>
    public Task NotifyAsync(string channel, string text, CancellationToken cancellationToken) =>
        ExecuteAsync("-- notify\nSELECT pg_notify(@channel, @text)", cancellationToken, ("@channel", channel), ("@text", text));

    /// <summary>
    /// Does work that one instance at a time does, unless another is doing it. A transaction holds the lock, and nothing else: so it works through
    /// a connection pooler, and whoever dies lets it go.
    /// </summary>
    /// <returns>Whether it was done.</returns>
    public async Task<bool> TryAloneAsync(SoleWork work, Func<Task> run, CancellationToken cancellationToken)
    {
        if (_source is SqliteSource)
        {
            await run(); // a transaction would keep other writers out, and a file has one server
            return true;
        }

        await using var connection = await OpenAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await Dialect.ExecuteAsync(transaction, "-- hold lock\nSET LOCAL idle_in_transaction_session_timeout = 0", cancellationToken);
        if (!await Dialect.TryLockAsync(transaction, work, cancellationToken))
        {
            return false;
        }

        await run();
        return true;
    }

    public async Task<DbConnection> OpenAsync(CancellationToken cancellationToken) => await _source.OpenConnectionAsync(cancellationToken);

    /// <summary>Runs a query and maps each row. Parameters are named <c>@name</c> in the text.</summary>
    public Task<List<T>> QueryAsync<T>(
        string sql, Func<DbDataReader, T> map, CancellationToken cancellationToken, params (string Name, object? Value)[] parameters) =>
        TimedAgainWhenStaleAsync(DatabaseTimings.NameOf(sql), async () =>
        {
            if (_source is SqliteSource file)
            {
                return await file.Readers.QueryAsync(Dialect, sql, map, cancellationToken, parameters);
            }

            if (_together is not null)
            {
                return await _together.QueryAsync(sql, map, cancellationToken, parameters);
            }

            return await ReadAloneAsync(sql, map, cancellationToken, parameters);
        });

    /// <summary>
    /// Like <see cref="QueryAsync"/>, with texts that are asked for when they are sent, so that they may still change while there is no connection for
    /// them. They run in their order, each in a snapshot of its own; rows are those of all.
    /// </summary>
    public Task<List<T>> QueryWhenSentAsync<T>(
        string name, Func<string[]> texts, Func<DbDataReader, T> map, CancellationToken cancellationToken, params (string Name, object? Value)[] parameters) =>
        TimedAgainWhenStaleAsync(name, async () =>
        {
            if (_together is not null)
            {
                return await _together.QueryWhenSentAsync(texts, map, cancellationToken, parameters);
            }

            var rows = new List<T>();
            foreach (var sql in texts())
            {
                rows.AddRange(await QueryAsync(sql, map, cancellationToken, parameters));
            }

            return rows;
        });

    /// <summary>
    /// Like <see cref="QueryAsync"/>, on a connection of its own: for queries that may take long and must not delay others.
    /// </summary>
    public Task<List<T>> QueryAloneAsync<T>(
        string sql, Func<DbDataReader, T> map, CancellationToken cancellationToken, params (string Name, object? Value)[] parameters) =>
        TimedAgainWhenStaleAsync(DatabaseTimings.NameOf(sql), () => ReadAloneAsync(sql, map, cancellationToken, parameters));

    /// <summary>Runs one statement and returns how many rows it changed.</summary>
    public Task<int> ExecuteAsync(string sql, CancellationToken cancellationToken, params (string Name, object? Value)[] parameters) =>
        TimedAgainWhenStaleAsync(
            DatabaseTimings.NameOf(sql),
            async () =>
            {
                await using var connection = await OpenAsync(cancellationToken);
                await using var command = Dialect.Command(connection, null, sql, parameters);
                return await command.ExecuteNonQueryAsync(cancellationToken);
            },
            isRepeatable: () => false);

    /// <summary>Adds rows in a transaction of their own; rows whose key exists are left unchanged.</summary>
    public Task<int> InsertAsync<T>(Table<T> table, IReadOnlyList<T> rows, CancellationToken cancellationToken) =>
        TransactAsync(
            $"insert {table.Name}", transaction => Dialect.InsertAsync(transaction, table, rows, cancellationToken), cancellationToken);

    /// <summary>
    /// Does the work in one transaction, timed under <paramref name="name"/>. It may be retried on another connection, but never after a
    /// commit was requested: then it is unknown whether it succeeded.
    /// </summary>
    public Task<T> TransactAsync<T>(string name, Func<DbTransaction, Task<T>> work, CancellationToken cancellationToken)
    {
        var committing = false;
        return TimedAgainWhenStaleAsync(
            name,
            async () =>
            {
                await using var connection = await OpenAsync(cancellationToken);
                await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
                var result = await work(transaction);
                committing = true;
                await Dialect.CommitAsync(transaction, cancellationToken);
                return result;
            },
            () => !committing);
    }

    /// <summary>
    /// Copies SQLite's write-ahead log into the file while others read and write. A writer does this too when the log is long, but then
    /// its visitors wait for it.
    /// </summary>
    public Task CheckpointAsync(CancellationToken cancellationToken) =>
        Dialect.CheckpointSql is { } sql ? ExecuteAsync(sql, cancellationToken) : Task.CompletedTask;

    /// <summary>Erases what was deleted from a small table from the files that contained it, as far as the engine can.</summary>
    /// <returns>False when a reader is still using an older snapshot.</returns>
    public async Task<bool> EraseDeletedAsync(string table, CancellationToken cancellationToken) =>
        !await AreOlderSnapshotsReadAsync(await SnapshotMarkAsync(cancellationToken), cancellationToken)
        && await QueryAloneAsync(Dialect.TruncateLogSql ?? Dialect.RewriteSql(table), row => row.GetInt32(0), cancellationToken) is not [not 0];

    /// <summary>
    /// Rewrites the tables, without what was deleted from them; a database file is rewritten as a whole. Writers wait, and it takes as much
    /// free space again.
    /// </summary>
    public async Task RewriteAsync(IEnumerable<string> tables, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        foreach (var sql in tables.Select(Dialect.RewriteSql).Distinct())
        {
            await using var command = Dialect.Command(connection, null, sql);
            command.CommandTimeout = 0; // it ends by itself, and what it has done so far would be in vain
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    /// <summary>A mark of now for <see cref="AreOlderSnapshotsReadAsync"/>; null where nothing depends on it.</summary>
    public async Task<string?> SnapshotMarkAsync(CancellationToken cancellationToken) =>
        Dialect.SnapshotMarkSql is { } sql ? (await QueryAloneAsync(sql, row => row.GetString(0), cancellationToken)).Single() : null;

    /// <summary>Whether somebody still reads the database as it was before: what was deleted by then, <see cref="RewriteAsync"/> would keep for them.</summary>
    public async Task<bool> AreOlderSnapshotsReadAsync(string? mark, CancellationToken cancellationToken) =>
        Dialect.OlderSnapshotsSql is { } sql && await QueryAloneAsync(sql, row => row.GetInt32(0), cancellationToken, ("@mark", mark)) is not [0];

    /// <summary>Empties SQLite's write-ahead log, which holds older copies of what was rewritten.</summary>
    /// <returns>False when a reader is still using an older snapshot.</returns>
    public async Task<bool> TruncateLogAsync(CancellationToken cancellationToken) => Dialect.TruncateLogSql is not { } sql
        || await QueryAloneAsync(sql, row => row.GetInt32(0), cancellationToken) is [0];

    /// <summary>Is told in which shard of Citus a page's rows are.</summary>
    public void TakeShard(Guid page, long shard) => (Dialect as PostgresDialect)?.Shards.Set(page, shard);

    /// <summary>Is told that the coordinator of Citus has shards.</summary>
    public void TakeOwnShards() => (_source as PostgresSource)?.TakeOwnShards();

    /// <summary>The file of the database; null on a database server.</summary>
    public string? FilePath => (_source as SqliteSource)?.Files.First();

    /// <summary>
    /// Copies the database file as it is at one instant, while others read and write, into a new file with mode 600; and checks the copy.
    /// </summary>
    /// <exception cref="InvalidDataException">The copy is damaged, and so is the database.</exception>
    public async Task CopyToAsync(string path, CancellationToken cancellationToken)
    {
        await PrivateFile.Create(path).DisposeAsync();
        await using var connection = await OpenAsync(cancellationToken);
        await using var copy = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        await copy.OpenAsync(cancellationToken);
        // In one go: a copy in parts would begin again at every write.
        await Task.Run(() => ((SqliteConnection)connection).BackupDatabase(copy), cancellationToken);
        await using var command = copy.CreateCommand();
        // Complete in one file, without a log beside it.
        command.CommandText = "-- check copy\nPRAGMA journal_mode = DELETE; PRAGMA quick_check(1)";
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken) || reader.GetString(0) != "ok")
        {
            throw new InvalidDataException($"the copy of the {Name} database is damaged, so the database is too: {reader.GetString(0)}");
        }
    }

    /// <summary>The size of the database in bytes.</summary>
    public async Task<long> SizeAsync(CancellationToken cancellationToken) =>
        (await QueryAloneAsync(Dialect.SizeSql, row => row.GetInt64(0), cancellationToken))[0];

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private async Task<List<T>> ReadAloneAsync<T>(
        string sql, Func<DbDataReader, T> map, CancellationToken cancellationToken, params (string Name, object? Value)[] parameters)
    {
        await using var connection = await OpenAsync(cancellationToken);
        await using var command = Dialect.Command(connection, null, sql, parameters);
        return await SqlDialect.ReadAsync(command, map, cancellationToken);
    }

    /// <summary>
    /// After a restart of the server, the pool is full of broken connections, and each would cause one failure. The first failure empties
    /// the pool, and its work is retried once. Only for work that may be repeated.
    /// </summary>
    private async Task<T> TimedAgainWhenStaleAsync<T>(string statement, Func<Task<T>> work, Func<bool>? isRepeatable = null)
    {
        using var span = StartSpan(statement);
        var started = _timings?.Now ?? 0;
        try
        {
            try
            {
                return await work();
            }
            catch (NpgsqlException e) when (IsStale(e) && _source is PostgresSource && isRepeatable?.Invoke() != false)
            {
                // Where Citus says that the connection broke, it is the one to its worker.
                if (!(Dialect.IsDistributed && e is PostgresException { SqlState: ['0', '8', ..] or PostgresErrorCodes.InternalError }))
                {
                    ((PostgresSource)_source).Clear();
                }

                return await work();
            }
        }
        catch (Exception e) when (span is not null)
        {
            span.Fail(e);
            throw;
        }
        finally
        {
            _timings?.Record(Name, statement, started);
        }
    }

    private Activity? StartSpan(string statement)
    {
        var span = Spans.StartStatement(statement);
        span?.SetTag("db.system.name", _system).SetTag("db.namespace", Name).SetTag("db.query.summary", statement);
        return span;
    }

    // The connection broke or was ended: 08 connection, 57P operator intervention; or its server has become a standby, which writes nothing. A
    // server that is full also refuses new connections. Where a worker of Citus ends in the middle of a statement, that is an internal error.
    private bool IsStale(NpgsqlException failure) => failure switch
    {
        PostgresException { SqlState: PostgresErrorCodes.InternalError } => Dialect.IsDistributed,
        PostgresException { SqlState: var state } => state is PostgresErrorCodes.ReadOnlySqlTransaction
            || state.StartsWith("08", StringComparison.Ordinal) || state.StartsWith("57P", StringComparison.Ordinal),
        _ => failure is { IsTransient: true, InnerException: not TimeoutException },
    };
}
