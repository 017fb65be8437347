using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Bioscope.Engine.Creators;

namespace Bioscope.Server.Tests;

/// <summary><c>POST /hi</c>: every kind of event from our own tracker, on one route.</summary>
public sealed class HiTests
{
    [Theory, Engines]
    public async Task The_hi_route_counts_a_whole_visit(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        var link = await app.AddLinkAsync(creator, "Shop", "https://shop.example/");

        var (session, view) = await VisitAsync(
            app, creator, "\"referrer\":\"https://l.instagram.com/\",\"path\":\"/@anna\",\"title\":\"Anna\"");
        app.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(session, (await SayAsync(app, $$"""{"kind":"alive","session":"{{session}}"}""")).Id);
        var (click, _) = await SayAsync(app, $$"""{"kind":"click","session":"{{session}}","link":"{{link.Id}}","path":"/@anna"}""");
        Assert.NotNull(click);
        app.Clock.Advance(TimeSpan.FromMilliseconds(1));
        var (second, same) = await SayAsync(app, $$"""{"kind":"view","session":"{{session}}","path":"/@anna/more"}""");
        Assert.Equal(second, same);
        Assert.Equal(view, (await SayAsync(app, $$"""{"kind":"leave","view":"{{view}}","duration":31,"scrollDepth":80}""")).Id);

        Assert.Equal(
            [$"l.instagram.com 3 30"],
            await app.RowsAsync("AnalyticsSession", creator.BioPageId, "referrerDomain", "pageViews", "duration"));
        Assert.Equal(
            [$"{session} /@anna Anna - 31 80", $"{session} /@anna - {link.Id} 0 -", $"{session} /@anna/more - - - -"],
            await app.RowsAsync(
                "AnalyticsPageView", creator.BioPageId, "sessionId", "path", "title", "linkClicked", "duration", "scrollDepth"));
    }

    [Theory, Engines]
    public async Task Session_and_first_view_are_stored_together(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();

        var (session, view) = await VisitAsync(app, creator);

        Assert.Equal(
            [$"{session} 1 {view}"], await app.RowsAsync("AnalyticsSession", creator.BioPageId, "id", "pageViews", "lastPageViewId"));
        Assert.Equal([$"{view} {session}"], await app.RowsAsync("AnalyticsPageView", creator.BioPageId, "id", "sessionId"));
        Assert.Equal("1", await app.MetricAsync("""bioscope_ingest_kept_total{kind="session"}"""));
        Assert.Equal("1", await app.MetricAsync("""bioscope_ingest_kept_total{kind="pageview"}"""));
    }

    [Theory, Engines]
    public async Task A_click_on_an_unknown_link_is_not_stored(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (creator, other) = (await app.AddCreatorAsync(), await app.AddCreatorAsync());
        var foreign = await app.AddLinkAsync(other, "Shop", "https://shop.example/");
        var (session, _) = await VisitAsync(app, creator);

        foreach (var link in (Guid[])[foreign.Id, Guid.NewGuid()])
        {
            Assert.Equal((null, null), await SayAsync(app, $$"""{"kind":"click","session":"{{session}}","link":"{{link}}"}"""));
        }

        Assert.Single(await app.RowsAsync("AnalyticsPageView", creator.BioPageId, "id"));
        Assert.Equal("2", await app.MetricAsync("""bioscope_ingest_drops_total{reason="link"}"""));
    }

    [Theory]
    [InlineData("refused", "consent")]
    [InlineData("unanswered", "unanswered")]
    public async Task Refused_and_unanswered_visits_are_only_counted(string kind, string reason)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var creator = await app.AddCreatorAsync();

        Assert.Equal(
            (null, null),
            await SayAsync(app, $$"""{"kind":"{{kind}}","page":"{{creator.BioPageId}}","token":"{{app.TrackingTokenFor(creator)}}"}"""));

        Assert.Empty(await app.RowsAsync("AnalyticsSession", creator.BioPageId, "id"));
        Assert.Equal("1", await app.MetricAsync($$"""bioscope_ingest_drops_total{reason="{{reason}}"}"""));
    }

    [Theory]
    [InlineData("{}", "kind is required")]
    [InlineData("""{"kind":"hello"}""", "kind must be visit, view, click, alive, leave, refused, unanswered or forget")]
    [InlineData("""{"kind":"visit"}""", "consent is required", "visitor is required")]
    [InlineData("""{"kind":"click","session":"x"}""", "link is required", "session must be a UUID")]
    [InlineData("""{"kind":"leave","duration":3601}""", "duration must be a number from 0 to 3600", "view is required")]
    public async Task Hi_refuses_each_invalid_field(string json, params string[] details)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);

        using var response = await PostAsync(app, json);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var body = await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        Assert.Equal(
            details.Order(StringComparer.Ordinal),
            body.GetProperty("error").GetProperty("details").EnumerateArray().Select(detail => detail.GetProperty("message").GetString()!)
                .Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Visits_by_both_routes_share_one_limit()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, ("Throttle:SessionAddress", "3"));
        var creator = await app.AddCreatorAsync();
        await app.PostSessionAsync(creator);
        await VisitAsync(app, creator);
        await app.PostSessionAsync(creator);

        using var response = await PostAsync(app, Visit(app, creator));

        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.Equal("1", await app.MetricAsync("""bioscope_ingest_drops_total{reason="throttle"}"""));
    }

    [Fact]
    public async Task Any_origin_may_use_hi_without_a_preflight()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var creator = await app.AddCreatorAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/hi")
        {
            Content = new StringContent(Visit(app, creator), Encoding.UTF8, "text/plain"),
        };
        request.Headers.Add("Origin", "https://shop.example");

        using var response = await app.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("*", response.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Equal("cross-origin", response.Headers.GetValues("Cross-Origin-Resource-Policy").Single());
    }

    internal static string Visit(
        TestApp app, Creator creator, string more = "\"path\":\"/\"", string consent = "\"consent\":\"granted\",\"visitor\":\"v\"") =>
        $$"""{"kind":"visit","page":"{{creator.BioPageId}}","token":"{{app.TrackingTokenFor(creator)}}",{{consent}},{{more}}}""";

    internal static Task<(Guid? Id, Guid? View)> VisitAsync(TestApp app, Creator creator, string more = "\"path\":\"/\"") =>
        SayAsync(app, Visit(app, creator, more));

    internal static async Task<(Guid? Id, Guid? View)> SayAsync(TestApp app, string json)
    {
        using var response = await PostAsync(app, json);
        response.EnsureSuccessStatusCode();
        var data = (await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("data");
        return (Id("id"), Id("view"));

        Guid? Id(string name) => data.GetProperty(name).ValueKind == JsonValueKind.Null ? null : data.GetProperty(name).GetGuid();
    }

    private static Task<HttpResponseMessage> PostAsync(TestApp app, string json) =>
        app.Http.PostAsync("/hi", new StringContent(json, Encoding.UTF8, "text/plain"), TestContext.Current.CancellationToken);
}
