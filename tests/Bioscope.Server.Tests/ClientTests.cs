using System.Net;
using System.Text;
using Bioscope.Client;

namespace Bioscope.Server.Tests;

/// <summary>The C# client in <c>clients/csharp</c>, against the real server and against answers that are none of it.</summary>
public sealed class ClientTests
{
    private static readonly Uri Server = new("https://stats.example/of/anna");

    [Theory, Engines]
    public async Task Traffic_is_what_the_server_answers(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        await app.AddSessionsAsync(creator, "instagram.com", 3);
        await app.AddSessionsAsync(creator, null, 1);
        await app.AddSessionsAsync(creator, "old.example", 1, app.Clock.GetUtcNow().AddDays(-20));
        var client = new BioscopeClient(app.Http, app.Http.BaseAddress!, app.Token(creator));

        var month = await client.GetTrafficAsync(cancellationToken: TestContext.Current.CancellationToken);
        var week = await client.GetTrafficAsync(days: 7, TestContext.Current.CancellationToken);

        Assert.Equal([new("instagram.com", 3, 60), new("direct", 1, 20), new("old.example", 1, 20)], month.Sources);
        Assert.Equal([new("instagram.com", 3, 75), new("direct", 1, 25)], week.Sources);
    }

    [Theory, Engines]
    public async Task A_query_counts_orders_filters_and_compares(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        await app.AddSessionAsync(creator, country: "DE");
        await app.AddSessionAsync(creator, country: "DE", visitor: "other");
        await app.AddSessionAsync(creator, country: "FR");
        await app.AddSessionAsync(creator, country: "FR", startedAt: app.Clock.GetUtcNow().AddDays(-8));
        await app.AddSessionAsync(creator);
        var client = new BioscopeClient(app.Http, app.Http.BaseAddress!, app.Token(creator));

        var answer = await client.QueryAsync(
            new Query
            {
                Metrics = ["visits", "visitors"],
                Dimensions = ["country"],
                Range = "7d",
                TimeZone = "UTC",
                Filters = [new("isNotNull", "country"), new("is", "country", "DE", "FR")],
                Compare = "previous",
                OrderBy = [new("visits", IsDescending: false)],
                Limit = 1,
                Offset = 1,
            },
            TestContext.Current.CancellationToken);

        var row = Assert.Single(answer.Rows);
        Assert.Equal(["DE"], row.Dimensions);
        Assert.Equal([2, 2], row.Metrics);
        Assert.Equal([0, 0], row.Comparison!);
        Assert.Equal((2, 3, 1), (answer.RowCount, answer.Totals[0], answer.ComparisonTotals![0]));
        Assert.Equal(TimeSpan.FromDays(7), answer.Range.Until - answer.Range.From);
        Assert.Equal(answer.Range.From, answer.ComparisonRange!.Until);
    }

    [Theory, Engines]
    public async Task A_range_may_be_dates_or_instants(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        await app.AddSessionsAsync(creator, null, 2);
        var client = new BioscopeClient(app.Http, app.Http.BaseAddress!, app.Token(creator));
        var today = DateOnly.FromDateTime(app.Clock.GetUtcNow().UtcDateTime);

        foreach (var range in (QueryRange[])[QueryRange.Between(today, today), QueryRange.Between(app.Clock.GetUtcNow().AddHours(-2), app.Clock.GetUtcNow())])
        {
            var query = new Query { Metrics = ["visits"], Range = range, TimeZone = "UTC" };
            Assert.Equal([2], (await client.QueryAsync(query, TestContext.Current.CancellationToken)).Totals);
            var options = new SourcesOptions { Range = range, TimeZone = "UTC" };
            Assert.Equal(2, (await client.GetSourcesAsync(options, TestContext.Current.CancellationToken)).Totals.Visits);
        }
    }

    [Theory, Engines]
    public async Task Sources_have_names_shares_and_a_rest(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        await app.AddSessionsAsync(creator, "instagram.com", 3);
        await app.AddSessionsAsync(creator, "a&b=c.example", 1);
        await app.AddSessionsAsync(creator, null, 1);
        var client = new BioscopeClient(app.Http, app.Http.BaseAddress!, app.Token(creator));

        var all = await client.GetSourcesAsync(cancellationToken: TestContext.Current.CancellationToken);
        var first = await client.GetSourcesAsync(
            new SourcesOptions { Days = 30, Limit = 1, Filters = [new("isNot", "referrerDomain", "a&b=c.example")] },
            TestContext.Current.CancellationToken);

        Assert.Equal((5, 3), (all.Totals.Visits, all.SourceCount));
        var instagram = Assert.Single(first.Sources);
        Assert.Equal(("instagram", "Instagram", 3, 75), (instagram.Key, instagram.Name, instagram.Visits, instagram.Share));
        Assert.Equal([new("instagram.com", 3)], instagram.Domains);
        Assert.Equal((4, 1), (first.Totals.Visits, first.Rest.Visits));
    }

