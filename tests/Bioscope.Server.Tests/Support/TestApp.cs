using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Bioscope.Core;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Ingest;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Sealing;
using Bioscope.Engine.Storage;
using Bioscope.Server.Accounts;
using Bioscope.Server.Configuration;
using Bioscope.Server.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Bioscope.Server.Tests.Support;

/// <summary>The real server on a random port over real, empty databases; only the clock is a fake.</summary>
internal sealed class TestApp : IAsyncDisposable
{
    /// <summary>The initial time of the clock.</summary>
    public static readonly DateTimeOffset Start = new(2026, 4, 15, 12, 0, 0, TimeSpan.Zero);

    public const string HmacSecret = "tracking-secret-of-the-tests";
    public const string VisitorSecret = "visitor-secret-of-the-tests";

    /// <summary>A person's browser; without it, the client would count as a bot.</summary>
    public const string Phone =
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.3 Mobile/15E148 " +
        "Safari/604.1";

    // Each takes 0.1 s of a processor, and many creators have the same password.
    private static readonly ConcurrentDictionary<string, string> Hashes = [];

    private readonly WebApplication _app;
    private TestDatabases? _ownDatabases;

    private TestApp(WebApplication app, TestClock clock)
    {
        (_app, Clock) = (app, clock);
        Http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        Http.DefaultRequestHeaders.UserAgent.ParseAdd(Phone);
    }

    public HttpClient Http { get; }

    public TestClock Clock { get; }

    public Settings Settings => _app.Services.GetRequiredService<Settings>();

    public IServiceProvider Services => _app.Services;

    public MainDatabase Main => _app.Services.GetRequiredService<MainDatabase>();

    public AnalyticsDatabase Analytics => _app.Services.GetRequiredService<AnalyticsDatabase>();

    public static async Task<TestApp> StartAsync(EngineKind engine, params (string Key, string Value)[] settings)
    {
        var databases = await TestDatabases.CreateMigratedAsync(engine);
        var app = await StartAsync(databases, settings);
        app._ownDatabases = databases;
        return app;
    }

    /// <summary>With databases that the test keeps.</summary>
    public static async Task<TestApp> StartAsync(TestDatabases databases, params (string Key, string Value)[] settings)
    {
        var values = new Dictionary<string, string?>(databases.Settings) { ["Urls"] = "http://127.0.0.1:0" };
        foreach (var (key, value) in settings)
        {
            values[key] = value;
        }

        var configuration = new ConfigurationBuilder().AddInMemoryCollection(values).Build();
        var clock = new TestClock(Start);
        var app = await BioscopeServer.StartAsync(
            Settings.Read(configuration), configuration, clock, TestContext.Current.CancellationToken);
        await BeIndependentOfTheMachineAsync(app.Services);
        return new TestApp(app, clock);
    }

    /// <summary>
    /// On a busy machine the first look of sealing would come while a test stores its rows, and seal an hour that gets more of them; the next
    /// look comes when the test moves the clock. And a report would give up waiting for the counts of drops, which it is to have.
    /// </summary>
    private static async Task BeIndependentOfTheMachineAsync(IServiceProvider services)
    {
        foreach (var sealing in services.GetServices<IHostedService>().OfType<SealingService>())
        {
            await sealing.FirstLook.WaitAsync(Patience.Limit, TestContext.Current.CancellationToken);
        }

        if (services.GetService<DropCounter>() is { } drops)
        {
            drops.Patience = Patience.Limit;
        }
    }

    /// <summary>A user with a creator profile and a bio page.</summary>
    public async Task<Creator> AddCreatorAsync(string? email = null, string? password = null)
    {
        await using var connection = await Main.OpenAsync(TestContext.Current.CancellationToken);
        await using var transaction = await Main.Dialect.BeginExclusiveAsync(connection, TestContext.Current.CancellationToken);
        var (creator, _) = await CreatorStore.AddAsync(
            Main.Dialect, transaction,
            new NewCreator(Guid.NewGuid())
            {
                Email = email,
                HashPassword = password is null ? null : () => Hashes.GetOrAdd(password, Passwords.Hash),
            },
            Clock.GetUtcNow(), TestContext.Current.CancellationToken);
        await transaction.CommitAsync(TestContext.Current.CancellationToken);
        return creator;
    }

