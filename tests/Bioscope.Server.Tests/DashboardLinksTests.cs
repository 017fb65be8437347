using System.Net;
using System.Text.RegularExpressions;
using Bioscope.Engine.Creators;

namespace Bioscope.Server.Tests;

/// <summary><c>/dashboard/links</c>: the creator's links, without JavaScript.</summary>
public sealed partial class DashboardLinksTests
{
    private const string Path = "/dashboard/links";

    [Theory, Engines]
    public async Task A_pasted_address_becomes_a_link_with_figures(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (visit, anna) = await DashboardVisit.StartAsync(app);
        using var browser = visit;
        var start = await visit.ReadAsync("/dashboard");
        Assert.Contains("""<a class="go" href="/dashboard/links">Add your links</a>""", start, StringComparison.Ordinal);
        Assert.DoesNotContain("curl", start, StringComparison.Ordinal);
        var page = await visit.ReadAsync(Path);

        using var shop = await PostAsync(visit, page, "", ("url", " shop.example/new "));
        Assert.Equal(HttpStatusCode.SeeOther, shop.StatusCode);
        using var profile = await PostAsync(visit, page, "", ("url", "https://www.instagram.com/anna"));
        using var heading = await PostAsync(visit, page, "", ("heading", "1"), ("title", "Music"));

        page = await visit.ReadAsync(Path);
        var ids = IdsOf(page);
        Assert.Equal(3, ids.Length);
        Assert.Equal($"{Path}#link-{ids[0]}", shop.Headers.Location?.ToString());
        Assert.Equal($"{Path}#link-{ids[1]}", profile.Headers.Location?.ToString());
        Assert.Equal(["shop.example", "Instagram", "Music"], await app.LinkTitlesAsync(anna));
        for (var i = 0; i < 3; i++)
        {
            var session = await app.PostSessionAsync(anna);
            await app.PostPageViewAsync(session!.Value, Guid.Parse(ids[0]));
            await app.PostPageViewAsync(session.Value, Guid.Parse(ids[i < 2 ? 0 : 1]));
        }

        page = await visit.ReadAsync(Path);
        Assert.StartsWith("shop.example shop.example · 5 clicks · 3 visitors", RowOf(page, ids[0]), StringComparison.Ordinal);
        Assert.StartsWith("Instagram instagram.com · 1 click · 1 visitor", RowOf(page, ids[1]), StringComparison.Ordinal);
        Assert.StartsWith("Music Hide Delete Edit Heading", RowOf(page, ids[2]), StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task Links_are_moved_hidden_pinned_and_edited(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (visit, anna) = await DashboardVisit.StartAsync(app);
        using var browser = visit;
        foreach (var title in (string[])["A", "B", "C"])
        {
            await app.AddBioLinkAsync(anna, $$"""{"title":"{{title}}","url":"https://{{title}}.example/"}""");
        }

        var page = await visit.ReadAsync(Path);
        var ids = IdsOf(page);
        await GoAsync(ids[2], ("move", "up"));
        Assert.Equal(["A", "C", "B"], await app.LinkTitlesAsync(anna));
        await GoAsync(ids[0], ("move", "up"));
        await GoAsync(ids[0], ("move", "down"));
        Assert.Equal(["C", "A", "B"], await app.LinkTitlesAsync(anna));
        await GoAsync(ids[2], ("move", "last"));
        await GoAsync(ids[1], ("move", ids[0]));
        await GoAsync(ids[2], ("move", "down"));
        Assert.Equal(["B", "A", "C"], await app.LinkTitlesAsync(anna));

        await GoAsync(ids[0], ("active", "0"));
        await GoAsync(ids[1], ("pinned", "1"));
        await GoAsync(ids[1], ("title", "B <script>"), ("url", "b.example/2"));
        page = await visit.ReadAsync(Path);
        Assert.StartsWith("A Hidden a.example", RowOf(page, ids[0]), StringComparison.Ordinal);
        Assert.StartsWith("B <script> Pinned b.example", RowOf(page, ids[1]), StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", page, StringComparison.Ordinal);
        Assert.Equal(
            $$"""{"id":"{{ids[1]}}","title":"B <script>","url":"https://b.example/2","position":0,"active":true,"pinned":true}""",
            Regex.Unescape(await app.OkBioAsync(anna, "GET", $"/links/{ids[1]}")));
        await GoAsync(ids[0], ("active", "1"));
        await GoAsync(ids[1], ("pinned", "0"));
        page = await visit.ReadAsync(Path);
        Assert.StartsWith("A a.example", RowOf(page, ids[0]), StringComparison.Ordinal);
        Assert.StartsWith("B <script> b.example", RowOf(page, ids[1]), StringComparison.Ordinal);

        async Task GoAsync(string id, params (string, string)[] fields)
        {
            using var answer = await PostAsync(visit, page, "/" + id, fields);
            Assert.Equal((HttpStatusCode.SeeOther, $"{Path}#link-{id}"), (answer.StatusCode, answer.Headers.Location?.ToString()));
        }
    }

    [Theory, Engines]
    public async Task Deleting_can_be_undone(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (visit, anna) = await DashboardVisit.StartAsync(app);
        using var browser = visit;
        var id = await app.AddBioLinkAsync(anna, """{"title":"Shop <b>","url":"https://shop.example/"}""");
        var page = await visit.ReadAsync(Path);

        using var deleted = await PostAsync(visit, page, $"/{id}", ("delete", "1"));
        Assert.Equal((HttpStatusCode.SeeOther, $"{Path}?deleted={id}"), (deleted.StatusCode, deleted.Headers.Location?.ToString()));
        Assert.Empty(await app.LinkTitlesAsync(anna));
        page = await visit.ReadAsync($"{Path}?deleted={id}");
        Assert.Equal("Deleted: Shop <b> Undo", DashboardVisit.TextOf(page, "role=\"status\""));
        // Later, and at another address, it is in the list.
        Assert.Equal(
            "Deleted in the last 30 days: 1 Shop <b> Restore",
            DashboardVisit.TextOf(await visit.ReadAsync($"{Path}?deleted=x"), "class=\"zone deleted\""));

        using var restored = await PostAsync(visit, page, $"/{id}", ("restore", "1"));
        Assert.Equal((HttpStatusCode.SeeOther, $"{Path}#link-{id}"), (restored.StatusCode, restored.Headers.Location?.ToString()));
        Assert.Equal(["Shop <b>"], await app.LinkTitlesAsync(anna));
    }

    [Theory]
    // Clocks go forward at 2:00 on 29 March and back at 3:00 on 25 October 2026.
    [InlineData("2026-03-29T01:59", "2026-03-29T00:59:00.000Z")]
    [InlineData("2026-03-29T02:30", "2026-03-29T01:30:00.000Z")] // is skipped: 3:30
    [InlineData("2026-03-29T03:00", "2026-03-29T01:00:00.000Z")]
    [InlineData("2026-10-25T01:59", "2026-10-24T23:59:00.000Z")]
    [InlineData("2026-10-25T02:30", "2026-10-25T00:30:00.000Z")] // happens twice: the first time
    [InlineData("2026-10-25T03:00:10", "2026-10-25T02:00:10.000Z")]
    public async Task A_schedule_is_in_the_creators_zone_across_clock_changes(string local, string instant)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var (visit, anna) = await StartInBerlinAsync(app);
        using var browser = visit;
        var id = await app.AddBioLinkAsync(anna, """{"title":"Shop","url":"https://shop.example/"}""");

        using var saved = await SaveAsync(visit, id, ("startsAt", local), ("endsAt", ""));

        Assert.Equal(HttpStatusCode.SeeOther, saved.StatusCode);
        Assert.Equal(
            $$"""{"id":"{{id}}","title":"Shop","url":"https://shop.example/","position":0,"active":true,"startsAt":"{{instant}}"}""",
            await app.OkBioAsync(anna, "GET", $"/links/{id}"));
    }

    [Fact]
    public async Task Saving_an_unchanged_form_keeps_the_exact_schedule()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var (visit, anna) = await StartInBerlinAsync(app);
        using var browser = visit;
        // 2:30:07, the second time on that day.
        var id = await app.AddBioLinkAsync(
            anna, """{"title":"Shop","url":"https://shop.example/","startsAt":"2026-04-01T00:00:00Z","endsAt":"2026-10-25T01:30:07Z"}""");
        var before = await app.OkBioAsync(anna, "GET", $"/links/{id}");
        var page = await visit.ReadAsync(Path);
        Assert.Contains("""name="startsAt" value="2026-04-01T02:00">""", page, StringComparison.Ordinal);
        Assert.Contains("""name="endsAt" value="2026-10-25T02:30">""", page, StringComparison.Ordinal);
        Assert.StartsWith("Shop Until 25 Oct, 2:30 shop.example", RowOf(page, id.ToString()), StringComparison.Ordinal);

        using var saved = await SaveAsync(visit, id, ("startsAt", "2026-04-01T02:00"), ("endsAt", "2026-10-25T02:30"));

        Assert.Equal(before, await app.OkBioAsync(anna, "GET", $"/links/{id}"));
        using var cleared = await SaveAsync(visit, id, ("startsAt", ""), ("endsAt", ""));
        Assert.DoesNotContain("At\":", await app.OkBioAsync(anna, "GET", $"/links/{id}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refused_forms_change_nothing_say_why_and_keep_what_was_typed()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var (visit, anna) = await DashboardVisit.StartAsync(app);
        using var browser = visit;
        var id = await app.AddBioLinkAsync(anna, """{"title":"Shop","url":"https://shop.example/"}""");
        var page = await visit.ReadAsync(Path);

        using var script = await PostAsync(visit, page, "", ("url", "javascript:alert(1)"));
        var html = await AssertProblemAsync(
            script, HttpStatusCode.BadRequest,
            "title is required; url must be a web address that starts with http:// or https://, without a user name in it.");
        Assert.Contains("value=\"javascript:alert(1)\"", html, StringComparison.Ordinal);
        using var edit = await PostAsync(
            visit, page, $"/{id}", ("title", ""), ("url", "https://typed.example/"), ("startsAt", "soon"), ("endsAt", ""));
        html = await AssertProblemAsync(
            edit, HttpStatusCode.BadRequest,
            "title is required; startsAt must be an instant since 1970, such as 2026-04-01T00:00:00.000Z.");
        Assert.Contains("""<details class="zone" open>""", html, StringComparison.Ordinal);
        Assert.Contains("value=\"https://typed.example/\"", html, StringComparison.Ordinal);
        using var forged = await visit.PostAsync(Path, ("url", "https://evil.example/"));
        await AssertProblemAsync(forged, HttpStatusCode.BadRequest, "this form was open for too long");
        using var forgedDelete = await visit.PostAsync($"{Path}/{id}", ("delete", "1"));
        await AssertProblemAsync(forgedDelete, HttpStatusCode.BadRequest, "this form was open for too long");

        Assert.Equal(["Shop"], await app.LinkTitlesAsync(anna));
    }

    [Theory, Engines]
    public async Task Another_creators_link_cannot_be_changed(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (visit, mallory) = await DashboardVisit.StartAsync(app);
        using var browser = visit;
        var anna = await app.AddCreatorAsync();
        var (link, other) = (
            await app.AddBioLinkAsync(anna, """{"title":"A","url":"https://a.example/"}"""),
            await app.AddBioLinkAsync(anna, """{"title":"B","url":"https://b.example/"}"""));
        await app.OkBioAsync(anna, "DELETE", $"/links/{other}");
        var own = await app.AddBioLinkAsync(mallory, """{"title":"Own","url":"https://own.example/"}""");
        var before = await app.OkBioAsync(anna, "GET", "");
        var page = await visit.ReadAsync(Path);

        foreach (var fields in ((string, string)[][])[[("move", "up")], [("move", $"{own}")], [("active", "0")], [("pinned", "1")],
            [("delete", "1")], [("restore", "1")], [("title", "Stolen"), ("url", "https://evil.example/")]])
        {
            foreach (var id in (string[])[$"{link}", $"{other}", $"{Guid.NewGuid()}", "no-uuid"])
            {
                using var answer = await PostAsync(visit, page, "/" + id, fields);
                await AssertProblemAsync(answer, HttpStatusCode.NotFound, "The bio page has no such link.");
            }
        }

        using var beside = await PostAsync(visit, page, $"/{own}", ("move", $"{link}"));
        await AssertProblemAsync(beside, HttpStatusCode.NotFound, "The bio page has no such link.");
        Assert.DoesNotContain("https://b.example", await visit.ReadAsync($"{Path}?deleted={other}"), StringComparison.Ordinal);
        Assert.Equal(before, await app.OkBioAsync(anna, "GET", ""));
        Assert.Equal(["Own"], await app.LinkTitlesAsync(mallory));
    }

    private static async Task<(DashboardVisit Visit, Creator Creator)> StartInBerlinAsync(TestApp app)
    {
        var (visit, creator) = await DashboardVisit.StartAsync(app);
        await app.Main.ExecuteAsync(
            """UPDATE "BioPage" SET "timeZone" = 'Europe/Berlin' WHERE "id" = @page""", TestContext.Current.CancellationToken,
            ("@page", creator.BioPageId));
        return (visit, creator);
    }

    private static async Task<HttpResponseMessage> SaveAsync(DashboardVisit visit, Guid id, params (string, string)[] fields) =>
        await PostAsync(visit, await visit.ReadAsync(Path), $"/{id}", [("title", "Shop"), ("url", "https://shop.example/"), .. fields]);

    private static async Task<string> AssertProblemAsync(HttpResponseMessage answer, HttpStatusCode status, string problem)
    {
        Assert.Equal(status, answer.StatusCode);
        var html = WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Contains("Not saved: " + problem, html, StringComparison.Ordinal);
        return html;
    }

    private static string[] IdsOf(string page) => [.. RowPattern().Matches(page).Select(match => match.Groups[1].Value)];

    private static string RowOf(string page, string id) => DashboardVisit.TextOf(page, $"data-link=\"{id}\"");

    private static Task<HttpResponseMessage> PostAsync(DashboardVisit visit, string page, string path, params (string, string)[] fields) =>
        visit.PostAsync(Path + path, [("form", DashboardVisit.FormField(page)), .. fields]);

    [GeneratedRegex("<li id=\"link-[^\"]*\" data-link=\"([^\"]*)\"")]
    private static partial Regex RowPattern();
}
