using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Bioscope.Core;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Rows;
using Bioscope.Server.Dashboard;

namespace Bioscope.Server.Tests;

/// <summary>Where visitors come from, as the dashboard says it: the headline, the coverage, channels, and sources by link.</summary>
public sealed partial class DashboardSourcesTests
{
    private static readonly Language Language = Language.Default;

    [Theory]
    [InlineData(1, 3, 2, "TikTok sends you the most visits.", "3 of 6 visits in the last 7 days. 1 came direct.")]
    [InlineData(0, 3, 0, "TikTok sends you the most visits.", "3 of 3 visits in the last 7 days.")]
    [InlineData(
        4, 3, 2, "TikTok is your largest known source.",
        "3 of 9 visits in the last 7 days. More came direct: 4, of which nothing says from where.")]
    [InlineData(
        2, 2, 1, "TikTok is your largest known source.",
        "2 of 5 visits in the last 7 days. As many came direct: nothing says from where.")]
    [InlineData(
        1, 2, 2, "No known source sends you more visits than Reddit.", "2 of 5 visits in the last 7 days. 1 came direct.")]
    [InlineData(2, 0, 0, "Nothing says where your visitors come from.", "2 visits in the last 7 days, all direct.")]
    public async Task The_headline_is_true_beside_direct_visits(int direct, int tiktok, int reddit, string title, string words)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var (visit, creator) = await DashboardVisit.StartAsync(app);
        using var _ = visit;
        await app.AddSessionsAsync(creator, null, direct);
        await app.AddSessionsAsync(creator, "tiktok.com", tiktok);
        await app.AddSessionsAsync(creator, "reddit.com", reddit);

