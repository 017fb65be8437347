using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Bioscope.Engine.Creators;

namespace Bioscope.Server.Tests;

public sealed class BioEditingTests
{
    private const string Bio = "/api/v1/creators/bio";

    [Theory, Engines]
    public async Task A_page_is_read_and_changed_by_its_owner(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var anna = await app.AddCreatorAsync();

        Assert.Equal(
            $$"""{"id":"{{anna.BioPageId}}","handle":null,"title":null,"description":null,"links":[]}""",
            await OkAsync(app, anna, "GET", ""));
        Assert.Equal(
            $$"""{"id":"{{anna.BioPageId}}","handle":"anna.b","title":"Anna & co","description":"One\nTwo","links":[]}""",
            await OkAsync(app, anna, "PUT", "", """{"title":"  Anna & co ","description":"One\r\nTwo\n","handle":" @Anna.B "}"""));
        Assert.Contains(
            "<h1>Anna &amp; co</h1>",
            await app.Http.GetStringAsync("/@anna.b", TestContext.Current.CancellationToken),
            StringComparison.Ordinal);
        Assert.Equal(
            $$"""{"id":"{{anna.BioPageId}}","handle":"anna.b","title":null,"description":null,"links":[]}""",
            await OkAsync(app, anna, "PUT", "", """{"title":" ","description":null}"""));
    }

    [Theory, Engines]
    public async Task Simultaneous_requests_give_a_handle_to_one_page(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creators = new List<Creator>();
        for (var i = 0; i < 6; i++)
        {
            creators.Add(await app.AddCreatorAsync());
        }

        var answers = await Task.WhenAll(creators.Select(creator => SendAsync(app, creator, "PUT", "", """{"handle":"wanted"}""")));

        Assert.Equal(1, answers.Count(answer => answer.StatusCode == HttpStatusCode.OK));
        foreach (var answer in answers.Where(answer => answer.StatusCode != HttpStatusCode.OK))
        {
            var error = await answer.AssertErrorAsync(HttpStatusCode.Conflict, "CONFLICT", "error.conflict");
            Assert.Equal(["handle wanted belongs to another page"], error.Details());
        }
    }

    [Theory]
    [InlineData("""{"title":5,"handle":"a b"}""", "title must be a string", "handle must be 1 to 30 letters a-z, digits, '.', '_' or '-'")]
    [InlineData("""{"title":"a\nb"}""", "title must not contain control characters")]
    [InlineData("""{"description":"a\tb"}""", "description must not contain control characters")]
    [InlineData("""{"title":"a\u0000b"}""", "title must not contain the character U+0000")]
    [InlineData("""{"title":"\ud800"}""", "title must be well-formed Unicode")]
    [InlineData("""{"handle":""}""", "handle must be 1 to 30 letters a-z, digits, '.', '_' or '-'")]
    [InlineData("""{"handle":"a/b"}""", "handle must be 1 to 30 letters a-z, digits, '.', '_' or '-'")]
    public async Task Invalid_handles_and_titles_are_refused(string body, params string[] details)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var anna = await app.AddCreatorAsync();

        using var response = await SendAsync(app, anna, "PUT", "", body);

