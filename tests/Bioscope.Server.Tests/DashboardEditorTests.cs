using System.Net;

namespace Bioscope.Server.Tests;

/// <summary><c>/dashboard/page</c>: the creator's page, without JavaScript.</summary>
public sealed class DashboardEditorTests
{
    private const string Path = "/dashboard/page";

    [Theory, Engines]
    public async Task The_form_saves_what_the_api_has(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (visit, anna) = await DashboardVisit.StartAsync(app);
        using var browser = visit;
        Assert.Contains("href=\"/dashboard/page\">Your page</a>", await visit.ReadAsync("/dashboard"), StringComparison.Ordinal);

        using var saved = await PostAsync(
            visit, "", ("title", " Anna <b> "), ("description", "One\r\nTwo"), ("handle", "@Anna"), ("theme", "night"), ("font", "book"),
            ("colour", "#3b6e9e"), ("icons", "instagram.com/anna\r\n\r\nhttps://a.example"), ("published", "1"));

        Assert.Equal((HttpStatusCode.SeeOther, Path + "?saved=1"), (saved.StatusCode, saved.Headers.Location?.ToString()));
        Assert.Equal(
            $$"""{"id":"{{anna.BioPageId}}","handle":"anna","title":"Anna <b>","description":"One\nTwo","links":[],"theme":"night","colour":"#3b6e9e","font":"book","icons":["https://instagram.com/anna","https://a.example"]}""",
            await app.OkBioAsync(anna, "GET", ""));
        var page = await visit.ReadAsync(Path + "?saved=1");
        Assert.Equal("Saved. See your page", DashboardVisit.TextOf(page, "role=\"status\""));
        Assert.Contains("""<input type="radio" name="theme" value="night" checked>""", page, StringComparison.Ordinal);
        Assert.Contains("""<option value="book" selected>Book</option>""", page, StringComparison.Ordinal);
        Assert.Contains("value=\"Anna &lt;b&gt;\"", page, StringComparison.Ordinal);
        Assert.Contains("https://instagram.com/anna&#xA;https://a.example</textarea>", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_preview_shows_the_draft_and_changes_nothing()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var (visit, anna) = await DashboardVisit.StartAsync(app);
        using var browser = visit;
        await app.OkBioAsync(anna, "PUT", "", """{"title":"Stored","handle":"anna"}""");
        var before = await app.OkBioAsync(anna, "GET", "");

        using var stored = await visit.GetAsync(Path + "/preview");
        using var draft = await PostAsync(visit, "/preview", ("title", "Draft <script>"), ("handle", "anna"), ("colour", "#00ff00"));
        using var invalid = await PostAsync(visit, "/preview", ("title", new string('x', 101)), ("handle", "anna"));
        using var forged = await visit.PostAsync(Path + "/preview", ("title", "Forged"));

        Assert.Contains("<h1>Stored</h1>", await TextAsync(stored), StringComparison.Ordinal);
        var html = await TextAsync(draft);
        Assert.Contains("<h1>Draft &lt;script&gt;</h1>", html, StringComparison.Ordinal);
        Assert.Contains("<body inert>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal); // nothing is counted
        var policy = draft.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("frame-ancestors 'self'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("script-src", policy, StringComparison.Ordinal);
        Assert.True(draft.Headers.CacheControl?.NoStore);
        Assert.Contains("<h1>Stored</h1>", await TextAsync(invalid), StringComparison.Ordinal);
        Assert.Contains("<h1>Stored</h1>", await TextAsync(forged), StringComparison.Ordinal);
        Assert.Equal(before, await app.OkBioAsync(anna, "GET", ""));
        // Only the page with the preview may frame, and only the preview may be framed.
        using var editor = await visit.GetAsync(Path);
        Assert.Contains("frame-src 'self'", editor.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        using var links = await visit.GetAsync("/dashboard/links");
        Assert.Contains("frame-src 'none'", links.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        using var shown = await app.GetAsync("/@anna");
        Assert.Contains("frame-ancestors 'none'", shown.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refused_forms_change_nothing_say_why_and_keep_what_was_typed()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var (visit, anna) = await DashboardVisit.StartAsync(app);
        using var browser = visit;
        var ben = await app.AddCreatorAsync();
        await app.OkBioAsync(ben, "PUT", "", """{"handle":"ben"}""");
        var before = await app.OkBioAsync(anna, "GET", "");

        using var invalid = await PostAsync(
            visit, "", ("title", new string('x', 101)), ("handle", "a b"), ("theme", "neon"), ("colour", "red"),
            ("icons", "javascript:alert(1)"));
        var html = await AssertProblemAsync(
            invalid, HttpStatusCode.BadRequest,
            "title must have at most 100 characters; handle must be 1 to 30 letters a-z, digits, '.', '_' or '-'; theme must be one of soft, paper, vivid, outline, dusk, night; colour must be a colour such as #3b6e9e; icons must contain only web addresses that start with http:// or https://, without a user name in them.");
        Assert.Contains("javascript:alert(1)</textarea>", html, StringComparison.Ordinal);
        using var taken = await PostAsync(visit, "", ("handle", "ben"));
        await AssertProblemAsync(taken, HttpStatusCode.Conflict, "handle ben belongs to another page.");
        using var forged = await visit.PostAsync(Path, ("handle", "forged"));
        await AssertProblemAsync(forged, HttpStatusCode.BadRequest, "this form was open for too long");

        Assert.Equal(before, await app.OkBioAsync(anna, "GET", ""));
        using var nobody = new DashboardVisit(app);
        foreach (var path in (string[])[Path, Path + "/preview", "/dashboard/links"])
        {
            using var answer = await nobody.GetAsync(path);
            Assert.Equal("/dashboard/sign-in", answer.Headers.Location?.ToString());
        }
    }

    private static async Task<HttpResponseMessage> PostAsync(DashboardVisit visit, string path, params (string, string)[] fields) =>
        await visit.PostAsync(Path + path, [("form", DashboardVisit.FormField(await visit.ReadAsync(Path))), .. fields]);

    private static async Task<string> AssertProblemAsync(HttpResponseMessage answer, HttpStatusCode status, string problem)
    {
        Assert.Equal(status, answer.StatusCode);
        var html = WebUtility.HtmlDecode(await TextAsync(answer));
        Assert.Contains("Not saved: " + problem, html, StringComparison.Ordinal);
        return html;
    }

    private static Task<string> TextAsync(HttpResponseMessage answer) =>
        answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
}
