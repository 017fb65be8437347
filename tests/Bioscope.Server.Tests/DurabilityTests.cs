using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Bioscope.Engine.Ingest;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Bioscope.Server.Tests;

public sealed class DurabilityTests
{
    [Theory, Engines]
    public async Task Every_answered_id_survives_a_kill(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        using var cli = Cli.For(databases);
        cli.Environment["Throttle__Enabled"] = "false";
        var (process, http) = await cli.ServeAsync("serve");
        var answered = new ConcurrentBag<Guid>();

        // 2,000 at once, each posting again and again: whenever the kill happens, some are in progress.
        var visitors = Task.WhenAll(Enumerable.Range(0, 2_000).Select(async _ =>
        {
            while (await PostAsync(http, answered))
            {
            }
        }));
        await Patience.UntilAsync(() => answered.Count >= 1_000);
        process.Kill(); // SIGKILL: nothing is flushed or closed
        await visitors;

        var (_, restarted) = await cli.ServeAsync("serve");
        await using var analytics = new AnalyticsDatabase(databases.Settings["ConnectionStrings:Analytics"]!);
        var stored = await analytics.QueryAsync(
            """SELECT "id" FROM "AnalyticsSession" """, row => analytics.Dialect.ReadGuid(row, 0), TestContext.Current.CancellationToken);
        Assert.Empty(answered.Except(stored));
        await PostAsync(restarted, answered);
        Assert.Equal(stored.Count + 1, await CountAsync(analytics));
    }

