using System.Net;
using System.Text.Json.Nodes;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Rows;
using Microsoft.Extensions.DependencyInjection;

namespace Bioscope.Server.Tests;

/// <summary>Handwritten queries over a handful of rows that a person can count.</summary>
public sealed class QueryTests
{
    private static readonly Guid Shop = new("aaaaaaaa-0000-4000-8000-000000000001");

    [Theory, Engines]
    public async Task Sources_have_their_visits_visitors_views_and_clicks(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        await FillAsync(app, creator);

        Assert.Equal(
            ["Instagram 2 1 3 1 33.33", "Direct / None 1 1 0 1 0"],
            await RowsAsync(app, creator, """{"metrics":["visits","visitors","views","clicks","clickRate"],"dimensions":["source"]}"""));
        Assert.Equal(
            [$"Instagram {Shop} 1 1 1", $"Direct / None {Shop} 1 1 1"],
            await RowsAsync(
                app,
                creator,
                """{"metrics":["visits","clicks","clickers"],"dimensions":["source","link"],"orderBy":[["source","desc"]]}"""));
        Assert.Equal(
            ["2026-04-14 1", "2026-04-15 2"],
            await RowsAsync(app, creator, """{"range":"7d","metrics":["visits"],"dimensions":["day"]}"""));
        Assert.Equal(["new 2", "returning 1"], await RowsAsync(app, creator, """{"metrics":["visits"],"dimensions":["visitorKind"]}"""));
    }

