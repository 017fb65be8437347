using System.Data.Common;
using System.Diagnostics;
using Npgsql;

namespace Bioscope.Engine.Storage.Postgres;

/// <summary>
/// Opens PostgreSQL with driver settings that suit many small prepared statements; the operator's own settings take precedence. Behind a
/// pooler such as PgBouncer in transaction mode, each transaction may run on another server connection: there, nothing is prepared and no
/// session setting is relied on. The first connection finds out, or the operator says so by <c>PgBouncer=true</c>.
/// </summary>
internal sealed class PostgresSource : DbDataSource
{
    /// <summary>The settings for Bioscope's own databases.</summary>
    // Just-in-time compilation costs more than any of our statements. What is acknowledged must be on disk, whatever the server's default
    // is, and a warning that it may be on this server's only must arrive. Each statement has its index: a plan made for a page with many rows, or once while a table was still empty, would scan the
    // whole table.
    public const string Options = "-c jit=off -c synchronous_commit=on -c client_min_messages=warning -c plan_cache_mode=force_generic_plan -c enable_seqscan=off";

    // Settings for another service's tables are left to PostgreSQL.
    private const string ReadOnlyOptions = "-c jit=off -c default_transaction_read_only=on";

    // What makes that plan is no constant for Citus: it plans a statement for several machines only where the values are known.
    private const string DistributedOptions = "-c jit=off -c synchronous_commit=on -c client_min_messages=warning -c enable_seqscan=off";

    // Where the coordinator has shards itself, Citus 13.2 keeps one more plan for each execution of a prepared statement about one of them, and all of
    // them until the connection ends: some 50 kB each time. One that is planned with its values each time it does not keep.
    private const string OwnShardsOptions = $"{DistributedOptions} -c plan_cache_mode=force_custom_plan";

    // A setting of our own, which a server keeps and a pooler that ignores our options does not.
    private const string Mark = "bioscope.session";

    private const string PoolerKeyword = "PgBouncer";

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(500);

    private readonly bool _readOnly;
    private readonly bool? _told;
    private readonly NpgsqlDataSource _direct;
    private readonly NpgsqlDataSource _pooled;
    private readonly NpgsqlDataSource _distributed;
    private readonly NpgsqlDataSource _ownShards;
    private readonly NpgsqlDataSource _listening;
    private readonly SemaphoreSlim _finding = new(1, 1);
    private volatile NpgsqlDataSource? _source;
    private long _forgotten;

    /// <param name="connectionString">In the driver's format, which may have <c>PgBouncer=true</c> or <c>false</c> in addition.</param>
    /// <param name="readOnly">Whether another service owns the database.</param>
    /// <exception cref="ArgumentException">The driver does not accept it.</exception>
    public PostgresSource(string connectionString, bool readOnly)
    {
        var words = new DbConnectionStringBuilder { ConnectionString = connectionString };
        if (words.TryGetValue(PoolerKeyword, out var told))
        {
            _told = bool.TryParse($"{told}", out var isTold) ? isTold : throw new ArgumentException($"{PoolerKeyword} must be true or false.");
            words.Remove(PoolerKeyword);
        }

        _readOnly = readOnly;
        var given = new NpgsqlConnectionStringBuilder(words.ConnectionString);
        var own = readOnly ? ReadOnlyOptions : Options;
        _direct = NpgsqlDataSource.Create(Complete(given, own));
        _pooled = NpgsqlDataSource.Create(Complete(given, settings: null));
        _distributed = NpgsqlDataSource.Create(Complete(given, readOnly ? ReadOnlyOptions : DistributedOptions));
        _ownShards = NpgsqlDataSource.Create(Complete(given, readOnly ? ReadOnlyOptions : OwnShardsOptions));
        var listening = Complete(given, own);
        // One, whatever the operator sets for the others. A dead connection is noticed, and one that is closed hears no more.
        (listening.MinPoolSize, listening.MaxPoolSize, listening.KeepAlive, listening.NoResetOnClose) = (0, 1, 15, false);
        (listening.ConnectionIdleLifetime, listening.ConnectionPruningInterval) = (10, 10);
        _listening = NpgsqlDataSource.Create(listening);
    }

    public override string ConnectionString => _direct.ConnectionString;