    /// <summary>Stores sessions of the page as ingestion does, an hour ago unless told otherwise.</summary>
    public Task AddSessionsAsync(Creator creator, string? referrerDomain, int count = 1, DateTimeOffset? startedAt = null)
    {
        var rows = Enumerable.Range(0, count).Select(_ => new SessionRow
        {
            BioPageId = creator.BioPageId,
            Id = Guid.NewGuid(),
            VisitorId = "visitor",
            ReferrerDomain = referrerDomain,
            StartedAt = startedAt ?? Clock.GetUtcNow().AddHours(-1),
        }).ToList();
        return Analytics.InsertAsync(SessionRow.Table, rows, TestContext.Current.CancellationToken);
    }

    /// <summary>Stores a session of the page with everything that the reports distinguish, an hour ago unless told otherwise.</summary>
    public async Task<Guid> AddSessionAsync(
        Creator creator, string visitor = "visitor", string? country = null, string? device = null, int duration = 0, int pageViews = 1,
        DateTimeOffset? startedAt = null)
    {
        var id = Guid.NewGuid();
        var row = new SessionRow
        {
            BioPageId = creator.BioPageId,
            Id = id,
            VisitorId = visitor,
            Country = country,
            Device = device,
            Duration = duration,
            PageViews = pageViews,
            StartedAt = startedAt ?? Clock.GetUtcNow().AddHours(-1),
        };
        await Analytics.InsertAsync(SessionRow.Table, [row], TestContext.Current.CancellationToken);
        return id;
    }

    /// <summary>Stores page views of the page, an hour ago unless told otherwise; with a link they are clicks.</summary>
    public Task AddPageViewsAsync(Creator creator, int count = 1, Guid? link = null, DateTimeOffset? enteredAt = null)
    {
        var rows = Enumerable.Range(0, count).Select(_ => new PageViewRow
        {
            BioPageId = creator.BioPageId,
            Id = Guid.NewGuid(),
            SessionId = Guid.NewGuid(),
            EnteredAt = enteredAt ?? Clock.GetUtcNow().AddHours(-1),
            LinkClicked = link,
        }).ToList();
        return Analytics.InsertAsync(PageViewRow.Table, rows, TestContext.Current.CancellationToken);
    }

    public async Task<BioLinkRow> AddLinkAsync(Creator creator, string title, string url)
    {
        var link = new BioLinkRow(Guid.NewGuid(), creator.BioPageId, title, url);
        await Main.InsertAsync(BioLinkRow.Table, [link], TestContext.Current.CancellationToken);
        return link;
    }

    /// <summary>The <c>data</c> of a report, as sent.</summary>
    public async Task<string> ReportAsync(Creator creator, string report)
    {
        using var response = await GetAsync("/api/v1/creators/analytics/" + report, Token(creator));
        response.EnsureSuccessStatusCode();
        var body = await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        return body.GetProperty("data").GetRawText();
    }

    public string Token(Creator creator) => Token(creator.UserId.ToString());

    public string Token(string subject, TimeSpan? lifetime = null) =>
        Bearer.Issue(Settings, subject, Clock.GetUtcNow(), lifetime ?? TimeSpan.FromDays(400));

