using Bioscope.Engine.Ingest;
using Bioscope.Engine.Storage;

namespace Bioscope.Server.Operations;

/// <summary>
/// Whether this server can do its work: both databases respond, ingestion accepts events, and it is not shutting down. The databases are
/// checked at most once per second, however many requests come. With shared databases there is no ingestion.
/// </summary>
internal sealed partial class Readiness(
    MainDatabase main, AnalyticsDatabase analytics, IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<Readiness> log,
    IngestWriter? ingest = null)
{
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    // They find no row, and fail if the table does not exist.
    private const string MainSql = """
        -- ready
        SELECT 1 FROM "User" WHERE "id" = @none
        """;

    private const string AnalyticsSql = """
        -- ready
        SELECT 1 FROM "AnalyticsSession" WHERE "bioPageId" = @none LIMIT 1
        """;

    // The table above is on the workers of Citus; one that is away does not make the server unable to serve the pages of the others. The name
    // is looked up anew each time, so it fails too if the table does not exist.
    private const string CoordinatorSql = """
        -- ready coordinator
        SELECT 1 FROM "Fence" WHERE CAST(CAST('"AnalyticsSession"' AS text) AS regclass) IS NULL
        """;

    private readonly Lock _gate = new();
    private Task<IReadOnlyList<string>>? _last;
    private long _lastEnded;

    /// <summary>The parts that are not ready, without internal details; empty when all are ready.</summary>
    public async Task<IReadOnlyList<string>> ProblemsAsync()
    {
        // Never cached, because a load balancer must learn of a shutdown at once.
        if (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return ["the server is shutting down"];
        }

        var databases = await SharedCheckAsync();
        return ingest is { IsTaking: false } ? [.. databases, "ingestion does not accept events"] : databases;
    }

    /// <summary>The running check, or the last one while it is fresh.</summary>
    private Task<IReadOnlyList<string>> SharedCheckAsync()
    {
        lock (_gate)
        {
            if (_last is null || (_last.IsCompleted && clock.GetElapsedTime(Volatile.Read(ref _lastEnded)) >= Fresh))
            {
                _last = Task.Run(CheckAsync);
            }

            return _last;
        }
    }

    private async Task<IReadOnlyList<string>> CheckAsync()
    {
        var sql = analytics.Dialect.IsDistributed ? CoordinatorSql : AnalyticsSql;
        var answers = await Task.WhenAll(AnswersAsync(main, MainSql), AnswersAsync(analytics, sql));
        Volatile.Write(ref _lastEnded, clock.GetTimestamp());
        return [.. answers.OfType<string>()];
    }

    /// <returns>Null when the database responds in time and has room for more.</returns>
    private async Task<string?> AnswersAsync(Database database, string sql)
    {
        using var patience = new CancellationTokenSource(MaxWait, clock);
        try
        {
            // On a thread of its own: SQLite's driver blocks the thread while it waits.
            await Task.Run(() => database.QueryAsync(sql, _ => true, patience.Token, ("@none", Guid.Empty)), patience.Token).WaitAsync(
                patience.Token);
            return database.HasRoom ? null : $"the disk of the {database.Name} database is full";
        }
        catch (Exception e)
        {
            Log.NotReady(log, database.Name, e.Message);
            return $"the {database.Name} database does not answer";
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "Not ready: the {Database} database does not answer: {Reason}")]
        public static partial void NotReady(ILogger logger, string database, string reason);
    }
}
