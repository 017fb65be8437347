using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Bioscope.Server.Tests;

/// <summary>SQLite's files: their modes, a full disk, a read-only disk. PostgreSQL manages its own files.</summary>
public sealed class SqliteFilesTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode EverybodyReads = OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private readonly TestDatabases _databases = TestDatabases.CreateAsync(EngineKind.Sqlite).GetAwaiter().GetResult();

    private string Folder => Path.GetDirectoryName(
        new Microsoft.Data.Sqlite.SqliteConnectionStringBuilder(_databases.Settings["ConnectionStrings:Main"]).DataSource)!;

    public void Dispose() => _databases.Dispose();

    [Fact]
    public async Task New_files_are_600_in_an_existing_folder()
    {
        const UnixFileMode FolderMode = EverybodyReads | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        File.SetUnixFileMode(Folder, FolderMode);

        await using var app = await TestApp.StartAsync(_databases);
        await app.PostSessionAsync(await app.AddCreatorAsync());

        // SQLite removes a log with the last connection to its file, and the server's pooled connections are opened and closed.
        await using var main = await app.Main.OpenAsync(TestContext.Current.CancellationToken);
        await using var analytics = await app.Analytics.OpenAsync(TestContext.Current.CancellationToken);
        await ReadAsync(main);
        await ReadAsync(analytics);
        Assert.Equal(["analytics.db", "analytics.db-shm", "analytics.db-wal", "main.db", "main.db-shm", "main.db-wal"], FileNames());
        Assert.All(Directory.GetFiles(Folder), file => Assert.Equal((file, OwnerOnly), (file, File.GetUnixFileMode(file))));
        Assert.Equal(FolderMode, File.GetUnixFileMode(Folder));
    }

    [Fact]
    public async Task Doctor_says_that_the_first_start_creates_the_files()
    {
        using var cli = new Cli();

        var before = await cli.RunAsync(["doctor"]);
        Assert.Contains(
            $"ok    main: {cli.Folder}/data/main.db will be created at the first start",
            before.Output,
            StringComparison.Ordinal);

        File.WriteAllText(Path.Combine(cli.Folder, "data"), "");
        var blocked = await cli.RunAsync(["migrate"]);
        Assert.StartsWith(
            $"{cli.Folder}/data/main.db: the file does not exist, and cannot be created: {cli.Folder}/data is a file, not a folder.",
            blocked.Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_start_sets_mode_600_and_doctor_names_files()
    {
        using var cli = Cli.For(_databases);
        await cli.SucceedAsync(["migrate"]);
        File.SetUnixFileMode(Path.Combine(Folder, "main.db"), EverybodyReads);
        File.WriteAllBytes(Path.Combine(Folder, "main.db-wal"), []);
        File.SetUnixFileMode(Path.Combine(Folder, "main.db-wal"), EverybodyReads);

        var doctor = await cli.RunAsync(["doctor"]);
        Assert.Equal(1, doctor.ExitCode);
        Assert.Contains(
            $"main: other users can read or write {Folder}/main.db. To fix: chmod 600 {Folder}/main.db",
            doctor.Output,
            StringComparison.Ordinal);
        Assert.Equal(EverybodyReads, File.GetUnixFileMode(Path.Combine(Folder, "main.db")));

        await using (var app = await TestApp.StartAsync(_databases))
        {
            // As above: a log must not disappear while modes are read.
            await using var main = await app.Main.OpenAsync(TestContext.Current.CancellationToken);
            await using var analytics = await app.Analytics.OpenAsync(TestContext.Current.CancellationToken);
            await ReadAsync(main);
            await ReadAsync(analytics);
            Assert.All(Directory.GetFiles(Folder), file => Assert.Equal((file, OwnerOnly), (file, File.GetUnixFileMode(file))));
        }

        Assert.Contains("No problems found.", (await cli.RunAsync(["doctor"])).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_server_on_a_full_disk_serves_and_recovers(bool isKilled)
    {
        using var disk = SmallDisk.CreateOrSkip();
        using var cli = CliOn(disk.Folder);
        cli.Environment["Throttle__Enabled"] = "false";
        cli.Environment["Logging__LogLevel__Default"] = "Information";
        var user = Guid.NewGuid();
        await cli.RunAsync(
            ["import", "-"],
            $$"""{"type":"creator","userId":"{{user}}","handle":"anna","email":"anna@example.com","password":"battery staple"}""");
        var token = (await cli.SucceedAsync(["token", "--user", user.ToString()])).Trim();
        var (process, http) = await cli.ServeAsync("serve");
        Assert.NotNull(await PostSessionAsync(http));
        var cookie = await SignInAsync(http);
        disk.Fill();
        if (isKilled)
        {
            process.Kill();
        }
        else
        {
            await Cli.TerminateAsync(process);
        }

        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        disk.Fill(); // including what shutdown released

        (process, http) = await cli.ServeAsync("serve");
        disk.Fill();
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(http, "/api/v1/creators/analytics/traffic", token: token));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(http, "/dashboard", cookie: cookie));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(http, "/readyz"));
        // The log may have a little space left.
        var posts = new List<Guid?>();
        for (var i = 0; i < 1_000 && (posts.Count == 0 || posts[^1] is not null); i++)
        {
            posts.Add(await PostSessionAsync(http));
        }

        Assert.Null(posts[^1]);
        Assert.Contains(
            "bioscope_ingest_drops_total{reason=\"storage\"} 1",
            await http.GetStringAsync("/metrics", TestContext.Current.CancellationToken),
            StringComparison.Ordinal);

        disk.MakeRoom();
        Assert.NotNull(await PostSessionAsync(http));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(http, "/api/v1/creators/analytics/traffic", token: token));
        await Cli.TerminateAsync(process);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        await using var analytics = new Engine.Storage.AnalyticsDatabase(cli.Environment["ConnectionStrings__Analytics"]!);
        var stored = await analytics.QueryAsync(
            """SELECT "id" FROM "AnalyticsSession" """, row => row.GetString(0), TestContext.Current.CancellationToken);
        Assert.Equal(posts.Count - 1 + 2, stored.Count);
    }

    [Fact]
    public async Task A_read_only_disk_is_one_error_line()
    {
        using var disk = SmallDisk.CreateOrSkip();
        using var cli = CliOn(disk.Folder);
        await cli.SucceedAsync(["migrate"]);
        disk.MakeReadOnly();

        const string ReadOnly =
            "its disk is mounted read-only. To fix: mount the disk read-write, and give the file and its folder to the user that the " +
            "server runs as.\n";
        Assert.Equal(
            (1, "", $"{disk.Folder}/main.db: the database cannot be written: {ReadOnly}"),
            await cli.RunAsync(["serve", "--Urls=http://127.0.0.1:0"]));
        Assert.Equal((1, "", $"{disk.Folder}/main.db: the database cannot be written: {ReadOnly}"), await cli.RunAsync(["verify"]));
        var elsewhere = await cli.RunAsync(["migrate", $"--ConnectionStrings:Main=Data Source={disk.Folder}/new.db"]);
        Assert.Equal((1, "", $"{disk.Folder}/new.db: the file does not exist, and cannot be created: {ReadOnly}"), elsewhere);
        Assert.Contains(
            $"FAIL  main: {disk.Folder}/main.db: the database cannot be written: its disk is mounted read-only.",
            (await cli.RunAsync(["doctor"])).Output,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_not_a_database_is_one_error_line()
    {
        using var cli = Cli.For(_databases);
        Directory.CreateDirectory(Path.Combine(Folder, "folder.db"));
        await File.WriteAllBytesAsync(
            Path.Combine(Folder, "garbage.db"),
            [.. Enumerable.Range(0, 5_000).Select(i => (byte)(i % 251))],
            TestContext.Current.CancellationToken);

        Assert.Equal(
            (1, "", $"{Folder}/folder.db: this is a folder, not a file. To fix: name a file in ConnectionStrings.\n"),
            await cli.RunAsync(["migrate", $"--ConnectionStrings:Main=Data Source={Folder}/folder.db"]));
        Assert.Equal(
            (1, "", $"{Folder}/garbage.db: the file is not a SQLite database. To fix: name another file in ConnectionStrings, or " +
                "restore a backup.\n"),
            await cli.RunAsync(["migrate", $"--ConnectionStrings:Main=Data Source={Folder}/garbage.db"]));
        await cli.RunAsync(["migrate"]);
        await DamageAsync(Path.Combine(Folder, "main.db"));
        Assert.Equal(
            (1, "", "The main database: the database is damaged. To fix: stop the server and restore a backup, see 'Day to day' in " +
                "docs/operations.md.\n"),
            await cli.RunAsync(["serve", "--Urls=http://127.0.0.1:0"]));
    }

    private static async Task DamageAsync(string path)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Write);
        file.Position = 4_096;
        await file.WriteAsync(Enumerable.Repeat((byte)0xA5, 8 * 4_096).ToArray(), TestContext.Current.CancellationToken);
    }

    private Cli CliOn(string folder)
    {
        var cli = Cli.For(_databases);
        cli.Environment["ConnectionStrings__Main"] = $"Data Source={folder}/main.db";
        cli.Environment["ConnectionStrings__Analytics"] = $"Data Source={folder}/analytics.db";
        return cli;
    }

    private IEnumerable<string?> FileNames() => Directory.GetFiles(Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal);

    private static async Task ReadAsync(System.Data.Common.DbConnection connection)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT COUNT(*) FROM sqlite_master";
        Assert.NotNull(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken));
    }

    private static async Task<Guid?> PostSessionAsync(HttpClient http)
    {
        using var response = await http.PostAsJsonAsync(
            "/api/v1/analytics/session", new { visitorId = Guid.NewGuid(), consentAnalytics = "granted" },
            TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var body = await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        var id = body.GetProperty("data").GetProperty("id");
        return id.ValueKind == JsonValueKind.Null ? null : id.GetGuid();
    }

    /// <summary>Signs in to the dashboard and returns the cookie of the session.</summary>
    private static async Task<string> SignInAsync(HttpClient http)
    {
        using var handler = new HttpClientHandler { AllowAutoRedirect = false, UseCookies = true };
        using var browser = new HttpClient(handler) { BaseAddress = http.BaseAddress };
        browser.DefaultRequestHeaders.Accept.ParseAdd("text/html");
        var form = await browser.GetStringAsync("/dashboard/sign-in", TestContext.Current.CancellationToken);
        var field = form[(form.IndexOf("name=\"form\" value=\"", StringComparison.Ordinal) + 19)..];
        using var content = new FormUrlEncodedContent(
            [new("form", field[..field.IndexOf('"', StringComparison.Ordinal)]), new("email", "anna@example.com"),
                new("password", "battery staple")]);
        using var response = await browser.PostAsync("/dashboard/sign-in", content, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.SeeOther, response.StatusCode);
        return response.Cookie("bioscope_session")!;
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient http, string path, string? token = null, string? cookie = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (token is not null)
        {
            request.Headers.Authorization = new("Bearer", token);
        }

        if (cookie is not null)
        {
            request.Headers.Add("Cookie", $"bioscope_session={cookie}");
        }

        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return response.StatusCode;
    }
}
