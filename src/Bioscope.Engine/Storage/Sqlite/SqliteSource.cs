using System.Data;
using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Bioscope.Engine.Storage.Sqlite;

/// <summary>A <see cref="DbDataSource"/> over one SQLite file. Connections are pooled by the driver.</summary>
internal sealed class SqliteSource : DbDataSource
{
    // Uses the file alone, without the -shm file that several processes share, for which a full disk has no room.
    private const string AloneVfs = "unix-excl";

    // Less counts as full: SQLite's log grows by several kilobytes with each batch.
    private const long MinRoomBytes = 256 * 1024;

    // Real time even under a test's clock, because the real disk decides.
    private static readonly TimeProvider Clock = TimeProvider.System;

    private static readonly TimeSpan BetweenTriesToShare = TimeSpan.FromSeconds(10);

    private readonly SqliteConnectionStringBuilder _options;
    private readonly Action<string>? _notice;
    private readonly string _file;
    private readonly string _alone;
    private readonly Lock _preparing = new();
    private readonly Lock _gate = new();
    private bool _prepared;
    private volatile bool _isAlone;
    private int _openAlone;
    private long _triedToShare;

    // Otherwise every allocation is counted under one lock for all threads. Takes effect only before the first file is opened.
    static SqliteSource()
    {
        SQLitePCL.Batteries_V2.Init();
        SQLitePCL.raw.sqlite3_config(SQLitePCL.raw.SQLITE_CONFIG_MEMSTATUS, 0);
    }

    /// <param name="connectionString">In the driver's format.</param>
    /// <param name="readOnly">Whether another service owns the file.</param>
    /// <param name="notice">Receives notices for the operator, one sentence each.</param>
    /// <exception cref="FormatException">The connection string names no file.</exception>
    public SqliteSource(string connectionString, bool readOnly, Action<string>? notice = null)
    {
        _notice = notice;
        _options = new SqliteConnectionStringBuilder(connectionString);
        if (_options.Mode == SqliteOpenMode.Memory || _options.DataSource is "" or ":memory:"
            || _options.DataSource.StartsWith("file:", StringComparison.Ordinal))
        {
            throw new FormatException("'Data Source=' must name a file. A database in memory would be lost when the server stops.");
        }

        if (readOnly)
        {
            _options.Mode = SqliteOpenMode.ReadOnly;
        }
        // How long to wait for another writing process; a visitor waits as long.
        if (!_options.ShouldSerialize("Default Timeout"))
        {
            _options.DefaultTimeout = 5;
        }

        _file = Path.GetFullPath(_options.DataSource);
        ConnectionString = _options.ToString();
        _alone = new SqliteConnectionStringBuilder(ConnectionString) { Vfs = AloneVfs }.ToString();
        WrittenBefore = LastWrite();
        Readers = new SqliteConnectionPool(this, _options);
    }

    /// <summary>When the file or its log was last written before this process opened it; null when neither existed.</summary>
    public DateTimeOffset? WrittenBefore { get; }

    /// <summary>When the file or its log was last written, according to the file system.</summary>
    public DateTimeOffset? LastWrite()
    {
        // Opening the file for reading creates an empty log.
        var times = new[] { new FileInfo(_options.DataSource), new FileInfo(_options.DataSource + "-wal") }
            .Where(file => file is { Exists: true, Length: > 0 }).Select(file => new DateTimeOffset(file.LastWriteTimeUtc)).ToList();
        return times.Count > 0 ? times.Max() : null;
    }

    /// <summary>For queries that need no transaction.</summary>
    public SqliteConnectionPool Readers { get; }

    public override string ConnectionString { get; }

    /// <summary>The file and the files that SQLite creates beside it.</summary>
    public IEnumerable<string> Files => [_file, _file + "-wal", _file + "-shm"];

    /// <summary>Whether the disk has room for more.</summary>
    public bool HasRoom => new DriveInfo(Path.GetDirectoryName(_file)!).AvailableFreeSpace >= MinRoomBytes;

    protected override DbConnection CreateDbConnection() => new SqliteConnection(ConnectionString);

    protected override DbConnection OpenDbConnection()
    {
        if (!_prepared)
        {
            Prepare();
        }

        try
        {
            return _isAlone ? OpenAlone() : Open(ConnectionString);
        }
        catch (SqliteException e)
        {
            return TryBeAlone(e) ?? throw SqliteAdvice.ForFile(e, _file);
        }
    }

    // The driver's asynchronous calls are synchronous underneath.
    protected override ValueTask<DbConnection> OpenDbConnectionAsync(CancellationToken cancellationToken = default) =>
        new(OpenDbConnection());

    protected override void Dispose(bool disposing)
    {
        Readers.Dispose();
        ClearPool(); // a pooled connection would keep the file and its write-ahead log open
        base.Dispose(disposing);
    }

    /// <summary>Closes idle connections; those in use are closed when they are returned.</summary>
    public void ClearPool()
    {
        foreach (var text in (string[])[ConnectionString, _alone])
        {
            using var connection = new SqliteConnection(text);
            SqliteConnection.ClearPool(connection);
        }
    }

