using System.Net;
using System.Text.Json;
using Bioscope.Core;
using Bioscope.Engine.Creators;
using Bioscope.Server.Api.Reports;
using Bioscope.Server.Dashboard;
using Bioscope.Server.Dashboard.Blocks;
using CsCheck;

namespace Bioscope.Server.Tests;

/// <summary>What the dashboard says is what the reports say.</summary>
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
        // A click is a page view in the published reports, and is no view here.
        var (clicks, views) = (overview.GetProperty("totalClicks").GetInt64(), overview.GetProperty("totalViews").GetInt64() - overview.GetProperty("totalClicks").GetInt64());
        Assert.StartsWith($"Views {language.Number(views)}", Text("data-figure=\"Views\""), StringComparison.Ordinal);
        Assert.StartsWith($"Visitors {language.Number(overview.GetProperty("uniqueVisitors").GetInt64())}", Text("data-figure=\"Visitors\""), StringComparison.Ordinal);
        Assert.StartsWith($"Clicks {language.Number(clicks)}", Text("data-figure=\"Clicks\""), StringComparison.Ordinal);
        Assert.StartsWith($"Click rate {language.Percent(Percentage.WithTwoDecimals(clicks, views), 2)}", Text("data-figure=\"Click rate\""), StringComparison.Ordinal);
        foreach (var source in (await DataAsync(app, creator, "traffic?days=" + days)).GetProperty("sources").EnumerateArray())
        {
            var (name, visits, share) = (source.GetProperty("source").GetString()!, source.GetProperty("visits").GetInt64(), source.GetProperty("percentage").GetInt32());
            var attribute = page.Contains($"data-domain=\"{name}\"", StringComparison.Ordinal) ? "data-domain" : "data-source";
            Assert.Contains($" {language.Number(visits)} visits, {language.Percent(share)}", Text($"{attribute}=\"{name}\""), StringComparison.Ordinal);
        }

        foreach (var country in (await DataAsync(app, creator, "geo?days=" + days)).GetProperty("locations").EnumerateArray())
        {
            var name = country.GetProperty("country").GetString()!;
            Assert.Equal($"{name} {language.Number(country.GetProperty("visits").GetInt64())} visits, {language.Percent(country.GetProperty("percentage").GetInt32())}", Text($"data-country=\"{name}\""));
        }

        foreach (var device in (await DataAsync(app, creator, "devices?days=" + days)).GetProperty("segments").EnumerateArray())
        {
            var name = device.GetProperty("name").GetString()!;
            Assert.Equal(
                $"{Devices.Name(name)} {language.Number(device.GetProperty("count").GetInt64())} visits, {language.Percent(device.GetProperty("percentage").GetInt32())}",
                Text($"data-device=\"{name}\""));
        }

        var links = (await DataAsync(app, creator, "links?days=" + days)).GetProperty("links").EnumerateArray().ToLookup(link => link.GetProperty("title").GetString() == "Unknown");
        foreach (var link in links[false])
        {
            Assert.EndsWith(Clicks(link.GetProperty("clicks").GetInt64()), Text($"data-link=\"{link.GetProperty("id").GetString()}\""), StringComparison.Ordinal);
        }

        var gone = (Links: links[true].Count(), Clicks: links[true].Sum(link => link.GetProperty("clicks").GetInt64()));
        var folded = (gone.Links == 1 ? "A link that is no longer on the page" : $"{gone.Links} links that are no longer on the page") + Clicks(gone.Clicks);
        Assert.Equal(gone.Links == 0 ? "none" : folded, page.Contains("data-link=\"gone\"", StringComparison.Ordinal) ? Text("data-link=\"gone\"") : "none");
        var sessions = await DataAsync(app, creator, "sessions?days=" + days);
        Assert.StartsWith($"Visits {language.Number(sessions.GetProperty("totalSessions").GetInt64())} ", Text("data-figure=\"Visits\""), StringComparison.Ordinal);
        Assert.StartsWith($"Bounce rate {language.Percent(sessions.GetProperty("bounceRate").GetInt32())} ", Text("data-figure=\"Bounce rate\""), StringComparison.Ordinal);
        Assert.StartsWith($"Time on page {sessions.GetProperty("avgDuration").GetInt64()} s ", Text("data-figure=\"Time on page\""), StringComparison.Ordinal);
        Assert.StartsWith($"Actions per visit {language.Number(sessions.GetProperty("pagesPerSession").GetDouble(), 1)} ", Text("data-figure=\"Actions per visit\""), StringComparison.Ordinal);
        foreach (var day in (await DataAsync(app, creator, "trend?days=" + days)).GetProperty("daily").EnumerateArray())
        {
            var date = DateOnly.FromDateTime(day.GetProperty("day").GetDateTime());
            Assert.Matches(
                $"{language.LongDay(date)}[^<]*</th><td>{language.Number(day.GetProperty("views").GetInt64() - day.GetProperty("clicks").GetInt64())}</td><td>{language.Number(day.GetProperty("clicks").GetInt64())}</td>", page);
        }

        // Every day of the period, also those without a page view; the first and the last are not whole.
        Assert.Equal(int.Parse(days, System.Globalization.CultureInfo.InvariantCulture) + 1, page.Split("<th scope=\"row\">").Length - 1);
        Assert.Contains(" (from 12:00)</th>", page, StringComparison.Ordinal);
        Assert.Contains(" (so far)</th>", page, StringComparison.Ordinal);

        string Text(string attribute) => DashboardVisit.TextOf(page, attribute.Replace("&", "&amp;", StringComparison.Ordinal));

        string Clicks(long count) => $" {language.Number(count)} clicks, {language.Percent(Percentage.WithTwoDecimals(count, views), 2)}";
    }

    [Theory, Engines]
    public async Task Today_begins_at_midnight_and_is_told_by_the_hour(EngineKind engine)
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

        var page = await visit.ReadAsync("/dashboard?days=today");

        Assert.Equal("Views 2", DashboardVisit.TextOf(page, "data-figure=\"Views\""));
        Assert.Equal("Visitors 1", DashboardVisit.TextOf(page, "data-figure=\"Visitors\""));
        Assert.Contains("<th scope=\"row\">0:00</th><td>2</td><td>0</td>", page, StringComparison.Ordinal);
        Assert.Contains("<th scope=\"row\">9:00</th><td>0</td><td>1</td>", page, StringComparison.Ordinal);
        Assert.Contains("<th scope=\"row\">12:00 (so far)</th><td>0</td><td>0</td>", page, StringComparison.Ordinal);
        Assert.Equal(13, page.Split("<th scope=\"row\">").Length - 1);
    }

    [Theory, Engines]
    public async Task The_headline_figures_are_compared_with_the_period_before(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (visit, creator) = await DashboardVisit.StartAsync(app);
        using var _ = visit;
        var now = app.Clock.GetUtcNow();
        await app.AddSessionAsync(creator, "first", startedAt: now.AddDays(-20));
        await app.AddSessionAsync(await app.AddCreatorAsync(), "of another page", startedAt: now.AddDays(-10));
        foreach (var (visitor, daysAgo) in new[] { ("anna", 1), ("ben", 2), ("ben", 3), ("carla", 6), ("anna", 8), ("anna", 9), ("dora", 13) })
        {
            await app.AddSessionAsync(creator, visitor, startedAt: now.AddDays(-daysAgo));
        }

        await app.AddPageViewsAsync(creator, 12, null, now.AddDays(-2));
        await app.AddPageViewsAsync(creator, 3, Guid.NewGuid(), now.AddDays(-2));
        await app.AddPageViewsAsync(creator, 7, null, now.AddDays(-7).AddMilliseconds(-1));
        await app.AddPageViewsAsync(creator, 3, Guid.NewGuid(), now.AddDays(-14));
        await app.AddPageViewsAsync(creator, 90, null, now.AddDays(-14).AddMilliseconds(-1));

        var page = await visit.ReadAsync("/dashboard?days=7");

        Assert.Equal("Views 12 ▲ up 71% , 7 before", DashboardVisit.TextOf(page, "data-figure=\"Views\""));
        Assert.Equal("Visitors 3 ▲ up 50% , 2 before", DashboardVisit.TextOf(page, "data-figure=\"Visitors\""));
        Assert.Equal("Clicks 3 = unchanged 0.0% , 3 before", DashboardVisit.TextOf(page, "data-figure=\"Clicks\""));
        Assert.Equal("Click rate 25.00% ▼ down 17.9 points , 42.86% before", DashboardVisit.TextOf(page, "data-figure=\"Click rate\""));
        Assert.Contains("Compared with 1 Apr to 8 Apr.", page, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task A_page_that_was_not_there_for_all_of_the_period_before_is_compared_with_nothing(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (visit, creator) = await DashboardVisit.StartAsync(app);
        using var _ = visit;
        await app.AddSessionAsync(creator, startedAt: app.Clock.GetUtcNow().AddDays(-14).AddMilliseconds(1));
        await app.AddPageViewsAsync(creator, 4);

        var page = await visit.ReadAsync("/dashboard?days=7");

        Assert.Equal("Views 4", DashboardVisit.TextOf(page, "data-figure=\"Views\""));
        Assert.Contains("younger than twice this period", page, StringComparison.Ordinal);
        await app.AddSessionAsync(creator, startedAt: app.Clock.GetUtcNow().AddDays(-14));
        Assert.Equal("Views 4 ▲ up new , 0 before", DashboardVisit.TextOf(await visit.ReadAsync("/dashboard?days=7"), "data-figure=\"Views\""));
    }

    [Fact]
    public void Domains_stand_under_the_name_that_people_know_and_keep_their_figures()
    {
        var groups = SourceGroup.Of(new TrafficSources(
        [
            new("direct", 50, 50), new("l.instagram.com", 20, 20), new("netflix.com", 12, 12), new("instagram.com", 10, 10), new("com.instagram.android", 5, 5), new("t.co", 3, 3),
        ]));

        Assert.Equal(
            ["Direct 50 50%: direct", "Instagram 35 35%: l.instagram.com 20, instagram.com 10, com.instagram.android 5", "netflix.com 12 12%: netflix.com 12", "X 3 3%: t.co 3"],
            groups.Select(group => $"{group.Name} {group.Visits} {group.Percentage}%: {string.Join(", ", group.Domains.Select(domain => domain.Source == "direct" ? "direct" : $"{domain.Source} {domain.Visits}"))}"));
        Assert.Equal([false, true, false, true], groups.Select(group => group.IsNamed));
    }

    [Fact]
    public async Task What_strangers_and_creators_wrote_is_text()
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

        Assert.StartsWith("Views 1.234", DashboardVisit.TextOf(page, "data-figure=\"Views\"").Replace('\u00a0', '.'), StringComparison.Ordinal);
        Assert.Contains("Di., 14. Apr. 2026", page, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task The_figures_are_those_of_who_is_signed_in_only(EngineKind engine)
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
        Assert.Equal("source,visits,percentage\r\nreddit.com,5,100\r\n", await ben.ReadAsync($"/dashboard/export?type=traffic&days=7&page={annas.BioPageId}"));
    }

    [Theory]
    [InlineData("overview", "views,visitors,clicks,clickRate,days\r\n2,2,1,50,7\r\n")]
    [InlineData("trend", "day,views,clicks\r\n2026-04-15T00:00:00.000Z,2,1\r\n")]
    [InlineData("traffic", "source,visits,percentage\r\ntiktok.com,2,67\r\ndirect,1,33\r\n")]
    [InlineData("geo", "country,visits,percentage\r\nUnknown,3,100\r\n")]
    [InlineData("devices", "name,count,percentage\r\nunknown,2,67\r\nmobile,1,33\r\n")]
    [InlineData("links", "id,title,url,clicks,clickRate\r\n,A link that is no longer on the page,,1,50\r\n")]
    [InlineData("sessions", "totalSessions,bounceRate,avgDuration,pagesPerSession\r\n3,100,0,0.3\r\n")]
    public async Task Every_block_has_its_file(string type, string file)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var (visit, creator) = await DashboardVisit.StartAsync(app);
        using var _ = visit;
        await app.AddSessionsAsync(creator, "tiktok.com", 2);
        await app.AddSessionAsync(creator, "other", device: "mobile");
        await app.AddPageViewsAsync(creator, 2);
        await app.AddPageViewsAsync(creator, 1, new Guid("00000000-0000-0000-0000-000000000001"));

        Assert.Contains($"/dashboard/export?type={type}&amp;days=7\"", await visit.ReadAsync("/dashboard?days=7"), StringComparison.Ordinal);
        using var answer = await visit.GetAsync($"/dashboard/export?type={type}&days=7");

        Assert.Equal(file, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("text/csv; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
        Assert.Equal($"attachment; filename=\"bioscope-analytics-{type}-2026-04-15.csv\"", answer.Content.Headers.ContentDisposition?.ToString());
        Assert.True(answer.Headers.CacheControl?.NoStore);
    }

    [Fact]
    public async Task A_file_that_does_not_exist_is_404()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var (visit, _) = await DashboardVisit.StartAsync(app);
        using var browser = visit;

        using var answer = await visit.GetAsync("/dashboard/export?type=visitors");

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task Before_the_first_visit_it_says_what_to_do_next()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, ("PublicUrl", "https://links.example"));
        var (visit, creator) = await DashboardVisit.StartAsync(app);
        using var _ = visit;

        var page = await visit.ReadAsync("/dashboard");

        Assert.Contains("Nobody has been here yet.", page, StringComparison.Ordinal);
        Assert.Contains($"&lt;script defer src=&quot;https://links.example/bioscope.js&quot; data-page=&quot;{creator.BioPageId}&quot; data-token=", page, StringComparison.Ordinal);
        await app.AddSessionsAsync(creator, null, 1, app.Clock.GetUtcNow().AddDays(-40));
        Assert.Contains("Nobody came by in the last 30 days.", await visit.ReadAsync("/dashboard"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_browser_may_keep_and_load_is_said()
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
    public async Task Who_has_no_page_is_told_so()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var (visit, creator) = await DashboardVisit.StartAsync(app);
        using var _ = visit;
        await app.Main.ExecuteAsync("""DELETE FROM "BioPage" WHERE "id" = @page""", TestContext.Current.CancellationToken, ("@page", creator.BioPageId));

        using var answer = await visit.GetAsync("/dashboard");

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public void The_scale_is_round_and_holds_the_largest() => Gen.Long[0, 1_000_000_000_000].Sample(most =>
    {
        var (max, step) = TrendChart.RoundScale(most);
        Assert.True(max >= most && max % step == 0 && max / step is >= 1 and <= 5);
        Assert.True(max <= 2 * Math.Max(1, most));
        Assert.Contains(step.ToString(System.Globalization.CultureInfo.InvariantCulture).TrimEnd('0'), (string[])["1", "2", "25", "5"]);
    });

    [Theory]
    [InlineData("today", "2026-04-15T00:00:00.000", "2026-04-14T00:00:00.000", "2026-04-14T12:34:56.789")]
    [InlineData("7", "2026-04-08T12:34:56.789", "2026-04-01T12:34:56.789", "2026-04-08T12:34:56.789")]
    [InlineData("365", "2025-04-15T12:34:56.789", "2024-04-15T12:34:56.789", "2025-04-15T12:34:56.789")]
    [InlineData("8", "2026-03-16T12:34:56.789", "2026-02-14T12:34:56.789", "2026-03-16T12:34:56.789")] // none that is offered
    [InlineData(null, "2026-03-16T12:34:56.789", "2026-02-14T12:34:56.789", "2026-03-16T12:34:56.789")]
    public void A_period_is_as_long_as_the_one_before(string? key, string since, string from, string until)
    {
        var now = new DateTimeOffset(2026, 4, 15, 12, 34, 56, 789, TimeSpan.Zero).AddTicks(3);
        var period = Period.Of(key);

        Assert.Equal((since, from, until), (Text(period.Since(now)), Text(period.Before(now).From), Text(period.Before(now).Until)));

        static string Text(DateTimeOffset instant) => instant.ToString("yyyy-MM-dd'T'HH:mm:ss.fff", System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Visits over a year and a bit, more and more of them, from everywhere.</summary>
    private static async Task AddTrafficAsync(TestApp app, Creator creator)
    {
        var now = app.Clock.GetUtcNow();
        var links = new[] { await app.AddLinkAsync(creator, "Shop", "https://shop.example/"), await app.AddLinkAsync(creator, "", "https://www.youtube.com/@anna") };
        string?[] sources = ["l.instagram.com", "instagram.com", "com.instagram.android", "tiktok.com", null, "", "direct", "netflix.com", "google.de", "google.com", "t.co", "xn--mnchen-3ya.de", "[::1]"];
        string?[] countries = ["Germany", "Türkiye", "United States", "Unknown", null, "Côte d’Ivoire", "Atlantis & Co"];
        string?[] devices = ["mobile", "tablet", "desktop", null, "unknown"];
        for (var i = 0; i < 160; i++)
        {
            var at = now.AddDays(-400 + (2.5 * i));
            await app.AddSessionsAsync(creator, sources[i % sources.Length], 1 + (i % 3), at);
            await app.AddSessionAsync(creator, $"visitor {i % 40}", countries[i % countries.Length], devices[i % devices.Length], duration: i % 50, pageViews: 1 + (i % 4), startedAt: at);
            await app.AddPageViewsAsync(creator, 10 + i, null, at);
            await app.AddPageViewsAsync(creator, 1 + (i % 5), i % 7 == 0 ? new Guid(i, 0, 0, new byte[8]) : links[i % 2].Id, at.AddMinutes(1));
        }
    }

    private static async Task<JsonElement> DataAsync(TestApp app, Creator creator, string report) => JsonDocument.Parse(await app.ReportAsync(creator, report)).RootElement;
}
