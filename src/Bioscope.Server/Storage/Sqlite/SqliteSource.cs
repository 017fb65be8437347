using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Bioscope.Server.Storage.Sqlite;

/// <summary>A <see cref="DbDataSource"/> over one SQLite file. Connections are pooled by the driver.</summary>
internal sealed class SqliteSource : DbDataSource
{
    private readonly SqliteConnectionStringBuilder _options;
    private readonly Lock _preparing = new();
    private bool _prepared;

    // Or every piece of memory that it takes is counted under one lock for all threads. Only before the first file is opened; later
    // it changes nothing.
    static SqliteSource()
    {
        SQLitePCL.Batteries_V2.Init();
        SQLitePCL.raw.sqlite3_config(SQLitePCL.raw.SQLITE_CONFIG_MEMSTATUS, 0);
    }

    public SqliteSource(string connectionString, bool readOnly)
    {
        _options = new SqliteConnectionStringBuilder(connectionString);
        if (_options.Mode == SqliteOpenMode.Memory || _options.DataSource is "" or ":memory:" || _options.DataSource.StartsWith("file:", StringComparison.Ordinal))
        {
            throw new FormatException("SQLite needs the path of a file after 'Data Source='; nothing in memory could be acknowledged as stored.");
        }

        if (readOnly)
        {
            _options.Mode = SqliteOpenMode.ReadOnly;
        }
        // How long to wait for another process that writes; a visitor waits as long.
        if (!_options.ShouldSerialize("Default Timeout"))
        {
            _options.DefaultTimeout = 5;
        }

        ConnectionString = _options.ToString();
        WrittenBefore = LastWrite();
        Readers = new SqliteReaders(this, _options);
    }

    /// <summary>When the file or its log was last written before this process came; null when there was none.</summary>
    public DateTimeOffset? WrittenBefore { get; }

    /// <summary>When the file or its log was last written, as the file system has it.</summary>
    public DateTimeOffset? LastWrite()
    {
        // An empty log is made by whoever looks.
        var times = new[] { new FileInfo(_options.DataSource), new FileInfo(_options.DataSource + "-wal") }
            .Where(file => file is { Exists: true, Length: > 0 }).Select(file => new DateTimeOffset(file.LastWriteTimeUtc)).ToList();
        return times.Count > 0 ? times.Max() : null;
    }

    /// <summary>For queries that need no transaction.</summary>
    public SqliteReaders Readers { get; }

    public override string ConnectionString { get; }

    protected override DbConnection CreateDbConnection()
    {
        if (!_prepared)
        {
            Prepare();
        }

        return new SqliteConnection(ConnectionString);
    }

    protected override DbConnection OpenDbConnection()
    {
        var connection = CreateDbConnection();
        try
        {
            connection.Open();
            // What was acknowledged must survive a power cut: the log is synced at every commit, whatever the library was built with.
            // To fold it into the file costs about as much for 10,000 pages of it as for 1,000, so this is done seldom (Database.FoldLogAsync).
            // Who waits for a writer looks again after milliseconds; the driver by itself would sleep for 150.
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 16000; PRAGMA busy_timeout = 1000";
            command.ExecuteNonQuery();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    // The driver's asynchronous calls are synchronous underneath.
    protected override ValueTask<DbConnection> OpenDbConnectionAsync(CancellationToken cancellationToken = default) =>
        new(OpenDbConnection());

    protected override void Dispose(bool disposing)
    {
        Readers.Dispose();
        ClearPool(); // it would keep the file open, and with it the write-ahead log
        base.Dispose(disposing);
    }

    /// <summary>Closes the connections that nobody uses; those in use are closed when they are given back.</summary>
    public void ClearPool()
    {
        using var connection = new SqliteConnection(ConnectionString);
        SqliteConnection.ClearPool(connection);
    }

    /// <summary>
    /// Makes the folder and turns on the write-ahead log, in which readers and the one writer do not wait for each other.
    /// The journal mode is a property of the file and stays.
    /// </summary>
    private void Prepare()
    {
        lock (_preparing)
        {
            if (_prepared)
            {
                return;
            }

            if (_options.Mode == SqliteOpenMode.ReadWriteCreate && Path.GetDirectoryName(_options.DataSource) is { Length: > 0 } folder)
            {
                PrivateFolder.Create(folder);
            }

            if (_options.Mode != SqliteOpenMode.ReadOnly)
            {
                using var connection = new SqliteConnection(ConnectionString);
                connection.Open();
                using var command = connection.CreateCommand();
                command.CommandText = "PRAGMA journal_mode = WAL";
                command.ExecuteNonQuery();
            }

            _prepared = true;
        }
    }
}
