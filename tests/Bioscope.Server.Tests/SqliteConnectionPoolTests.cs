using Bioscope.Engine.Storage;
using Microsoft.Data.Sqlite;

namespace Bioscope.Server.Tests;

public sealed class SqliteConnectionPoolTests : IAsyncDisposable
{
    private const string ReadSql = """SELECT "value" FROM "Thing" WHERE "id" = @id""";

    private readonly string _folder = Directory.CreateTempSubdirectory("bioscope-readers-").FullName;
    private readonly List<AnalyticsDatabase> _databases = [];

    private string File => Path.Combine(_folder, "things.db");

    [Fact]
    public async Task A_prepared_query_survives_a_schema_change()
    {
        var database = await MakeAsync(journal: "WAL");
        Assert.Equal(["one"], await ReadAsync(database, 1));

        await RunAsync(File, """ALTER TABLE "Thing" ADD COLUMN "more" TEXT; CREATE INDEX "by_more" ON "Thing" ("more")""");
        Assert.Equal(["one"], await ReadAsync(database, 1));
        await RunAsync(
            File,
            """DROP TABLE "Thing"; CREATE TABLE "Thing" ("before" TEXT, "value" TEXT, "id" INTEGER); INSERT INTO "Thing" VALUES ('x', 'new', 1)""");
        Assert.Equal(["new"], await ReadAsync(database, 1));
        await RunAsync(File, """DROP TABLE "Thing" """);
        await Assert.ThrowsAsync<SqliteException>(() => ReadAsync(database, 1));
        await RunAsync(File, """CREATE TABLE "Thing" ("id" INTEGER, "value" TEXT); INSERT INTO "Thing" VALUES (1, 'again')""");
        Assert.Equal(["again"], await ReadAsync(database, 1));
    }

    [Fact]
    public async Task Pooled_connections_hold_no_snapshot_between_queries()
    {
        var database = await MakeAsync(journal: "WAL");
        for (var i = 0; i < 5; i++)
        {
            await RunAsync(File, $"""UPDATE "Thing" SET "value" = 'value {i}' WHERE "id" = 1""");
            Assert.Equal([$"value {i}"], await ReadAsync(database, 1));
            await Assert.ThrowsAsync<InvalidOperationException>(() => database.QueryAsync(
                // in the middle of its rows
                """SELECT "value" FROM "Thing" """, int (_) =>
                    throw new InvalidOperationException(), TestContext.Current.CancellationToken));
        }

        // 1: busy
        Assert.Equal(
            [0L],
            await database.QueryAsync("PRAGMA wal_checkpoint(TRUNCATE)", row => row.GetInt64(0), TestContext.Current.CancellationToken));
        Assert.Equal(0, new FileInfo(File + "-wal").Length);
    }

    [Fact]
    public async Task A_locked_file_is_unavailable_until_unlocked()
    {
        var database = await MakeAsync(journal: "DELETE", readOnly: true);
        Assert.Equal(["one"], await ReadAsync(database, 1));
        await using (var other = new SqliteConnection($"Data Source={File};Pooling=False"))
        {
            await other.OpenAsync(TestContext.Current.CancellationToken);
            await using var command = other.CreateCommand();
            command.CommandText = "BEGIN EXCLUSIVE";
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

            var failure = await Assert.ThrowsAsync<SqliteException>(() => ReadAsync(database, 1));
            Assert.True(database.Dialect.IsUnavailable(failure));
        }

        Assert.Equal(["one"], await ReadAsync(database, 1));
    }

    [Fact]
    public async Task A_replaced_file_is_reopened()
    {
        var database = await MakeAsync(journal: "DELETE", readOnly: true);
        Assert.Equal(["one"], await ReadAsync(database, 1));
        var backup = Path.Combine(_folder, "backup.db");
        System.IO.File.Copy(File, backup);
        await RunAsync(backup, """UPDATE "Thing" SET "value" = 'restored' """);

        System.IO.File.Move(backup, File, overwrite: true);
        await Patience.UntilAsync(async () => await ReadAsync(database, 1) is ["restored"]);

        System.IO.File.Delete(File);
        SqliteException? failure = null;
        await Patience.UntilAsync(async () =>
        {
            failure = (SqliteException?)await Record.ExceptionAsync(() => ReadAsync(database, 1));
            return failure is not null;
        });
        Assert.True(database.Dialect.IsUnavailable(failure!));
    }

