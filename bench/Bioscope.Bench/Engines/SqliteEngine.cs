using System.Data.Common;
using Bioscope.Bench.Data;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Storage;
using Microsoft.Data.Sqlite;

namespace Bioscope.Bench.Engines;

/// <summary>The embedded engine: two files.</summary>
internal sealed class SqliteEngine(string folder) : BenchEngine(folder)
{
    public override string Name => "sqlite";

    public override string MainConnection => $"Data Source={Path.Combine(Folder, "main.db")}";

    public override string AnalyticsConnection => $"Data Source={AnalyticsFile}";

    private string AnalyticsFile => Path.Combine(Folder, "analytics.db");

    private string CopyFile => Path.Combine(Folder, "copy.db");

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Folder);
        return Task.CompletedTask;
    }

    public override async Task<string> VersionAsync(CancellationToken cancellationToken)
    {
        await using var connection = new SqliteConnection("Data Source=:memory:");
        await connection.OpenAsync(cancellationToken);
        return "SQLite " + connection.ServerVersion;
    }

    public override async Task StoreAsync(IEnumerable<Chunk> chunks, Action<int> stored, CancellationToken cancellationToken)
    {
        await using var analytics = OpenAnalytics();
        await using var connection = await analytics.OpenAsync(cancellationToken);
        // Whatever breaks here is loaded again.
        await RunAsync(connection, "PRAGMA synchronous = OFF; PRAGMA cache_size = -400000", cancellationToken);
        foreach (var chunk in chunks)
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await analytics.Dialect.InsertAsync(transaction, SessionRow.Table, chunk.Sessions, cancellationToken);
            await analytics.Dialect.InsertAsync(transaction, PageViewRow.Table, chunk.PageViews, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            stored(chunk.Sessions.Count);
        }
    }

    public override async Task<List<(string Name, string Sql)>> IndexesAsync(DbConnection connection, string table, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = $"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = '{table}' AND sql IS NOT NULL";
        return await SqlDialect.ReadAsync(command, row => (row.GetString(0), row.GetString(1)), cancellationToken);
    }

    public override async Task TidyAsync(CancellationToken cancellationToken)
    {
        await using var analytics = OpenAnalytics();
        await using var connection = await analytics.OpenAsync(cancellationToken);
        await RunAsync(connection, "PRAGMA wal_checkpoint(TRUNCATE)", cancellationToken);
    }

    public override async Task<Weights> WeighAsync(CancellationToken cancellationToken)
    {
        await TidyAsync(cancellationToken);
        await using var analytics = OpenAnalytics();
        await using var connection = await analytics.OpenAsync(cancellationToken);
        var trees = await analytics.QueryAsync(
            "SELECT tbl_name, type, rootpage FROM sqlite_master WHERE rootpage > 0",
            row => (Table: row.GetString(0), Type: row.GetString(1), Root: row.GetInt64(2)),
            cancellationToken);
        using var pages = new SqlitePages(AnalyticsFile);
        var raw = trees.FindAll(tree => RawTables.Contains(tree.Table)).ToLookup(tree => tree.Type, tree => pages.BytesOf(tree.Root));
        var used = await ScalarAsync<long>(
            connection, "SELECT (page_count - freelist_count) * page_size FROM pragma_page_count, pragma_freelist_count, pragma_page_size", cancellationToken);
        // The key of a table is an index like any other. Whatever else is in the file was made from the raw rows.
        var (rows, indexes) = (raw["table"].Sum(), raw["index"].Sum());
        return new Weights(rows, indexes, used - rows - indexes);
    }

    public override async Task<string> CopyAnalyticsAsync(CancellationToken cancellationToken)
    {
        await TidyAsync(cancellationToken);
        await DropCopyAsync(cancellationToken);
        File.Copy(AnalyticsFile, CopyFile);
        return $"Data Source={CopyFile}";
    }

    public override Task DropCopyAsync(CancellationToken cancellationToken)
    {
        foreach (var end in (string[])["", "-wal", "-shm"])
        {
            File.Delete(CopyFile + end);
        }

        return Task.CompletedTask;
    }

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
