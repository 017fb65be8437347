using System.Globalization;
using Bioscope.Engine.Storage;
using Npgsql;

namespace Bioscope.Server.Tests;

/// <summary>Single queries are sent to PostgreSQL together, which callers may notice only by the time it takes.</summary>
public sealed class QueryBatcherTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Simultaneous_queries_each_get_their_own_rows()
    {
        await using var database = await OpenAsync();

        var rows = await Task.WhenAll(Enumerable.Range(0, 2_000).Select(i => i % 2 == 0
            ? database.QueryAsync(
                "SELECT @b, @a, @b", row => $"{row.GetInt32(0)} {row.GetString(1)} {row.GetInt32(2)}", Cancellation, ("@a", "x"), ("@b", i))
            : database.QueryAsync(
                "SELECT n::text FROM generate_series(1, @n) AS n", row => row.GetString(0), Cancellation, ("@n", i % 5))));

        for (var i = 0; i < rows.Length; i++)
        {
            Assert.Equal(
                i % 2 == 0 ? [$"{i} x {i}"] : [.. Enumerable.Range(1, i % 5).Select(n => n.ToString(CultureInfo.InvariantCulture))],
                rows[i]);
        }
    }

    [Fact]
    public async Task A_failing_query_fails_alone()
    {
        await using var database = await OpenAsync();

        var queries = Enumerable.Range(0, 200).Select(i => database.QueryAsync(
            "SELECT 100 / @i", row =>
                i == 7 ? throw new InvalidOperationException("not wanted") : row.GetInt32(0), Cancellation, ("@i", i % 20))).ToList();
        await ((Task)Task.WhenAll(queries)).ConfigureAwait(
            ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);

        for (var i = 0; i < queries.Count; i++)
        {
            if (i % 20 == 0)
            {
                Assert.Equal("22012", (await Assert.ThrowsAsync<PostgresException>(() => queries[i])).SqlState);
            }
            else if (i == 7)
            {
                await Assert.ThrowsAsync<InvalidOperationException>(() => queries[i]);
            }
            else
            {
                Assert.Equal([100 / (i % 20)], await queries[i]);
            }
        }
    }

    [Fact]
    public async Task Later_queries_are_answered_while_all_connections_hang()
    {
        await using var database = await OpenAsync();
        await using var holder = await database.OpenAsync(Cancellation);
        await using var held = await holder.BeginTransactionAsync(Cancellation);
        await database.Dialect.ExecuteAsync(held, "SELECT pg_advisory_xact_lock(1)", Cancellation);

        // As many hang as there are usually connections, and the rest are in one batch. Later queries are answered nevertheless.
        var hanging = Enumerable.Range(0, 20)
            .Select(_ =>
                database.QueryAsync("SELECT 1 FROM (SELECT pg_advisory_lock_shared(1)) AS waited", row => row.GetInt32(0), Cancellation))
            .ToList();
        // Of this database: others wait for such locks, too.
        await Patience.UntilAsync(async () => (await database.Dialect.QueryAsync(
            held,
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            row => row.GetInt64(0), Cancellation))[0] >= Math.Clamp(Environment.ProcessorCount, 2, 6) + 1);

        var answer = await database.QueryAsync("SELECT 2", row => row.GetInt32(0), Cancellation);

        Assert.Equal([2], answer);
        Assert.DoesNotContain(hanging, query => query.IsCompleted);
        await held.RollbackAsync(Cancellation);
        Assert.All(await Task.WhenAll(hanging), rows => Assert.Equal([1], rows));
    }

    [Fact]
    public async Task A_query_sees_everything_committed_before_it()
    {
        await using var database = await OpenAsync();
        await database.ExecuteAsync("CREATE TABLE thing (n integer)", Cancellation);
        var others = Enumerable.Range(0, 8).Select(_ => Task.Run(
            async () =>
            {
                for (var i = 0; i < 200; i++)
                {
                    await database.QueryAsync("SELECT count(*) FROM thing", row => row.GetInt64(0), Cancellation);
                }
            },
            Cancellation)).ToList();

        for (var i = 1; i <= 200; i++)
        {
            await database.ExecuteAsync("INSERT INTO thing VALUES (1)", Cancellation);
            Assert.Equal([i], await database.QueryAsync("SELECT count(*) FROM thing", row => (int)row.GetInt64(0), Cancellation));
        }

        await Task.WhenAll(others);
    }

    [Fact]
    public async Task Queries_continue_after_PostgreSQL_ended_all_connections()
    {
        PostgresCluster.SkipWhereMissing();
        var connection = await PostgresCluster.NewDatabaseAsync();
        await using var database = new AnalyticsDatabase(connection);
        Assert.Equal([1], await database.QueryAsync("SELECT 1", row => row.GetInt32(0), Cancellation));
        await using (var other = new AnalyticsDatabase(connection))
        {
            await other.QueryAsync(
                "SELECT pg_terminate_backend(pid)::text FROM pg_stat_activity WHERE datname = current_database() AND pid <> " +
                "pg_backend_pid()",
                row => row.GetString(0), Cancellation);
        }

        var rows = await Task.WhenAll(
            Enumerable.Range(0, 50).Select(i => database.QueryAsync("SELECT @i", row => row.GetInt32(0), Cancellation, ("@i", i))));

        Assert.Equal(Enumerable.Range(0, 50), rows.Select(row => row.Single()));
    }

    private static async Task<AnalyticsDatabase> OpenAsync()
    {
        PostgresCluster.SkipWhereMissing();
        return new AnalyticsDatabase(await PostgresCluster.NewDatabaseAsync());
    }
}
