using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using Bioscope.Engine.Creators;
using Microsoft.Data.Sqlite;

namespace Bioscope.Server.Tests;

/// <summary>Placement links as visitors use them, and what queries and the dashboard count of it.</summary>
public sealed partial class PlacementTests
{
    [Theory, Engines]
    public async Task Visits_by_placement_links_have_source_channel_rung_and_label(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (anna, ben) = (await app.AddCreatorAsync(), await app.AddCreatorAsync());
        var story = await app.AddPlacementAsync(anna, "story", "instagram", "My story");
        await app.AddPlacementAsync(anna, "poster", "Tour 2026", "Posters");
        await app.AddPlacementAsync(ben, "flyer", "TikTok", "Flyer");

        // by the tracker: the placement link decides before tag and referrer
        await VisitAsync(app, anna, "\"placement\":\"story\"");
        await VisitAsync(app, anna, "\"placement\":\"story\",\"referrer\":\"https://l.facebook.com/\"");
        await VisitAsync(app, anna, "\"placement\":\"poster\",\"url\":\"https://anna.example/?utm_source=newsletter\"");
        await VisitAsync(app, anna, "\"placement\":null,\"referrer\":\"https://www.google.com/\"");
        // by the published route
        Assert.NotNull(await app.PostSessionAsync(anna, ("placement", "story")));
        // what says nothing: another creator's slug, one that nobody has, another spelling, what is no slug
        foreach (var slug in (string[])["flyer", "nope", "Story", "story ", "", "st\0ry"])
        {
            Assert.NotNull(await app.PostSessionAsync(anna, ("placement", slug)));
        }

        Assert.Equal(["Direct / None 6", "Instagram 3", "Google 1", "Tour 2026 1"], await VisitsAsync(app, anna, "source"));
        Assert.Equal(["Direct 6", "Organic Social 3", "Organic Search 1", "Referral 1"], await VisitsAsync(app, anna, "channel"));
        Assert.Equal(["none 6", "placement 4", "referrer 1"], await VisitsAsync(app, anna, "rung"));
        Assert.Equal([" 7", "My story 3", "Posters 1"], await VisitsAsync(app, anna, "placement"));
        Assert.Equal(["Instagram 3"], await VisitsAsync(app, anna, "source", """["is","placement",["My story"]]"""));
        Assert.Equal(["My story 3"], await VisitsAsync(app, anna, "placement", """["is","source",["Instagram"]]"""));
        Assert.Equal(3, (await app.SessionColumnAsync(anna.BioPageId, "placement")).Count(id => id == story.ToString("D")));
        Assert.Empty(await VisitsAsync(app, ben, "source"));
    }

    [Theory, Engines]
    public async Task Changes_of_a_placement_link_act_on_the_past_and_removal_keeps_it(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var anna = await app.AddCreatorAsync();
        var bio = await app.AddPlacementAsync(anna, "bio", "Instagram", "Bio");
        await VisitAsync(app, anna, "\"placement\":\"bio\"");
        Assert.Equal(["Instagram 1"], await VisitsAsync(app, anna, "source"));

        await app.OkPlacementsAsync(anna, "PUT", $"/{bio}", """{"slug":"link","source":"TikTok","label":"TikTok bio"}""");
        Assert.Equal(["TikTok 1"], await VisitsAsync(app, anna, "source"));
        Assert.Equal(["TikTok bio 1"], await VisitsAsync(app, anna, "placement"));
        await VisitAsync(app, anna, "\"placement\":\"bio\"");
        await VisitAsync(app, anna, "\"placement\":\"link\"");
        Assert.Equal(["TikTok 2", "Direct / None 1"], await VisitsAsync(app, anna, "source"));

        await app.OkPlacementsAsync(anna, "DELETE", $"/{bio}");
        await VisitAsync(app, anna, "\"placement\":\"link\"");
        Assert.Equal(["Direct / None 2", "TikTok 2"], await VisitsAsync(app, anna, "source"));
        Assert.Equal(["TikTok bio 2", " 2"], await VisitsAsync(app, anna, "placement"));

        await app.AddPlacementAsync(anna, "link", "My letter", "Newsletter");
        await VisitAsync(app, anna, "\"placement\":\"link\"");
        Assert.Equal(["Direct / None 2", "TikTok 2", "My letter 1"], await VisitsAsync(app, anna, "source"));
        Assert.Equal(["placement 3", "none 2"], await VisitsAsync(app, anna, "rung"));
        Assert.Equal(["TikTok bio 2", " 2", "Newsletter 1"], await VisitsAsync(app, anna, "placement"));
    }

