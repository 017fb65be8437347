using System.Net;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Rows;

namespace Bioscope.Server.Tests;

/// <summary><c>/api/v1/creators/bio/placements</c>: the placement links of the caller's own page.</summary>
public sealed class PlacementEditingTests
{
    private const string SlugRule = "slug must be 1 to 40 letters a-z, digits, '-' or '_'";

    [Theory, Engines]
    public async Task Placement_links_are_added_read_changed_and_removed(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var anna = await app.AddCreatorAsync();
        Assert.Equal("""{"placements":[]}""", await app.OkPlacementsAsync(anna, "GET"));

        using var created = await app.SendPlacementsAsync(
            anna, "POST", "", """{"slug":"story","source":" Instagram ","label":" My story "}""");
        var answer = await created.CreatedAsync();
        var id = answer.GetProperty("id").GetGuid();
        var story = $$"""{"id":"{{id}}","slug":"story","source":"Instagram","label":"My story"}""";
        Assert.Equal(story, answer.GetRawText());
        Assert.Equal($"/api/v1/creators/bio/placements/{id}", created.Headers.Location?.OriginalString);
        app.Clock.Advance(TimeSpan.FromMilliseconds(1));
        var other = await app.AddPlacementAsync(anna, "a_2-b", "Tour 2026", "Posters");
        var poster = $$"""{"id":"{{other}}","slug":"a_2-b","source":"Tour 2026","label":"Posters"}""";

        Assert.Equal($$"""{"placements":[{{story}},{{poster}}]}""", await app.OkPlacementsAsync(anna, "GET"));
        Assert.Equal(story, await app.OkPlacementsAsync(anna, "GET", $"/{id}"));
        var changed = $$"""{"id":"{{id}}","slug":"stories","source":"TikTok","label":"Other"}""";
        Assert.Equal(
            changed, await app.OkPlacementsAsync(anna, "PUT", $"/{id}", """{"slug":"stories","source":"TikTok","label":"Other"}"""));
        // its own slug is not taken
        Assert.Equal(
            changed, await app.OkPlacementsAsync(anna, "PUT", $"/{id}", """{"slug":"stories","source":"TikTok","label":"Other"}"""));

        Assert.Equal("""{"ok":true}""", await app.OkPlacementsAsync(anna, "DELETE", $"/{id}"));
        foreach (var method in (string[])["GET", "PUT", "DELETE"])
        {
            using var gone = await app.SendPlacementsAsync(anna, method, $"/{id}", """{"slug":"x","source":"x","label":"x"}""");
            await gone.AssertErrorAsync(HttpStatusCode.NotFound, "PLACEMENT_NOT_FOUND", "error.creator.placement_not_found");
        }

        Assert.Equal($$"""{"placements":[{{poster}}]}""", await app.OkPlacementsAsync(anna, "GET"));
    }

    [Theory]
    [InlineData("""{}""", "slug is required", "source is required", "label is required")]
    [InlineData("""{"slug":null,"source":" ","label":"\u200b"}""", "slug is required", "source is required", "label is required")]
    [InlineData("""{"slug":7,"source":7,"label":[]}""", "slug must be a string", "source must be a string", "label must be a string")]
    [InlineData("""{"slug":"","source":"a","label":"b"}""", SlugRule)]
    [InlineData("""{"slug":"Story","source":"a","label":"b"}""", SlugRule)]
    [InlineData("""{"slug":"a/b","source":"a","label":"b"}""", SlugRule)]
    [InlineData("""{"slug":"a.b","source":"a","label":"b"}""", SlugRule)]
    [InlineData("""{"slug":" a","source":"a","label":"b"}""", SlugRule)]
    [InlineData("""{"slug":"é","source":"a","label":"b"}""", SlugRule)]
    [InlineData("""{"slug":"a\u0000","source":"a","label":"b"}""", SlugRule)]
    [InlineData("""{"slug":"\ud800","source":"a","label":"b"}""", "slug must be well-formed Unicode")]
    [InlineData(
        """{"slug":"a","source":"a\nb","label":"a\u0000b"}""",
        "source must not contain control characters",
        "label must not contain the character U+0000")]
    public async Task An_invalid_placement_link_is_refused(string body, params string[] details)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var anna = await app.AddCreatorAsync();
        var id = await app.AddPlacementAsync(anna, "story", "Instagram", "Story");

        using var post = await app.SendPlacementsAsync(anna, "POST", "", body);
        using var put = await app.SendPlacementsAsync(anna, "PUT", $"/{id}", body);