    /// <summary>Sends a query about the page of the token's creator.</summary>
    public async Task<HttpResponseMessage> QueryAsync(string query, string? token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/creators/analytics/query")
        {
            Content = new StringContent(query, System.Text.Encoding.UTF8, "application/json"),
        };
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        return await Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public Task<HttpResponseMessage> GetAsync(string path, string? token = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        return Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>The traffic report as lines of <c>source visits percentage%</c>.</summary>
    public async Task<string[]> TrafficAsync(Creator creator, string query = "")
    {
        using var response = await GetAsync("/api/v1/creators/analytics/traffic" + query, Token(creator));
        response.EnsureSuccessStatusCode();
        var body = await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        return [.. body.GetProperty("data").GetProperty("sources").EnumerateArray().Select(row =>
            string.Create(
                CultureInfo.InvariantCulture,
                $"{row.GetProperty("source").GetString()} {row.GetProperty("visits")} {row.GetProperty("percentage")}%"))];
    }

    /// <summary>The values of <c>/metrics</c> by name and labels.</summary>
    public async Task<Dictionary<string, string>> MetricsAsync() =>
        (await Http.GetStringAsync("/metrics", TestContext.Current.CancellationToken)).Split('\n')
        .Where(line => line.Length > 0 && line[0] != '#')
        .ToDictionary(line => line[..line.LastIndexOf(' ')], line => line[(line.LastIndexOf(' ') + 1)..]);

    public async Task<string?> MetricAsync(string name) => (await MetricsAsync()).GetValueOrDefault(name);

    public string TrackingTokenFor(Creator creator) =>
        TrackingToken.Create(System.Text.Encoding.UTF8.GetBytes(HmacSecret), creator.BioPageId, Clock.GetUtcNow());

    public Task<HttpResponseMessage> PostSessionAsync(object body) =>
        Http.PostAsJsonAsync("/api/v1/analytics/session", body, TestContext.Current.CancellationToken);

    /// <summary>Posts a session that is valid unless <paramref name="change"/> changes that, and returns its id.</summary>
    public async Task<Guid?> PostSessionAsync(Creator creator, params (string Field, object? Value)[] change)
    {
        var body = new Dictionary<string, object?>
        {
            ["visitorId"] = Guid.NewGuid().ToString(),
            ["consentAnalytics"] = "granted",
            ["bioPageId"] = creator.BioPageId,
            ["trackingToken"] = TrackingTokenFor(creator),
        };
        foreach (var (field, value) in change)
        {
            body[field] = value;
        }

        using var response = await PostSessionAsync(body);
        response.EnsureSuccessStatusCode();
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        var id = answer.GetProperty("data").GetProperty("id");
        return id.ValueKind == JsonValueKind.Null ? null : id.GetGuid();
    }

    /// <summary>Sends JSON to a route of ingestion, such as <c>session/…/heartbeat</c>.</summary>
    public Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string route, string? json = null, string contentType = "application/json", string? token = null)
    {
        var request = new HttpRequestMessage(method, "/api/v1/analytics/" + route);
        if (json is not null)
        {
            request.Content = new StringContent(json, MediaTypeHeaderValue.Parse(contentType));
        }

        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        return Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Posts a page view of a session (a click if there is a link), and returns its id.</summary>
    public async Task<Guid?> PostPageViewAsync(Guid session, Guid? link = null)
    {
        using var response = await SendAsync(
            HttpMethod.Post, "pageview",
            link is null ? $$"""{"sessionId":"{{session}}"}""" : $$"""{"sessionId":"{{session}}","linkClicked":"{{link}}"}""");
        response.EnsureSuccessStatusCode();
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        var id = answer.GetProperty("data").GetProperty("id");
        return id.ValueKind == JsonValueKind.Null ? null : id.GetGuid();
    }

    /// <summary>
    /// Columns of all rows of a page as lines of text, with <c>-</c> for null; sessions oldest first, page views in insertion order.
    /// </summary>
    public Task<List<string>> RowsAsync(string table, Guid bioPageId, params string[] columns)
    {
        var list = string.Join(", ", columns.Select(column => $"\"{column}\""));
        return Analytics.QueryAsync(
            $"""SELECT {list} FROM "{table}" WHERE "bioPageId" = @page ORDER BY "id" """,
            row => string.Join(
                ' ', columns.Select((_, i) => row.IsDBNull(i) ? "-" : Convert.ToString(row.GetValue(i), CultureInfo.InvariantCulture))),
            TestContext.Current.CancellationToken,
            ("@page", bioPageId));
    }

    /// <summary>The same of sessions that belong to no page.</summary>
    public async Task<List<string>> RowsWithoutPageAsync(string table, params string[] columns)
    {
        var rows = new List<string>();
        foreach (var page in NoPage.All)
        {
            rows.AddRange(await RowsAsync(table, page, columns));
        }

        return rows;
    }

    /// <summary>One column of all sessions of a page, oldest first.</summary>
    public Task<List<string?>> SessionColumnAsync(Guid bioPageId, string column) => Analytics.QueryAsync(
        $"""SELECT "{column}" FROM "AnalyticsSession" WHERE "bioPageId" = @page ORDER BY "startedAt", "id" """,
        row => row.IsDBNull(0) ? null : Convert.ToString(row.GetValue(0), CultureInfo.InvariantCulture),
        TestContext.Current.CancellationToken,
        ("@page", bioPageId));

    /// <summary>Stops the server, so that nothing is sealed or removed beside the test; its databases can still be used.</summary>
    public Task StopAsync() => _app.StopAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _ownDatabases?.Dispose();
    }
}
