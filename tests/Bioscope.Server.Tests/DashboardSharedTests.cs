using System.Net;
using System.Text.RegularExpressions;
using Bioscope.Engine.Creators;

namespace Bioscope.Server.Tests;

/// <summary><c>/dashboard/shared</c>: the creator shares views and revokes them, without JavaScript.</summary>
public sealed partial class DashboardSharedTests
{
    private const string Path = "/dashboard/shared";

    [Theory, Engines]
    public async Task The_view_of_the_dashboard_is_shared_with_its_filters(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (visit, anna) = await StartAsync(app);
        using var browser = visit;
        var dashboard = await visit.ReadAsync("/dashboard?range=7d&filter=is:source:TikTok");
        var address = WebUtility.HtmlDecode(ShareLink().Match(dashboard).Groups[1].Value);
        Assert.Equal("/dashboard/shared?range=7d&filter=is:source:TikTok", address);
        var page = await visit.ReadAsync(address);
        Assert.DoesNotContain("value=\"live\"", page, StringComparison.Ordinal); // cannot be filtered

        using var added = await PostAsync(
            visit, page, "", ("question", QuestionOf(page)), ("title", "TikTok <b>"), ("range", ""), ("blocks", "figures"),
            ("blocks", "sources"), ("password", ""), ("expires", "2026-04-30"), ("origins", "https://blog.example/\r\n"), ("named", "1"));

        Assert.Equal((HttpStatusCode.SeeOther, Path + "#list-title"), (added.StatusCode, added.Headers.Location?.ToString()));
        page = await visit.ReadAsync(Path);
        var row = DashboardVisit.TextOf(page, "data-shared=");
        Assert.Matches("^TikTok <b> 7 days; Source is TikTok ; until 1 May, [^.]+. Not opened yet. http", row);
        Assert.Contains("title=\"TikTok <b>\" width", row, StringComparison.Ordinal);
        var shared = await visit.ReadAsync(LinkOf(page));
        Assert.Equal("In the last 7 days, days in UTC.", PeriodOf(shared));
        Assert.Contains("Anna Berg", shared, StringComparison.Ordinal);
        row = DashboardVisit.TextOf(await visit.ReadAsync(Path), "data-shared=");
        Assert.Contains("Last opened 15 Apr, 12:00", row, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task A_period_can_be_kept_as_its_dates(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (visit, _) = await StartAsync(app);
        using var browser = visit;
        var page = await visit.ReadAsync(Path);

        using var added = await PostAsync(
            visit, page, "", ("question", QuestionOf(page)), ("title", "Dates"), ("range", "fixed"), ("blocks", "figures"));
        Assert.Equal(HttpStatusCode.SeeOther, added.StatusCode);
        app.Clock.Advance(TimeSpan.FromDays(60));
        using var later = await DashboardVisit.SignedInAsync(app, "anna@example.com");

        var shared = await visit.ReadAsync(LinkOf(await later.ReadAsync(Path)));
        Assert.Equal("From 17 Mar to 15 Apr, days in UTC.", PeriodOf(shared));
    }

    [Theory, Engines]
    public async Task A_page_for_a_sponsor_takes_a_link_and_a_source(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (visit, anna) = await StartAsync(app);
        using var browser = visit;
        var link = await app.AddLinkAsync(anna, "Sponsor", "https://sponsor.example/");
        var page = await visit.ReadAsync(Path);
        Assert.Contains("<option value=\"TikTok\">TikTok</option>", page, StringComparison.Ordinal);

        using var added = await PostAsync(
            visit, page, "", ("for", "sponsor"), ("title", "Campaign"), ("link", link.Id.ToString()), ("source", "TikTok"), ("range", "90d"));

        Assert.Equal(HttpStatusCode.SeeOther, added.StatusCode);
        var shared = await visit.ReadAsync(LinkOf(await visit.ReadAsync(Path)));
        Assert.Equal("Visits 2", DashboardVisit.TextOf(shared, "data-figure=\"Visits\""));
        Assert.Equal("Clicks on Sponsor 0", DashboardVisit.TextOf(shared, "data-figure=\"Clicks on Sponsor\""));
    }

    [Theory, Engines]
    public async Task A_link_is_revoked_only_by_its_creator(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (visit, _) = await StartAsync(app);
        using var browser = visit;
        var (other, _) = await DashboardVisit.StartAsync(app, "ben@example.com");
        using var stranger = other;
        var page = await visit.ReadAsync(Path);
        using var added = await PostAsync(visit, page, "", ("question", QuestionOf(page)), ("title", "Mine"), ("blocks", "figures"));
        page = await visit.ReadAsync(Path);
        var (id, link) = (IdPattern().Match(page).Groups[1].Value, LinkOf(page));

        using var stolen = await PostAsync(other, await other.ReadAsync(Path), "/" + id, ("revoke", "1"));
        using var foreign = await visit.PostAsync($"{Path}/{id}", ("form", "0"), ("revoke", "1"));
        Assert.Equal(HttpStatusCode.BadRequest, foreign.StatusCode);
        await visit.ReadAsync(link);
        using var revoked = await PostAsync(visit, page, "/" + id, ("revoke", "1"));

        using var gone = await visit.GetAsync(link);
        Assert.Equal((HttpStatusCode.SeeOther, HttpStatusCode.NotFound), (revoked.StatusCode, gone.StatusCode));
    }

    [Fact]
    public async Task What_was_typed_stays_when_it_is_refused()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var (visit, _) = await StartAsync(app);
        using var browser = visit;
        var page = await visit.ReadAsync(Path + "?range=7d");

        using var refused = await PostAsync(
            visit, page, "", ("question", QuestionOf(page)), ("title", "My \"title\""), ("blocks", "devices"), ("password", "short"),
            ("origins", "blog.example"));

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        page = await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains("Not shared: password must have 8 to 1000 characters.", page, StringComparison.Ordinal);
        Assert.Contains("value=\"My &quot;title&quot;\"", page, StringComparison.Ordinal);
        Assert.Contains("value=\"devices\" checked", page, StringComparison.Ordinal);
        Assert.DoesNotContain("value=\"short\"", page, StringComparison.Ordinal);
        Assert.Contains("&quot;range&quot;:&quot;7d&quot;", page, StringComparison.Ordinal);
    }

    private static async Task<(DashboardVisit Visit, Creator Creator)> StartAsync(TestApp app)
    {
        var (visit, anna) = await DashboardVisit.StartAsync(app);
        visit.Http.DefaultRequestHeaders.AcceptLanguage.ParseAdd("en-GB");
        await app.Main.ExecuteAsync(
            """UPDATE "BioPage" SET "title" = 'Anna Berg' WHERE "id" = @page""",
            TestContext.Current.CancellationToken, ("@page", anna.BioPageId));
        await app.AddSessionsAsync(anna, "tiktok.com", 2);
        return (visit, anna);
    }

    private static Task<HttpResponseMessage> PostAsync(
        DashboardVisit visit, string page, string path, params (string Name, string Value)[] fields) =>
        visit.PostAsync(Path + path, [("form", DashboardVisit.FormField(page)), .. fields]);

    private static string QuestionOf(string page) => WebUtility.HtmlDecode(QuestionPattern().Match(page).Groups[1].Value);

    private static string LinkOf(string page) => LinkPattern().Match(page).Value;

    private static string PeriodOf(string shared) => PeriodPattern().Match(shared).Groups[1].Value;

    [GeneratedRegex("name=\"question\" value=\"([^\"]*)\"")]
    private static partial Regex QuestionPattern();

    [GeneratedRegex("/s/[\\w-]{43}")]
    private static partial Regex LinkPattern();

    [GeneratedRegex("</h1><p>([^<]*)</p>")]
    private static partial Regex PeriodPattern();

    [GeneratedRegex("data-shared=\"([^\"]*)\"")]
    private static partial Regex IdPattern();

    [GeneratedRegex("href=\"([^\"]*)\">Share this view")]
    private static partial Regex ShareLink();
}
