using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Bioscope.Engine.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Bioscope.Server.Tests;

public sealed partial class MetricsTests
{
    private static readonly string[] Reports = ["overview", "trend", "traffic", "geo", "devices", "links", "sessions", "export?type=links"];

    [Fact]
    public async Task Metrics_count_stored_and_dropped_events_by_reason()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var before = await app.MetricsAsync();
        foreach (var reason in Enum.GetNames<Engine.Rows.DropReason>())
        {
            Assert.Equal("0", before[$$"""bioscope_ingest_drops_total{reason="{{reason.ToLowerInvariant()}}"}"""]);
        }

        foreach (var result in Enum.GetNames<Accounts.SignInResult>())
        {
            Assert.Equal("0", before[$$"""bioscope_accounts_logins_total{result="{{result.ToLowerInvariant()}}"}"""]);
        }

        var creator = await app.AddCreatorAsync();
        await app.PostSessionAsync(creator);
        var session = (await app.PostSessionAsync(creator))!.Value;
        await app.PostPageViewAsync(session);
        await app.PostPageViewAsync(Guid.NewGuid());
        await app.PostSessionAsync(creator, ("consentAnalytics", "denied"));
        await app.PostSessionAsync(creator, ("trackingToken", null));
        await app.PostSessionAsync(creator, ("trackingToken", null));