    /// <summary>How many connections there may be at once.</summary>
    public int MaxConnections => new NpgsqlConnectionStringBuilder(_direct.ConnectionString).MaxPoolSize;

    /// <summary>Whether a pooler is in between; null until the first connection.</summary>
    public bool? IsBehindPooler => _source is { } known ? known == _pooled : null;

    /// <summary>Whether Citus has spread the tables of visits over its workers; false until the first connection.</summary>
    public bool IsDistributed { get; private set; }

    /// <summary>Ends the unused connections, after the server was restarted or another one has taken its place.</summary>
    public void Clear()
    {
        foreach (var source in (NpgsqlDataSource[])[_direct, _pooled, _distributed, _ownShards])
        {
            source.Clear();
            TryForget(source);
        }
    }

    /// <summary>Is told that the coordinator of Citus has shards, which may have come to it later: new connections are made for that.</summary>
    public void TakeOwnShards()
    {
        if (_source == _distributed)
        {
            _source = _ownShards;
            _distributed.Clear();
        }
    }

    /// <summary>Opens a connection that waits for notices, besides those for statements.</summary>
    public ValueTask<NpgsqlConnection> OpenListenerAsync(CancellationToken cancellationToken) => _listening.OpenConnectionAsync(cancellationToken);

    protected override DbConnection CreateDbConnection() => (_source ?? _direct).CreateConnection();

    protected override async ValueTask<DbConnection> OpenDbConnectionAsync(CancellationToken cancellationToken = default)
    {
        var source = _source ?? await FindAsync(cancellationToken);
        try
        {
            return await source.OpenConnectionAsync(cancellationToken);
        }
        catch (PostgresException e) when (RefusesParameter(e) && source != _pooled)
        {
            // The operator has put a pooler in between.
            _source = _pooled;
            return await _pooled.OpenConnectionAsync(cancellationToken);
        }
        catch (NpgsqlException) when (TryForget(source))
        {
            return await source.OpenConnectionAsync(cancellationToken);
        }
    }

    /// <summary>Has the one of several servers looked for that takes writes; not by every request, or a standby would be asked by each.</summary>
    private bool TryForget(NpgsqlDataSource source)
    {
        if (source is not NpgsqlMultiHostDataSource several || Stopwatch.GetElapsedTime(Interlocked.Read(ref _forgotten)) < BetweenLooks)
        {
            return false;
        }

        Interlocked.Exchange(ref _forgotten, Stopwatch.GetTimestamp());
        several.ClearDatabaseStates();
        return true;
    }

    protected override async ValueTask DisposeAsyncCore()
    {
        await _direct.DisposeAsync();
        await _pooled.DisposeAsync();
        await _distributed.DisposeAsync();
        await _ownShards.DisposeAsync();
        await _listening.DisposeAsync();
        _finding.Dispose();
        await base.DisposeAsyncCore();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _direct.Dispose();
            _pooled.Dispose();
            _distributed.Dispose();
            _ownShards.Dispose();
            _listening.Dispose();
            _finding.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <param name="given">What the operator sets.</param>
    /// <param name="settings">Those of a session; null where a pooler would not pass them on.</param>
    private NpgsqlConnectionStringBuilder Complete(NpgsqlConnectionStringBuilder given, string? settings)
    {
        var options = new NpgsqlConnectionStringBuilder
        {
            ApplicationName = "bioscope",
            // Two databases and ten instances do not fill 200 connections. More make nothing faster: visits are written by one, and reports
            // are sent together (decision 0038).
            MaxPoolSize = 8,
            MaxAutoPrepare = settings is null ? 0 : 100,
            AutoPrepareMinUsages = 2,
            // Columns of segments have many kilobytes, and each part that comes is handed from one thread to another.
            ReadBufferSize = 1 << 16,
            // Nothing is ever set outside a transaction.
            NoResetOnClose = true,
            // A visitor waits this long when the database hangs; long operator commands set their own timeout.
            Timeout = 5,
            CommandTimeout = 10,
        };
        if (given.Host?.Contains(',', StringComparison.Ordinal) == true && !_readOnly)
        {
            // Of several servers the one that takes writes. Which one that is, is looked for after each failure; one that does not even refuse is
            // tried again seldom, because whoever opens a connection then waits for it.
            (options.TargetSessionAttributes, options.HostRecheckSeconds, options.Timeout) = ("primary", 30, 3);
        }

        foreach (var keyword in given.Keys)
        {
            options[keyword] = given[keyword];
        }

        if (settings is not null)
        {
            // Of two values for a setting the later one counts.
            options.Options = $"{settings} -c {Mark}=on {given.Options}".TrimEnd();
        }

        return options;
    }

    private async Task<NpgsqlDataSource> FindAsync(CancellationToken cancellationToken)
    {
        await _finding.WaitAsync(cancellationToken);
        try
        {
            if (_source is null)
            {
                var isDirect = _told != true && (_told == false || await IsDirectAsync(cancellationToken));
                if (!isDirect)
                {
                    await CheckPoolerAsync(cancellationToken);
                }

                var found = isDirect ? _direct : _pooled;
                (IsDistributed, var hasShards) = await AskDistributedAsync(found, cancellationToken);
                _source = !IsDistributed || !isDirect ? found : hasShards ? _ownShards : _distributed;
            }

            return _source;
        }
        finally
        {
            _finding.Release();
        }
    }

    /// <summary>Whether our options reach the server.</summary>
    private async Task<bool> IsDirectAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using (var connection = await _direct.OpenConnectionAsync(cancellationToken))
            {
                await using var command = new NpgsqlCommand($"-- pooler\nSELECT current_setting('{Mark}', true)", connection);
                if (await command.ExecuteScalarAsync(cancellationToken) is "on")
                {
                    return true;
                }
            }
        }
        catch (PostgresException e) when (RefusesParameter(e))
        {
            // PgBouncer's answer, unless its ignore_startup_parameters has options.
        }