        foreach (var sources in (string[])["", "&sources=channel"])
        {
            var lead = DashboardVisit.TextOf(await visit.ReadAsync("/dashboard?range=7d" + sources), "class=\"lead\"");
            Assert.Equal($"{title} {words}", lead.Replace(" .", ".", StringComparison.Ordinal));
        }
    }

    [Theory, Engines]
    public async Task Coverage_has_the_apis_figures(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (visit, creator) = await DashboardVisit.StartAsync(app);
        using var _ = visit;
        await AddVisitsAsync(app, creator);

        foreach (var (address, filters) in new[] { ("", "[]"), ("&filter=is:source:Instagram", """[["is","source",["Instagram"]]]""") })
        {
            var page = await visit.ReadAsync("/dashboard?range=7d" + address);
            var coverage = (await DataAsync(app, creator, $"sources?range=%227d%22&filters={Uri.EscapeDataString(filters)}"))
                .GetProperty("coverage");
            var rungs = coverage.GetProperty("rungs").EnumerateObject().ToDictionary(rung => rung.Name, rung => rung.Value.GetInt64());
            var visits = rungs.Values.Sum();

            var attributed = Math.Round(coverage.GetProperty("attributed").GetDouble(), MidpointRounding.AwayFromZero);
            Assert.Equal(
                $"{Language.Percent(attributed, 0)} of visits have a known source",
                DashboardVisit.TextOf(page, "id=\"coverage-title\""));
            var words = rungs.Where(rung => rung.Key != Rung.None && rung.Value > 0).OrderByDescending(rung => rung.Value)
                .Select(rung => $"{PercentOf(rung.Value)} {DimensionWords.English.RungOf(rung.Key).ToLowerInvariant()}".Replace(' ', '\u00a0'));
            Assert.Equal(
                string.Join(", ", words) + ".",
                DashboardVisit.TextOf(page, "data-coverage"));
            foreach (var (rung, count) in rungs.Where(rung => rung.Value > 0))
            {
                Assert.StartsWith(
                    $"{DimensionWords.English.RungOf(rung)} {Language.Number(count)} {(count == 1 ? "visit" : "visits")}, {PercentOf(count)} ",
                    DashboardVisit.TextOf(page, $"data-rung=\"{rung}\""),
                    StringComparison.Ordinal);
            }

            Assert.Equal(rungs.Values.Count(count => count > 0), page.Split("<li data-rung=").Length - 1);

            string PercentOf(long count) => Language.Percent(Percentage.Of(count, visits), 0);
        }

        // A click on a rung is a filter.
        var whole = await visit.ReadAsync("/dashboard?range=7d");
        var link = LinkIn(whole, "data-rung=\"app\"");
        Assert.Equal("/dashboard?range=7d&filter=is:rung:app", link);
        var filtered = await visit.ReadAsync(link);
        Assert.Equal("Remove the filter Clue is App ×", DashboardVisit.TextOf(filtered, "aria-label=\"Filters\""));
        Assert.Equal("Instagram 3 visits, 100%", DashboardVisit.TextOf(filtered, "data-source=\"Instagram\""));
    }

    [Theory, Engines]
    public async Task The_block_of_sources_shows_channels_where_asked(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (visit, creator) = await DashboardVisit.StartAsync(app);
        using var _ = visit;
        await AddVisitsAsync(app, creator);

        var page = await visit.ReadAsync(LinkIn(await visit.ReadAsync("/dashboard?range=7d"), "aria-current=\"true\">Sources"));

        var rows = await RowsAsync(app, creator, """{"metrics":["visits","share"],"dimensions":["channel"],"range":"7d"}""");
        Assert.Equal(["Direct", "Organic Search", "Organic Social", "Paid Social"], rows.Select(row => row.Value).Order());
        foreach (var (channel, visits, share) in rows)
        {
            Assert.Contains(
                $"{channel} {Language.Number(visits)} {(visits == 1 ? "visit" : "visits")}, " +
                $"{Language.Percent(Math.Round(share, MidpointRounding.AwayFromZero), 0)}",
                DashboardVisit.TextOf(page, $"data-channel=\"{channel}\""),
                StringComparison.Ordinal);
        }

        Assert.DoesNotContain("data-source=", page, StringComparison.Ordinal);
        Assert.Equal("Sources Channels", DashboardVisit.TextOf(page, "class=\"switch\""));
        Assert.StartsWith(
            $"channel,visits,visitors,views,clicks,clickRate,share\r\n{rows[0].Value},{rows[0].Visits},",
            await visit.ReadAsync(LinkIn(page, "id=\"sources-title\"")),
            StringComparison.Ordinal);
        Assert.Contains("<h1>Channels by link</h1>", await visit.ReadAsync("/dashboard/rows/channel?by=link"), StringComparison.Ordinal);

        // The choice is kept by all other links, and a click on a channel shows its sources.
        page = await visit.ReadAsync(LinkIn(page, "data-channel=\"Paid Social\""));
        Assert.Contains("sources=channel", LinkIn(page, "data-country="), StringComparison.Ordinal);
        Assert.Equal("TikTok 2 visits, 100%", DashboardVisit.TextOf(page, "data-source=\"TikTok\""));
        Assert.Contains(
            "Sources are shown by “source” or “channel”, not by “&lt;”.",
            await visit.ReadAsync("/dashboard?sources=%3C"),
            StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task What_a_source_did_for_a_link_in_a_month_is_two_taps(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (visit, creator) = await DashboardVisit.StartAsync(app);
        using var _ = visit;
        var shop = (await app.AddLinkAsync(creator, "Shop", "https://shop.example/")).Id;
        var blog = (await app.AddLinkAsync(creator, "Blog", "https://blog.example/")).Id;
        foreach (var (at, network, link) in new[]
        {
            ("2026-03-01T00:00:00Z", "TikTok", shop), ("2026-03-31T23:59:59Z", "TikTok", shop), ("2026-03-15T12:00:00Z", "TikTok", blog),
            ("2026-03-15T12:00:00Z", "Instagram", shop), ("2026-04-01T00:00:00Z", "TikTok", shop), ("2026-02-28T23:59:59Z", "TikTok", shop),
        })
        {
            var session = await AddVisitAsync(app, creator, DateTimeOffset.Parse(at), row => row with { InAppBrowser = network });
            await AddClickAsync(app, creator, session, link, DateTimeOffset.Parse(at));
        }

        // From the page with March, by the rows of its blocks.
        const string March = "from=2026-03-01&until=2026-03-31";
        var page = await visit.ReadAsync(LinkIn(await visit.ReadAsync("/dashboard?" + March), "data-source=\"TikTok\""));
        page = await visit.ReadAsync(LinkIn(page, $"data-link=\"{shop}\""));
        AssertAnswers(page);

        // From the list of sources by link, by its cells.
        page = await visit.ReadAsync("/dashboard/rows/source?by=link&" + March);
        Assert.Equal(
            "Instagram Shop 1 1 1 TikTok Blog 1 1 1 TikTok Shop 2 2 2",
            string.Join(' ', Rows().Matches(page).Select(match => DashboardVisit.TextOf(match.Value, "<tr")).Order()));
        var row = Rows().Matches(page).First(row => row.Value.Contains("Blog", StringComparison.Ordinal)).Value;
        page = await visit.ReadAsync(LinkIn(row, "<tr>"));
        page = await visit.ReadAsync(LinkIn(page, $"data-link=\"{shop}\""));
        AssertAnswers(page);

        void AssertAnswers(string shown)
        {
            Assert.Contains("<h1>2 visits from ", shown, StringComparison.Ordinal);
            Assert.StartsWith("Clicks 2", DashboardVisit.TextOf(shown, "data-figure=\"Clicks\""), StringComparison.Ordinal);
            Assert.StartsWith("Visitors 2", DashboardVisit.TextOf(shown, "data-figure=\"Visitors\""), StringComparison.Ordinal);
            Assert.Equal(
                "Remove the filter Source is TikTok × Remove the filter Link is Shop × Clear all",
                DashboardVisit.TextOf(shown, "aria-label=\"Filters\""));
        }
    }

    /// <summary>Nine visits: Instagram by app thrice, by tag and by referrer; TikTok paid by click id twice; Google; and a direct one.</summary>
    private static async Task AddVisitsAsync(TestApp app, Creator creator)
    {
        var at = app.Clock.GetUtcNow().AddHours(-1);
        (string? Referrer, string Query, string? App, string? Package)[] visits =
        [
            (null, "", "Instagram", null), (null, "", "Instagram", null), (null, "", null, "com.instagram.android"),
            (null, "utm_source=ig&utm_medium=social&utm_content=link_in_bio", "Instagram", null), ("l.instagram.com", "", null, null),
            (null, "ttclid=1", null, null), (null, "ttclid=1", "TikTok", null), ("google.de", "", null, null), (null, "", null, null),
        ];
        foreach (var (referrer, query, inApp, package) in visits)
        {
            await AddVisitAsync(app, creator, at, row => row with
            {
                ReferrerDomain = referrer,
                Attribution = Attribution.Of("?" + query),
                InAppBrowser = inApp,
                RequestedWith = package,
            });
        }
    }

    private static async Task<Guid> AddVisitAsync(TestApp app, Creator creator, DateTimeOffset at, Func<SessionRow, SessionRow> change)
    {
        var session = new SessionRow
        {
            BioPageId = creator.BioPageId,
            Id = Guid.NewGuid(),
            VisitorId = Guid.NewGuid().ToString("N"),
            CountryCode = "DE",
            StartedAt = at,
        };
        await app.Analytics.InsertAsync(SessionRow.Table, [change(session)], TestContext.Current.CancellationToken);
        return session.Id;
    }

    private static Task<int> AddClickAsync(TestApp app, Creator creator, Guid session, Guid link, DateTimeOffset at) =>
        app.Analytics.InsertAsync(
            PageViewRow.Table,
            [
                new PageViewRow
                {
                    BioPageId = creator.BioPageId, Id = Guid.NewGuid(), SessionId = session, EnteredAt = at, LinkClicked = link,
                },
            ],
            TestContext.Current.CancellationToken);

    private static async Task<JsonElement> DataAsync(TestApp app, Creator creator, string report) =>
        JsonDocument.Parse(await app.ReportAsync(creator, report)).RootElement;

    private static async Task<List<(string Value, long Visits, double Share)>> RowsAsync(TestApp app, Creator creator, string query)
    {
        using var answer = await app.QueryAsync(query, app.Token(creator));
        var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;
        return
        [
            .. body.GetProperty("data").GetProperty("rows").EnumerateArray().Select(row => (
                row.GetProperty("dimensions")[0].GetString()!, row.GetProperty("metrics")[0].GetInt64(),
                row.GetProperty("metrics")[1].GetDouble())),
        ];
    }

    /// <summary>The target of the first link after a text, without its fragment.</summary>
    private static string LinkIn(string page, string after)
    {
        var place = page.IndexOf(after, StringComparison.Ordinal);
        Assert.True(place >= 0, $"no {after}");
        return WebUtility.HtmlDecode(Hrefs().Match(page, place).Groups[1].Value).Split('#')[0];
    }

    [GeneratedRegex("href=\"([^\"]+)\"")]
    private static partial Regex Hrefs();

    [GeneratedRegex("<tr><th scope=\"row\">.*?</tr>", RegexOptions.Singleline)]
    private static partial Regex Rows();
}
