using System.Collections.Concurrent;
using System.Data.Common;
using Npgsql;

namespace Bioscope.Engine.Storage.Postgres;

/// <summary>
/// Sends single queries together: queries that arrive while the connections are busy wait for the next free one and go in one batch.
/// Sending and waking up cost more than our statements do, both for this server and for PostgreSQL. Each query is its own transaction and
/// snapshot, begun after it was requested.
/// </summary>
internal sealed class QueryBatcher(PostgresSource source, PostgresDialect dialect)
{
    private const int MaxInBatch = 32;

    // A few connections make full batches. When one hangs on a slow statement, others are used; of the pool's eight some are left for writing.
    private const int MaxWorkers = 6;
    private static readonly int UsualWorkers = Math.Clamp(Environment.ProcessorCount, 2, 4);
    private static readonly TimeSpan IsSlow = TimeSpan.FromMilliseconds(5);

    // Real time even under a test's clock: a hanging statement must not block the others until a test moves the clock.
    private static readonly TimeProvider Clock = TimeProvider.System;

    private readonly ConcurrentQueue<Query> _waiting = new();
    private int _workers;
    private int _watching;
    private long _lastTaken;

    /// <summary>Runs a query and maps each row.</summary>
    public Task<List<T>> QueryAsync<T>(
        string sql, Func<DbDataReader, T> map, CancellationToken cancellationToken, params (string Name, object? Value)[] parameters)
    {
        Statement[] statements = [StatementOf(sql, parameters)];
        return SendAsync(new Query<T>(() => statements, map), cancellationToken);
    }

    /// <summary>
    /// As above, with texts that are asked for when they are sent, again if they are sent again. They run one after the other.
    /// </summary>
    public Task<List<T>> QueryWhenSentAsync<T>(
        Func<string[]> texts, Func<DbDataReader, T> map, CancellationToken cancellationToken, params (string Name, object? Value)[] parameters) =>
        SendAsync(new Query<T>(() => Array.ConvertAll(texts(), sql => StatementOf(sql, parameters)), map), cancellationToken);

    private Statement StatementOf(string sql, (string Name, object? Value)[] parameters)
    {
        var (text, names) = dialect.Numbered(sql);
        return new Statement(text, Array.ConvertAll(names, name => dialect.ValueOf(name, parameters)));
    }

    private Task<List<T>> SendAsync<T>(Query<T> query, CancellationToken cancellationToken)
    {
        _waiting.Enqueue(query);
        Wake();
        return query.Rows.WaitAsync(cancellationToken);
    }

    private void Wake()
    {
        var workers = Volatile.Read(ref _workers);
        if (workers < UsualWorkers || (workers < MaxWorkers && Clock.GetElapsedTime(Volatile.Read(ref _lastTaken)) > IsSlow))
        {
            if (Interlocked.CompareExchange(ref _workers, workers + 1, workers) == workers)
            {
                _ = WorkAsync();
            }
        }
        else if (Interlocked.Exchange(ref _watching, 1) == 0)
        {
            _ = WatchAsync();
        }
    }

    /// <summary>Serves the waiting queries until there are none: all connections may be hanging.</summary>
    private async Task WatchAsync()
    {
        while (!_waiting.IsEmpty)
        {
            await Task.Delay(IsSlow, Clock);
            Wake();
        }

        Volatile.Write(ref _watching, 0);
        if (!_waiting.IsEmpty)
        {
            Wake(); // it arrived after the last check
        }
    }

    private async Task WorkAsync()
    {
        var batch = new List<Query>(MaxInBatch);
        while (true)
        {
            while (batch.Count < MaxInBatch && _waiting.TryDequeue(out var query))
            {
                batch.Add(query);
            }

            if (batch.Count == 0)
            {
                break;
            }

            Volatile.Write(ref _lastTaken, Clock.GetTimestamp());
            await RunAsync(batch);
            batch.Clear();
        }

        Interlocked.Decrement(ref _workers);
        if (!_waiting.IsEmpty)
        {
            Wake(); // it arrived after the last check
        }
    }

    private async Task RunAsync(List<Query> queries)
    {
        var done = 0;
        try
        {
            await using var connection = (NpgsqlConnection)await source.OpenConnectionAsync();
            await using var batch = new NpgsqlBatch(connection) { EnableErrorBarriers = true };
            foreach (var query in queries)
            {
                query.AddTo(batch.BatchCommands);
            }

            await using var reader = await batch.ExecuteReaderAsync();
            foreach (var query in queries)
            {
                await query.ReadAsync(reader);
                done++;
                await reader.NextResultAsync();
            }
        }
        catch (Exception e)
        {
            await FailAsync(queries[done..], e);
        }
    }

    /// <summary>A failure of one statement must not fail those sent with it.</summary>
    private async Task FailAsync(List<Query> queries, Exception failure)
    {
        // Several failing statements are reported as one failure that contains theirs.
        var isOfAll = failure is DbException { InnerException: not AggregateException } database && dialect.IsUnavailable(database);
        foreach (var query in queries)
        {
            if (isOfAll || queries.Count == 1)
            {
                query.Fail(failure);
            }
            else
            {
                await RunAsync([query]);
            }
        }
    }

    private readonly record struct Statement(string Text, object[] Values)
    {
        public NpgsqlBatchCommand Command()
        {
            var command = new NpgsqlBatchCommand(Text);
            foreach (var value in Values)
            {
                command.Parameters.Add(new NpgsqlParameter { Value = value });
            }

            return command;
        }
    }

    private abstract class Query(Func<Statement[]> statementsWhenSent)
    {
        /// <summary>How many results it has, once it was sent.</summary>
        protected int Results { get; private set; }

        public void AddTo(NpgsqlBatchCommandCollection commands)
        {
            var statements = statementsWhenSent();
            Results = statements.Length;
            foreach (var statement in statements)
            {
                commands.Add(statement.Command());
            }
        }

        public abstract Task ReadAsync(NpgsqlDataReader reader);

        public abstract void Fail(Exception failure);
    }

    private sealed class Query<T>(Func<Statement[]> statementsWhenSent, Func<DbDataReader, T> map) : Query(statementsWhenSent)
    {
        private readonly TaskCompletionSource<List<T>> _rows = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<List<T>> Rows => _rows.Task;

        public override async Task ReadAsync(NpgsqlDataReader reader)
        {
            var rows = new List<T>();
            for (var result = 0; result < Results; result++)
            {
                if (result > 0)
                {
                    await reader.NextResultAsync();
                }

                while (await reader.ReadAsync())
                {
                    rows.Add(map(reader));
                }
            }

            _rows.SetResult(rows);
        }

        public override void Fail(Exception failure) => _rows.TrySetException(failure);
    }
}
