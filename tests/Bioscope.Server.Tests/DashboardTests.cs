using System.Net;
using System.Text.Json;
using Bioscope.Core;
using Bioscope.Engine.Creators;
using Bioscope.Server.Dashboard;
using Bioscope.Server.Dashboard.Blocks;
using CsCheck;

namespace Bioscope.Server.Tests;

/// <summary>The dashboard agrees with the reports.</summary>
public sealed class DashboardTests
{
    [Theory, Engines(With = ["7", "30", "90", "365"])]
    public async Task Every_block_has_the_reports_figures(EngineKind engine, string days)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (visit, creator) = await DashboardVisit.StartAsync(app);
        using var _ = visit;
        await AddTrafficAsync(app, creator);
        var language = Language.Default;

        var page = await visit.ReadAsync("/dashboard?days=" + days);

        var overview = await DataAsync(app, creator, "overview?days=" + days);
        // A click is a page view in the published reports, but not a view here.
        var (clicks, views) = (
            overview.GetProperty("totalClicks").GetInt64(),
            overview.GetProperty("totalViews").GetInt64() - overview.GetProperty("totalClicks").GetInt64());
        Assert.StartsWith($"Views {language.Number(views)}", Text("data-figure=\"Views\""), StringComparison.Ordinal);
        Assert.StartsWith(
            $"Visitors {language.Number(overview.GetProperty("uniqueVisitors").GetInt64())}",
            Text("data-figure=\"Visitors\""),
            StringComparison.Ordinal);
        Assert.StartsWith($"Clicks {language.Number(clicks)}", Text("data-figure=\"Clicks\""), StringComparison.Ordinal);
        Assert.StartsWith(
            $"Click rate {language.Percent(Percentage.WithTwoDecimals(clicks, views), 2)}",
            Text("data-figure=\"Click rate\""),
            StringComparison.Ordinal);
        var sessions = await DataAsync(app, creator, "sessions?days=" + days);
        var all = sessions.GetProperty("totalSessions").GetInt64();
        foreach (var source in (await DataAsync(app, creator, "traffic?days=" + days)).GetProperty("sources").EnumerateArray().GroupBy(
            row => NameOf(row.GetProperty("source").GetString()!)))
        {
            var visits = source.Sum(row => row.GetProperty("visits").GetInt64());
            Assert.Contains(
                $" {Visits(visits)}, {language.Percent(Percentage.Of(visits, all))}",
                Text($"data-source=\"{source.Key}\""),
                StringComparison.Ordinal);
        }

        foreach (var country in (await DataAsync(app, creator, "geo?days=" + days)).GetProperty("locations").EnumerateArray())
        {
            var name = country.GetProperty("country").GetString()!;
            Assert.Equal(
                $"{name} {Visits(country.GetProperty("visits").GetInt64())}, " +
                $"{language.Percent(country.GetProperty("percentage").GetInt32())}",
                Text($"data-country=\"{name}\""));
        }

        foreach (var device in (await DataAsync(app, creator, "devices?days=" + days)).GetProperty("segments").EnumerateArray())
        {
            var name = device.GetProperty("name").GetString()!;
            Assert.Equal(
                $"{DimensionWords.English.DeviceOf(name)} {Visits(device.GetProperty("count").GetInt64())}, " +
                $"{language.Percent(device.GetProperty("percentage").GetInt32())}",
                Text($"data-device=\"{DimensionWords.English.DeviceOf(name)}\""));
        }

        var links = (await DataAsync(app, creator, "links?days=" + days)).GetProperty("links").EnumerateArray().ToLookup(
            link => link.GetProperty("title").GetString() == "Unknown");
        foreach (var link in links[false])
        {
            Assert.EndsWith(
                Clicks(link.GetProperty("clicks").GetInt64()),
                Text($"data-link=\"{link.GetProperty("id").GetString()}\""),
                StringComparison.Ordinal);
        }

