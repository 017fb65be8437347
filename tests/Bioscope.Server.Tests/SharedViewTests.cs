using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Rows;
using Bioscope.Server.Api.Sharing;
using Microsoft.Extensions.DependencyInjection;
using SkiaSharp;

namespace Bioscope.Server.Tests;

/// <summary>Read-only links to a view of a page's figures: what they show, to whom, and for how long.</summary>
public sealed class SharedViewTests
{
    private const string Path = "/api/v1/creators/analytics/shared-views";

    private const string Password = "a long shared secret";

    [Theory, Engines]
    public async Task A_shared_view_shows_what_was_picked_and_nothing_else(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var anna = await AddAnnaAsync(app);
        var path = await ShareAsync(app, anna, """
            {"title":"<script>alert(1)</script>","question":{"range":"7d","filters":[["is","source",["TikTok"]]]},"blocks":["figures","trend","links"]}
            """);

        var page = await ReadAsync(app, path);

        Assert.Equal("<script>alert(1)</script>", DashboardVisit.TextOf(page, "<h1"));
        Assert.DoesNotContain("<script>a", page, StringComparison.Ordinal);
        Assert.Equal("Source is TikTok", DashboardVisit.TextOf(page, "aria-label=\"Filters\""));
        Assert.Equal("Views 2", DashboardVisit.TextOf(page, "data-figure=\"Views\""));
        Assert.Equal("Clicks 2", DashboardVisit.TextOf(page, "data-figure=\"Clicks\""));
        Assert.Contains("id=\"trend\"", page, StringComparison.Ordinal);
        Assert.Contains("Shop", page, StringComparison.Ordinal);
        // Neither other blocks, nor live visits, nor anything of her or of the dashboard.
        foreach (var secret in (string[])
            ["id=\"sources\"", "id=\"countries\"", "Anna", "/@", anna.BioPageId.ToString(), anna.UserId.ToString(), "/dashboard/", "sign-out",
                "<form", "Live", "not-counted", "CSV", "Instagram", "your"])
        {
            Assert.DoesNotContain(secret, page, StringComparison.Ordinal);
        }
    }

    [Theory, Engines]
    public async Task Name_live_visits_and_drops_are_shown_where_she_says_so(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var anna = await AddAnnaAsync(app);
        await app.Analytics.InsertAsync(
            PageDrop.Table, [new PageDrop(anna.BioPageId, new DateTimeOffset(TestApp.Start.Date, TimeSpan.Zero), "bot", 7)],
            TestContext.Current.CancellationToken);
        var path = await ShareAsync(app, anna, """{"title":"All","blocks":["live","notCounted","sources"],"showsName":true}""");

        var page = await ReadAsync(app, path);

        Assert.Contains("Anna Berg", page, StringComparison.Ordinal);
        Assert.Contains("3 visits in the last 30 minutes", DashboardVisit.TextOf(page, "aria-label=\"Live\""), StringComparison.Ordinal);
        Assert.Contains("7 visits were not counted: 7 by bots.", page, StringComparison.Ordinal);
        Assert.DoesNotContain("data-live", page, StringComparison.Ordinal);
        Assert.DoesNotContain("data-figure", page, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task The_address_cannot_ask_for_more(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var anna = await AddAnnaAsync(app);
        var path = await ShareAsync(app, anna, """{"title":"7 days","question":{"range":"7d","filters":[["is","source",["TikTok"]]]}}""");
        var page = await ReadAsync(app, path);

        const string More = "?range=all&filter=is:source:Instagram&zone=Asia/Tokyo&compare=none&sources=channel&blocks=live";
        Assert.Equal(page, await ReadAsync(app, path + More));
        foreach (var more in (string[])["/export?type=source", "/rows/source", "/live", "/picture.svg"])
        {
            Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(app, path + more)).StatusCode);
        }
    }

