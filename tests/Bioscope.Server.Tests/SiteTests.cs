using System.Net;
using System.Text;
using System.Text.Json;
using Bioscope.Engine.Creators;

namespace Bioscope.Server.Tests;

/// <summary>Sites that a creator counts beside her page: whose visits they are, and how she adds and removes them.</summary>
public sealed class SiteTests
{
    private const string Path = "/api/v1/creators/bio/sites";

    [Theory, Engines]
    public async Task Visits_of_a_registered_site_need_no_token(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (anna, ben) = (await app.AddCreatorAsync(), await app.AddCreatorAsync());
        await AddAsync(app, anna, "https://www.shop.example/about");

        Assert.True(await VisitAsync(app, anna, "https://shop.example", "https://shop.example/cart?utm_source=zine"));
        Assert.True(await VisitAsync(app, anna, "https://www.shop.example", "https://www.shop.example/cart"));
        Assert.True(await VisitAsync(app, anna, "http://shop.example", null));
        Assert.True(await VisitAsync(app, anna, null, "https://shop.example")); // a program without an origin
        Assert.True(await VisitAsync(app, anna, "https://shop.example", "https://shop.example/cart", published: true));

        Assert.False(await VisitAsync(app, anna, "https://evil.example", "https://shop.example/"));
        Assert.False(await VisitAsync(app, anna, "null", "https://shop.example/"));
        Assert.False(await VisitAsync(app, anna, "https://shop.example:8443", null));
        Assert.False(await VisitAsync(app, anna, "https://shop.example.evil.example", null));
        Assert.False(await VisitAsync(app, anna, null, null));
        Assert.False(await VisitAsync(app, ben, "https://shop.example", null)); // not his site

        Assert.Equal(["/cart 3", "/ 1", " 1"], await VisitsAsync(app, anna, "page"));
        Assert.Equal(["zine 1"], await VisitsAsync(app, anna, "utmSource", """["isNotNull","utmSource"]"""));
        Assert.Empty(await VisitsAsync(app, ben, "page"));
        var drops = await app.ReadAsync(anna, "/api/v1/creators/analytics/drops");
        Assert.Equal(5, (int)drops["reasons"]!.AsArray().Single(reason => (string)reason!["reason"]! == "token")!["count"]!);
    }

    [Theory, Engines]
    public async Task A_bio_page_keeps_its_token_and_has_no_page(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var anna = await app.AddCreatorAsync();

        Assert.NotNull(await app.PostSessionAsync(anna, ("url", "https://bio.example/@anna")));
        Assert.Null(await app.PostSessionAsync(anna, ("url", "https://bio.example/@anna"), ("trackingToken", null)));

        Assert.Equal([" 1"], await VisitsAsync(app, anna, "page"));
    }

    [Fact]
    public async Task A_refusal_on_a_site_is_counted_for_its_page()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var anna = await app.AddCreatorAsync();
        await AddAsync(app, anna, "shop.example");

        await SayAsync(app, $$"""{"kind":"refused","page":"{{anna.BioPageId}}"}""", "https://shop.example");
        await SayAsync(app, $$"""{"kind":"refused","page":"{{anna.BioPageId}}"}""", "https://evil.example");