        var after = await app.MetricsAsync();
        Assert.Equal("2", after["""bioscope_ingest_kept_total{kind="session"}"""]);
        Assert.Equal("1", after["""bioscope_ingest_kept_total{kind="pageview"}"""]);
        Assert.Equal("0", after["""bioscope_ingest_kept_total{kind="heartbeat"}"""]);
        Assert.Equal("1", after["""bioscope_ingest_drops_total{reason="session"}"""]);
        Assert.Equal("1", after["""bioscope_ingest_drops_total{reason="consent"}"""]);
        Assert.Equal("2", after["""bioscope_ingest_drops_total{reason="token"}"""]);
        Assert.Equal("0", after["""bioscope_ingest_drops_total{reason="bot"}"""]);
        Assert.Equal("4", after["""bioscope_ingest_batch_size_bucket{le="1"}"""]);
        Assert.Equal("4", after["bioscope_ingest_commit_duration_seconds_count"]);
        Assert.Equal("0", after["bioscope_ingest_queue_length"]);
        Assert.Equal("10000", after["bioscope_ingest_queue_capacity"]);
    }

    [Fact]
    public async Task Client_input_never_becomes_a_metric_label()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        for (var i = 0; i < 50; i++)
        {
            await app.GetAsync($"/made-up-{i}\"%0A\\?days={i}");
            await app.Http.SendAsync(
                new HttpRequestMessage(new HttpMethod($"MADEUP{i}"), "/healthz"), TestContext.Current.CancellationToken);
        }

        await app.GetAsync("/api/v1/creators/analytics/traffic?days=made-up");

        // A request is counted when it is completely finished, a moment after its response has arrived.
        const string Requests = "http_server_request_duration_seconds_count";
        await UntilAsync(app, $$"""{{Requests}}{http_route="",http_request_method="GET",http_response_status_code="404"}""", "50");
        await UntilAsync(app, $$"""{{Requests}}{http_route="",http_request_method="_OTHER",http_response_status_code="405"}""", "50");
        await UntilAsync(
            app,
            $$"""{{Requests}}{http_route="/api/v1/creators/analytics/traffic",http_request_method="GET",http_response_status_code="401"}""",
            "1");
        Assert.DoesNotContain((await app.MetricsAsync()).Keys, key => key.Contains("made", StringComparison.OrdinalIgnoreCase));
    }

    [Theory, Engines]
    public async Task Every_report_statement_is_timed_by_name(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        foreach (var report in Reports)
        {
            (await app.GetAsync("/api/v1/creators/analytics/" + report, app.Token(creator))).EnsureSuccessStatusCode();
        }

        var metrics = await app.MetricsAsync();
        Assert.Equal("1", Count("main", "page of user")); // from then on it is known
        Assert.Equal("2", Count("main", "links"));
        Assert.Equal("2", Count("analytics", "links"));
        foreach (var name in (string[])["overview", "trend", "traffic", "geo", "devices", "sessions"])
        {
            Assert.Equal("1", Count("analytics", name));
        }

        Assert.DoesNotContain(metrics.Keys, key => key.Contains("\"other\"", StringComparison.Ordinal));

        string Count(string database, string statement) =>
            metrics[$$"""bioscope_db_duration_seconds_count{database="{{database}}",statement="{{statement}}"}"""];
    }

    [Fact]
    public async Task A_counter_is_summed_by_its_labels()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var counter = app.Services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>()
            .Create(new System.Diagnostics.Metrics.MeterOptions("Bioscope.Test")).CreateCounter<long>("bioscope.test.logins");
        await Task.WhenAll(
            Enumerable.Range(0, 100).Select(
                i => Task.Run(() => counter.Add(1, new KeyValuePair<string, object?>("result", i % 4 == 0 ? "ok" : "a \"b\\")))));

        var metrics = await app.MetricsAsync();

        Assert.Equal("25", metrics["""bioscope_test_logins_total{result="ok"}"""]);
        Assert.Equal("75", metrics["""bioscope_test_logins_total{result="a \"b\\"}"""]);
    }

    [Theory, Engines]
    public async Task The_metrics_text_is_valid_for_Prometheus(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        await app.PostSessionAsync(creator);
        await app.ReportAsync(creator, "traffic");
        await app.GetAsync("/readyz");

        using var response = await app.GetAsync("/metrics");
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        Assert.Equal("no-store", response.Headers.CacheControl?.ToString());
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        var (family, families, samples, last) = ("", new HashSet<string>(), new HashSet<string>(), 0L);
        foreach (var line in text.TrimEnd('\n').Split('\n'))
        {
            if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                family = line.Split(' ')[2];
                Assert.True(families.Add(family), line);
                Assert.Contains(line.Split(' ')[3], (string[])["counter", "gauge", "histogram"]);
                continue;
            }

            if (line.StartsWith("# HELP ", StringComparison.Ordinal))
            {
                continue;
            }

            var sample = Sample().Match(line);
            Assert.True(sample.Success && samples.Add(line[..line.LastIndexOf(' ')]), line);
            Assert.StartsWith(family, line, StringComparison.Ordinal);
            Assert.True(
                double.TryParse(sample.Groups["value"].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var value), line);
            if (line.Contains("_bucket{", StringComparison.Ordinal))
            {
                Assert.True(value >= last, line);
                last = line.Contains("le=\"+Inf\"", StringComparison.Ordinal) ? 0 : (long)value;
            }
        }

        foreach (var name in (string[])["process_cpu_seconds_total", "process_start_time_seconds", "process_resident_memory_bytes",
            "process_threads", "dotnet_gc_pause_time_seconds_total"])
        {
            Assert.Contains(name, families);
        }
    }

    [Theory]
    [InlineData("127.0.0.1", null, true)]
    [InlineData("10.0.0.0/8, ::1", null, false)]
    [InlineData("none", null, false)]
    [InlineData("127.0.0.1", "X-Forwarded-For: 127.0.0.1", false)]
    [InlineData("127.0.0.1", "CF-Connecting-IP: 127.0.0.1", false)]
    [InlineData("127.0.0.1", "forwarded: for=127.0.0.1", false)]
    [InlineData("127.0.0.1", "X-Real-IP: ", false)]
    [InlineData("127.0.0.1", "Via: 1.1 proxy", false)]
    public async Task Metrics_need_an_allowed_address_and_no_proxy(string allowed, string? header, bool served)
    {
        // Elsewhere the proxy's header is trusted; here it grants no access.
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, ("Metrics:Allowed", allowed), ("Proxies:Trusted", "127.0.0.1"));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        if (header is not null)
        {
            request.Headers.TryAddWithoutValidation(header.Split(": ")[0], header.Split(": ")[1]);
        }

        using var response = await app.Http.SendAsync(request, TestContext.Current.CancellationToken);

        if (served)
        {
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
        else
        {
            await response.AssertErrorAsync(HttpStatusCode.NotFound, "NOT_FOUND", "error.not_found");
        }
    }

    [Fact]
    public async Task A_slow_statement_is_one_warning_without_values()
    {
        using var databases = await TestDatabases.CreateAsync(EngineKind.Sqlite);
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var (clock, log) = (new TestClock(TestApp.Start), new Lines());
        await using var main = new MainDatabase(
            databases.Settings["ConnectionStrings:Main"]!,
            timings: new DatabaseTimings(services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>(), clock, log));

        await ReadAsync(TimeSpan.FromMilliseconds(999));
        Assert.Empty(log.Written);
        await ReadAsync(TimeSpan.FromMilliseconds(1_001));
        Assert.Equal(["Warning: Statement 'a report' on the main database took 1001 ms"], log.Written);

        Task ReadAsync(TimeSpan slowly) => main.QueryAsync(
            "-- a report\nSELECT @value",
            row =>
            {
                clock.Advance(slowly);
                return row.GetString(0);
            },
            TestContext.Current.CancellationToken,
            ("@value", "secret"));
    }

    [Theory]
    [InlineData("-- traffic\nSELECT 1", "traffic")]
    [InlineData("-- a name of words\r\nSELECT 1", "a name of words")]
    [InlineData("SELECT 1 -- traffic\n", "other")]
    [InlineData("-- traffic", "other")]
    [InlineData("", "other")]
    public void The_name_of_a_statement_is_its_first_line(string sql, string name) => Assert.Equal(name, DatabaseTimings.NameOf(sql));

    private static Task UntilAsync(TestApp app, string metric, string value) =>
        Patience.UntilAsync(async () => await app.MetricAsync(metric) == value, $"{metric} is {value}");

    [GeneratedRegex("""^[a-z_0-9]+(\{([a-z_0-9]+="([^"\\\n]|\\[\\"n])*",?)*\})? (?<value>[-+0-9.eE]+)$""")]
    private static partial Regex Sample();

    private sealed class Lines : ILogger<DatabaseTimings>
    {
        public List<string> Written { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Written.Add($"{logLevel}: {formatter(state, exception)}");
    }
}