    [Theory, Engines]
    public async Task Refusals_say_what_the_server_says(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, ("Throttle:Reports", "1"));
        var creator = await app.AddCreatorAsync();
        var client = new BioscopeClient(app.Http, app.Http.BaseAddress!, app.Token(creator));
        var stranger = new BioscopeClient(app.Http, app.Http.BaseAddress!, app.Token(Guid.NewGuid().ToString()));

        var wrong = await Assert.ThrowsAsync<BioscopeException>(
            () => client.QueryAsync(new Query { Metrics = ["visit"] }, TestContext.Current.CancellationToken));
        Assert.Equal((400, "VALIDATION_ERROR", "error.validation"), (wrong.Status, wrong.Code, wrong.I18nKey));
        Assert.Contains("visits", Assert.Single(wrong.Details), StringComparison.Ordinal);
        Assert.Contains("visits", wrong.Message, StringComparison.Ordinal);
        Assert.True(Guid.TryParse(wrong.CorrelationId, out _));

        var unknown = await Assert.ThrowsAsync<BioscopeException>(() => stranger.GetTrafficAsync(7, TestContext.Current.CancellationToken));
        Assert.Equal((404, "CREATOR_NOT_FOUND"), (unknown.Status, unknown.Code));

        await client.GetTrafficAsync(7, TestContext.Current.CancellationToken);
        var often = await Assert.ThrowsAsync<BioscopeException>(() => client.GetTrafficAsync(7, TestContext.Current.CancellationToken));
        Assert.Equal((429, "RATE_LIMIT_EXCEEDED"), (often.Status, often.Code));
        Assert.Equal(often.RetryAfter!.Value.TotalSeconds, often.I18nVars["retryAfter"].GetInt32());
    }

    [Theory]
    [InlineData(502, "<html>Bad gateway</html>")]
    [InlineData(200, "<html>Sign in</html>")]
    [InlineData(200, "")]
    [InlineData(200, "null")]
    [InlineData(200, """{"ok":true}""")]
    [InlineData(500, """{"error":"broken"}""")]
    [InlineData(500, """{"error":{"code":5}}""")]
    [InlineData(500, """{"error":{"details":[null]}}""")]
    public async Task An_answer_of_something_else_is_an_error_without_a_code(int status, string body)
    {
        using var http = new HttpClient(new FixedAnswer((HttpStatusCode)status, body));
        var client = new BioscopeClient(http, Server, "token");

        var error = await Assert.ThrowsAsync<BioscopeException>(() => client.GetSourcesAsync(null, TestContext.Current.CancellationToken));

        Assert.Equal((status, null, null), (error.Status, error.Code, error.I18nKey));
        Assert.Empty(error.I18nVars);
    }

    [Fact]
    public async Task New_fields_and_codes_of_a_later_server_are_understood()
    {
        using var good = new HttpClient(new FixedAnswer(
            HttpStatusCode.OK, """{"success":true,"later":1,"data":{"later":{},"sources":[{"source":"direct","visits":3000000000,"percentage":100,"later":[]}]}}"""));
        var answer = await new BioscopeClient(good, Server, "token").GetTrafficAsync(cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal([new("direct", 3_000_000_000, 100)], answer.Sources);

        using var bad = new HttpClient(new FixedAnswer(
            HttpStatusCode.PaymentRequired, """{"success":false,"error":{"code":"LATER","message":"Later.","i18nKey":"error.later","details":[null]}}"""));
        var error = await Assert.ThrowsAsync<BioscopeException>(
            () => new BioscopeClient(bad, Server, "token").GetTrafficAsync(cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal((402, "LATER", "error.later", "Later. "), (error.Status, error.Code, error.I18nKey, error.Message));
    }

    [Fact]
    public async Task The_base_path_is_kept_and_the_token_asked_for_each_time()
    {
        var answer = new FixedAnswer(HttpStatusCode.OK, """{"success":true,"data":{"sources":[]}}""");
        using var http = new HttpClient(answer);
        var count = 0;
        var client = new BioscopeClient(http, Server, _ => ValueTask.FromResult($"token{++count}"));

        await client.GetTrafficAsync(7, TestContext.Current.CancellationToken);
        await client.GetTrafficAsync(7, TestContext.Current.CancellationToken);

        Assert.Equal("https://stats.example/of/anna/api/v1/creators/analytics/traffic?days=7", answer.Asked!.RequestUri!.ToString());
        Assert.Equal("Bearer token2", answer.Asked.Headers.Authorization!.ToString());
        Assert.Throws<ArgumentException>(() => new BioscopeClient(http, new Uri("/relative", UriKind.Relative), "token"));
        Assert.Throws<ArgumentException>(() => new BioscopeClient(http, Server, ""));
    }

    private sealed class FixedAnswer(HttpStatusCode status, string body) : HttpMessageHandler
    {
        public HttpRequestMessage? Asked { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked = request;
            return Task.FromResult(new HttpResponseMessage(status) { Content = new StringContent(body, Encoding.UTF8, "text/html") });
        }
    }
}