        Assert.Equal(
            details, (await response.AssertErrorAsync(HttpStatusCode.BadRequest, "VALIDATION_ERROR", "error.validation")).Details());
    }

    [Fact]
    public async Task Titles_have_up_to_100_characters_and_descriptions_500()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var anna = await app.AddCreatorAsync();

        await OkAsync(app, anna, "PUT", "", $$"""{"title":"{{new string('t', 100)}}","description":"{{new string('d', 500)}}"}""");
        using var response = await SendAsync(
            app, anna, "PUT", "", $$"""{"title":"{{new string('t', 101)}}","description":"{{new string('d', 501)}}"}""");

        Assert.Equal(
            ["title must have at most 100 characters", "description must have at most 500 characters"],
            (await response.AssertErrorAsync(HttpStatusCode.BadRequest, "VALIDATION_ERROR", "error.validation")).Details());
    }

    [Theory, Engines]
    public async Task Links_are_added_read_changed_and_deleted(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var anna = await app.AddCreatorAsync();

        using var created = await SendAsync(app, anna, "POST", "/links", """{"title":" Shop ","url":" https://shop.example/ "}""");
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        var id = (await DataAsync(created)).GetProperty("id").GetGuid();
        Assert.Equal($"{Bio}/links/{id}", created.Headers.Location?.OriginalString);
        var other = await AddAsync(app, anna, "News");

        var shop = $$"""{"id":"{{id}}","title":"Shop","url":"https://shop.example/","position":0,"active":true}""";
        var news = $$"""{"id":"{{other}}","title":"News","url":"https://example.com/","position":1,"active":true}""";
        Assert.Equal(shop, await OkAsync(app, anna, "GET", $"/links/{id}"));
        Assert.Equal($$"""{"links":[{{shop}},{{news}}]}""", await OkAsync(app, anna, "GET", "/links"));

        var changed = $$"""{"id":"{{id}}","title":"Store","url":"http://store.example/","position":0,"active":false}""";
        Assert.Equal(
            changed, await OkAsync(app, anna, "PUT", $"/links/{id}", """{"title":"Store","url":"http://store.example/","active":false}"""));
        Assert.Equal(changed, await OkAsync(app, anna, "PUT", $"/links/{id}", """{"title":"Store","url":"http://store.example/"}"""));

        Assert.Equal("""{"ok":true}""", await OkAsync(app, anna, "DELETE", $"/links/{id}"));
        using var gone = await SendAsync(app, anna, "DELETE", $"/links/{id}");
        await gone.AssertErrorAsync(HttpStatusCode.NotFound, "LINK_NOT_FOUND", "error.creator.link_not_found");
        Assert.Equal(
            $$"""{"links":[{{news.Replace(":1,", ":0,", StringComparison.Ordinal)}}]}""", await OkAsync(app, anna, "GET", "/links"));
    }

    [Theory]
    [InlineData("""{}""", "title is required", "url is required")]
    [InlineData(
        """{"title":" ","url":" "}""",
        "title is required",
        "url must be a web address that starts with http:// or https://, without a user name in it")]
    [InlineData("""{"title":"\u200b","url":"https://a.example"}""", "title is required")]
    [InlineData(
        """{"title":"a","url":"java\tscript:alert(1)"}""",
        "url must be a web address that starts with http:// or https://, without a user name in it")]
    [InlineData(
        """{"title":"a","url":"//evil.example"}""",
        "url must be a web address that starts with http:// or https://, without a user name in it")]
    [InlineData(
        """{"title":"a","url":"https://bank.example@evil.example"}""",
        "url must be a web address that starts with http:// or https://, without a user name in it")]
    [InlineData("""{"title":"a","url":"https://a.example","active":"yes"}""", "active must be true or false")]
    [InlineData("""{"title":"a","url":7}""", "url must be a string")]
    public async Task An_invalid_link_is_refused(string body, params string[] details)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var anna = await app.AddCreatorAsync();
        var link = await AddAsync(app, anna, "Shop");

        using var post = await SendAsync(app, anna, "POST", "/links", body);
        using var put = await SendAsync(app, anna, "PUT", $"/links/{link}", body);

        Assert.Equal(details, (await post.AssertErrorAsync(HttpStatusCode.BadRequest, "VALIDATION_ERROR", "error.validation")).Details());
        Assert.Equal(details, (await put.AssertErrorAsync(HttpStatusCode.BadRequest, "VALIDATION_ERROR", "error.validation")).Details());
        Assert.Equal(["Shop"], await TitlesAsync(app, anna));
    }

    [Theory, Engines]
    public async Task Another_creators_link_is_404(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (anna, mallory) = (await app.AddCreatorAsync(), await app.AddCreatorAsync());
        var link = await AddAsync(app, anna, "Shop");
        var own = await AddAsync(app, mallory, "Own");
        const string Body = """{"title":"Stolen","url":"https://evil.example/"}""";

        foreach (var method in (string[])["GET", "PUT", "DELETE"])
        {
            var answers = new List<string>();
            foreach (var id in (string[])[$"{link}", $"{Guid.NewGuid()}", "no-uuid"])
            {
                using var response = await SendAsync(app, mallory, method, $"/links/{id}", method == "PUT" ? Body : null);
                var error = await response.AssertErrorAsync(HttpStatusCode.NotFound, "LINK_NOT_FOUND", "error.creator.link_not_found");
                answers.Add(error.GetRawText().Replace(error.GetProperty("correlationId").GetString()!, "", StringComparison.Ordinal));
            }

            Assert.Single(answers.Distinct());
        }

        using var order = await SendAsync(app, mallory, "PUT", "/links/order", $$"""{"ids":["{{own}}","{{link}}"]}""");
        await order.AssertErrorAsync(HttpStatusCode.BadRequest, "VALIDATION_ERROR", "error.validation");
        Assert.Equal(["Shop"], await TitlesAsync(app, anna));
        Assert.Equal(["Own"], await TitlesAsync(app, mallory));
    }

    [Theory, Engines]
    public async Task Reordering_needs_every_link_exactly_once(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var anna = await app.AddCreatorAsync();
        var (a, b, c) = (await AddAsync(app, anna, "A"), await AddAsync(app, anna, "B"), await AddAsync(app, anna, "C"));

        await OkAsync(app, anna, "PUT", "/links/order", $$"""{"ids":["{{c}}","{{a}}","{{b}}"]}""");
        Assert.Equal(["C", "A", "B"], await TitlesAsync(app, anna));

        var wrong = (string[])[
            "{}", """{"ids":null}""", """{"ids":"x"}""", """{"ids":["x"]}""", """{"ids":[5]}""", """{"ids":["\ud800"]}""", """{"ids":[]}""",
            $$"""{"ids":["{{a}}","{{b}}"]}""", $$"""{"ids":["{{a}}","{{b}}","{{b}}"]}""",
            $$"""{"ids":["{{a}}","{{b}}","{{c}}","{{c}}"]}""", $$"""{"ids":["{{a}}","{{b}}","{{Guid.NewGuid()}}"]}"""];
        foreach (var body in wrong)
        {
            using var response = await SendAsync(app, anna, "PUT", "/links/order", body);
            var error = await response.AssertErrorAsync(HttpStatusCode.BadRequest, "VALIDATION_ERROR", "error.validation");
            Assert.StartsWith("ids ", Assert.Single(error.Details()), StringComparison.Ordinal);
        }

        Assert.Equal(["C", "A", "B"], await TitlesAsync(app, anna));
        await AddAsync(app, anna, "D");
        Assert.Equal(["C", "A", "B", "D"], await TitlesAsync(app, anna));
    }

    [Theory, Engines]
    public async Task A_page_has_up_to_100_links_under_concurrency(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, ("Throttle:Enabled", "false"));
        var anna = await app.AddCreatorAsync();
        for (var i = 0; i < 95; i++)
        {
            await app.AddLinkAsync(anna, "Imported", "https://example.com/");
        }

        var answers = await Task.WhenAll(
            Enumerable.Range(0, 12).Select(
                _ => SendAsync(app, anna, "POST", "/links", """{"title":"New","url":"https://example.com/"}""")));

        Assert.Equal(5, answers.Count(answer => answer.StatusCode == HttpStatusCode.Created));
        foreach (var answer in answers.Where(answer => answer.StatusCode != HttpStatusCode.Created))
        {
            await answer.AssertErrorAsync(HttpStatusCode.Conflict, "CONFLICT", "error.conflict");
        }

        Assert.Equal(100, (await TitlesAsync(app, anna)).Length);
    }

    [Theory, Engines]
    public async Task Simultaneous_edits_lose_no_link_and_keep_positions_unique(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, ("Throttle:Enabled", "false"));
        var anna = await app.AddCreatorAsync();
        var ids = new List<Guid>();
        for (var i = 0; i < 8; i++)
        {
            ids.Add(await AddAsync(app, anna, $"Link {i}"));
        }

        var orders = Enumerable.Range(0, 8).Select(i => string.Join("\",\"", ids.Skip(i).Concat(ids.Take(i))));
        var answers = await Task.WhenAll(orders.Select(order => SendAsync(app, anna, "PUT", "/links/order", $$"""{"ids":["{{order}}"]}"""))
            .Concat(
                Enumerable.Range(0, 8).Select(
                    i => SendAsync(app, anna, "POST", "/links", $$"""{"title":"New {{i}}","url":"https://example.com/"}"""))));

        Assert.All(answers, answer =>
            Assert.Contains(answer.StatusCode, (HttpStatusCode[])[HttpStatusCode.OK, HttpStatusCode.Created, HttpStatusCode.BadRequest]));
        Assert.Equal(8, answers.Count(answer => answer.StatusCode == HttpStatusCode.Created));
        var titles = await TitlesAsync(app, anna);
        Assert.Equal(16, titles.Distinct().Count());
        // The old ones are in one of the eight orders, not in a mixture of two.
        var old = titles.Where(title => title.StartsWith("Link", StringComparison.Ordinal)).Select(title => title[^1] - '0').ToArray();
        Assert.All(old.Zip(old.Skip(1)), pair => Assert.Equal((pair.First + 1) % 8, pair.Second));
        // All positions are distinct.
        var places = await app.Main.QueryAsync(
            """SELECT "position" FROM "BioLink" """, row => row.GetInt32(0), TestContext.Current.CancellationToken);
        Assert.Equal(16, places.Distinct().Count());
    }

    [Theory, Engines]
    public async Task A_deleted_link_keeps_its_clicks_in_the_report(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var anna = await app.AddCreatorAsync();
        var link = await AddAsync(app, anna, "Shop");
        await app.AddPageViewsAsync(anna, 2, link);
        Assert.Equal(
            $$"""{"links":[{"id":"{{link}}","title":"Shop","url":"https://example.com/","clicks":2,"ctr":100}]}""",
            await app.ReportAsync(anna, "links"));

        await OkAsync(app, anna, "DELETE", $"/links/{link}");

        Assert.Equal(
            $$"""{"links":[{"id":"{{link}}","title":"Unknown","url":"","clicks":2,"ctr":100}]}""", await app.ReportAsync(anna, "links"));
    }

    [Theory, Engines]
    public async Task A_creator_without_a_page_gets_the_reports_404(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var anna = await app.AddCreatorAsync();
        await app.Main.ExecuteAsync("""DELETE FROM "BioPage" """, TestContext.Current.CancellationToken);

        foreach (var (method, path) in (List<(string, string)>)[
            ("GET", ""), ("PUT", ""), ("GET", "/links"), ("POST", "/links"), ("PUT", "/links/order"), ("GET", $"/links/{Guid.NewGuid()}"),
            ("PUT", $"/links/{Guid.NewGuid()}"), ("DELETE", $"/links/{Guid.NewGuid()}")])
        {
            using var nobody = await SendAsync(app, null, method, path, "{}");
            await nobody.AssertErrorAsync(HttpStatusCode.Unauthorized, "AUTH_UNAUTHORIZED", "error.auth.unauthorized");
            using var stranger = await SendAsync(app, anna with { UserId = Guid.NewGuid() }, method, path, "{}");
            await stranger.AssertErrorAsync(HttpStatusCode.NotFound, "CREATOR_NOT_FOUND", "error.creator.not_found");
            using var pageless = await SendAsync(app, anna, method, path, "{}");
            await pageless.AssertErrorAsync(HttpStatusCode.NotFound, "BIO_NOT_FOUND", "error.creator.bio_not_found");
        }
    }

    [Fact]
    public async Task Edits_have_a_lower_rate_limit_than_reads()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, ("Throttle:Bio", "3"), ("Throttle:BioEdits", "2"));
        var anna = await app.AddCreatorAsync();

        for (var i = 0; i < 3; i++)
        {
            await OkAsync(app, anna, "GET", "");
        }

        using var read = await SendAsync(app, anna, "GET", "");
        await read.AssertErrorAsync(HttpStatusCode.TooManyRequests, "RATE_LIMIT_EXCEEDED", "error.rate_limit.exceeded");
        await AddAsync(app, anna, "A");
        await AddAsync(app, anna, "B");
        using var edit = await SendAsync(app, anna, "POST", "/links", """{"title":"C","url":"https://example.com/"}""");
        await edit.AssertErrorAsync(HttpStatusCode.TooManyRequests, "RATE_LIMIT_EXCEEDED", "error.rate_limit.exceeded");
        Assert.Equal(["A", "B"], await TitlesAsync(app, anna));
    }

    [Fact]
    public async Task Shared_databases_serve_neither_bio_pages_nor_editing()
    {
        using var databases = await TestDatabases.CreateAsync(EngineKind.Sqlite);
        Creator anna;
        await using (var owner = await TestApp.StartAsync(databases))
        {
            anna = await owner.AddCreatorAsync();
            await OkAsync(owner, anna, "PUT", "", """{"handle":"anna"}""");
        }

        await using var app = await TestApp.StartAsync(databases, ("Storage:Ownership", "shared"));

        await (await app.GetAsync("/@anna")).AssertErrorAsync(HttpStatusCode.NotFound, "NOT_FOUND", "error.not_found");
        await (await SendAsync(app, anna, "GET", "")).AssertErrorAsync(HttpStatusCode.NotFound, "NOT_FOUND", "error.not_found");
    }

    private static async Task<Guid> AddAsync(TestApp app, Creator creator, string title)
    {
        using var response = await SendAsync(app, creator, "POST", "/links", $$"""{"title":"{{title}}","url":"https://example.com/"}""");
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        return (await DataAsync(response)).GetProperty("id").GetGuid();
    }

    private static async Task<string[]> TitlesAsync(TestApp app, Creator creator)
    {
        using var response = await SendAsync(app, creator, "GET", "/links");
        return [.. (await DataAsync(response)).GetProperty("links").EnumerateArray().Select(link => link.GetProperty("title").GetString()!)];
    }

    private static async Task<string> OkAsync(TestApp app, Creator creator, string method, string path, string? body = null)
    {
        using var response = await SendAsync(app, creator, method, path, body);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await DataAsync(response)).GetRawText();
    }

    private static async Task<JsonElement> DataAsync(HttpResponseMessage response) =>
        (await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("data");

    private static Task<HttpResponseMessage> SendAsync(TestApp app, Creator? creator, string method, string path, string? body = null)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), Bio + path);
        if (creator is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", app.Token(creator));
        }

        if (body is not null && method != "GET")
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        return app.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
