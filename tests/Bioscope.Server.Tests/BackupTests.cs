using System.Globalization;
using Bioscope.Server.Backups;
using Microsoft.Data.Sqlite;

namespace Bioscope.Server.Tests;

/// <summary>Nothing is lost: a copy is made while the server counts, checked, kept for a while, and brought back to the same figures.</summary>
public sealed class BackupTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_backup_of_a_running_server_is_restored_elsewhere_to_the_same_figures()
    {
        using var databases = await TestDatabases.CreateAsync(EngineKind.Sqlite);
        using var elsewhere = await TestDatabases.CreateAsync(EngineKind.Sqlite);
        using var cli = Cli.For(databases);
        using var other = Cli.For(elsewhere);
        string before, folder = Path.Combine(cli.Folder, "backups");
        await using (var app = await TestApp.StartAsync(databases))
        {
            var anna = await app.AddCreatorAsync("anna@example.com", DashboardVisit.Password);
            await app.AddSessionsAsync(anna, "instagram.com", 40);
            await app.AddPageViewsAsync(anna, 70);
            before = await app.ReportAsync(anna, "overview") + await app.ReportAsync(anna, "traffic");

            // The server has the files open, and its newest rows are in the log.
            var said = await cli.SucceedAsync(["backup", folder]);

            Assert.Contains("checked", said, StringComparison.Ordinal);
            var backup = Backup.Find(folder);
            Assert.All(Directory.GetFiles(backup.Folder), file => Assert.True(
                OperatingSystem.IsWindows() || File.GetUnixFileMode(file) == (UnixFileMode.UserRead | UnixFileMode.UserWrite), file));
            await other.SucceedAsync(["restore", folder]);
            await using var restored = await TestApp.StartAsync(elsewhere);
            Assert.Equal(before, await restored.ReportAsync(anna, "overview") + await restored.ReportAsync(anna, "traffic"));
        }

        await other.SucceedAsync(["verify"]);
    }

    [Fact]
    public async Task Secrets_and_keys_come_back_too()
    {
        using var cli = new Cli();
        using var other = new Cli();
        await cli.SucceedAsync(["creator", "add", "--handle", "anna"]);
        await cli.SucceedAsync(["backup", "backups"]);
        var secrets = await File.ReadAllTextAsync(Path.Combine(cli.Folder, "data", "secrets.json"), Cancelled);

        await other.SucceedAsync(["restore", Path.Combine(cli.Folder, "backups")]);

        Assert.Equal(secrets, await File.ReadAllTextAsync(Path.Combine(other.Folder, "data", "secrets.json"), Cancelled));
        Assert.Contains("Nothing was changed: this creator exists already.", (await other.RunAsync(["creator", "add", "--handle", "anna", "--user", await UserAsync(other)])).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Data_that_is_there_is_never_overwritten()
    {
        using var cli = new Cli();
        await cli.SucceedAsync(["creator", "add", "--handle", "anna"]);
        await cli.SucceedAsync(["backup", "backups"]);
        await cli.SucceedAsync(["creator", "add", "--handle", "ben"]);

        var (refused, _, problem) = await cli.RunAsync(["restore", "backups"]);
        var (process, http) = await cli.ServeAsync();
        var (busy, _, inUse) = await cli.RunAsync(["restore", "backups", "--replace"]);
        await Cli.TerminateAsync(process);
        http.Dispose();
        await process.WaitForExitAsync(Cancelled);
        var replaced = await cli.SucceedAsync(["restore", "backups", "--replace"]);

        Assert.Equal((1, true), (refused, problem.Contains("There is data already", StringComparison.Ordinal)));
        Assert.Equal((1, true), (busy, inUse.Contains("is in use. Nothing was changed. Stop the server first.", StringComparison.Ordinal)));
        Assert.Contains("Restored: 1 pages.", replaced, StringComparison.Ordinal);
        var aside = Assert.Single(Directory.GetDirectories(Path.Combine(cli.Folder, "data"), "before-restore-*"));
        Assert.Equal(2, Pages(Path.Combine(aside, "main.db")));
        Assert.Equal(1, Pages(Path.Combine(cli.Folder, "data", "main.db")));
    }

    [Theory]
    [InlineData("main.db")]
    [InlineData("secrets.json")]
    [InlineData("backup.json")]
    public async Task A_backup_that_was_damaged_is_refused(string file)
    {
        using var cli = new Cli();
        using var other = new Cli();
        await cli.SucceedAsync(["creator", "add", "--handle", "anna"]);
        await cli.SucceedAsync(["backup", "backups"]);
        var path = Path.Combine(Backup.Find(Path.Combine(cli.Folder, "backups")).Folder, file);
        var bytes = await File.ReadAllBytesAsync(path, Cancelled);
        bytes[bytes.Length / 2] ^= 0x55;
        await File.WriteAllBytesAsync(path, bytes, Cancelled);

        var (code, _, error) = await other.RunAsync(["restore", Path.Combine(cli.Folder, "backups")]);

        Assert.Equal((1, true), (code, error.Contains("Nothing was changed.", StringComparison.Ordinal)));
        Assert.False(File.Exists(Path.Combine(other.Folder, "data", "main.db")));
    }

    [Fact]
    public async Task The_server_makes_backups_by_itself_and_keeps_some()
    {
        using var databases = await TestDatabases.CreateAsync(EngineKind.Sqlite);
        var folder = Directory.CreateTempSubdirectory("bioscope-backups-").FullName;
        try
        {
            // Left by a kill, and by somebody else.
            Directory.CreateDirectory(Path.Combine(folder, "bioscope-20260101T000000Z.part"));
            Directory.SetLastWriteTimeUtc(Path.Combine(folder, "bioscope-20260101T000000Z.part"), new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc));
            Directory.CreateDirectory(Path.Combine(folder, "bioscope-mine"));
            await using var app = await TestApp.StartAsync(databases, ("Backup:Folder", folder), ("Backup:Hours", "6"), ("Backup:Keep", "2"));
            await Patience.UntilAsync(() => Times() is [var one] && one == TestApp.Start);
            var second = await NextAsync(app.Clock, TestApp.Start);
            await NextAsync(app.Clock, second);
            Assert.True(Directory.Exists(Path.Combine(folder, "bioscope-mine")));
            Assert.False(Directory.Exists(Path.Combine(folder, "bioscope-20260101T000000Z.part")));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        // Lets time pass until there is another one, and two are left. In steps, because the service looks once a minute, and may not have been
        // waiting for that when the clock went on.
        async Task<DateTimeOffset> NextAsync(TestClock clock, DateTimeOffset before)
        {
            clock.Advance(TimeSpan.FromHours(5));
            await Patience.UntilAsync(() =>
            {
                clock.Advance(TimeSpan.FromMinutes(1));
                return Times() is [var newest, _] && newest > before;
            });
            Assert.InRange(Times()[0], before.AddHours(6), clock.GetUtcNow());
            return Times()[0];
        }

        List<DateTimeOffset> Times() => Backup.In(folder).Select(backup => backup.CreatedAt).ToList();
    }

    [Fact]
    public async Task With_PostgreSQL_it_says_what_to_run()
    {
        using var databases = await TestDatabases.CreateAsync(EngineKind.Postgres);
        using var cli = Cli.For(databases);

        var (code, _, error) = await cli.RunAsync(["backup", "backups"]);

        Assert.Equal((1, true), (code, error.Contains("pg_dump --format=custom", StringComparison.Ordinal)));
        Assert.DoesNotContain("Password", error, StringComparison.OrdinalIgnoreCase);
    }

    private static int Pages(string file)
    {
        using var connection = new SqliteConnection($"Data Source={file};Mode=ReadOnly;Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = """SELECT COUNT(*) FROM "BioPage" """;
        return Convert.ToInt32(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    private static async Task<string> UserAsync(Cli cli)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(cli.Folder, "data", "main.db")};Mode=ReadOnly;Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = """SELECT "id" FROM "User" """;
        return (string)(await command.ExecuteScalarAsync(Cancelled))!;
    }
}