    private static SqliteConnection Open(string connectionString)
    {
        var connection = new SqliteConnection(connectionString);
        try
        {
            connection.Open();
            // Acknowledged events must survive a power cut, so the log is synced at every commit, whatever the library's default. A
            // checkpoint costs about as much for 10,000 pages as for 1,000, so it is seldom (Database.CheckpointAsync). A waiting writer
            // retries after milliseconds; the driver alone would sleep for 150. Deleted data is overwritten with zeros in the pages that
            // are written anyway.
            Run(
                connection,
                """
                -- connection settings
                PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 16000; PRAGMA busy_timeout = 1000; PRAGMA secure_delete = FAST
                """);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>
    /// A full disk has no room for the <c>-shm</c> file by which processes share the log's index. The index is then kept in memory and
    /// the file locked for this process: reports work, and events are stored as soon as there is room.
    /// </summary>
    /// <returns>Null when that does not help.</returns>
    private SqliteConnection? TryBeAlone(SqliteException failure)
    {
        if (_isAlone || OperatingSystem.IsWindows() || _options.Mode == SqliteOpenMode.ReadOnly || !IsForRoom(failure))
        {
            return null;
        }

        lock (_gate)
        {
            try
            {
                _triedToShare = Clock.GetTimestamp();
                CloseIdle(); // the driver pools failed connections, which would keep the other index
                var connection = Counted(Open(_alone));
                if (!_isAlone)
                {
                    _isAlone = true;
                    _notice?.Invoke(
                        "the disk is full. Reports work, but nothing more is stored, and other programs cannot open the file. Free " +
                        "some space");
                }

                return connection;
            }
            catch (SqliteException)
            {
                return null;
            }
        }
    }

    // The index could not be opened, sized or mapped; the disk is full; and errors that may have other reasons.
    private bool IsForRoom(SqliteException failure) =>
        failure is { SqliteExtendedErrorCode: 4618 or 4874 or 5386 } or { SqliteErrorCode: 13 }
            || (failure.SqliteErrorCode is 10 or 14 && !HasRoom);

    private SqliteConnection OpenAlone()
    {
        lock (_gate)
        {
            if (_isAlone && Clock.GetElapsedTime(_triedToShare) >= BetweenTriesToShare && HasRoom)
            {
                TryToShare();
            }

            return _isAlone ? Counted(Open(_alone)) : Open(ConnectionString);
        }
    }

    // Not while an exclusive connection is open: opening the file in both modes would release the exclusive lock when the shared one is
    // closed.
    private void TryToShare()
    {
        _triedToShare = Clock.GetTimestamp();
        CloseIdle();
        if (Volatile.Read(ref _openAlone) > 0)
        {
            return;
        }

        try
        {
            Open(ConnectionString).Dispose();
            _isAlone = false;
            _notice?.Invoke("the disk has space again: events are stored, and other programs can open the file");
        }
        catch (SqliteException)
        {
            // Unchanged.
        }
    }

    private void CloseIdle()
    {
        Readers.CloseIdle();
        ClearPool();
    }

    private SqliteConnection Counted(SqliteConnection connection)
    {
        Interlocked.Increment(ref _openAlone);
        connection.StateChange += (_, change) =>
        {
            if (change.CurrentState == ConnectionState.Closed)
            {
                Interlocked.Decrement(ref _openAlone);
            }
        };
        return connection;
    }

    /// <summary>
    /// Creates the folder and the file, for their owner only, and turns on the write-ahead log, in which readers and the single writer do
    /// not block each other. The journal mode is a property of the file and persists.
    /// </summary>
    /// <exception cref="SqliteException">The file cannot be used; the message says why and what to do.</exception>
    private void Prepare()
    {
        lock (_preparing)
        {
            if (_prepared || _options.Mode == SqliteOpenMode.ReadOnly)
            {
                _prepared = true;
                return;
            }

            if (_options.Mode == SqliteOpenMode.ReadWriteCreate)
            {
                CreateFile();
            }

            // Whoever created them: SQLite gives its own two files the mode of the main file.
            foreach (var file in Files.Where(PrivateFile.TryNarrow))
            {
                _notice?.Invoke($"other users could read or write {file}. Its mode is now 600, so only its owner can");
            }

            try
            {
                using var connection = OpenOrBeAlone();
                Run(connection, "-- write-ahead log\nPRAGMA journal_mode = WAL");
                if (SQLitePCL.raw.sqlite3_db_readonly(connection.Handle!, "main") == 1)
                {
                    throw new SqliteException("read-only", SQLitePCL.raw.SQLITE_READONLY);
                }
            }
            catch (SqliteException e)
            {
                throw SqliteAdvice.ForFile(e, _file);
            }

            _prepared = true;
        }
    }

    private SqliteConnection OpenOrBeAlone()
    {
        try
        {
            return Open(ConnectionString);
        }
        catch (SqliteException e) when (TryBeAlone(e) is { } connection)
        {
            return connection;
        }
    }

    private void CreateFile()
    {
        try
        {
            PrivateFile.CreateFolder(Path.GetDirectoryName(_file)!);
            if (!File.Exists(_file))
            {
                PrivateFile.Create(_file).Dispose();
            }
        }
        catch (IOException) when (File.Exists(_file))
        {
            // Another server that started at the same time was first.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw SqliteAdvice.ForFile(new SqliteException(e.Message, SQLitePCL.raw.SQLITE_CANTOPEN), _file);
        }
    }
}
