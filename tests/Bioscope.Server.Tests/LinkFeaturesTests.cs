using System.Net;
using System.Text.RegularExpressions;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Rows;
using Bioscope.Server.Api.Bio;

namespace Bioscope.Server.Tests;

/// <summary>Headings, schedules, the pinned link and restoring deleted links: in the API, and on the page that visitors see.</summary>
public sealed partial class LinkFeaturesTests
{
    [Theory, Engines]
    public async Task Optional_fields_are_sent_only_where_they_are_set(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var anna = await app.AddCreatorAsync();
        const string Url = "https://a.example/";
        var plain = await app.AddBioLinkAsync(anna, $$"""{"title":"Plain","url":"{{Url}}"}""");
        var full = await app.AddBioLinkAsync(
            anna,
            $$"""{"title":"Full","url":"{{Url}}","pinned":true,"startsAt":"2026-05-01T10:00:00+02:00","endsAt":"2026-05-02T00:00Z"}""");
        var part = await app.AddBioLinkAsync(anna, """{"title":"Part","heading":true}""");

        var expected = $$"""
            {"links":[{"id":"{{plain}}","title":"Plain","url":"{{Url}}","position":0,"active":true},{"id":"{{full}}","title":"Full","url":"{{Url}}","position":1,"active":true,"pinned":true,"startsAt":"2026-05-01T08:00:00.000Z","endsAt":"2026-05-02T00:00:00.000Z"},{"id":"{{part}}","title":"Part","url":"","position":2,"active":true,"heading":true}]}
            """;
        Assert.Equal(expected, await app.OkBioAsync(anna, "GET", "/links"));

        // Clients that do not know these fields leave them as they are.
        await app.OkBioAsync(anna, "PUT", $"/links/{full}", $$"""{"title":"Full","url":"{{Url}}"}""");
        Assert.Equal(expected, await app.OkBioAsync(anna, "GET", "/links"));
        Assert.Equal(
            $$"""{"id":"{{full}}","title":"Full","url":"{{Url}}","position":1,"active":true,"startsAt":"2026-06-01T00:00:00.000Z"}""",
            await app.OkBioAsync(
                anna, "PUT", $"/links/{full}",
                $$"""{"title":"Full","url":"{{Url}}","pinned":false,"startsAt":"2026-06-01T00:00:00Z"}"""));
        Assert.Equal(
            $$"""{"id":"{{full}}","title":"Full","url":"{{Url}}","position":1,"active":true}""",
            await app.OkBioAsync(anna, "PUT", $"/links/{full}", $$"""{"title":"Full","url":"{{Url}}","startsAt":null}"""));
    }

    [Theory]
    [InlineData("""{"title":"a","heading":true,"url":"https://a.example"}""", "url must be absent for a heading")]
    [InlineData("""{"title":"a","heading":true,"pinned":true}""", "pinned must be false for a heading")]
    [InlineData("""{"title":"a","heading":"yes"}""", "heading must be true or false", "url is required")]
    [InlineData("""{"heading":true}""", "title is required")]
    [InlineData("""{"title":"a","url":"https://a.example","pinned":1}""", "pinned must be true or false")]
    [InlineData(
        """{"title":"a","url":"https://a.example","startsAt":"2026-05-01"}""",
        "startsAt must be an instant since 1970, such as 2026-04-01T00:00:00.000Z")]
    [InlineData(
        """{"title":"a","url":"https://a.example","startsAt":7,"endsAt":"x"}""",
        "startsAt must be a string",
        "endsAt must be an instant since 1970, such as 2026-04-01T00:00:00.000Z")]
    [InlineData(
        """{"title":"a","url":"https://a.example","startsAt":"2026-05-01T00:00Z","endsAt":"2026-05-01T02:00+02:00"}""",
        "endsAt must be after startsAt")]
    public async Task Invalid_headings_and_schedules_are_refused(string body, params string[] details)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var anna = await app.AddCreatorAsync();
        var link = await app.AddBioLinkAsync(anna, """{"title":"Shop","url":"https://shop.example/"}""");