    [Theory, Engines]
    public async Task A_stopping_server_answers_accepted_requests(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        using var cli = Cli.For(databases);
        cli.Environment["Throttle__Enabled"] = "false";
        var (process, http) = await cli.ServeAsync("serve");
        var answered = new ConcurrentBag<Guid>();

        var posts = Task.WhenAll(Enumerable.Range(0, 500).Select(_ => PostAsync(http, answered)));
        await Patience.UntilAsync(() => !answered.IsEmpty);
        await Cli.TerminateAsync(process);
        await posts;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, process.ExitCode);
        await using var analytics = new AnalyticsDatabase(databases.Settings["ConnectionStrings:Analytics"]!);
        Assert.Equal(answered.Count, await CountAsync(analytics));
    }

    [Fact]
    public async Task A_stopping_server_waits_for_a_busy_database()
    {
        using var databases = await TestDatabases.CreateAsync(EngineKind.Sqlite);
        using var cli = Cli.For(databases);
        var (process, http) = await cli.ServeAsync("serve");
        var answered = new ConcurrentBag<Guid>();
        await using var other = new SqliteConnection(databases.Settings["ConnectionStrings:Analytics"]);
        await other.OpenAsync(TestContext.Current.CancellationToken);
        var writing = await other.BeginTransactionAsync(TestContext.Current.CancellationToken);

        using var patient = new HttpClient(new SocketsHttpHandler { Expect100ContinueTimeout = Support.Patience.Limit }) { BaseAddress = http.BaseAddress };
        patient.DefaultRequestHeaders.UserAgent.ParseAdd(TestApp.Phone);
        patient.DefaultRequestHeaders.ExpectContinue = true;
        var body = new AwaitedContent();
        var post = PostAsync(patient, answered, body);
        await body.IsAwaited.WaitAsync(Support.Patience.Limit, TestContext.Current.CancellationToken);
        await Cli.TerminateAsync(process);
        await Task.Delay(2_500, TestContext.Current.CancellationToken); // longer than a command-line program gets by default
        await writing.DisposeAsync();
        await post;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Single(answered);
        Assert.Equal(0, process.ExitCode);
    }

    [Fact]
    public async Task SQLite_commits_are_synced_and_do_not_block_readers()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);

        foreach (var database in (Database[])[app.Main, app.Analytics])
        {
            Assert.Equal(
                [2L], await database.QueryAsync("PRAGMA synchronous", row => row.GetInt64(0), TestContext.Current.CancellationToken));
            Assert.Equal(
                ["wal"], await database.QueryAsync("PRAGMA journal_mode", row => row.GetString(0), TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task The_SQLite_log_is_checkpointed_while_the_server_runs()
    {
        using var databases = await TestDatabases.CreateAsync(EngineKind.Sqlite);
        await using var app = await TestApp.StartAsync(databases);
        var writer = app.Services.GetRequiredService<IngestWriter>();
        var path = new SqliteConnectionStringBuilder(databases.Settings["ConnectionStrings:Analytics"]).DataSource;

        await Task.WhenAll(Enumerable.Range(0, 2_000).Select(_ => writer.WriteAsync(new SessionStarted(Session()))));

        // Without the log beside it a copy has only what is in the file.
        await Patience.UntilAsync(() =>
        {
            File.Copy(path, path + ".copy", overwrite: true);
            using var copy = new SqliteConnection($"Data Source={path}.copy;Mode=ReadOnly;Pooling=False");
            copy.Open();
            using var command = copy.CreateCommand();
            try
            {
                command.CommandText = """SELECT COUNT(*) FROM sqlite_schema WHERE name = 'AnalyticsSession'""";
                if ((long)command.ExecuteScalar()! == 0)
                {
                    return false;
                }

                command.CommandText = """SELECT COUNT(*) FROM "AnalyticsSession" """;
                return (long)command.ExecuteScalar()! >= 500;
            }
            catch (SqliteException e) when (e.SqliteErrorCode == 11)
            {
                return false; // copied during a checkpoint
            }
        });
    }

    /// <summary>Log messages about a full disk must not fill the log on the same disk.</summary>
    [Fact]
    public async Task A_missing_database_is_logged_once_per_minute()
    {
        var folder = Directory.CreateTempSubdirectory("bioscope-away-").FullName; // in place of the file
        await using var analytics = new AnalyticsDatabase($"Data Source={folder}");
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var (clock, log) = (new TestClock(TestApp.Start), new Lines());
        await using var main = new MainDatabase($"Data Source={folder}");
        using var pages = new NumberedPages(main, clock);
        using var machines = new PageMachines(analytics, clock);
        using var writer = new IngestWriter(analytics, pages, machines, new IngestMetrics(services.GetRequiredService<IMeterFactory>(), clock), clock, log);
        await writer.StartAsync(TestContext.Current.CancellationToken);

        for (var second = 0; second < 150; second++)
        {
            Assert.Null(await writer.WriteAsync(new SessionStarted(Session())));
            clock.Advance(TimeSpan.FromSeconds(1));
        }

        await writer.StopAsync(TestContext.Current.CancellationToken);
        Assert.Equal(["1", "60", "60"], log.Select(line => line.Split(' ')[0]));
        Directory.Delete(folder);
    }

    [Theory, Engines]
    public async Task Texts_are_stored_unchanged(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        string?[] texts = [null, "", " ", "ü", "日本語", "👩‍👩‍👧", "'; DROP TABLE", new string('x', 2_048),
            string.Concat(Enumerable.Repeat("👩", 1_024)), "null"];
        var rows = texts.Select(text => Session() with { Id = Guid.NewGuid(), Referrer = text, StartedAt = TestApp.Start }).ToList();

        Assert.Equal(texts.Length, await app.Analytics.InsertAsync(SessionRow.Table, rows, TestContext.Current.CancellationToken));
        Assert.Equal(0, await app.Analytics.InsertAsync(SessionRow.Table, rows, TestContext.Current.CancellationToken));

        var stored = await app.Analytics.QueryAsync(
            """SELECT "id", "referrer", "startedAt" FROM "AnalyticsSession" """,
            row => (
                app.Analytics.Dialect.ReadGuid(row, 0),
                row.IsDBNull(1) ? null : row.GetString(1),
                app.Analytics.Dialect.ReadInstant(row, 2)),
            TestContext.Current.CancellationToken);
        Assert.Equal(rows.Select(row => (row.Id, row.Referrer, row.StartedAt)), stored.OrderBy(row => Array.IndexOf(texts, row.Item2)));
    }

    [Theory, Engines]
    public async Task A_row_that_cannot_be_stored_loses_no_other_row(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var writer = app.Services.GetRequiredService<IngestWriter>();

        var ids = await Task.WhenAll(
            Enumerable.Range(0, 300).Select(i => writer.WriteAsync(new SessionStarted(Session(visitorId: i % 100 == 50 ? null! : "v")))));

        Assert.Equal([50, 150, 250], ids.Index().Where(id => id.Item is null).Select(id => id.Index));
        Assert.Equal(297, (await app.SessionColumnAsync(Guid.Empty, "id")).Count);
    }

    [Fact]
    public async Task A_full_queue_answers_further_requests_at_once()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var writer = app.Services.GetRequiredService<IngestWriter>();
        await using var other = await app.Analytics.OpenAsync(TestContext.Current.CancellationToken);
        var writing = await other.BeginTransactionAsync(TestContext.Current.CancellationToken);

        var writes = Enumerable.Range(0, 15_000).Select(_ => writer.WriteAsync(new SessionStarted(Session()))).ToList();
        var refused = writes.Count(write => write.IsCompleted);
        await writing.DisposeAsync();
        var stored = (await Task.WhenAll(writes)).Count(id => id is not null);

        Assert.InRange(refused, 3_000, 5_000); // 10,000 wait, and a batch of at most 1,000 is being written
        Assert.Equal(15_000 - refused, stored);
    }

    [Fact]
    public async Task A_database_that_refuses_logins_counts_as_unavailable()
    {
        Assert.SkipUnless(PostgresCluster.IsInstalled || EnginesAttribute.IsContinuousIntegration, EnginesAttribute.PostgresIsMissing);
        await using var app = await TestApp.StartAsync(EngineKind.Postgres);
        var creator = await app.AddCreatorAsync();
        var name = (
            await app.Analytics.QueryAsync("SELECT current_database()", row => row.GetString(0), TestContext.Current.CancellationToken))
            .Single();
        await app.Main.ExecuteAsync($"""ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS false""", TestContext.Current.CancellationToken);
        await app.Main.QueryAsync(
            "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = @name", row =>
                row.GetBoolean(0), TestContext.Current.CancellationToken, ("@name", name));

        using var report = await app.GetAsync("/api/v1/creators/analytics/traffic", app.Token(creator));
        await report.AssertErrorAsync(HttpStatusCode.ServiceUnavailable, "SERVICE_UNAVAILABLE", "error.unavailable");
        Assert.Null(await app.PostSessionAsync(creator));
    }

    [Theory, Engines]
    public async Task Dead_pooled_connections_fail_no_request(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => app.TrafficAsync(creator)));
        if (engine != EngineKind.Sqlite)
        {
            foreach (var database in (Database[])[app.Main, app.Analytics])
            {
                await database.QueryAsync(
                    "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
                    row => row.GetBoolean(0),
                    TestContext.Current.CancellationToken);
            }
        }

        Assert.NotNull(await app.PostSessionAsync(creator));
        Assert.Equal(["direct 1 100%"], await app.TrafficAsync(creator));
    }

    [Fact]
    public async Task The_start_waits_for_PostgreSQL()
    {
        PostgresCluster.SkipWhereMissing();
        using var databases = await TestDatabases.CreateAsync(EngineKind.Postgres);
        using var cli = Cli.For(databases);
        var port = PostgresCluster.FreePort();
        var real = new Npgsql.NpgsqlConnectionStringBuilder(databases.Settings["ConnectionStrings:Main"]).Port;
        foreach (var name in (string[])["ConnectionStrings__Main", "ConnectionStrings__Analytics"])
        {
            cli.Environment[name] = cli.Environment[name]!.Replace($"Port={real}", $"Port={port}", StringComparison.Ordinal);
        }

        var serving = cli.ServeAsync("serve");
        await Task.Delay(1_500, TestContext.Current.CancellationToken);
        Assert.False(serving.IsCompleted);
        using var door = new TcpListener(IPAddress.Loopback, port);
        door.Start();
        _ = ForwardAsync(door, real);

        var (_, http) = await serving;
        using var response = await http.GetAsync("/api/v1/creators/analytics/traffic", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Theory, Engines]
    public async Task Two_servers_starting_together_create_the_schema_once(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        using var cli = Cli.For(databases);
        foreach (var secret in (string[])["Auth__JwtSecret", "Tracking__HmacSecret", "Tracking__VisitorSecret"])
        {
            cli.Environment[secret] = null; // the secrets are also created by one and used by both
        }

        var servers = await Task.WhenAll(cli.ServeAsync("serve"), cli.ServeAsync(), cli.ServeAsync("serve"));
        var answered = new ConcurrentBag<Guid>();
        await Task.WhenAll(servers.SelectMany(server => Enumerable.Range(0, 30).Select(_ => PostAsync(server.Http, answered))));

        Assert.Equal(90, answered.Distinct().Count());
        await using var analytics = new AnalyticsDatabase(databases.Settings["ConnectionStrings:Analytics"]!);
        Assert.Equal(90, await CountAsync(analytics));
        var files = Directory.GetFiles(cli.Environment["Data__Folder"]!).Select(file => Path.GetFileName(file));
        Assert.Equal(["secrets.json"], files.Where(file => !file.Contains(".db", StringComparison.Ordinal)));
    }

    private static SessionRow Session(string visitorId = "v") =>
        new() { BioPageId = Guid.Empty, Id = Guid.Empty, VisitorId = visitorId, StartedAt = default };

    /// <summary>Forwards all clients to the real port.</summary>
    private static async Task ForwardAsync(TcpListener door, int port)
    {
        while (true)
        {
            var client = await door.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
            var server = new TcpClient();
            await server.ConnectAsync(IPAddress.Loopback, port, TestContext.Current.CancellationToken);
            _ = client.GetStream().CopyToAsync(server.GetStream(), TestContext.Current.CancellationToken);
            _ = server.GetStream().CopyToAsync(client.GetStream(), TestContext.Current.CancellationToken);
        }
    }

    private static async Task<int> CountAsync(AnalyticsDatabase analytics) => (await analytics.QueryAsync(
        """SELECT "id" FROM "AnalyticsSession" """, row => row.GetValue(0), TestContext.Current.CancellationToken)).Count;

    /// <summary>Posts a session and keeps its id; false when there was no response.</summary>
    private static async Task<bool> PostAsync(HttpClient http, ConcurrentBag<Guid> answered, HttpContent? body = null)
    {
        try
        {
            body ??= JsonContent.Create(new { visitorId = Guid.NewGuid(), consentAnalytics = "granted", referrer = "https://t.co/x" });
            using var response = await http.PostAsync("/api/v1/analytics/session", body, TestContext.Current.CancellationToken);
            var answer = await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
            if (answer.GetProperty("data").GetProperty("id") is { ValueKind: JsonValueKind.String } id)
            {
                answered.Add(id.GetGuid());
            }

            return true;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException or SocketException)
        {
            return false; // the server is gone
        }
    }

    /// <summary>A session that tells when the server asked for it (100 Continue), and so has accepted the request.</summary>
    private sealed class AwaitedContent() : StringContent(
        $$"""{"visitorId":"{{Guid.NewGuid()}}","consentAnalytics":"granted"}""", System.Text.Encoding.UTF8, "application/json")
    {
        private readonly TaskCompletionSource _isAwaited = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task IsAwaited => _isAwaited.Task;

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            _isAwaited.TrySetResult();
            return base.SerializeToStreamAsync(stream, context, cancellationToken);
        }
    }

    private sealed class Lines : List<string>, ILogger<IngestWriter>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Add(formatter(state, exception));
    }
}
