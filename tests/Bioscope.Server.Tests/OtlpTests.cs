using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Bioscope.Server.Configuration;
using Microsoft.Extensions.Configuration;

namespace Bioscope.Server.Tests;

/// <summary>What is sent to a receiver of OpenTelemetry's protocol, and what is not.</summary>
public sealed partial class OtlpTests
{
    private const string Traffic = "/api/v1/creators/analytics/traffic";

    /// <summary>All attributes that a span may have.</summary>
    private static readonly string[] Known =
    [
        "http.request.method", "http.response.status_code", "http.route", "error.type", "bioscope.correlation_id", "db.system.name",
        "db.namespace", "db.query.summary", "bioscope.ingest.events", "bioscope.sealed.rows", "bioscope.message.kind",
        "bioscope.message.attempt",
    ];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory, Engines]
    public async Task A_request_is_a_span_with_its_statements(EngineKind engine)
    {
        await using var host = await OtlpHost.StartAsync();
        await using var app = await TestApp.StartAsync(engine, host.Settings);
        var creator = await app.AddCreatorAsync();

        using var answer = await app.GetAsync(Traffic + "?days=7", app.Token(creator));

        var request = await host.RequestAsync(answer.Headers.GetValues("X-Correlation-Id").Single());
        Assert.Equal(("GET " + Traffic, 2, "", false), (request.Name, request.Kind, request.ParentId, request.HasFailed));
        Assert.Equal((Traffic, "GET", "200"), (
            request.Attributes["http.route"], request.Attributes["http.request.method"], request.Attributes["http.response.status_code"]));
        var statements = host.Spans.Where(span => span.ParentId == request.Id).ToList();
        Assert.All(statements, statement => Assert.Equal((request.TraceId, 3), (statement.TraceId, statement.Kind)));
        Assert.Single(statements, statement => statement.Name == "page of user");
        var traffic = Assert.Single(statements, statement => statement.Name == "traffic").Attributes;
        Assert.Equal(
            (engine == EngineKind.Sqlite ? "sqlite" : "postgresql", "analytics", "traffic"),
            (traffic["db.system.name"], traffic["db.namespace"], traffic["db.query.summary"]));
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task Both_protocols_send_metrics_and_traces_with_headers_and_names(bool isGrpc)
    {
        await using var host = await OtlpHost.StartAsync(isGrpc);
        await using var app = await TestApp.StartAsync(
            EngineKind.Sqlite,
            [
                .. host.Settings, ("Otlp:Headers", "api-key=s3cret,x-other=a%20b=c"), ("OTEL_SERVICE_NAME", "stats"),
                ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test"),
            ]);

        using var answer = await app.GetAsync("/healthz");

        var request = await host.RequestAsync(answer.Headers.GetValues("X-Correlation-Id").Single());
        Assert.Equal("GET /healthz", request.Name);
        await Patience.UntilAsync(() => host.Points.ContainsKey("process.start_time{}"));
        Assert.Equal(2, host.All.Select(posted => posted.Path).Distinct().Count());
        Assert.All(host.All, posted =>
        {
            Assert.Equal(("s3cret", "a b=c"), (posted.Headers["api-key"], posted.Headers["x-other"]));
            Assert.Equal(isGrpc ? "application/grpc" : "application/x-protobuf", posted.Headers["Content-Type"]);
            Assert.Equal(("stats", "test"), (posted.Resource["service.name"], posted.Resource["deployment.environment.name"]));
            Assert.NotEqual("", posted.Resource["service.version"]);
        });
    }

    [Theory, Engines]
    public async Task The_metrics_sent_are_those_of_the_metrics_page(EngineKind engine)
    {
        await using var host = await OtlpHost.StartAsync();
        await using var app = await TestApp.StartAsync(engine, host.Settings);
        var creator = await app.AddCreatorAsync();
        await app.PostSessionAsync(creator);
        await app.PostSessionAsync(creator, ("consentAnalytics", "denied"));
        await app.ReportAsync(creator, "traffic");

        const string Requests = "http.server.request.duration{http.request.method=POST,http.response.status_code=200," +
            "http.route=/api/v1/analytics/session}";
        const string Statement = "bioscope.db.duration{database=analytics,statement=traffic}";
        await Patience.UntilAsync(() => host.Points.GetValueOrDefault(Requests)?.Value == 2 && host.Points.ContainsKey(Statement));
        Dictionary<string, string> page = [];
        await Patience.UntilAsync(async () => // all that was measured for the first time since the last export
        {
            page = await app.MetricsAsync();
            return host.Points.Values.Select(point => Suffix().Replace(NameOf(point), "")).ToHashSet().SetEquals(
                page.Keys.Select(key => Suffix().Replace(key.Split('{')[0], "")));
        });

        Assert.Equal("1", page["""bioscope_ingest_kept_total{kind="session"}"""]);
        var kept = host.Points["bioscope.ingest.kept{kind=session}"];
        Assert.Equal((1, "counter"), (kept.Value, kept.Kind));
        Assert.Equal(1, host.Points["bioscope.ingest.drops{reason=consent}"].Value);
        Assert.Equal(0, host.Points["bioscope.ingest.drops{reason=bot}"].Value);
        Assert.Equal("gauge", host.Points["bioscope.ingest.queue.length{}"].Kind);
        var batches = host.Points["bioscope.ingest.batch.size{}"];
        Assert.Equal((1, 1, 11), (batches.Value, batches.Buckets[0], batches.Buckets.Length));
        var traffic = host.Points[Statement];
        Assert.Equal((1, 15, "s"), (traffic.Value, traffic.Buckets.Length, traffic.Unit));
        Assert.Equal(
            page["""bioscope_db_duration_seconds_sum{database="analytics",statement="traffic"}"""],
            traffic.Sum.ToString(CultureInfo.InvariantCulture));

        static string NameOf(OtlpPoint point) => point.Name.Replace('.', '_')
            + point.Unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" } + (point.Kind == "counter" ? "_total" : "");
    }

    [Fact]
    public async Task Nothing_of_a_request_is_sent_but_its_route()
    {
        await using var host = await OtlpHost.StartAsync();
        await using var app = await TestApp.StartAsync(
            EngineKind.Sqlite,
            [
                .. host.Settings, ("Proxies:Trusted", "127.0.0.1"), ("Otlp:Headers", "api-key=s3cret"),
                ("Hosts:Allowed", "hushed-host.example,127.0.0.1"),
            ]);
        var creator = await app.AddCreatorAsync("hushed-mail@example.com", "hushed-password");
        var link = await app.AddLinkAsync(creator, "hushed-title", "https://hushed-link.example/hushed-path");
        var token = app.Token(creator);
        var session = (await app.PostSessionAsync(
            creator, ("referrer", "https://hushed-referrer.example/"), ("visitorId", "hushed-visitor")))!.Value;
        await app.PostPageViewAsync(session, link.Id);
        await app.LoginAsync("hushed-mail@example.com", "hushed-password");
        await app.LoginAsync("hushed-mail@example.com", "hushed-wrong");
        await app.ReportAsync(creator, "links");
        await SendAsync(HttpMethod.Get, Traffic + "?hushed-query=1");
        await SendAsync(HttpMethod.Get, "/@hushed-handle?utm_source=hushed-tag");
        await SendAsync(HttpMethod.Get, "/hushed-address/%F0%9F%92%A9");
        await SendAsync(HttpMethod.Get, "/s/hushed-view");
        await SendAsync(new HttpMethod("HUSHEDMETHOD"), "/healthz");
        await app.QueryAsync("""{"dimensions":["hushed-dimension"]}""", token);

        using var last = await app.GetAsync("/healthz");
        await host.RequestAsync(last.Headers.GetValues("X-Correlation-Id").Single());
        await Patience.UntilAsync(() => host.Points.ContainsKey(
            "http.server.request.duration{http.request.method=_OTHER,http.response.status_code=405}"));

        Assert.Contains(host.Spans, span => span.Name == "GET /@{handle}");
        Assert.Contains(host.Spans, span => span.Name == "_OTHER");
        Assert.Contains(host.Spans, span => span.Name == "ingest batch");
        Assert.All(host.Spans, span => Assert.Empty(span.Attributes.Keys.Except(Known)));
        string[] kept =
        [
            "hushed", "s3cret", "203.0.113.77", "127.0.0.1", token, TestApp.Phone[..20], creator.UserId.ToString(), creator.BioPageId.ToString(),
        ];
        Assert.All(host.All, posted =>
        {
            // The receiver's own address, and the header that is meant for it.
            var text = posted.Text.Replace($"Host: {new Uri(host.Url).Authority}", "", StringComparison.Ordinal).Replace(
                "api-key: s3cret", "", StringComparison.Ordinal);
            Assert.All(kept, value => Assert.DoesNotContain(value, text, StringComparison.OrdinalIgnoreCase));
        });

        async Task SendAsync(HttpMethod method, string path)
        {
            using var request = new HttpRequestMessage(method, path);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            request.Headers.Add("Cookie", "bioscope_session=hushed-cookie");
            request.Headers.Add("X-Forwarded-For", "203.0.113.77");
            request.Headers.Add("X-Forwarded-Host", "hushed-host.example");
            request.Headers.Referrer = new Uri("https://hushed-referrer.example/");
            request.Headers.Add("baggage", "user=hushed-baggage");
            request.Headers.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
            request.Headers.Add("tracestate", "vendor=hushed-state");
            (await app.Http.SendAsync(request, Cancelled)).Dispose();
        }
    }

    [Fact]
    public async Task Work_in_the_background_is_a_trace_without_addresses()
    {
        await using var host = await OtlpHost.StartAsync();
        await using var smtp = SmtpHost.Start();
        await using var hook = await WebhookHost.StartAsync();
        await using var app = await TestApp.StartAsync(
            EngineKind.Sqlite, [.. host.Settings, .. smtp.Settings, ("Webhooks:Allowed", "127.0.0.0/8"), ("Hosts:Allowed", "127.0.0.1")]);
        var creator = await app.AddCreatorAsync("hushed-mail@example.com", "hushed-password");
        await app.AddSessionsAsync(creator, "hushed-referrer.example", count: 70, startedAt: TestApp.Start.AddMinutes(10));
        await PostAsync("/api/v1/auth/password/forgot", new { email = "hushed-mail@example.com" });
        var webhook = await PostAsync("/api/v1/creators/webhooks", new { url = hook.Url + "&hushed=1", events = new[] { "visits.drop" } });
        hook.Status = 500;
        await PostAsync($"/api/v1/creators/webhooks/{webhook.GetProperty("data").GetProperty("id")}/test", new { });

        await Patience.UntilAsync(() => host.Spans.Any(IsMail) && host.Spans.Any(IsWebhook)); // before the mail is of no use any more
        await Patience.UntilAsync(() =>
        {
            app.Clock.Advance(TimeSpan.FromMinutes(1));
            return host.Spans.Any(IsSealing);
        });

        Assert.All(host.Spans, span => Assert.Empty(span.Attributes.Keys.Except(Known)));
        Assert.All(host.All, posted => Assert.DoesNotContain("hushed", posted.Text, StringComparison.OrdinalIgnoreCase));
        Assert.All(hook.Told, told => Assert.DoesNotContain("traceparent", told.Headers.Keys));

        // Servers of other tests in this process have such spans too.
        bool IsMail(OtlpSpan span) => span is { Name: "send mail", ParentId: "", HasFailed: false }
            && span.Attributes["bioscope.message.attempt"] == "1" && HasStatement(span, "message done");

        bool IsWebhook(OtlpSpan span) => span is { Name: "send webhook", ParentId: "", HasFailed: true }
            && span.Attributes.GetValueOrDefault("http.response.status_code") == "500" && HasStatement(span, "message later");

        bool IsSealing(OtlpSpan span) => span is { Name: "seal page", ParentId: "", HasFailed: false }
            && span.Attributes.GetValueOrDefault("bioscope.sealed.rows") == "70";

        bool HasStatement(OtlpSpan of, string name) => host.Spans.Any(span => span.ParentId == of.Id && span.Name == name);

        async Task<JsonElement> PostAsync(string path, object body)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", app.Token(creator));
            using var answer = await app.Http.SendAsync(request, Cancelled);
            var text = await answer.Content.ReadAsStringAsync(Cancelled);
            Assert.True(answer.IsSuccessStatusCode, $"{path}: {answer.StatusCode} {text}");
            return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement;
        }
    }

    [Theory]
    [InlineData("127.0.0.1", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", true)]
    [InlineData("10.0.0.1", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", false)]
    [InlineData("127.0.0.1", "00-0af7651916cd43dd8448eb211c80319c-zzzzzzzzzzzzzzzz-01", false)]
    [InlineData("127.0.0.1", "0af7651916cd43dd8448eb211c80319c", false)]
    public async Task Only_a_trusted_proxy_chooses_the_trace(string trusted, string traceparent, bool isChosen)
    {
        await using var host = await OtlpHost.StartAsync();
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, [.. host.Settings, ("Proxies:Trusted", trusted)]);
        app.Http.DefaultRequestHeaders.TryAddWithoutValidation("traceparent", traceparent);

        using var answer = await app.GetAsync("/healthz");

        var request = await host.RequestAsync(answer.Headers.GetValues("X-Correlation-Id").Single());
        Assert.Equal(isChosen, request.TraceId == "0af7651916cd43dd8448eb211c80319c");
        Assert.Equal(isChosen ? "b7ad6b7169203331" : "", request.ParentId);
    }

    [Theory]
    [InlineData("Otlp:TraceRatio", "0", 0)]
    [InlineData("Otlp:TraceRatio", "1", 200)]
    [InlineData("Otlp:TraceRatio", "0.5", 100)]
    [InlineData("OTEL_TRACES_SAMPLER", "always_off", 0)]
    public async Task A_part_of_the_traces_is_recorded(string key, string value, int expected)
    {
        await using var host = await OtlpHost.StartAsync();
        (string, string)[] settings = [.. host.Settings, ("Throttle:Enabled", "false"), (key, value)];
        await using (var app = await TestApp.StartAsync(EngineKind.Sqlite, settings))
        {
            for (var i = 0; i < 200; i++)
            {
                (await app.GetAsync("/healthz")).Dispose();
            }
        } // what is left is sent at the stop

        var requests = host.Spans.Count(span => span.Name == "GET /healthz");
        var tolerance = expected == 100 ? 50 : 0; // seven standard deviations
        Assert.InRange(requests, expected - tolerance, expected + tolerance);
        Assert.Contains(host.Points.Keys, key => key.StartsWith("http.server.request.duration{", StringComparison.Ordinal));
    }

    [Theory, Engines]
    public async Task A_statement_that_fails_is_marked_without_its_message(EngineKind engine)
    {
        await using var host = await OtlpHost.StartAsync();
        await using var app = await TestApp.StartAsync(engine, host.Settings);
        var creator = await app.AddCreatorAsync();
        await app.Analytics.ExecuteAsync("""ALTER TABLE "AnalyticsSession" RENAME TO "Away" """, Cancelled);

        using var answer = await app.GetAsync(Traffic, app.Token(creator));

        var request = await host.RequestAsync(answer.Headers.GetValues("X-Correlation-Id").Single());
        Assert.Equal((true, "500"), (request.HasFailed, request.Attributes["error.type"]));
        var statements = host.Spans.Where(span => span.ParentId == request.Id && span.Name == "traffic").ToList();
        Assert.NotEmpty(statements);
        Assert.All(statements, statement => Assert.Equal(
            (true, engine == EngineKind.Sqlite ? "SqliteException" : "42P01"), (statement.HasFailed, statement.Attributes["error.type"])));
        Assert.All(host.All, posted => Assert.DoesNotContain("AnalyticsSession", posted.Text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Otlp:Endpoint", "localhost:4318", "Otlp:Endpoint: it is not an address such as http://localhost:4318")]
    [InlineData("Otlp:Endpoint", "ftp://collector", "with http or https")]
    [InlineData("Otlp:Endpoint", "http://user:s3cret@collector", "A key belongs into Otlp:Headers")]
    [InlineData("Otlp:Endpoint", "https://collector/?key=s3cret", "A key belongs into Otlp:Headers")]
    [InlineData("Otlp:Endpoint", "http://collector:4318/v1/traces", "leave out its end, /v1/traces")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "collector", "OTEL_EXPORTER_OTLP_ENDPOINT: it is not an address")]
    [InlineData("Otlp:Protocol", "http/json", "Otlp:Protocol: 'http/json' is not one of http/protobuf, grpc")]
    [InlineData("Otlp:Headers", "s3cret", "Otlp:Headers: it is not a list of HTTP headers")]
    [InlineData("Otlp:Headers", "a=s3cret,A=s3cret", "each of them once")]
    [InlineData("Otlp:Headers", "a=s3cret%0d%0aHost:b", "Otlp:Headers: it is not a list")]
    [InlineData("Otlp:Headers", "content-type=s3cret", "Otlp:Headers: it is not a list")]
    [InlineData("Otlp:Headers", "user-agent=s3cret", "Otlp:Headers: it is not a list")]
    [InlineData("OTEL_EXPORTER_OTLP_HEADERS", "=s3cret", "OTEL_EXPORTER_OTLP_HEADERS: it is not a list")]
    [InlineData("Otlp:TraceRatio", "10%", "Otlp:TraceRatio: '10%' is not a number from 0 to 1")]
    [InlineData("Otlp:TraceRatio", "NaN", "is not a number from 0 to 1")]
    [InlineData("Otlp:TraceRatio", "1.1", "is not a number from 0 to 1")]
    [InlineData("OTEL_TRACES_SAMPLER", "xray", "OTEL_TRACES_SAMPLER: 'xray' is not one of always_on")]
    [InlineData("Otlp:Interval", "1", "Otlp:Interval: this setting does not exist")]
    public void Settings_that_do_not_fit_are_refused_without_their_secrets(string key, string value, string problem)
    {
        var failure = Assert.Throws<SettingsException>(() => Read(("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318"), (key, value)));

        Assert.Contains(problem, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("OTEL_METRIC_EXPORT_INTERVAL")]
    [InlineData("OTEL_EXPORTER_OTLP_TIMEOUT")]
    public async Task A_variable_that_the_library_cannot_use_stops_the_start_with_a_message(string variable)
    {
        var failure = await Assert.ThrowsAsync<SettingsException>(() => TestApp.StartAsync(
            EngineKind.Sqlite, ("Otlp:Endpoint", "http://127.0.0.1:9"), (variable, "0")));

        Assert.StartsWith("OTEL_…: one of OpenTelemetry's variables cannot be used: ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_come_before_variables_and_are_of_no_use_alone()
    {
        Assert.Null(Read().Otlp);
        Assert.Equal(
            "Otlp:Headers: it is of no use without Otlp:Endpoint.",
            Assert.Throws<SettingsException>(() => Read(("Otlp:Headers", "a=b"))).Message);
        (string, string)[] variables =
        [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://other.example/key"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "a=b"),
        ];
        var theirs = Read(variables).Otlp!;
        Assert.Equal(
            ("https://other.example", true, "a=b", (double?)null), (theirs.ToString(), theirs.IsGrpc, theirs.Headers, theirs.TraceRatio));
        var ours = Read([
            .. variables, ("Otlp:Endpoint", "http://own.example"), ("Otlp:Protocol", "http/protobuf"), ("Otlp:Headers", "c=d"),
            ("Otlp:TraceRatio", ".5"),
        ]).Otlp!;
        Assert.Equal(("http://own.example", false, "c=d", 0.5), (ours.ToString(), ours.IsGrpc, ours.Headers, ours.TraceRatio));
    }

    private static Settings Read(params (string Key, string Value)[] settings) => Settings.Read(
        new ConfigurationBuilder()
            .AddInMemoryCollection(settings.GroupBy(setting => setting.Key).Select(
                given => KeyValuePair.Create(given.Key, (string?)given.Last().Value)))
            .Build());

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex Suffix();
}
