using System.Net;
using System.Net.Sockets;
using Bioscope.Engine.Ingest;
using Bioscope.Engine.Rows;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Bioscope.Server.Tests;

public sealed class HealthTests
{
    [Theory, Engines(With = ["/healthz", "/readyz"])]
    public async Task A_healthy_server_always_answers_ok(EngineKind engine, string path)
    {
        await using var app = await TestApp.StartAsync(engine, ("Throttle:Reports", "1"));

        for (var i = 0; i < 20; i++)
        {
            using var response = await app.GetAsync(path);
            Assert.Equal(
                (HttpStatusCode.OK, "ok\n"),
                (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)));
            Assert.Equal("text/plain; charset=utf-8", response.Content.Headers.ContentType?.ToString());
            Assert.Equal("no-store", response.Headers.CacheControl?.ToString());
            Assert.False(response.Headers.Contains("X-RateLimit-Limit"));
        }

        using var head = await app.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, path), TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.OK, 3L), (head.StatusCode, head.Content.Headers.ContentLength));
        using var post = await app.Http.PostAsync(path, null, TestContext.Current.CancellationToken);
        await post.AssertErrorAsync(HttpStatusCode.MethodNotAllowed, "METHOD_NOT_ALLOWED", "error.method_not_allowed");
    }

    [Theory, Engines]
    public async Task Readiness_names_an_unusable_database_and_recovers(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        await app.Analytics.ExecuteAsync("""ALTER TABLE "AnalyticsSession" RENAME TO "Away" """, TestContext.Current.CancellationToken);

        Assert.Equal(["the analytics database does not answer"], await NotReadyAsync(app));
        Assert.Equal(HttpStatusCode.OK, (await app.GetAsync("/healthz")).StatusCode);

        await app.Analytics.ExecuteAsync("""ALTER TABLE "Away" RENAME TO "AnalyticsSession" """, TestContext.Current.CancellationToken);
        app.Clock.Advance(TimeSpan.FromMilliseconds(999));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await app.GetAsync("/readyz")).StatusCode);
        app.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(HttpStatusCode.OK, (await app.GetAsync("/readyz")).StatusCode);
    }

    [Fact]
    public async Task Readiness_waits_two_seconds_for_a_database()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0); // accepts connections and never responds
        silent.Start();
        var hangs = $"Host=127.0.0.1;Port={((IPEndPoint)silent.LocalEndpoint).Port};Username=u;Password=p;Database=d";
        using var databases = await TestDatabases.CreateAsync(EngineKind.Sqlite);
        await using var app = await TestApp.StartAsync(
            databases, ("Storage:Ownership", "shared"), ("ConnectionStrings:Main", hangs), ("ConnectionStrings:Analytics", hangs));

        var answer = NotReadyAsync(app);
        using var main = await silent.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        using var analytics = await silent.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        app.Clock.Advance(TimeSpan.FromMilliseconds(1_999));
        await app.GetAsync("/healthz");
        await app.GetAsync("/healthz");
        Assert.False(answer.IsCompleted);
        app.Clock.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(["the main database does not answer", "the analytics database does not answer"], await answer);
    }

    [Fact]
    public async Task Readiness_asks_the_databases_once_per_second()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);

        await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => app.GetAsync("/readyz")));
        Assert.Equal("1", await app.MetricAsync("""bioscope_db_duration_seconds_count{database="main",statement="ready"}"""));

        app.Clock.Advance(TimeSpan.FromSeconds(1));
        await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => app.GetAsync("/readyz")));
        Assert.Equal("2", await app.MetricAsync("""bioscope_db_duration_seconds_count{database="main",statement="ready"}"""));
    }

    [Fact]
    public async Task A_server_is_not_ready_once_shutdown_begins()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        Assert.Equal(HttpStatusCode.OK, (await app.GetAsync("/readyz")).StatusCode);

        app.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

        Assert.Equal(["the server is shutting down"], await NotReadyAsync(app));
        Assert.Equal(HttpStatusCode.OK, (await app.GetAsync("/healthz")).StatusCode);
    }

    [Fact]
    public async Task A_server_whose_writer_stopped_is_not_ready()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);

        // It has started: a service stopped before that would stop the whole server.
        Assert.NotNull(await app.PostSessionAsync(await app.AddCreatorAsync()));

        await app.Services.GetRequiredService<IngestWriter>().StopAsync(TestContext.Current.CancellationToken);

        Assert.Equal(["ingestion does not accept events"], await NotReadyAsync(app));
    }

    [Fact]
    public async Task A_server_with_a_full_queue_is_not_ready()
    {
        using var databases = await TestDatabases.CreateAsync(EngineKind.Sqlite);
        await using var app = await TestApp.StartAsync(databases);
        var writer = app.Services.GetRequiredService<IngestWriter>();
        await using var other = new SqliteConnection(databases.Settings["ConnectionStrings:Analytics"]);
        await other.OpenAsync(TestContext.Current.CancellationToken);
        var writes = new List<Task>();
        await using (await other.BeginTransactionAsync(TestContext.Current.CancellationToken))
        {
            // The writer takes up to 1,000 as its batch, and then blocks; what comes after that fills the queue.
            string[] problems = [];
            await Patience.UntilAsync(async () =>
            {
                Write(1_000);
                using var ready = await app.GetAsync("/readyz");
                problems = ready.StatusCode == HttpStatusCode.OK ? [] : await ProblemsAsync(ready);
                return problems.Length > 0;
            });
            Assert.Equal(["ingestion does not accept events"], problems);
        }

        await Task.WhenAll(writes);
        Assert.Equal(HttpStatusCode.OK, (await app.GetAsync("/readyz")).StatusCode);

        void Write(int sessions)
        {
            for (var i = 0; i < sessions; i++)
            {
                writes.Add(
                    writer.WriteAsync(
                        new SessionStarted(
                            new SessionRow { BioPageId = Guid.Empty, Id = Guid.Empty, VisitorId = "v", StartedAt = default })));
            }
        }
    }

    [Fact]
    public async Task A_failed_batch_makes_the_server_unready_ten_seconds()
    {
        using var databases = await TestDatabases.CreateAsync(EngineKind.Sqlite);
        await using var app = await TestApp.StartAsync(
            databases, ("ConnectionStrings:Analytics", databases.Settings["ConnectionStrings:Analytics"] + ";Default Timeout=1"));
        var creator = await app.AddCreatorAsync();
        Assert.NotNull(await app.PostSessionAsync(creator));
        await using var other = new SqliteConnection(databases.Settings["ConnectionStrings:Analytics"]);
        await other.OpenAsync(TestContext.Current.CancellationToken);
        await using (await other.BeginTransactionAsync(TestContext.Current.CancellationToken))
        {
            Assert.Null(await app.PostSessionAsync(creator));
            Assert.Equal(["ingestion does not accept events"], await NotReadyAsync(app));
            app.Clock.Advance(TimeSpan.FromSeconds(10));
            Assert.Equal(HttpStatusCode.OK, (await app.GetAsync("/readyz")).StatusCode);
            Assert.Null(await app.PostSessionAsync(creator));
            Assert.Equal(["ingestion does not accept events"], await NotReadyAsync(app));
        }

        Assert.NotNull(await app.PostSessionAsync(creator));
        Assert.Equal(HttpStatusCode.OK, (await app.GetAsync("/readyz")).StatusCode);
    }

    [Theory, Engines]
    public async Task Readiness_needs_only_the_shared_tables(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        await using (await TestApp.StartAsync(databases))
        {
            // Creates the tables.
        }

        await using var app = await TestApp.StartAsync(databases, ("Storage:Ownership", "shared"));

        Assert.Equal(HttpStatusCode.OK, (await app.GetAsync("/readyz")).StatusCode);
    }

    private static async Task<string[]> NotReadyAsync(TestApp app)
    {
        using var response = await app.GetAsync("/readyz");
        return await ProblemsAsync(response);
    }

    private static async Task<string[]> ProblemsAsync(HttpResponseMessage response) =>
        (await response.AssertErrorAsync(HttpStatusCode.ServiceUnavailable, "SERVICE_UNAVAILABLE", "error.unavailable")).Details();
}