    [Theory, Engines]
    public async Task GET_and_POST_accept_the_same_query(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        await FillAsync(app, creator);
        const string Query = """{"range":"24h","metrics":["views"],"filters":[["is","country",["DE"]]]}""";

        using var posted = await app.QueryAsync(Query, app.Token(creator));
        using var got = await app.GetAsync("/api/v1/creators/analytics/query?q=" + Uri.EscapeDataString(Query), app.Token(creator));

        Assert.Equal(HttpStatusCode.OK, got.StatusCode);
        Assert.Equal(
            await posted.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
            await got.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Contains(
            "\"totals\":[3]", await got.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory, Engines(With = ["previous", "lastYear"])]
    public async Task A_range_may_be_all_time_there_is(EngineKind engine, string compared)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        await FillAsync(app, creator);
        string[] ranges =
        [
            "\"0001-01-01\",\"9999-12-31\"",
            "\"0001-01-01T00:00:00+18:00\",\"9999-12-31T23:59:59-18:00\"",
            "\"1900-01-01\",\"2026-04-16\"",
        ];
        foreach (var range in ranges)
        {
            Assert.Equal(
                ["2026-04-15 2", "2026-04-16 1"],
                await RowsAsync(
                    app,
                    creator,
                    $$"""{"range":[{{range}}],"compare":"{{compared}}","timeZone":"Pacific/Kiritimati","metrics":["visits"],"dimensions":["day"]}"""));
        }
    }

    [Fact]
    public async Task Each_invalid_field_is_reported_with_the_nearest_name()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var creator = await app.AddCreatorAsync();

        using var answer = await app.QueryAsync(
            """{"range":"30 days","metrics":["visit","pageviews"],"dimensions":["contry"],"filters":[["equals","os",["iOS"]]],"timeZone":"Berlin","limt":1}""",
            app.Token(creator));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var details = JsonNode.Parse(
            await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["error"]!["details"]!.AsArray()
            .Select(detail => (string)detail!["message"]!).ToList();
        Assert.Equal(7, details.Count);
        foreach (var (field, name) in (ReadOnlySpan<(string, string)>)
            [("metrics[0]", "visits"), ("dimensions[0]", "country"), ("timeZone", "Europe/Berlin"), ("limt", "limit"), ("range", "30d"),
                ("metrics[1]", "views"), ("filters[0]", "is")])
        {
            Assert.Contains(
                details, detail => detail.StartsWith(field, StringComparison.Ordinal) && detail.EndsWith($"Did you mean \"{name}\"?", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("", "q must be the query as JSON, URL-encoded.")]
    [InlineData("?q=", "q must be the query as JSON, URL-encoded.")]
    [InlineData("?q=[]", "q must be a JSON object.")]
    [InlineData("?q=%7B", "q is not valid JSON (line 1, byte 2).")]
    public async Task An_address_without_a_query_is_refused(string address, string detail)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var creator = await app.AddCreatorAsync();

        using var answer = await app.GetAsync("/api/v1/creators/analytics/query" + address, app.Token(creator));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(detail, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task A_query_is_refused_when_memory_is_used_up(EngineKind engine)
    {
        const long Bytes = 40 << 20;
        await using var app = await TestApp.StartAsync(engine, ("Query:Memory", "40"));
        var creator = await app.AddCreatorAsync();
        await FillAsync(app, creator);
        var budget = app.Services.GetRequiredService<MemoryBudget>();
        budget.Take(Bytes);

        using (var refused = await app.QueryAsync("""{"metrics":["visits"]}""", app.Token(creator)))
        {
            await refused.AssertErrorAsync(HttpStatusCode.ServiceUnavailable, "SERVICE_UNAVAILABLE", "error.unavailable");
        }

        budget.Return(Bytes);
        Assert.Equal(["3"], await RowsAsync(app, creator, """{"metrics":["visits"]}"""));
        budget.Take(Bytes); // all memory was returned
    }

    [Theory, Engines]
    public async Task The_language_of_the_browser_is_stored(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        app.Http.DefaultRequestHeaders.AcceptLanguage.ParseAdd("pt-br,pt;q=0.9");
        Assert.NotNull(await app.PostSessionAsync(creator));

        Assert.Equal(["pt-BR 1"], await RowsAsync(app, creator, """{"metrics":["visits"],"dimensions":["language"]}"""));
    }

    /// <summary>
    /// One visitor comes from Instagram twice, another one directly; each clicks once, and the first one also has three views.
    /// </summary>
    private static async Task FillAsync(TestApp app, Creator creator)
    {
        SessionRow Visit(string visitor, string? domain, int hoursAgo) => new()
        {
            BioPageId = creator.BioPageId,
            Id = Guid.NewGuid(),
            VisitorId = visitor,
            ReferrerDomain = domain,
            CountryCode = domain is null ? null : "DE",
            StartedAt = TestApp.Start.AddHours(-hoursAgo),
            PageViews = 2,
        };
        PageViewRow View(SessionRow session, Guid? link) => new()
        {
            BioPageId = creator.BioPageId,
            Id = Guid.NewGuid(),
            SessionId = session.Id,
            EnteredAt = session.StartedAt.AddMinutes(1),
            LinkClicked = link,
        };
        SessionRow[] visits = [Visit("anna", "l.instagram.com", 20), Visit("anna", "instagram.com", 3), Visit("ben", null, 2)];
        await app.Analytics.InsertAsync(SessionRow.Table, visits, TestContext.Current.CancellationToken);
        await app.Analytics.InsertAsync(
            PageViewRow.Table,
            [View(visits[0], null), View(visits[0], null), View(visits[1], null), View(visits[1], Shop), View(visits[2], Shop)],
            TestContext.Current.CancellationToken);
    }

    /// <summary>The rows as their values and metrics, separated by spaces.</summary>
    private static async Task<string[]> RowsAsync(TestApp app, Creator creator, string query)
    {
        using var answer = await app.QueryAsync(query, app.Token(creator));
        var body = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.True(answer.IsSuccessStatusCode, body.ToJsonString());
        return [.. body["data"]!["rows"]!.AsArray().Select(row =>
            string.Join(
                ' ', row!["dimensions"]!.AsArray().Concat(row["metrics"]!.AsArray()).Select(value => value?.ToString() ?? "null")))];
    }
}