        _direct.Clear();
        return false;
    }

    // Two statements: without Citus the second one would name a table that is not there.
    private static async Task<(bool IsDistributed, bool HasShards)> AskDistributedAsync(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand("-- citus\nSELECT to_regclass('pg_catalog.pg_dist_partition') IS NOT NULL", connection);
        if (await command.ExecuteScalarAsync(cancellationToken) is not true)
        {
            return default;
        }

        command.CommandText = """
            -- distributed tables
            SELECT COALESCE(bool_or(groupid = 0), FALSE)
            FROM pg_dist_partition JOIN pg_dist_shard USING (logicalrelid) JOIN pg_dist_placement USING (shardid)
            WHERE logicalrelid = to_regclass('"AnalyticsSession"') AND partmethod = 'h' HAVING count(*) > 0
            """;
        return await command.ExecuteScalarAsync(cancellationToken) is bool hasShards ? (true, hasShards) : default;
    }

    /// <summary>Fails with what to set when the pooler or the server behind it cannot keep our promises.</summary>
    private async Task CheckPoolerAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await _pooled.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await using var command = new NpgsqlCommand("-- durability\nSELECT current_setting('synchronous_commit')", connection, transaction);
            if (await command.ExecuteScalarAsync(cancellationToken) is "off" && !_readOnly)
            {
                throw new NpgsqlException(
                    "The server behind the connection pooler has synchronous_commit=off, so visits that were acknowledged could be lost. To " +
                    $"fix: ALTER ROLE \"{connection.UserName}\" SET synchronous_commit = on; then reconnect the pooler (RECONNECT).");
            }

            await transaction.CommitAsync(cancellationToken);
        }
        catch (PostgresException e) when (RefusesParameter(e))
        {
            throw new NpgsqlException(
                $"The connection pooler refuses a setting of the connection string ({e.MessageText}). To fix: remove the setting and give " +
                "it to the role with ALTER ROLE … SET, or add it to ignore_startup_parameters in pgbouncer.ini.", e);
        }
        catch (PostgresException e) when (e.MessageText.Contains("statement pooling", StringComparison.OrdinalIgnoreCase))
        {
            throw new NpgsqlException(
                "The connection pooler is in statement mode, which allows no transactions. To fix: pool_mode = transaction in pgbouncer.ini.", e);
        }
    }

    // Only poolers do.
    private static bool RefusesParameter(PostgresException failure) =>
        failure.SqlState == PostgresErrorCodes.ProtocolViolation
        && failure.MessageText.Contains("startup parameter", StringComparison.OrdinalIgnoreCase);
}