    [Fact]
    public async Task A_file_that_nobody_else_has_open_is_not_opened_again_for_each_query()
    {
        var database = await MakeAsync(journal: "WAL");
        await ReadTwiceAsync(); // the first time creates the log
        await System.IO.File.WriteAllTextAsync(Path.Combine(_folder, "other.txt"), "", TestContext.Current.CancellationToken);
        await ReadTwiceAsync();

        var changed = Directory.GetLastWriteTimeUtc(_folder); // as it does when the log is removed or created
        for (var i = 0; i < 20; i++)
        {
            await ReadTwiceAsync();
        }

        Assert.Equal(changed, Directory.GetLastWriteTimeUtc(_folder));

        async Task ReadTwiceAsync()
        {
            for (var i = 0; i < 2; i++)
            {
                await Task.Delay(10, TestContext.Current.CancellationToken); // longer than between looks at the folder, and than its clock's ticks
                Assert.Equal(["one"], await ReadAsync(database, 1));
            }
        }
    }

    [Fact]
    public async Task Simultaneous_queries_get_their_own_rows()
    {
        var database = await MakeAsync(journal: "WAL");
        await RunAsync(
            File,
            $"""INSERT INTO "Thing" SELECT value, 'value ' || value FROM json_each('[{string.Join(',', Enumerable.Range(10, 200))}]')""");

        await Parallel.ForAsync(0, 4_000, TestContext.Current.CancellationToken, async (i, _) =>
        {
            var id = 10 + (i % 200);
            Assert.Equal([$"value {id}"], await ReadAsync(database, id));
        });
    }

    [Fact]
    public async Task A_prepared_query_accepts_other_parameters()
    {
        var database = await MakeAsync(journal: "WAL");
        const string Sql = "SELECT COALESCE(@a, 'none')";

        Assert.Equal(["x"], await QueryAsync(Sql, ("@a", "x")));
        Assert.Equal(["none"], await QueryAsync(Sql, ("@a", null)));
        Assert.Equal(["7"], await QueryAsync(Sql, ("@a", 7)));
        await Assert.ThrowsAsync<InvalidOperationException>(() => QueryAsync(Sql, ("@b", "x")));
        await Assert.ThrowsAsync<InvalidOperationException>(() => QueryAsync(Sql));
        Assert.Equal(["y"], await QueryAsync(Sql, ("@a", "y")));
        for (var i = 0; i < 200; i++)
        {
            Assert.Equal([$"{i}"], await QueryAsync($"SELECT '{i}' WHERE @a = 1", ("@a", 1)));
        }

        Task<List<string>> QueryAsync(string sql, params (string, object?)[] parameters) =>
            database.QueryAsync(sql, row => row.GetString(0), TestContext.Current.CancellationToken, parameters);
    }

    [Fact]
    public async Task A_closed_database_leaves_no_file_open()
    {
        var database = await MakeAsync(journal: "WAL");
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => ReadAsync(database, 1))));
        Assert.True(System.IO.File.Exists(File + "-wal"));

        await database.DisposeAsync();

        Assert.False(System.IO.File.Exists(File + "-wal")); // the last process to close the file removes it
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var database in _databases)
        {
            await database.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private async Task<AnalyticsDatabase> MakeAsync(string journal, bool readOnly = false)
    {
        await RunAsync(
            File,
            $"""PRAGMA journal_mode = {journal}; CREATE TABLE "Thing" ("id" INTEGER, "value" TEXT); INSERT INTO "Thing" VALUES (1, 'one'), (2, 'two')""");
        var database = new AnalyticsDatabase($"Data Source={File};Default Timeout=1", readOnly);
        _databases.Add(database);
        return database;
    }

    private static Task<List<string>> ReadAsync(AnalyticsDatabase database, int id) =>
        database.QueryAsync(ReadSql, row => row.GetString(0), TestContext.Current.CancellationToken, ("@id", id));

    private static async Task RunAsync(string file, string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