    [Theory, Engines]
    public async Task Wrong_expired_and_revoked_links_get_the_same_answer(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var anna = await AddAnnaAsync(app);
        var expired = await ShareAsync(app, anna, """{"title":"Old","expiresAt":"2026-04-15T13:00:00Z"}""");
        var revoked = await ShareAsync(app, anna, """{"title":"Gone"}""");
        var kept = await ShareAsync(app, anna, """{"title":"Kept"}""");
        var forged = kept[..^3] + (kept[^3] == 'A' ? 'B' : 'A') + kept[^2..];
        await ReadAsync(app, expired);
        await ReadAsync(app, revoked);
        using (var gone = await SendAsync(app, HttpMethod.Delete, $"{Path}/{await IdOfAsync(app, anna, "Gone")}", anna))
        {
            Assert.Equal(HttpStatusCode.OK, gone.StatusCode);
        }

        app.Clock.Advance(TimeSpan.FromHours(1));
        var links = app.Services.GetRequiredService<SharedLinks>();
        var answers = new HashSet<string>();
        foreach (var path in (string[])[expired, revoked, forged, links.PathOf(Guid.NewGuid()), "/s/" + new string('A', 43), "/s/x", expired[..^1]])
        {
            using var answer = await GetAsync(app, path);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            answers.Add(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            using var picture = await GetAsync(app, path + "/picture.png");
            Assert.Equal(HttpStatusCode.NotFound, picture.StatusCode);
        }

        Assert.Single(answers);
    }

    [Theory, Engines]
    public async Task A_password_is_asked_first_and_opens_one_view_for_a_while(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, ("Throttle:Login", "100"));
        var anna = await AddAnnaAsync(app);
        var path = await ShareAsync(app, anna, $$"""{"title":"Secret title","password":"{{Password}}"}""");
        var other = await ShareAsync(app, anna, $$"""{"title":"Another","password":"{{Password}}"}""");
        using var viewer = new DashboardVisit(app);

        var door = await viewer.ReadAsync(path);
        Assert.DoesNotContain("Secret title", door, StringComparison.Ordinal);
        Assert.DoesNotContain("data-figure", door, StringComparison.Ordinal);
        using (var wrong = await viewer.PostAsync(path, ("password", "wrong")))
        {
            Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        }

        using (var right = await viewer.PostAsync(path, ("password", Password)))
        {
            Assert.Equal((HttpStatusCode.SeeOther, path), (right.StatusCode, right.Headers.Location?.ToString()));
            var cookie = right.Headers.GetValues("Set-Cookie").Single();
            Assert.Contains($"path={path}; samesite=lax; httponly", cookie, StringComparison.Ordinal);
        }

        Assert.Contains("Secret title", await viewer.ReadAsync(path), StringComparison.Ordinal);
        Assert.DoesNotContain("Another", await viewer.ReadAsync(other), StringComparison.Ordinal);
        // The cookie of one view, sent to another.
        var stolen = viewer.CookieOf(path);
        using var request = new HttpRequestMessage(HttpMethod.Get, other);
        request.Headers.Add("Cookie", stolen);
        using var answer = await app.Http.SendAsync(request, TestContext.Current.CancellationToken);
        var closed = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.DoesNotContain("Another", closed, StringComparison.Ordinal);
        app.Clock.Advance(TimeSpan.FromHours(13));
        Assert.DoesNotContain("Secret title", await viewer.ReadAsync(path), StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task Guessing_a_password_locks_the_view(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, ("Throttle:Login", "100"));
        var anna = await AddAnnaAsync(app);
        var path = await ShareAsync(app, anna, $$"""{"title":"Secret","password":"{{Password}}"}""");
        using var viewer = new DashboardVisit(app);
        for (var i = 0; i < 10; i++)
        {
            using var wrong = await viewer.PostAsync(path, ("password", $"guess {i}"));
            Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        }

        using (var locked = await viewer.PostAsync(path, ("password", Password)))
        {
            Assert.Equal(HttpStatusCode.Unauthorized, locked.StatusCode);
        }

        app.Clock.Advance(TimeSpan.FromMinutes(16));
        using var right = await viewer.PostAsync(path, ("password", Password));
        Assert.Equal(HttpStatusCode.SeeOther, right.StatusCode);
    }

    [Fact]
    public async Task Headers_keep_the_link_secret_and_name_who_may_embed_it()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var anna = await AddAnnaAsync(app);
        var path = await ShareAsync(app, anna, """{"title":"Alone"}""");
        var embedded = await ShareAsync(
            app, anna, $$"""{"title":"Embedded","embedOrigins":["https://blog.example/a","http://localhost:8080"],"password":"{{Password}}"}""");

        using var answer = await GetAsync(app, path);
        Assert.Equal(["no-referrer"], answer.Headers.GetValues("Referrer-Policy"));
        Assert.Equal(["noindex"], answer.Headers.GetValues("X-Robots-Tag"));
        Assert.Equal("no-store, private", answer.Headers.CacheControl!.ToString());
        Assert.EndsWith("frame-ancestors 'none'", Policy(answer), StringComparison.Ordinal);
        using var door = await GetAsync(app, embedded);
        Assert.EndsWith("frame-ancestors https://blog.example http://localhost:8080", Policy(door), StringComparison.Ordinal);
        Assert.Equal(["no-referrer"], door.Headers.GetValues("Referrer-Policy"));

        using var head = new HttpRequestMessage(HttpMethod.Head, path);
        using var empty = await app.Http.SendAsync(head, TestContext.Current.CancellationToken);
        var body = await empty.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.OK, 0), (empty.StatusCode, body.Length));

        static string Policy(HttpResponseMessage answer) => answer.Headers.GetValues("Content-Security-Policy").Single();
    }

    [Fact]
    public async Task A_cookie_for_an_embedded_view_reaches_it_in_a_frame()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, ("PublicUrl", "https://stats.example"));
        var anna = await AddAnnaAsync(app);
        var path = await ShareAsync(app, anna, $$"""{"title":"Embedded","embedOrigins":["https://blog.example"],"password":"{{Password}}"}""");
        using var viewer = new DashboardVisit(app);
        viewer.Http.DefaultRequestHeaders.Host = "stats.example";

        using var right = await viewer.PostAsync(path, ("password", Password));

        var cookie = right.Headers.GetValues("Set-Cookie").Single();
        Assert.Contains("secure; samesite=none; httponly; Partitioned", cookie, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://a;sandbox.example")]
    [InlineData("https://*.example")]
    [InlineData("https://a,b.example")]
    [InlineData("*")]
    [InlineData("'self'")]
    [InlineData("https://a.example 'unsafe-inline'")]
    [InlineData("data:text/html,x")]
    public async Task Sites_that_would_change_the_policy_are_refused(string origin)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var anna = await app.AddCreatorAsync();

        using var answer = await SendAsync(
            app, HttpMethod.Post, Path, anna, new JsonObject { ["title"] = "x", ["embedOrigins"] = new JsonArray(origin) }.ToJsonString());

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Theory, Engines]
    public async Task A_sponsor_sees_visits_and_the_clicks_on_one_link(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var anna = await AddAnnaAsync(app);
        var blog = await app.AddLinkAsync(anna, "Blog", "https://blog.example/");
        var session = await app.PostSessionAsync(anna, ("referrer", "https://www.tiktok.com/"));
        await app.PostPageViewAsync(session!.Value, blog.Id);
        var path = await ShareAsync(
            app, anna, $$"""{"title":"Campaign","question":{"filters":[["is","source",["TikTok"]]],"compare":"previous"},"link":"{{blog.Id}}"}""");

        var page = await ReadAsync(app, path);

        // Three visits, and only the click on the one link, per hundred of the two views.
        Assert.Equal("Visits 3", DashboardVisit.TextOf(page, "data-figure=\"Visits\""));
        Assert.Equal("Clicks on Blog 1", DashboardVisit.TextOf(page, "data-figure=\"Clicks on Blog\""));
        Assert.Equal("Click rate 50.00%", DashboardVisit.TextOf(page, "data-figure=\"Click rate\""));
        Assert.EndsWith("2 1", DashboardVisit.TextOf(page, "<tbody"), StringComparison.Ordinal);
        Assert.DoesNotContain("Shop", page, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task The_list_tells_when_a_view_was_opened_last(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var anna = await AddAnnaAsync(app);
        var path = await ShareAsync(app, anna, """{"title":"Used"}""");
        Assert.Null((await ListAsync(app, anna))[0]!["lastUsedAt"]);

        await ReadAsync(app, path);
        app.Clock.Advance(TimeSpan.FromMinutes(59));
        await ReadAsync(app, path);
        Assert.Equal("2026-04-15T12:00:00.000Z", (string?)(await ListAsync(app, anna))[0]!["lastUsedAt"]);
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        await ReadAsync(app, path);
        Assert.Equal("2026-04-15T13:00:00.000Z", (string?)(await ListAsync(app, anna))[0]!["lastUsedAt"]);
        Assert.EndsWith(path, (string?)(await ListAsync(app, anna))[0]!["url"], StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task Another_creator_cannot_list_revoke_or_use_what_is_not_hers(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (anna, ben) = (await AddAnnaAsync(app), await app.AddCreatorAsync());
        var shop = await app.AddLinkAsync(anna, "Anna's shop", "https://annas.example/");
        var path = await ShareAsync(app, anna, """{"title":"Anna's"}""");
        var id = await IdOfAsync(app, anna, "Anna's");

        Assert.Empty(await ListAsync(app, ben));
        using var revoked = await SendAsync(app, HttpMethod.Delete, $"{Path}/{id}", ben);
        Assert.Equal(HttpStatusCode.NotFound, revoked.StatusCode);
        using var withLink = await SendAsync(app, HttpMethod.Post, Path, ben, $$"""{"title":"Stolen","link":"{{shop.Id}}"}""");
        Assert.Equal(HttpStatusCode.BadRequest, withLink.StatusCode);
        await ReadAsync(app, path);
    }

    [Theory]
    [InlineData("""{}""", "title is required")]
    [InlineData("""{"title":"x","question":{"range":["2026-01-01T00:00:00Z","2026-02-01T00:00:00Z"]}}""", "question.range must be a named range or two dates, not instants")]
    [InlineData("""{"title":"x","question":{"limit":1}}""", "question.limit is no key of it; allowed are range, timeZone, filters, compare")]
    [InlineData("""{"title":"x","question":{"range":"all","compare":"previous"}}""", "question.compare must be absent with the range all, which has nothing before it")]
    [InlineData("""{"title":"x","question":7}""", "question must be an object")]
    [InlineData("""{"title":"x","blocks":[]}""", "blocks must be a list of at least one of live, figures, notCounted, trend, sources, links, countries, devices, quality")]
    [InlineData("""{"title":"x","blocks":["live"],"question":{"filters":[["is","country",["DE"]]]}}""", "blocks must not contain live with filters, which do not apply to it")]
    [InlineData("""{"title":"x","password":"short"}""", "password must have 8 to 1000 characters")]
    [InlineData("""{"title":"x","expiresAt":"2026-04-15T12:00:00Z"}""", "expiresAt must be in the future")]
    [InlineData("""{"title":"x","question":{"\ud800":1}}""", "question.\uFFFD is no key of it; allowed are range, timeZone, filters, compare")]
    public async Task What_is_wrong_is_said(string body, string detail)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var anna = await app.AddCreatorAsync();

        using var answer = await SendAsync(app, HttpMethod.Post, Path, anna, body);

        var error = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["error"]!;
        Assert.Equal((HttpStatusCode.BadRequest, detail), (answer.StatusCode, (string?)error["details"]![0]!["message"]));
    }

    [Fact]
    public async Task A_picture_shows_the_figures_except_behind_a_password()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var anna = await AddAnnaAsync(app);
        var open = await PictureAsync(app, await ShareAsync(app, anna, """{"title":"Ärger in Köln, Αθήνα, Москва"}"""));
        var other = await PictureAsync(app, await ShareAsync(app, anna, """{"title":"東京 🎉"}"""));
        var secret = await PictureAsync(app, await ShareAsync(app, anna, $$"""{"title":"One","password":"{{Password}}"}"""));
        var secretToo = await PictureAsync(app, await ShareAsync(app, anna, $$"""{"title":"Two","password":"{{Password}}","blocks":["trend"]}"""));

        Assert.Equal(secret, secretToo);
        Assert.NotEqual(open, other);
        using var bitmap = SKBitmap.Decode(open);
        Assert.Equal((1200, 630), (bitmap.Width, bitmap.Height));
        // Letters are drawn although no font of the machine is asked for.
        Assert.True(bitmap.Pixels.Take(1200 * 200).Distinct().Count() > 10);
    }

    [Theory]
    [InlineData("\"all\"")]
    [InlineData("\"24h\"")]
    [InlineData("\"today\"")]
    [InlineData("[\"9999-12-29\",\"9999-12-31\"]")]
    [InlineData("[\"1970-01-01\",\"1970-01-02\"]")]
    public async Task A_view_opens_for_every_period_also_before_the_first_visit(string range)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var ben = await app.AddCreatorAsync();
        var blocks = string.Join(',', SharedBlock.All.Select(block => $"\"{block}\""));
        var path = await ShareAsync(app, ben, $$$"""{"title":"Empty","blocks":[{{{blocks}}}],"question":{"range":{{{range}}}}}""");

        Assert.Contains("data-figure=\"Views\"", await ReadAsync(app, path), StringComparison.Ordinal);
        await PictureAsync(app, path);
    }

    [Fact]
    public async Task Trying_out_links_is_limited_by_address()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, ("Throttle:Reports", "3"));
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(app, $"/s/{i}")).StatusCode);
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, (await GetAsync(app, "/s/3")).StatusCode);
    }

    /// <summary>A page with a name, a link, two visits from TikTok with a click each, and one from Instagram.</summary>
    private static async Task<Creator> AddAnnaAsync(TestApp app)
    {
        var anna = await app.AddCreatorAsync();
        await app.Main.ExecuteAsync(
            """UPDATE "BioPage" SET "handle" = 'anna', "title" = 'Anna Berg' WHERE "id" = @page""",
            TestContext.Current.CancellationToken, ("@page", anna.BioPageId));
        var shop = await app.AddLinkAsync(anna, "Shop", "https://shop.example/");
        foreach (var referrer in (string[])["https://www.tiktok.com/", "https://www.tiktok.com/", "https://www.instagram.com/"])
        {
            var session = await app.PostSessionAsync(anna, ("referrer", referrer));
            await app.PostPageViewAsync(session!.Value);
            await app.PostPageViewAsync(session.Value, shop.Id);
        }

        return anna;
    }

    /// <summary>Shares a view, and returns its path.</summary>
    private static async Task<string> ShareAsync(TestApp app, Creator creator, string body)
    {
        using var answer = await SendAsync(app, HttpMethod.Post, Path, creator, body);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.StatusCode == HttpStatusCode.Created, text);
        return new Uri((string)JsonNode.Parse(text)!["data"]!["url"]!).AbsolutePath;
    }

    private static async Task<JsonArray> ListAsync(TestApp app, Creator creator)
    {
        using var answer = await app.GetAsync(Path, app.Token(creator));
        var body = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        return body["data"]!["sharedViews"]!.AsArray();
    }

    private static async Task<string> IdOfAsync(TestApp app, Creator creator, string title) =>
        (string)(await ListAsync(app, creator)).Single(view => (string?)view!["title"] == title)!["id"]!;

    private static async Task<byte[]> PictureAsync(TestApp app, string path)
    {
        using var answer = await GetAsync(app, path + "/picture.png");
        Assert.Equal("image/png", answer.Content.Headers.ContentType?.ToString());
        return await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
    }

    private static async Task<string> ReadAsync(TestApp app, string path)
    {
        using var answer = await GetAsync(app, path);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    private static Task<HttpResponseMessage> GetAsync(TestApp app, string path)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.ParseAdd("text/html");
        return app.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static Task<HttpResponseMessage> SendAsync(TestApp app, HttpMethod method, string path, Creator creator, string? body = null)
    {
        var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", app.Token(creator));
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        return app.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