        Assert.Equal(details, (await post.AssertErrorAsync(HttpStatusCode.BadRequest, "VALIDATION_ERROR", "error.validation")).Details());
        Assert.Equal(details, (await put.AssertErrorAsync(HttpStatusCode.BadRequest, "VALIDATION_ERROR", "error.validation")).Details());
        Assert.Equal(
            $$"""{"placements":[{"id":"{{id}}","slug":"story","source":"Instagram","label":"Story"}]}""",
            await app.OkPlacementsAsync(anna, "GET"));
    }

    [Fact]
    public async Task Slugs_have_up_to_40_characters_and_texts_100()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var anna = await app.AddCreatorAsync();
        await app.AddPlacementAsync(anna, new string('a', 40), new string('s', 100), new string('l', 100));

        using var response = await app.SendPlacementsAsync(
            anna, "POST", "",
            $$"""{"slug":"{{new string('b', 41)}}","source":"{{new string('s', 101)}}","label":"a\tb{{new string('l', 100)}}"}""");

        // "label" has two problems, and one detail
        Assert.Equal(
            [SlugRule, "source must have at most 100 characters", "label must have at most 100 characters"],
            (await response.AssertErrorAsync(HttpStatusCode.BadRequest, "VALIDATION_ERROR", "error.validation")).Details());
    }

    [Theory, Engines]
    public async Task A_slug_is_unique_on_its_page_until_it_is_removed(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (anna, ben) = (await app.AddCreatorAsync(), await app.AddCreatorAsync());
        var story = await app.AddPlacementAsync(anna, "story", "Instagram", "Story");
        var poster = await app.AddPlacementAsync(anna, "poster", "Print", "Poster");
        await app.AddPlacementAsync(ben, "story", "TikTok", "Another page's");
        const string Again = """{"slug":"story","source":"Facebook","label":"Story"}""";

        using var post = await app.SendPlacementsAsync(anna, "POST", "", Again);
        using var put = await app.SendPlacementsAsync(anna, "PUT", $"/{poster}", Again);
        foreach (var refused in (HttpResponseMessage[])[post, put])
        {
            var error = await refused.AssertErrorAsync(HttpStatusCode.Conflict, "CONFLICT", "error.conflict");
            Assert.Equal(["slug story belongs to another placement link of the page"], error.Details());
        }

        await app.OkPlacementsAsync(anna, "DELETE", $"/{story}");
        await app.OkPlacementsAsync(anna, "PUT", $"/{poster}", Again);
        await app.OkPlacementsAsync(anna, "DELETE", $"/{poster}");
        await app.AddPlacementAsync(anna, "story", "Instagram", "Story");
    }

    [Theory, Engines]
    public async Task Simultaneous_requests_give_a_slug_to_one_link_and_50_links_to_a_page(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, ("Throttle:Enabled", "false"));
        var anna = await app.AddCreatorAsync();
        await AddRowsAsync(app, anna, 45, removedAt: null);

        var same = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => PostAsync("same")));
        var others = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => PostAsync($"other-{i}")));

        Assert.Equal(1, same.Count(status => status == HttpStatusCode.Created));
        Assert.Equal(4, others.Count(status => status == HttpStatusCode.Created));
        Assert.All(same.Concat(others).Where(status => status != HttpStatusCode.Created), status =>
            Assert.Equal(HttpStatusCode.Conflict, status));
        using var full = await app.SendPlacementsAsync(anna, "POST", "", Body("one-more"));
        Assert.Equal(
            ["a page has at most 50 placement links"],
            (await full.AssertErrorAsync(HttpStatusCode.Conflict, "CONFLICT", "error.conflict")).Details());

        async Task<HttpStatusCode> PostAsync(string slug)
        {
            using var response = await app.SendPlacementsAsync(anna, "POST", "", Body(slug));
            return response.StatusCode;
        }

        static string Body(string slug) => $$"""{"slug":"{{slug}}","source":"Instagram","label":"{{slug}}"}""";
    }

    [Theory, Engines]
    public async Task A_page_has_up_to_1000_placement_links_with_the_removed_ones(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var anna = await app.AddCreatorAsync();
        await AddRowsAsync(app, anna, 999, app.Clock.GetUtcNow());
        var last = await app.AddPlacementAsync(anna, "last", "Instagram", "Last");
        await app.OkPlacementsAsync(anna, "DELETE", $"/{last}");

        using var full = await app.SendPlacementsAsync(anna, "POST", "", """{"slug":"more","source":"Instagram","label":"More"}""");

        Assert.Equal(
            ["a page has at most 1000 placement links, with the removed ones"],
            (await full.AssertErrorAsync(HttpStatusCode.Conflict, "CONFLICT", "error.conflict")).Details());
    }

    [Theory, Engines]
    public async Task Another_creators_placement_link_is_404(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (anna, mallory) = (await app.AddCreatorAsync(), await app.AddCreatorAsync());
        var id = await app.AddPlacementAsync(anna, "story", "Instagram", "Story");

        foreach (var method in (string[])["GET", "PUT", "DELETE"])
        {
            foreach (var path in (string[])[$"/{id}", $"/{Guid.NewGuid()}", "/no-uuid"])
            {
                using var response = await app.SendPlacementsAsync(
                    mallory, method, path, """{"slug":"stolen","source":"Mallory","label":"Mallory"}""");
                await response.AssertErrorAsync(HttpStatusCode.NotFound, "PLACEMENT_NOT_FOUND", "error.creator.placement_not_found");
            }
        }

        Assert.Equal("""{"placements":[]}""", await app.OkPlacementsAsync(mallory, "GET"));
        Assert.Equal(
            $$"""{"placements":[{"id":"{{id}}","slug":"story","source":"Instagram","label":"Story"}]}""",
            await app.OkPlacementsAsync(anna, "GET"));
    }

    private static Task<int> AddRowsAsync(TestApp app, Creator creator, int count, DateTimeOffset? removedAt) => app.Main.InsertAsync(
        PlacementRow.Table,
        [.. Enumerable.Range(0, count).Select(i =>
            new PlacementRow(Guid.NewGuid(), creator.BioPageId, $"row-{i}", "Instagram", "Row", TestApp.Start) { RemovedAt = removedAt })],
        TestContext.Current.CancellationToken);
}