        var gone = (Links: links[true].Count(), Clicks: links[true].Sum(link => link.GetProperty("clicks").GetInt64()));
        var folded = (gone.Links == 1 ? "A link that is no longer on the page" : $"{gone.Links} links that are no longer on the page") +
            Clicks(gone.Clicks);
        Assert.Equal(
            gone.Links == 0 ? "none" : folded,
            page.Contains("data-link=\"gone\"", StringComparison.Ordinal) ? Text("data-link=\"gone\"") : "none");
        Assert.StartsWith(
            $"Visits {language.Number(sessions.GetProperty("totalSessions").GetInt64())} ",
            Text("data-figure=\"Visits\""),
            StringComparison.Ordinal);
        Assert.StartsWith(
            $"Bounce rate {language.Percent(sessions.GetProperty("bounceRate").GetInt32())} ",
            Text("data-figure=\"Bounce rate\""),
            StringComparison.Ordinal);
        Assert.StartsWith(
            $"Time on page {sessions.GetProperty("avgDuration").GetInt64()} s ",
            Text("data-figure=\"Time on page\""),
            StringComparison.Ordinal);
        Assert.StartsWith(
            $"Actions per visit {language.Number(sessions.GetProperty("pagesPerSession").GetDouble(), 1)} ",
            Text("data-figure=\"Actions per visit\""),
            StringComparison.Ordinal);
        foreach (var day in (await DataAsync(app, creator, "trend?days=" + days)).GetProperty("daily").EnumerateArray())
        {
            var date = DateOnly.FromDateTime(day.GetProperty("day").GetDateTime());
            Assert.Matches(
                $"{language.LongDay(date)}[^<]*</th><td>{language.Number(day.GetProperty("views").GetInt64() - day.GetProperty("clicks").GetInt64())}</td><td>{language.Number(day.GetProperty("clicks").GetInt64())}</td>",
                page);
        }

        // Every day of the period, including those without a page view; the last is still running.
        Assert.Equal(int.Parse(days, System.Globalization.CultureInfo.InvariantCulture), page.Split("<th scope=\"row\">").Length - 1);
        Assert.Contains(" (so far)</th>", page, StringComparison.Ordinal);

        static string NameOf(string domain) => domain == "direct" ? "Direct" : SourceName.Of(domain)?.Name ?? domain;

        string Text(string attribute) => DashboardVisit.TextOf(page, attribute.Replace("&", "&amp;", StringComparison.Ordinal));

        string Visits(long count) => $"{language.Number(count)} {(count == 1 ? "visit" : "visits")}";

