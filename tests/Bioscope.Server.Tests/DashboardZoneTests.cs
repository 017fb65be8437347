using System.Net;
using System.Text.Json;

namespace Bioscope.Server.Tests;

/// <summary>The creator's time zone: where it comes from, how long it stays, and what it determines.</summary>
public sealed class DashboardZoneTests
{
    [Theory, Engines]
    public async Task The_stored_zone_determines_the_days(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (visit, creator) = await DashboardVisit.StartAsync(app);
        using var _ = visit;
        // 23:30 of the 14th in UTC, 5:00 of the 15th in India.
        await app.AddSessionAsync(creator, startedAt: new DateTimeOffset(2026, 4, 14, 23, 30, 0, TimeSpan.Zero));
        await app.AddPageViewsAsync(creator, 3, null, new DateTimeOffset(2026, 4, 14, 23, 30, 0, TimeSpan.Zero));
        const string Query = """{"range":"today","metrics":["views"]}""";
        var page = await visit.ReadAsync("/dashboard?range=today&compare=none");
        Assert.Equal("Views 0", DashboardVisit.TextOf(page, "data-figure=\"Views\""));
        Assert.Contains("data-first data-shown=\"UTC\"", page, StringComparison.Ordinal);
        Assert.Contains("\"totals\":[0]", await QueryAsync(Query), StringComparison.Ordinal);

        using var answer = await KeepAsync(visit, page, "asia/kolkata", ("back", "?range=today&compare=none&zone=UTC&filter=isNull:os"));

        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        Assert.Equal("/dashboard?range=today&compare=none&filter=isNull:os", answer.Headers.Location?.ToString());
        page = await visit.ReadAsync("/dashboard?range=today&compare=none");
        Assert.Equal("Views 3", DashboardVisit.TextOf(page, "data-figure=\"Views\""));
        Assert.Contains("<th scope=\"row\">5:00</th><td>3</td><td>0</td>", page, StringComparison.Ordinal);
        Assert.Contains("<th scope=\"row\">17:00 (so far)</th>", page, StringComparison.Ordinal);
        Assert.Contains("<b>Asia/Kolkata</b>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("data-first", page, StringComparison.Ordinal);
        // It also applies to queries that name no zone, and not to others.
        Assert.Contains("\"totals\":[3]", await QueryAsync(Query), StringComparison.Ordinal);
        Assert.Contains("\"timeZone\":\"Asia/Kolkata\"", await QueryAsync(Query), StringComparison.Ordinal);
        Assert.Contains(
            "\"totals\":[0]", await QueryAsync("""{"range":"today","metrics":["views"],"timeZone":"UTC"}"""), StringComparison.Ordinal);
        // An address may name another one temporarily.
        Assert.Equal(
            "Views 0",
            DashboardVisit.TextOf(await visit.ReadAsync("/dashboard?range=today&compare=none&zone=UTC"), "data-figure=\"Views\""));

        async Task<string> QueryAsync(string query)
        {
            using var asked = await app.QueryAsync(query, app.Token(creator));
            return JsonDocument.Parse(
                await asked.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement.GetProperty("data")
                .GetRawText();
        }
    }

    [Theory, Engines]
    public async Task A_browsers_zone_replaces_no_stored_zone(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (visit, creator) = await DashboardVisit.StartAsync(app);
        using var _ = visit;
        var page = await visit.ReadAsync("/dashboard");

        using var first = await KeepAsync(visit, page, "Europe/Berlin", ("first", "1"));
        using var second = await KeepAsync(visit, page, "America/New_York", ("first", "1"));
        Assert.Contains("<b>Europe/Berlin</b>", await visit.ReadAsync("/dashboard"), StringComparison.Ordinal);
        using var chosen = await KeepAsync(visit, page, "America/New_York");
        Assert.Contains("<b>America/New_York</b>", await visit.ReadAsync("/dashboard"), StringComparison.Ordinal);

        Assert.All([first, second, chosen], answer => Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode));
        Assert.Equal("America/New_York", Assert.Single(await app.Main.QueryAsync(
            """SELECT "timeZone" FROM "BioPage" WHERE "id" = @page""", row =>
                row.GetString(0), TestContext.Current.CancellationToken, ("@page", creator.BioPageId))));
    }

    [Fact]
    public async Task An_unknown_zone_is_reported()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var (visit, creator) = await DashboardVisit.StartAsync(app);
        using var _ = visit;
        await app.AddSessionAsync(creator);
        var page = await visit.ReadAsync("/dashboard");

        using var answer = await KeepAsync(visit, page, "Europe/Berln<b>", ("back", "?range=7d"));
        using var script = await KeepAsync(visit, page, "Mars/Olympus", ("first", "1"));

        Assert.Equal("/dashboard?range=7d&zone=Europe/Berln%3Cb%3E", answer.Headers.Location?.ToString());
        page = await visit.ReadAsync(answer.Headers.Location!.ToString());
        Assert.Contains(
            "There is no time zone “Europe/Berln&lt;b&gt;”. Did you mean &quot;Europe/Berlin&quot;?", page, StringComparison.Ordinal);
        Assert.Contains("data-first data-shown=\"UTC\"", page, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, script.StatusCode);
    }

    [Fact]
    public async Task A_forged_form_does_not_change_the_zone()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var (visit, _) = await DashboardVisit.StartAsync(app);
        using var browser = visit;
        var page = await visit.ReadAsync("/dashboard");

        using var forged = await visit.PostAsync("/dashboard/zone", ("zone", "Europe/Berlin"));
        using var outside = new DashboardVisit(app);
        using var stranger = await outside.PostAsync(
            "/dashboard/zone", ("zone", "Europe/Berlin"), ("form", DashboardVisit.FormField(page)));
        using var elsewhere = await KeepAsync(visit, page, "Europe/Berlin", ("back", "//evil.example/?range=7d"));

        Assert.Equal(HttpStatusCode.BadRequest, forged.StatusCode);
        Assert.Equal("/dashboard/sign-in", stranger.Headers.Location?.ToString());
        Assert.StartsWith("/dashboard?", elsewhere.Headers.Location?.ToString(), StringComparison.Ordinal);
    }

    private static Task<HttpResponseMessage> KeepAsync(
        DashboardVisit visit, string page, string zone, params (string Name, string Value)[] more) =>
        visit.PostAsync("/dashboard/zone", [("form", DashboardVisit.FormField(page)), ("zone", zone), .. more]);
}
