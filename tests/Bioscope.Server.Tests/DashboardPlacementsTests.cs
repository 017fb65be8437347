using System.Net;
using System.Text.RegularExpressions;
using Bioscope.Engine.Creators;

namespace Bioscope.Server.Tests;

/// <summary><c>/dashboard/placements</c>: the creator's placement links, without JavaScript.</summary>
public sealed partial class DashboardPlacementsTests
{
    private const string Path = "/dashboard/placements";

    [Theory, Engines]
    public async Task One_tap_adds_a_place_and_its_figures_stand_beside_it(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (visit, anna) = await StartAsync(app);
        using var browser = visit;
        Assert.Contains("href=\"/dashboard/placements\"", await visit.ReadAsync("/dashboard"), StringComparison.Ordinal);
        var page = await visit.ReadAsync(Path);
        var place = OneTapPattern().Match(page);
        Assert.Equal("Instagram bio", place.Groups[3].Value);

        using var added = await PostAsync(
            visit, page, "", ("slug", place.Groups[1].Value), ("source", place.Groups[2].Value), ("label", place.Groups[3].Value));
        Assert.Equal((HttpStatusCode.SeeOther, Path), (added.StatusCode, added.Headers.Location?.ToString()));
        await app.PostSessionAsync(anna, ("placement", "instagram-bio"));
        var session = await app.PostSessionAsync(anna, ("placement", "instagram-bio"));
        var link = await app.AddLinkAsync(anna, "Shop", "https://shop.example/");
        await app.PostPageViewAsync(session!.Value, link.Id);

        page = await visit.ReadAsync(Path);
        var row = DashboardVisit.TextOf(page, "data-placement=\"instagram-bio\"");
        Assert.StartsWith("Instagram bio Instagram 2 visits · 2 visitors · 1 click in the last 30 days", row, StringComparison.Ordinal);
        Assert.Contains($"{app.Http.BaseAddress!.GetLeftPart(UriPartial.Authority)}/@anna/instagram-bio", row, StringComparison.Ordinal);
        Assert.Contains("<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"qr\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("value=\"instagram-bio\"><input type=\"hidden\"", page, StringComparison.Ordinal); // is not offered again
    }

    [Theory, Engines]
    public async Task A_placement_link_is_changed_and_removed(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (visit, anna) = await StartAsync(app);
        using var browser = visit;
        var id = await app.AddPlacementAsync(anna, "story", "Instagram", "Story");
        await app.PostSessionAsync(anna, ("placement", "story"));
        var page = await visit.ReadAsync(Path);

        using var changed = await PostAsync(visit, page, $"/{id}", ("slug", " Tour "), ("source", "TikTok"), ("label", "Tour <b>"));
        Assert.Equal(HttpStatusCode.SeeOther, changed.StatusCode);
        page = await visit.ReadAsync(Path);
        var row = DashboardVisit.TextOf(page, "data-placement=\"tour\"");
        Assert.StartsWith("Tour <b> TikTok 1 visit · 1 visitor · 0 clicks", row, StringComparison.Ordinal);

        using var removed = await PostAsync(visit, page, $"/{id}", ("remove", "1"));
        Assert.Equal(HttpStatusCode.SeeOther, removed.StatusCode);
        Assert.DoesNotContain("data-placement", await visit.ReadAsync(Path), StringComparison.Ordinal);
        // Another one with the same words has figures of its own.
        await app.AddPlacementAsync(anna, "tour", "TikTok", "Tour <b>");
        Assert.Contains(
            "0 visits", DashboardVisit.TextOf(await visit.ReadAsync(Path), "data-placement=\"tour\""), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Invalid_taken_and_foreign_forms_change_nothing_and_say_why()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var (visit, anna) = await StartAsync(app);
        using var browser = visit;
        await app.AddPlacementAsync(anna, "story", "Instagram", "Story");
        var foreign = await app.AddPlacementAsync(await app.AddCreatorAsync(), "other", "Other", "Other");
        var page = await visit.ReadAsync(Path);

        using var invalid = await PostAsync(visit, page, "", ("slug", "a b"), ("source", " "), ("label", "x"));
        await AssertProblemAsync(
            invalid, HttpStatusCode.BadRequest, "slug must be 1 to 40 letters a-z, digits, '-' or '_'; source is required.");
        using var taken = await PostAsync(visit, page, "", ("slug", "story"), ("source", "x"), ("label", "x"));
        await AssertProblemAsync(taken, HttpStatusCode.Conflict, "slug story belongs to another placement link of the page.");
        using var forged = await visit.PostAsync(Path, ("slug", "forged"), ("source", "x"), ("label", "x"));
        await AssertProblemAsync(forged, HttpStatusCode.BadRequest, "this form was open for too long");
        using var other = await PostAsync(visit, page, $"/{foreign}", ("slug", "mine"), ("source", "x"), ("label", "x"));
        using var removed = await PostAsync(visit, page, $"/{foreign}", ("remove", "1"));

        using var code = await visit.GetAsync($"{Path}/{foreign}.svg");
        Assert.Equal(HttpStatusCode.NotFound, code.StatusCode);
        Assert.Equal(
            ["other other", "story story"],
            (await app.Main.QueryAsync(
                """SELECT "slug" FROM "Placement" WHERE "removedAt" IS NULL ORDER BY "slug" """, row => row.GetString(0),
                TestContext.Current.CancellationToken)).Select(slug => $"{slug} {slug}"));

        static async Task AssertProblemAsync(HttpResponseMessage answer, HttpStatusCode status, string problem)
        {
            Assert.Equal(status, answer.StatusCode);
            var html = WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            Assert.Contains("Not saved: " + problem, html, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_QR_code_is_a_file_for_print()
    {
        await using var app = await TestApp.StartAsync(
            EngineKind.Sqlite, ("PublicUrl", "https://bio.example"), ("Hosts:Allowed", "127.0.0.1"));
        var (visit, anna) = await StartAsync(app);
        using var browser = visit;
        var id = await app.AddPlacementAsync(anna, "poster", "Print", "Poster");

        using var answer = await visit.GetAsync($"{Path}/{id}.svg");

        Assert.Equal("image/svg+xml", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal("attachment; filename=\"poster.svg\"", answer.Content.Headers.ContentDisposition?.ToString());
        var svg = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains("aria-label=\"QR code of https://bio.example/@anna/poster\"", svg, StringComparison.Ordinal);
        // Version 3 (29 modules) and a border of four: 35 bytes at level M.
        Assert.Contains("viewBox=\"0 0 37 37\"", svg, StringComparison.Ordinal);
        // The finder pattern in the corner.
        Assert.Contains(string.Concat(Enumerable.Range(4, 7).Select(x => $"M{x} 4h1v1h-1z")), svg, StringComparison.Ordinal);
    }

    private static async Task<(DashboardVisit Visit, Creator Creator)> StartAsync(TestApp app)
    {
        var (visit, creator) = await DashboardVisit.StartAsync(app);
        await app.Main.ExecuteAsync(
            """UPDATE "BioPage" SET "handle" = 'anna' WHERE "id" = @page""", TestContext.Current.CancellationToken,
            ("@page", creator.BioPageId));
        return (visit, creator);
    }

    private static Task<HttpResponseMessage> PostAsync(DashboardVisit visit, string page, string path, params (string, string)[] fields) =>
        visit.PostAsync(Path + path, [("form", DashboardVisit.FormField(page)), .. fields]);

    [GeneratedRegex("""name="slug" value="([^"]*)"><input type="hidden" name="source" value="([^"]*)"><input type="hidden" name="label" value="([^"]*)">""")]
    private static partial Regex OneTapPattern();
}