        string Clicks(long count) => $" {language.Number(count)} {(count == 1 ? "click" : "clicks")}, {language.Percent(Percentage.WithTwoDecimals(count, views), 2)}";
    }

    [Theory, Engines]
    public async Task Today_begins_at_midnight_and_is_shown_by_hour(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (visit, creator) = await DashboardVisit.StartAsync(app);
        using var _ = visit;
        var midnight = new DateTimeOffset(TestApp.Start.Date, TimeSpan.Zero);
        await app.AddSessionAsync(creator, "anna", startedAt: midnight);
        await app.AddSessionAsync(creator, "ben", startedAt: midnight.AddMilliseconds(-1));
        await app.AddPageViewsAsync(creator, 2, null, midnight);
        await app.AddPageViewsAsync(creator, 1, Guid.NewGuid(), midnight.AddHours(9).AddMinutes(30));
        await app.AddPageViewsAsync(creator, 7, null, midnight.AddMilliseconds(-1));

        var page = await visit.ReadAsync("/dashboard?range=today&compare=none");

        Assert.Equal("Views 2", DashboardVisit.TextOf(page, "data-figure=\"Views\""));
        Assert.Equal("Visitors 1", DashboardVisit.TextOf(page, "data-figure=\"Visitors\""));
        Assert.Contains("<th scope=\"row\">0:00</th><td>2</td><td>0</td>", page, StringComparison.Ordinal);
        Assert.Contains("<th scope=\"row\">9:00</th><td>0</td><td>1</td>", page, StringComparison.Ordinal);
        Assert.Contains("<th scope=\"row\">12:00 (so far)</th><td>0</td><td>0</td>", page, StringComparison.Ordinal);
        Assert.Contains("<th scope=\"row\">13:00</th><td>–</td><td>–</td>", page, StringComparison.Ordinal);
        Assert.Equal(24, page.Split("<th scope=\"row\">").Length - 1);
        Assert.Single(page.Split("<g class=\"running\">")[1..]);
    }

    [Fact]
    public async Task Text_from_visitors_and_creators_is_escaped()
    {
        const string Hostile = "\"><script>alert(1)</script>&amp;'";
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var (visit, creator) = await DashboardVisit.StartAsync(app);
        using var _ = visit;
        var link = await app.AddLinkAsync(creator, Hostile, "https://shop.example/");
        var script = await app.AddLinkAsync(creator, "Run me", "javascript:alert(1)");
        await app.AddPageViewsAsync(creator, 1, link.Id);
        await app.AddPageViewsAsync(creator, 1, script.Id);
        await app.AddSessionsAsync(creator, Hostile);
        await app.AddSessionAsync(creator, country: Hostile, device: Hostile, startedAt: app.Clock.GetUtcNow());

        var page = await visit.ReadAsync("/dashboard");

        Assert.DoesNotContain("<script>alert", page, StringComparison.Ordinal);
        Assert.DoesNotContain("javascript:", page, StringComparison.Ordinal);
        Assert.Contains("&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;&#x27;", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Numbers_and_dates_are_in_the_browsers_language()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var (visit, creator) = await DashboardVisit.StartAsync(app);
        using var _ = visit;
        await app.AddSessionAsync(creator);
        await app.AddPageViewsAsync(creator, 1234, null, app.Clock.GetUtcNow().AddDays(-1));
        visit.Http.DefaultRequestHeaders.AcceptLanguage.ParseAdd("tlh, de-AT;q=0.8, en;q=0.5, fr;q=0");

        var page = await visit.ReadAsync("/dashboard?days=7");

        Assert.StartsWith(
            "Aufrufe 1.234", DashboardVisit.TextOf(page, "data-figure=\"Aufrufe\"").Replace('\u00a0', '.'), StringComparison.Ordinal);
        Assert.Contains("Di., 14. Apr. 2026", page, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task A_creator_sees_only_her_own_figures(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (anna, annas) = await DashboardVisit.StartAsync(app);
        var (ben, bens) = await DashboardVisit.StartAsync(app, "ben@example.com");
        using var first = anna;
        using var second = ben;
        await app.AddSessionsAsync(annas, "tiktok.com", 3);
        await app.AddSessionsAsync(bens, "reddit.com", 5);

        var page = await ben.ReadAsync($"/dashboard?days=7&page={annas.BioPageId}&user={annas.UserId}");

        Assert.Contains("data-source=\"Reddit\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("TikTok", page, StringComparison.Ordinal);
        Assert.Equal(
            "referrerDomain,visits,visitors,views,clicks,clickRate,share\r\nreddit.com,5,1,0,0,0,100\r\n",
            await ben.ReadAsync($"/dashboard/export?type=referrerDomain&range=7d&page={annas.BioPageId}"));
    }

    [Theory]
    [InlineData(
        "overview",
        "from,until,views,visitors,clicks,clickRate,visits,bounceRate,visitDuration,viewsPerVisit\r\n2026-04-09T00:00:00.000Z,2026-04-16T00:00:00.000Z,2,2,1,50,3,100,0,0.3\r\n")]
    [InlineData(
        "trend",
        "day,views,clicks\r\n2026-04-09,0,0\r\n2026-04-10,0,0\r\n2026-04-11,0,0\r\n2026-04-12,0,0\r\n2026-04-13,0,0\r\n2026-04-14,0,0\r\n2026-04-15,2,1\r\n")]
    [InlineData(
        "source",
        "source,visits,visitors,views,clicks,clickRate,share\r\nTikTok,2,1,0,0,0,66.67\r\nDirect / " +
        "None,1,1,0,0,0,33.33\r\n,0,0,2,1,50,0\r\n")]
    [InlineData(
        "country",
        "country,name,visits,visitors,views,clicks,clickRate,share\r\n,,2,1,2,1,50,66.67\r\nGermany,Germany,1,1,0,0,0,33.33\r\n")]
    [InlineData("device", "device,visits,visitors,views,clicks,clickRate,share\r\n,2,1,2,1,50,66.67\r\nmobile,1,1,0,0,0,33.33\r\n")]
    [InlineData("link", "link,title,url,clicks,clickers,visits\r\n00000000-0000-0000-0000-000000000001,,,1,0,0\r\n")]
    public async Task Every_block_has_its_file(string type, string file)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var (visit, creator) = await DashboardVisit.StartAsync(app);
        using var _ = visit;
        await app.AddSessionsAsync(creator, "tiktok.com", 2);
        await app.AddSessionAsync(creator, "other", "Germany", "mobile");
        await app.AddPageViewsAsync(creator, 2);
        await app.AddPageViewsAsync(creator, 1, new Guid("00000000-0000-0000-0000-000000000001"));

        Assert.Contains(
            $"/dashboard/export?range=7d&amp;compare=none&amp;type={type}\"",
            await visit.ReadAsync("/dashboard?range=7d&compare=none"),
            StringComparison.Ordinal);
        using var answer = await visit.GetAsync($"/dashboard/export?range=7d&compare=none&type={type}");

        Assert.Equal(file, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("text/csv; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
        Assert.Equal(
            $"attachment; filename=\"bioscope-analytics-{type}-2026-04-15.csv\"", answer.Content.Headers.ContentDisposition?.ToString());
        Assert.True(answer.Headers.CacheControl?.NoStore);
    }

    [Fact]
    public async Task An_unknown_file_is_404()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var (visit, _) = await DashboardVisit.StartAsync(app);
        using var browser = visit;

        using var answer = await visit.GetAsync("/dashboard/export?type=visitors");

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task Before_the_first_visit_the_page_shows_next_steps()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, ("PublicUrl", "https://links.example"));
        var (visit, creator) = await DashboardVisit.StartAsync(app);
        using var _ = visit;

        var page = await visit.ReadAsync("/dashboard");

        Assert.Contains("Nobody has been here yet.", page, StringComparison.Ordinal);
        Assert.Contains(
            $"&lt;script defer src=&quot;https://links.example/bioscope.js&quot; data-page=&quot;{creator.BioPageId}&quot; data-consent=",
            page,
            StringComparison.Ordinal);
        Assert.DoesNotContain("HMAC", page, StringComparison.Ordinal);
        await app.AddSessionsAsync(creator, null, 1, app.Clock.GetUtcNow().AddDays(-40));
        Assert.Contains("Nobody came by in the last 30 days.", await visit.ReadAsync("/dashboard"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Caching_and_content_policy_headers_are_set()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var (visit, _) = await DashboardVisit.StartAsync(app);
        using var browser = visit;

        using var page = await visit.GetAsync("/dashboard");
        var text = await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var policy = page.Headers.GetValues("Content-Security-Policy").Single();

        Assert.True(page.Headers.CacheControl?.NoStore);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("*", policy, StringComparison.Ordinal);
        Assert.DoesNotContain(" style=", text, StringComparison.Ordinal);
        Assert.DoesNotMatch(" on[a-z]+=", text);
        foreach (var asset in new[] { DashboardAssets.Script.Url, DashboardAssets.World.Url })
        {
            using var answer = await visit.GetAsync(asset);
            Assert.Equal(TimeSpan.FromDays(365), answer.Headers.CacheControl?.MaxAge);
            Assert.True(answer.Headers.CacheControl?.Public);
            Assert.Contains("immutable", answer.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Requests_are_limited_by_creator()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, ("Throttle:Reports", "2"));
        var (anna, _) = await DashboardVisit.StartAsync(app);
        var (ben, _) = await DashboardVisit.StartAsync(app, "ben@example.com");
        using var first = anna;
        using var second = ben;
        await anna.ReadAsync("/dashboard");
        await anna.ReadAsync("/dashboard");

        using var over = await anna.GetAsync("/dashboard");

        Assert.Equal(HttpStatusCode.TooManyRequests, over.StatusCode);
        Assert.NotNull(over.Headers.RetryAfter);
        await ben.ReadAsync("/dashboard");
    }

    [Fact]
    public async Task A_user_without_a_page_gets_a_message()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var (visit, creator) = await DashboardVisit.StartAsync(app);
        using var _ = visit;
        await app.Main.ExecuteAsync(
            """DELETE FROM "BioPage" WHERE "id" = @page""", TestContext.Current.CancellationToken, ("@page", creator.BioPageId));

        using var answer = await visit.GetAsync("/dashboard");

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public void The_scale_is_round_and_fits_the_largest_value() => Gen.Long[0, 1_000_000_000_000].Sample(most =>
    {
        var (max, step) = TrendChart.RoundScale(most);
        Assert.True(max >= most && max % step == 0 && max / step is >= 1 and <= 5);
        Assert.True(max <= 2 * Math.Max(1, most));
        Assert.Contains(step.ToString(System.Globalization.CultureInfo.InvariantCulture).TrimEnd('0'), (string[])["1", "2", "25", "5"]);
    });

    /// <summary>Visits over a little more than a year, increasing, from everywhere.</summary>
    private static async Task AddTrafficAsync(TestApp app, Creator creator)
    {
        var now = app.Clock.GetUtcNow();
        var links = new[] { await app.AddLinkAsync(creator, "Shop", "https://shop.example/"),
            await app.AddLinkAsync(creator, "", "https://www.youtube.com/@anna") };
        string?[] sources = ["l.instagram.com", "instagram.com", "com.instagram.android", "tiktok.com", null, "", "direct", "netflix.com",
            "google.de", "google.com", "t.co", "xn--mnchen-3ya.de", "[::1]"];
        string?[] countries = ["Germany", "Türkiye", "United States", "Unknown", null, "Côte d’Ivoire", "Atlantis & Co"];
        string?[] devices = ["mobile", "tablet", "desktop", null, "unknown"];
        for (var i = 0; i < 160; i++)
        {
            // At 6 and at 18 o'clock: the published reports' days of 24 hours begin at 12, local days at 0, and there is nothing in
            // between.
            var at = now.AddDays(-400.25 + (2.5 * i));
            await app.AddSessionsAsync(creator, sources[i % sources.Length], 1 + (i % 3), at);
            await app.AddSessionAsync(
                creator,
                $"visitor {i % 40}",
                countries[i % countries.Length],
                devices[i % devices.Length],
                duration: i % 50,
                pageViews: 1 + (i % 4),
                startedAt: at);
            await app.AddPageViewsAsync(creator, 10 + i, null, at);
            await app.AddPageViewsAsync(
                creator, 1 + (i % 5), i % 7 == 0 ? new Guid(i, 0, 0, new byte[8]) : links[i % 2].Id, at.AddMinutes(1));
        }
    }

    private static async Task<JsonElement> DataAsync(TestApp app, Creator creator, string report) =>
        JsonDocument.Parse(await app.ReportAsync(creator, report)).RootElement;
}
