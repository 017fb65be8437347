using System.Data.Common;
using Bioscope.Bench.Data;
using Bioscope.Engine.Storage;

namespace Bioscope.Bench.Engines;

/// <summary>What tables weigh in bytes.</summary>
/// <param name="Rows">The raw rows.</param>
/// <param name="Indexes">Their indexes.</param>
/// <param name="Derived">All other tables, which are made from the raw rows, with their indexes.</param>
internal sealed record Weights(long Rows, long Indexes, long Derived)
{
    /// <summary>What is there beside the raw rows, for each byte of them.</summary>
    public double Overhead => (Indexes + Derived) / (double)Rows;
}

/// <summary>
/// A database engine with a pair of databases of its own in a folder of its own, and what differs between engines when they are
/// filled and looked into. Everything else goes through the server's <see cref="SqlDialect"/>.
/// </summary>
internal abstract class BenchEngine(string folder) : IAsyncDisposable
{
    /// <summary>The tables that the server writes what visitors do to; all other tables of the analytics database are made from them.</summary>
    protected static readonly string[] RawTables = ["AnalyticsSession", "AnalyticsPageView"];

    /// <summary>As it is called on the command line.</summary>
    public abstract string Name { get; }

    public string Folder => folder;

    public abstract string MainConnection { get; }

    public abstract string AnalyticsConnection { get; }

    /// <summary>Starts what must run, empty or with what an earlier run left there.</summary>
    public abstract Task StartAsync(CancellationToken cancellationToken);

    public abstract Task<string> VersionAsync(CancellationToken cancellationToken);

    /// <summary>Adds rows as fast as the engine takes them.</summary>
    public abstract Task StoreAsync(IEnumerable<Chunk> chunks, Action<int> stored, CancellationToken cancellationToken);

    /// <summary>Names and definitions of the indexes of a table, but for its key.</summary>
    public abstract Task<List<(string Name, string Sql)>> IndexesAsync(DbConnection connection, string table, CancellationToken cancellationToken);

    /// <summary>What an engine does by itself some time after so many rows were added.</summary>
    public abstract Task TidyAsync(CancellationToken cancellationToken);

    public abstract Task<Weights> WeighAsync(CancellationToken cancellationToken);

    /// <summary>Copies the analytics database, so that the loaded one stays as it is, and returns the connection string of the copy.</summary>
    public abstract Task<string> CopyAnalyticsAsync(CancellationToken cancellationToken);

    /// <summary>Removes the copy.</summary>
    public abstract Task DropCopyAsync(CancellationToken cancellationToken);

    public abstract ValueTask DisposeAsync();

    public AnalyticsDatabase OpenAnalytics() => new(AnalyticsConnection);

    public static async Task RunAsync(DbConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public static async Task<T> ScalarAsync<T>(DbConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.CommandTimeout = 0;
        return (T)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