    [Theory, Engines]
    public async Task Anonymous_visits_have_their_placement_link(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, ("Counting:Mode", "anonymous"));
        var anna = await app.AddCreatorAsync();
        var story = await app.AddPlacementAsync(anna, "story", "Instagram", "Story");

        await HiTests.SayAsync(app, HiTests.Visit(app, anna, "\"placement\":\"story\"", "\"consent\":\"anonymous\""));

        Assert.Equal([story.ToString("D")], await app.SessionColumnAsync(anna.BioPageId, "placement"));
        Assert.Equal(["Instagram 1"], await VisitsAsync(app, anna, "source"));
    }

    [Fact]
    public async Task A_placement_that_is_no_text_is_refused()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);

        using var response = await app.PostSessionAsync(new { visitorId = "v", consentAnalytics = "granted", placement = 7 });

        Assert.Equal(
            ["placement must be a string"],
            (await response.AssertErrorAsync(HttpStatusCode.BadRequest, "VALIDATION_ERROR", "error.validation")).Details());
    }

    [Fact]
    public async Task Without_the_main_database_a_visit_is_stored_without_its_placement_link()
    {
        using var databases = await TestDatabases.CreateAsync(EngineKind.Sqlite);
        await using var app = await TestApp.StartAsync(databases);
        var anna = await app.AddCreatorAsync();
        await app.AddPlacementAsync(anna, "story", "Instagram", "Story");
        SqliteConnection.ClearAllPools();
        var file = new SqliteConnectionStringBuilder(databases.Settings["ConnectionStrings:Main"]).DataSource;
        File.Delete(file + "-wal");
        File.Delete(file + "-shm");
        await File.WriteAllTextAsync(file, new string('x', 10_000), TestContext.Current.CancellationToken);

        Assert.NotNull(await app.PostSessionAsync(anna, ("placement", "story")));

        Assert.Equal([null], await app.SessionColumnAsync(anna.BioPageId, "placement"));
    }

    [Theory, Engines]
    public async Task The_dashboard_shows_what_the_creator_says(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (visit, anna) = await DashboardVisit.StartAsync(app);
        using var browser = visit;
        await app.AddPlacementAsync(anna, "poster", "Tour 2026", "Posters");
        await VisitAsync(app, anna, "\"placement\":\"poster\"");

        Assert.Contains("Tour 2026", await visit.ReadAsync("/dashboard?range=7d"), StringComparison.Ordinal);
        var rows = DashboardVisit.TextOf(await visit.ReadAsync("/dashboard/rows/source?range=7d"), "<tbody");
        Assert.StartsWith("Tour 2026 1 ", rows, StringComparison.Ordinal);
        Assert.Contains("\r\nTour 2026,1,", await visit.ReadAsync("/dashboard/export?type=source&range=7d"), StringComparison.Ordinal);
        Assert.Contains(
            "Z,1,1,",
            await visit.ReadAsync("/dashboard/export?type=overview&range=7d&filter=is:source:Tour%202026"),
            StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task A_placement_link_shows_the_same_page_with_its_slug(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var anna = await AddPageAsync(app, "anna");
        await app.AddPlacementAsync(anna, "story", "Instagram", "Story");
        var plain = await GetAsync(app, HttpMethod.Get, "/@anna");
        var html = await plain.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.DoesNotContain("data-placement", html, StringComparison.Ordinal);

        var placed = await GetAsync(app, HttpMethod.Get, "/@anna/story?utm_source=x");
        Assert.Equal(HttpStatusCode.OK, placed.StatusCode);
        Assert.Equal(
            html.Replace("\"></script>", "\" data-placement=\"story\"></script>", StringComparison.Ordinal),
            await placed.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Contains("/@anna\">", CanonicalPattern().Match(html).Value, StringComparison.Ordinal);
        var head = await GetAsync(app, HttpMethod.Head, "/@anna/story");
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        foreach (var answer in (HttpResponseMessage[])[placed, head])
        {
            Assert.Equal(Headers(plain), Headers(answer));
        }

        static IEnumerable<string> Headers(HttpResponseMessage response) => response.Headers
            .Where(header => header.Key is not ("X-Correlation-Id" or "Date"))
            .Select(header => $"{header.Key}: {string.Join(", ", header.Value)}")
            .Append($"{response.Content.Headers.ContentType}");
    }

    [Theory, Engines]
    public async Task A_slug_that_the_page_does_not_have_leads_to_the_page(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (anna, ben) = (await AddPageAsync(app, "anna"), await AddPageAsync(app, "ben"));
        var removed = await app.AddPlacementAsync(anna, "removed", "Instagram", "Removed");
        await app.OkPlacementsAsync(anna, "DELETE", $"/{removed}");
        await app.AddPlacementAsync(ben, "flyer", "TikTok", "Flyer");

        foreach (var slug in (string[])["removed", "flyer", "never", "a.b", "%C3%A9", "a%2Fb", new string('a', 41)])
        {
            var answer = await GetAsync(app, HttpMethod.Get, $"/@anna/{slug}?utm_source=x&fbclid=Y%20Z");
            Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
            Assert.Equal("/@anna?utm_source=x&fbclid=Y%20Z", answer.Headers.Location?.OriginalString);
        }

        Assert.Equal(HttpStatusCode.Found, (await GetAsync(app, HttpMethod.Head, "/@anna/never")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(app, HttpMethod.Get, "/@nobody/story")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(app, HttpMethod.Get, "/@a b/story")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(app, HttpMethod.Get, "/@anna/a/b")).StatusCode);
    }

    [Theory]
    [InlineData("/@Anna/story")]
    [InlineData("/@anna/Story")]
    [InlineData("/@ANNA/STORY/")]
    [InlineData("/@anna/story/")]
    public async Task Other_spellings_of_a_placement_link_redirect_to_it(string path)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var anna = await AddPageAsync(app, "anna");
        await app.AddPlacementAsync(anna, "story", "Instagram", "Story");

        var answer = await GetAsync(app, HttpMethod.Get, path + "?utm_source=x");

        Assert.Equal(HttpStatusCode.PermanentRedirect, answer.StatusCode);
        Assert.Equal("/@anna/story?utm_source=x", answer.Headers.Location?.OriginalString);
    }

    private static async Task VisitAsync(TestApp app, Creator creator, string more) =>
        Assert.NotNull((await HiTests.VisitAsync(app, creator, more)).Id);

    /// <summary>The visits by a dimension, as <c>value visits</c>.</summary>
    private static async Task<string[]> VisitsAsync(TestApp app, Creator creator, string dimension, string filters = "")
    {
        using var answer = await app.QueryAsync(
            $$"""{"metrics":["visits"],"dimensions":["{{dimension}}"],"filters":[{{filters}}]}""", app.Token(creator));
        return [.. (await answer.DataAsync()).GetProperty("rows").EnumerateArray().Select(row =>
            $"{row.GetProperty("dimensions")[0].GetString()} {row.GetProperty("metrics")[0].GetInt32()}")];
    }

    private static async Task<Creator> AddPageAsync(TestApp app, string handle)
    {
        var creator = await app.AddCreatorAsync();
        using var request = new HttpRequestMessage(HttpMethod.Put, "/api/v1/creators/bio")
        {
            Content = new StringContent($$"""{"handle":"{{handle}}"}""", Encoding.UTF8, "application/json"),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", app.Token(creator));
        using var response = await app.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return creator;
    }

    private static async Task<HttpResponseMessage> GetAsync(TestApp app, HttpMethod method, string path)
    {
        using var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = app.Http.BaseAddress };
        using var request = new HttpRequestMessage(method, path);
        return await client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    [GeneratedRegex("<link rel=\"canonical\" href=\"[^\"]*\">")]
    private static partial Regex CanonicalPattern();
}