        Assert.Contains("\"reasons\":[{\"reason\":\"consent\",\"count\":1}]", await app.ReportAsync(anna, "drops"), StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task A_site_is_added_listed_and_removed(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (anna, ben) = (await app.AddCreatorAsync(), await app.AddCreatorAsync());

        var id = await AddAsync(app, anna, " http://Blog.example/x ");
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        await AddAsync(app, anna, "shop.example");
        await AddAsync(app, ben, "blog.example"); // two may count one site
        Assert.Equal(
            "http://blog.example https://shop.example",
            string.Join(' ', (await app.ReadAsync(anna, Path))["sites"]!.AsArray().Select(site => (string)site!["origin"]!)));
        using (var again = await SendAsync(app, anna, HttpMethod.Post, Path, """{"origin":"https://www.blog.example"}"""))
        {
            Assert.Equal(HttpStatusCode.Conflict, again.StatusCode);
        }

        Assert.True(await VisitAsync(app, anna, "https://blog.example", null));
        using (var others = await SendAsync(app, ben, HttpMethod.Delete, $"{Path}/{id}"))
        {
            Assert.Equal(HttpStatusCode.NotFound, others.StatusCode);
            Assert.Contains("SITE_NOT_FOUND", await others.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }

        using (var removed = await SendAsync(app, anna, HttpMethod.Delete, $"{Path}/{id}"))
        {
            Assert.Equal(HttpStatusCode.OK, removed.StatusCode);
        }

        Assert.False(await VisitAsync(app, anna, "https://blog.example", null));
        Assert.True(await VisitAsync(app, ben, "https://blog.example", null));
        Assert.Single((await app.ReadAsync(anna, Path))["sites"]!.AsArray());
        Assert.Equal(["Direct / None 1"], await VisitsAsync(app, anna, "source"));
    }

    [Theory]
    [InlineData("{}", "origin is required")]
    [InlineData("""{"origin":7}""", "origin must be a string")]
    [InlineData("""{"origin":"javascript:alert(1)"}""", "origin must be the address of a web site, such as https://shop.example")]
    [InlineData("""{"origin":"https://user@shop.example"}""", "origin must be the address of a web site, such as https://shop.example")]
    public async Task An_origin_that_is_none_is_refused(string body, string detail)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var anna = await app.AddCreatorAsync();

        using var answer = await SendAsync(app, anna, HttpMethod.Post, Path, body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(detail, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_has_at_most_20_sites()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var anna = await app.AddCreatorAsync();
        for (var i = 0; i < 20; i++)
        {
            await AddAsync(app, anna, $"shop{i}.example");
        }

        using var more = await SendAsync(app, anna, HttpMethod.Post, Path, """{"origin":"one-more.example"}""");

        Assert.Equal(HttpStatusCode.Conflict, more.StatusCode);
    }

    [Fact]
    public async Task A_visit_with_a_token_does_not_need_the_list_of_sites()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var anna = await app.AddCreatorAsync();
        await AddAsync(app, anna, "shop.example");
        await app.Main.ExecuteAsync("""ALTER TABLE "Site" RENAME TO "Moved" """, TestContext.Current.CancellationToken);

        await Assert.ThrowsAnyAsync<Exception>(() => VisitAsync(app, anna, "https://shop.example", null));
        Assert.NotNull(await app.PostSessionAsync(anna));
    }

    [Theory, Engines]
    public async Task The_dashboard_adds_shows_and_removes_sites(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (visit, anna) = await DashboardVisit.StartAsync(app);
        using var browser = visit;
        var page = await visit.ReadAsync("/dashboard/sites");
        Assert.Contains($"data-page=&quot;{anna.BioPageId}&quot; data-consent=&quot;ask&quot;", page, StringComparison.Ordinal);
        Assert.DoesNotContain("data-token", page, StringComparison.Ordinal);

        using (var refused = await PostAsync(visit, page, "", ("origin", "<b>no address</b>")))
        {
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
            Assert.Contains(
                "Not saved: the address must be that of a web site",
                await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
                StringComparison.Ordinal);
        }

        using (var added = await PostAsync(visit, page, "", ("origin", "shop.example/cart")))
        {
            Assert.Equal((HttpStatusCode.SeeOther, "/dashboard/sites"), (added.StatusCode, added.Headers.Location?.ToString()));
        }

        page = await visit.ReadAsync("/dashboard/sites");
        Assert.Contains("<small><bdi>https://shop.example</bdi></small>", page, StringComparison.Ordinal);
        Assert.True(await VisitAsync(app, anna, "https://shop.example", "https://shop.example/cart"));
        Assert.StartsWith("/cart 1 ", DashboardVisit.TextOf(await visit.ReadAsync("/dashboard/rows/page"), "<tbody"), StringComparison.Ordinal);

        var id = page.Split("data-site=\"")[1][..36];
        using (var forged = await visit.PostAsync($"/dashboard/sites/{id}", ("form", "forged")))
        {
            Assert.Equal(HttpStatusCode.BadRequest, forged.StatusCode);
        }

        using (var removed = await PostAsync(visit, page, $"/{id}"))
        {
            Assert.Equal(HttpStatusCode.SeeOther, removed.StatusCode);
        }

        Assert.DoesNotContain("data-site=", await visit.ReadAsync("/dashboard/sites"), StringComparison.Ordinal);
    }

    private static Task<HttpResponseMessage> PostAsync(DashboardVisit visit, string page, string path, params (string, string)[] fields) =>
        visit.PostAsync("/dashboard/sites" + path, [("form", DashboardVisit.FormField(page)), .. fields]);

    private static async Task<Guid> AddAsync(TestApp app, Creator creator, string origin)
    {
        using var response = await SendAsync(app, creator, HttpMethod.Post, Path, JsonSerializer.Serialize(new Dictionary<string, string> { ["origin"] = origin }));
        return (await response.CreatedAsync()).GetProperty("id").GetGuid();
    }

    private static Task<HttpResponseMessage> SendAsync(TestApp app, Creator creator, HttpMethod method, string path, string? body = null) =>
        app.Http.SendAsync(
            new HttpRequestMessage(method, path)
            {
                Headers = { Authorization = new("Bearer", app.Token(creator)) },
                Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json"),
            },
            TestContext.Current.CancellationToken);

    /// <summary>Whether a visit without a token is stored.</summary>
    private static async Task<bool> VisitAsync(TestApp app, Creator creator, string? origin, string? url, bool published = false)
    {
        var address = url is null ? "" : $",\"url\":\"{url}\"";
        var data = published
            ? await SayAsync(
                app,
                $$"""{"bioPageId":"{{creator.BioPageId}}","visitorId":"{{Guid.NewGuid()}}","consentAnalytics":"granted"{{address}}}""",
                origin,
                "/api/v1/analytics/session",
                "application/json")
            : await SayAsync(
                app, $$"""{"kind":"visit","page":"{{creator.BioPageId}}","visitor":"{{Guid.NewGuid()}}","consent":"granted","path":"/"{{address}}}""", origin);
        return data.GetProperty("id").ValueKind != JsonValueKind.Null;
    }

    private static async Task<JsonElement> SayAsync(TestApp app, string json, string? origin, string path = "/hi", string type = "text/plain")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(json, Encoding.UTF8, type) };
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        using var response = await app.Http.SendAsync(request, TestContext.Current.CancellationToken);
        return await response.DataAsync();
    }

    /// <summary>The visits by a dimension, as <c>value visits</c>, most first.</summary>
    private static async Task<string[]> VisitsAsync(TestApp app, Creator creator, string dimension, string filters = "")
    {
        using var answer = await app.QueryAsync(
            $$"""{"metrics":["visits"],"dimensions":["{{dimension}}"],"filters":[{{filters}}]}""", app.Token(creator));
        return [.. (await answer.DataAsync()).GetProperty("rows").EnumerateArray().Select(row =>
            $"{row.GetProperty("dimensions")[0].GetString()} {row.GetProperty("metrics")[0].GetInt32()}")];
    }
}