        foreach (var (method, path) in ((string, string)[])[("POST", "/links"), ("PUT", $"/links/{link}")])
        {
            using var response = await app.SendBioAsync(anna, method, path, body);
            Assert.Equal(
                details, (await response.AssertErrorAsync(HttpStatusCode.BadRequest, "VALIDATION_ERROR", "error.validation")).Details());
        }

        Assert.Equal(["Shop"], await app.LinkTitlesAsync(anna));
    }

    [Theory, Engines]
    public async Task One_link_of_a_page_is_pinned(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (anna, mallory) = (await app.AddCreatorAsync(), await app.AddCreatorAsync());
        var a = await app.AddBioLinkAsync(anna, """{"title":"A","url":"https://a.example/","pinned":true}""");
        var b = await app.AddBioLinkAsync(anna, """{"title":"B","url":"https://b.example/","pinned":true}""");
        await app.AddBioLinkAsync(mallory, """{"title":"M","url":"https://m.example/","pinned":true}""");
        Assert.Equal([b], await PinnedAsync(app, anna));

        await app.OkBioAsync(anna, "PUT", $"/links/{a}", """{"title":"A","url":"https://a.example/","pinned":true}""");
        Assert.Equal([a], await PinnedAsync(app, anna));
        using var foreign = await app.SendBioAsync(
            mallory, "PUT", $"/links/{a}", """{"title":"A","url":"https://a.example/","pinned":false}""");
        await foreign.AssertErrorAsync(HttpStatusCode.NotFound, "LINK_NOT_FOUND", "error.creator.link_not_found");
        Assert.Equal([a], await PinnedAsync(app, anna));
        Assert.Single(await PinnedAsync(app, mallory));
        // A link that becomes a heading is not pinned.
        await app.OkBioAsync(anna, "PUT", $"/links/{a}", """{"title":"A","heading":true}""");
        Assert.Empty(await PinnedAsync(app, anna));
    }

    [Theory, Engines]
    public async Task Simultaneous_pins_leave_one_pinned_link(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, ("Throttle:Enabled", "false"));
        var anna = await app.AddCreatorAsync();
        var ids = new List<Guid>();
        for (var i = 0; i < 6; i++)
        {
            ids.Add((await app.AddLinkAsync(anna, $"Link {i}", "https://a.example/")).Id);
        }

        await Task.WhenAll(ids.Select(
            id => app.OkBioAsync(anna, "PUT", $"/links/{id}", """{"title":"A","url":"https://a.example/","pinned":true}""")));

        Assert.Single(await PinnedAsync(app, anna));
    }

    [Theory, Engines]
    public async Task A_deleted_link_is_restored_with_its_place_and_clicks(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var anna = await app.AddCreatorAsync();
        await app.AddBioLinkAsync(anna, """{"title":"A","url":"https://a.example/"}""");
        var b = await app.AddBioLinkAsync(
            anna, """{"title":"B","url":"https://b.example/","active":false,"pinned":true,"endsAt":"2026-05-02T00:00Z"}""");
        var c = await app.AddBioLinkAsync(anna, """{"title":"C","url":"https://c.example/"}""");
        var before = await app.OkBioAsync(anna, "GET", $"/links/{b}");
        await app.AddPageViewsAsync(anna, 2, b);

        await app.OkBioAsync(anna, "DELETE", $"/links/{b}");
        Assert.Equal(["A", "C"], await app.LinkTitlesAsync(anna));
        Assert.Equal(
            $$"""{"links":[{{before[..^1]}},"deletedAt":"2026-04-15T12:00:00.000Z"}]}""",
            await app.OkBioAsync(anna, "GET", "/links/deleted"));
        Assert.Contains("\"Unknown\"", await app.ReportAsync(anna, "links"), StringComparison.Ordinal);

        Assert.Equal(before, await app.OkBioAsync(anna, "POST", $"/links/{b}/restore"));
        Assert.Equal(["A", "B", "C"], await app.LinkTitlesAsync(anna));
        Assert.Empty(await app.LinkTitlesAsync(anna, "/links/deleted"));
        Assert.Contains("\"title\":\"B\",\"url\":\"https://b.example/\",\"clicks\":2", await app.ReportAsync(anna, "links"), StringComparison.Ordinal);

        // Another link may have been pinned since.
        await app.OkBioAsync(anna, "DELETE", $"/links/{b}");
        await app.OkBioAsync(anna, "PUT", $"/links/{c}", """{"title":"C","url":"https://c.example/","pinned":true}""");
        Assert.DoesNotContain("pinned", await app.OkBioAsync(anna, "POST", $"/links/{b}/restore"), StringComparison.Ordinal);
        Assert.Equal([c], await PinnedAsync(app, anna));
    }

    [Theory, Engines]
    public async Task Deleted_links_can_be_restored_for_30_days_and_by_their_owner(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (anna, mallory) = (await app.AddCreatorAsync(), await app.AddCreatorAsync());
        var a = await app.AddBioLinkAsync(anna, """{"title":"A","url":"https://a.example/"}""");
        var b = await app.AddBioLinkAsync(anna, """{"title":"B","url":"https://b.example/"}""");
        await app.OkBioAsync(anna, "DELETE", $"/links/{a}");

        foreach (var (creator, id) in ((Creator, string)[])[(mallory, $"{a}"), (anna, $"{b}"), (anna, $"{Guid.NewGuid()}"), (anna, "no-uuid")])
        {
            using var refused = await app.SendBioAsync(creator, "POST", $"/links/{id}/restore");
            await refused.AssertErrorAsync(HttpStatusCode.NotFound, "LINK_NOT_FOUND", "error.creator.link_not_found");
        }

        app.Clock.Advance(TimeSpan.FromDays(30) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(["A"], await app.LinkTitlesAsync(anna, "/links/deleted"));
        app.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Empty(await app.LinkTitlesAsync(anna, "/links/deleted"));
        using var late = await app.SendBioAsync(anna, "POST", $"/links/{a}/restore");
        Assert.Equal(HttpStatusCode.NotFound, late.StatusCode);
        // The next deletion erases it.
        await app.OkBioAsync(anna, "DELETE", $"/links/{b}");
        Assert.Equal(1, await DeletedRowsAsync(app));
    }

    [Theory, Engines]
    public async Task The_last_100_deleted_links_are_kept_and_a_full_page_takes_none(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, ("Throttle:Enabled", "false"));
        var anna = await app.AddCreatorAsync();
        var rows = Enumerable.Range(0, 102).Select(
            i => new BioLinkRow(Guid.NewGuid(), anna.BioPageId, $"Link {i}", "https://a.example/") { Position = i }).ToList();
        await app.Main.InsertAsync(BioLinkRow.Table, rows, TestContext.Current.CancellationToken);
        foreach (var row in rows.Take(101))
        {
            await app.OkBioAsync(anna, "DELETE", $"/links/{row.Id}");
            app.Clock.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.Equal(100, await DeletedRowsAsync(app));
        Assert.Equal(rows.Skip(1).Take(100).Reverse().Select(row => row.Title), await app.LinkTitlesAsync(anna, "/links/deleted"));
        foreach (var row in rows.Skip(1).Take(99))
        {
            await app.OkBioAsync(anna, "POST", $"/links/{row.Id}/restore");
        }

        Assert.Equal(LinkStore.MaxLinks, (await app.LinkTitlesAsync(anna)).Length);
        using var full = await app.SendBioAsync(anna, "POST", $"/links/{rows[100].Id}/restore");
        Assert.Equal(
            ["a page has at most 100 links"],
            (await full.AssertErrorAsync(HttpStatusCode.Conflict, "CONFLICT", "error.conflict")).Details());
    }

    [Theory, Engines]
    public async Task The_page_shows_a_scheduled_link_from_its_start_to_its_end(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var anna = await AddAnnaAsync(app);
        await app.AddBioLinkAsync(
            anna, """{"title":"Tickets","url":"https://tour.example/","startsAt":"2026-04-15T12:00:30Z","endsAt":"2026-04-15T13:00:00Z"}""");

        Assert.Equal(("", 30), await SeenAsync(app)); // no cache keeps the page longer than it is right
        app.Clock.Advance(TimeSpan.FromSeconds(30) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(("", 0), await SeenAsync(app));
        app.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(("*Tickets", 60), await SeenAsync(app));
        app.Clock.Advance(TimeSpan.FromMinutes(59.5) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(("*Tickets", 0), await SeenAsync(app));
        app.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(("", 60), await SeenAsync(app));
    }

    [Theory, Engines]
    public async Task The_page_shows_headings_with_links_and_fills_one_link(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var anna = await AddAnnaAsync(app);
        await AddAsync("""{"title":"Empty","heading":true}""");
        await AddAsync("""{"title":"<Music>","heading":true}""");
        await AddAsync("""{"title":"Song","url":"https://song.example/"}""");
        var video = await AddAsync("""{"title":"Video","url":"https://video.example/"}""");
        await AddAsync("""{"title":"Hidden","heading":true,"active":false}""");
        await AddAsync("""{"title":"Shop","url":"https://shop.example/"}""");
        await AddAsync("""{"title":"Last","heading":true}""");
        await AddAsync("""{"title":"Old","url":"https://old.example/","active":false}""");
        Assert.Equal("# <Music> *Song Video Shop", (await SeenAsync(app)).Shown);

        await app.OkBioAsync(anna, "PUT", $"/links/{video}", """{"title":"Video","url":"https://video.example/","pinned":true}""");
        Assert.Equal("# <Music> Song *Video Shop", (await SeenAsync(app)).Shown);
        // A pinned link that is hidden leaves the first one filled.
        await app.OkBioAsync(anna, "PUT", $"/links/{video}", """{"title":"Video","url":"https://video.example/","active":false}""");
        Assert.Equal("# <Music> *Song Shop", (await SeenAsync(app)).Shown);

        Task<Guid> AddAsync(string body) => app.AddBioLinkAsync(anna, body);
    }

    [Fact]
    public async Task A_heading_takes_no_clicks()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var anna = await AddAnnaAsync(app);
        var heading = await app.AddBioLinkAsync(anna, """{"title":"Music","heading":true}""");
        var session = await app.PostSessionAsync(anna);

        await app.PostPageViewAsync(session!.Value, heading);

        Assert.Equal("""{"links":[]}""", await app.ReportAsync(anna, "links"));
    }

    /// <summary>What the page shows, the filled link with a star, and for how many seconds it may be cached.</summary>
    private static async Task<(string Shown, double MaxAge)> SeenAsync(TestApp app)
    {
        using var response = await app.GetAsync("/@anna");
        var html = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var shown = Shown().Matches(html).Select(match => match.Groups["heading"] is { Success: true, Value: var heading }
            ? "# " + WebUtility.HtmlDecode(heading)
            : (match.Groups["on"].Success ? "*" : "") + WebUtility.HtmlDecode(match.Groups["link"].Value));
        return (string.Join(' ', shown), response.Headers.CacheControl!.MaxAge!.Value.TotalSeconds);
    }

    private static async Task<Creator> AddAnnaAsync(TestApp app)
    {
        var anna = await app.AddCreatorAsync();
        await app.OkBioAsync(anna, "PUT", "", """{"handle":"anna"}""");
        return anna;
    }

    private static async Task<Guid[]> PinnedAsync(TestApp app, Creator creator)
    {
        using var response = await app.SendBioAsync(creator, "GET", "/links");
        return
        [
            .. from link in (await response.DataAsync()).GetProperty("links").EnumerateArray()
               where link.TryGetProperty("pinned", out _)
               select link.GetProperty("id").GetGuid(),
        ];
    }

    private static async Task<long> DeletedRowsAsync(TestApp app) => (await app.Main.QueryAsync(
        """SELECT COUNT(*) FROM "DeletedLink" """, row => row.GetInt64(0), TestContext.Current.CancellationToken))[0];

    [GeneratedRegex("""<h2 lang=""><bdi>(?<heading>[^<]*)</bdi></h2>|<li(?<on> class="on")?><a href.*?<b><bdi>(?<link>[^<]*)</bdi>""")]
    private static partial Regex Shown();
}
