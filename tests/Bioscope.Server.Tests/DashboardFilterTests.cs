using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Rows;
using Bioscope.Server.Dashboard;

namespace Bioscope.Server.Tests;

/// <summary>The dashboard filtered: by links that people click, and by bookmarked addresses.</summary>
public sealed partial class DashboardFilterTests
{
    [Theory, Engines]
    public async Task Clicking_a_row_filters_by_it(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (visit, creator) = await DashboardVisit.StartAsync(app);
        using var _ = visit;
        var (shop, blog) = await AddVisitsAsync(app, creator);

        var page = await visit.ReadAsync("/dashboard?range=7d&compare=none");
        Assert.Equal("Shop shop.example 2 clicks, 66.67%", DashboardVisit.TextOf(page, $"data-link=\"{shop}\""));
        page = await visit.ReadAsync(LinkIn(page, "data-source=\"TikTok\""));

        Assert.Contains("<h1>2 visits in the last 7 days.</h1>", page, StringComparison.Ordinal);
        Assert.Equal("Views 2", DashboardVisit.TextOf(page, "data-figure=\"Views\""));
        Assert.Equal("Clicks 1", DashboardVisit.TextOf(page, "data-figure=\"Clicks\""));
        // The clicks by TikTok's visitors, and TikTok's domains.
        Assert.Contains("Clicks by visitors from <bdi>TikTok</bdi>.", page, StringComparison.Ordinal);
        Assert.Equal("Shop shop.example 1 click, 50.00%", DashboardVisit.TextOf(page, $"data-link=\"{shop}\""));
        Assert.DoesNotContain($"data-link=\"{blog}\"", page, StringComparison.Ordinal);
        Assert.Equal("tiktok.com 1 visit, 50%", DashboardVisit.TextOf(page, "data-domain=\"tiktok.com\""));
        Assert.Equal("vm.tiktok.com 1 visit, 50%", DashboardVisit.TextOf(page, "data-domain=\"vm.tiktok.com\""));

        page = await visit.ReadAsync(LinkIn(page, "data-country=\"Germany\""));

        Assert.Contains("<h1>1 visit in the last 7 days.</h1>", page, StringComparison.Ordinal);
        Assert.Equal(
            "Remove the filter Source is TikTok × Remove the filter Country is Germany × Clear all",
            DashboardVisit.TextOf(page, "aria-label=\"Filters\""));
        // Every link on the page keeps both.
        var links = Dashboards().Matches(page).Select(match => WebUtility.HtmlDecode(match.Groups[1].Value)).Where(link => !IsAlone(link))
            .ToArray();
        Assert.True(links.Length > 30);
        Assert.Equal(3, links.Count(link => !link.Contains("&filter=is:source:TikTok&filter=is:country:DE", StringComparison.Ordinal)));
        Assert.All(links, link => Assert.Contains("compare=none", link, StringComparison.Ordinal));
        Assert.Contains("<input type=\"hidden\" name=\"filter\" value=\"is:country:DE\">", page, StringComparison.Ordinal);

        page = await visit.ReadAsync(LinkIn(page, "class=\"chips\""));
        Assert.Contains("<h1>2 visits in the last 7 days.</h1>", page, StringComparison.Ordinal);
        Assert.Equal("Remove the filter Country is Germany ×", DashboardVisit.TextOf(page, "aria-label=\"Filters\""));

        static bool IsAlone(string link) =>
            link.Contains("sign-", StringComparison.Ordinal) || link.StartsWith("/dashboard/rules", StringComparison.Ordinal)
            || link is "/dashboard/zone" or "/dashboard/live" or "/dashboard/placements" or "/dashboard/page" or "/dashboard/links"
            or "/dashboard/account" or "/dashboard/mails" or "/dashboard/team";
    }

    [Theory, Engines]
    public async Task A_filter_applies_to_files_and_rows(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (visit, creator) = await DashboardVisit.StartAsync(app);
        using var _ = visit;
        var (shop, blog) = await AddVisitsAsync(app, creator);

        Assert.Equal(
            $"source,link,title,url,clicks,clickers,visits\r\nInstagram,{blog},Blog,https://blog.example/,2,1,1\r\nInstagram,{shop},Shop,https://shop.example/,1,1,1\r\nTikTok,{shop},Shop,https://shop.example/,1,1,1\r\n",
            await visit.ReadAsync("/dashboard/export?type=source&by=link&range=7d"));
        Assert.Equal(
            $"link,title,url,clicks,clickers,visits\r\n{shop},Shop,https://shop.example/,1,1,1\r\n",
            await visit.ReadAsync("/dashboard/export?type=link&range=7d&filter=is:source:TikTok"));
        var rows = await visit.ReadAsync("/dashboard/rows/source?by=link&range=7d");
        Assert.Equal("Instagram Blog 2 1 1 Instagram Shop 1 1 1 TikTok Shop 1 1 1", DashboardVisit.TextOf(rows, "<tbody"));
        Assert.Contains($"href=\"/dashboard?range=7d&amp;filter=is:link:{blog}\"", rows, StringComparison.Ordinal);
        rows = await visit.ReadAsync("/dashboard/rows/country?range=7d&filter=is:source:TikTok");
        Assert.Equal("Germany 1 1 1 1 100.00% 50.00% Unknown 1 1 1 0 0.00% 50.00%", DashboardVisit.TextOf(rows, "<tbody"));
        Assert.Contains(
            "<a class=\"value\" href=\"/dashboard?range=7d&amp;filter=is:source:TikTok&amp;filter=isNull:country\">",
            rows,
            StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task All_rows_are_listed_page_by_page(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (visit, creator) = await DashboardVisit.StartAsync(app);
        using var _ = visit;
        for (var i = 0; i < 203; i++)
        {
            await app.AddSessionsAsync(creator, $"{i:000}.example");
        }

        var page = await visit.ReadAsync("/dashboard?range=7d&filter=isNull:browser");
        var rows = new List<string>();
        for (var link = LinkIn(page, "class=\"alls\""); link.Length > 0; link = NextPage().Match(page) is { Success: true } next ? WebUtility.HtmlDecode(next.Groups[1].Value) : "")
        {
            page = await visit.ReadAsync(link);
            var shown = RowHeads().Matches(page).Select(match => match.Groups[1].Value).ToArray();
            Assert.InRange(shown.Length, 1, RowsPage.Size);
            rows.AddRange(shown);
        }

        Assert.Equal(Enumerable.Range(0, 203).Select(i => $"{i:000}.example"), rows);
        Assert.Contains("201–203 of 203", page, StringComparison.Ordinal);
        Assert.Equal(
            204,
            (await visit.ReadAsync("/dashboard/export?type=source&range=7d&filter=isNull:browser"))
                .Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains(
            "There is no page 4; the last one is 3.",
            await visit.ReadAsync("/dashboard/rows/source?range=7d&page=4"),
            StringComparison.Ordinal);
        foreach (var number in (string[])["0", "-1", "99999999999", "x", "%00"])
        {
            await visit.ReadAsync("/dashboard/rows/source?range=7d&page=" + number);
        }
    }

    [Theory]
    [InlineData("/dashboard/rows/nothing")]
    [InlineData("/dashboard/rows/day")]
    [InlineData("/dashboard/rows/source?by=source")]
    [InlineData("/dashboard/rows/source?by=nothing")]
    [InlineData("/dashboard/export?type=nothing")]
    [InlineData("/dashboard/export?type=source&by=hour")]
    public async Task An_unknown_list_is_404(string path)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var (visit, _) = await DashboardVisit.StartAsync(app);
        using var browser = visit;

        using var answer = await visit.GetAsync(path);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Theory]
    [InlineData("traffic", "referrerDomain,")]
    [InlineData("geo", "country,name,")]
    [InlineData("devices", "device,")]
    [InlineData("links", "link,title,url,")]
    [InlineData("sessions", "from,until,")]
    public async Task File_names_of_earlier_versions_still_work(string type, string header)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var (visit, _) = await DashboardVisit.StartAsync(app);
        using var browser = visit;

        using var answer = await visit.GetAsync("/dashboard/export?type=" + type);

        Assert.StartsWith(
            header,
            (await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).TrimStart('\uFEFF'),
            StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task Values_with_any_characters_can_be_filtered(EngineKind engine)
    {
        string[] values = ["\"><script>alert(1)</script>", "a&b=c&filter=is:country:DE", "x:y::z", "100% + 5 #1?", "😀 مرحبا", "' OR 1=1 --",
            new string('ß', 60), "\\u0000"];
        await using var app = await TestApp.StartAsync(engine);
        var (visit, creator) = await DashboardVisit.StartAsync(app);
        using var _ = visit;
        foreach (var value in values)
        {
            await app.AddSessionAsync(creator, country: value);
        }

        await app.AddSessionAsync(creator, country: new string('l', 5_000));

        var rows = await visit.ReadAsync("/dashboard/rows/country?range=7d");
        Assert.DoesNotContain("<script>alert", rows, StringComparison.Ordinal);
        var links = Values().Matches(rows).Select(match => WebUtility.HtmlDecode(match.Groups[1].Value)).ToArray();
        Assert.Equal(values.Length, links.Length); // the long one is not a filter
        foreach (var link in links)
        {
            var page = await visit.ReadAsync(link);
            Assert.Contains("<h1>1 visit in the last 7 days.</h1>", page, StringComparison.Ordinal);
            Assert.DoesNotContain("class=\"problem\"", page, StringComparison.Ordinal);
            Assert.DoesNotContain("<script>alert", page, StringComparison.Ordinal);
            Assert.Contains(
                DashboardVisit.TextOf(page, "class=\"chip\"")["Remove the filter Country is ".Length..^2], values.Select(ShownText.Of));
        }
    }

    [Theory]
    [InlineData("?range=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")]
    [InlineData("?from=a&until=%00")]
    [InlineData("?from=9999-12-31&until=9999-12-31")]
    [InlineData("?from=1970-01-01&until=1970-01-01&compare=lastYear")]
    [InlineData("?zone=%3Cscript%3Ealert(1)")]
    [InlineData("?zone=Pacific/Apia&from=2011-12-30&until=2011-12-30")]
    [InlineData("?filter=%3Cscript%3Ealert(1)%3C/script%3E")]
    [InlineData("?filter=is:day:2026-04-15&filter=is:hourOfDay:12&filter=matches:link:*&filter=contains:visitorKind:e")]
    [InlineData("?filter=is:source:%FF%FE%ED%A0%80")]
    [InlineData("?filter=matches:referrer:****************************a&range=all&compare=lastYear")]
    [InlineData("?compare=%3Cscript%3Ealert(1)%3C/script%3E&range=all")]
    public async Task No_address_fails(string query)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var (visit, creator) = await DashboardVisit.StartAsync(app);
        using var _ = visit;
        await AddVisitsAsync(app, creator);

        foreach (var path in (string[])["/dashboard", "/dashboard/rows/source", "/dashboard/rows/link", "/dashboard/export"])
        {
            var page = await visit.ReadAsync(path + query + (path.EndsWith("export", StringComparison.Ordinal) ? "&type=trend" : ""));
            Assert.DoesNotContain("<script>alert", page, StringComparison.Ordinal);
        }
    }

    [Theory, Engines]
    public async Task All_figures_are_as_of_one_instant(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (visit, creator) = await DashboardVisit.StartAsync(app);
        using var _ = visit;
        await AddVisitsAsync(app, creator);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var visitors = Task.Run(async () =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                var session = await AddVisitAsync(app, creator, i % 2 == 0 ? "tiktok.com" : "instagram.com", i % 3 == 0 ? "DE" : "AT");
                await AddPageViewAsync(app, creator, session, null);
            }
        }, TestContext.Current.CancellationToken);

        long last = 0;
        var waited = Stopwatch.StartNew();
        for (var i = 0; i < 25 || last <= 10; i++)
        {
            Assert.True(waited.Elapsed < Patience.Limit, "There are no visitors.");
            var page = await visit.ReadAsync("/dashboard?range=7d&compare=none");
            var visits = NumberIn(page, "data-figure=\"Visits\"");
            Assert.True(visits >= last);
            last = visits;
            foreach (var block in (string[])["sources", "countries", "devices"])
            {
                Assert.Equal(visits, CountsIn(page, block).Sum());
            }

            Assert.Equal(NumberIn(page, "data-figure=\"Views\""), TrendViews().Matches(page).Sum(match => Number(match.Groups[1].Value)));
        }

        await stop.CancelAsync();
        await visitors;
    }

    /// <summary>Two visits from TikTok, one from Instagram, one without a source; clicks on two links.</summary>
    private static async Task<(Guid Shop, Guid Blog)> AddVisitsAsync(TestApp app, Creator creator)
    {
        var shop = (await app.AddLinkAsync(creator, "Shop", "https://shop.example/")).Id;
        var blog = (await app.AddLinkAsync(creator, "Blog", "https://blog.example/")).Id;
        await AddAsync("tiktok.com", "DE", shop);
        await AddAsync("vm.tiktok.com", null);
        await AddAsync("instagram.com", "DE", blog, blog, shop);
        await AddVisitAsync(app, creator, null, "AT");
        return (shop, blog);

        async Task AddAsync(string domain, string? country, params Guid?[] clicks)
        {
            var session = await AddVisitAsync(app, creator, domain, country);
            await AddPageViewAsync(app, creator, session, null);
            foreach (var link in clicks)
            {
                await AddPageViewAsync(app, creator, session, link);
            }
        }
    }

    private static async Task<Guid> AddVisitAsync(TestApp app, Creator creator, string? domain, string? country)
    {
        var session = new SessionRow
        {
            BioPageId = creator.BioPageId,
            Id = Guid.NewGuid(),
            VisitorId = Guid.NewGuid().ToString("N"),
            ReferrerDomain = domain,
            CountryCode = country,
            Device = "mobile",
            StartedAt = app.Clock.GetUtcNow().AddHours(-1),
        };
        await app.Analytics.InsertAsync(SessionRow.Table, [session], TestContext.Current.CancellationToken);
        return session.Id;
    }

    private static Task<int> AddPageViewAsync(TestApp app, Creator creator, Guid session, Guid? link) => app.Analytics.InsertAsync(
        PageViewRow.Table,
        [new PageViewRow { BioPageId = creator.BioPageId, Id = Guid.NewGuid(), SessionId = session, EnteredAt = app.Clock.GetUtcNow().AddHours(-1), LinkClicked = link }],
        TestContext.Current.CancellationToken);

    /// <summary>The target of the first link after a text.</summary>
    private static string LinkIn(string page, string after) =>
        WebUtility.HtmlDecode(Hrefs().Match(page, page.IndexOf(after, StringComparison.Ordinal)).Groups[1].Value);

    private static long NumberIn(string page, string attribute) => Number(DashboardVisit.TextOf(page, attribute).Split(' ')[1]);

    private static IEnumerable<long> CountsIn(string page, string block)
    {
        var start = page.IndexOf($"id=\"{block}\"", StringComparison.Ordinal);
        return Counts().Matches(page[start..page.IndexOf("</section>", start, StringComparison.Ordinal)]).Select(
            match => Number(match.Groups[1].Value));
    }

    private static long Number(string text) => long.Parse(text, NumberStyles.AllowThousands, CultureInfo.InvariantCulture);

    [GeneratedRegex("href=\"([^\"]+)\"")]
    private static partial Regex Hrefs();

    [GeneratedRegex("(?:href|action)=\"(/dashboard[?/][^\"]+)\"")]
    private static partial Regex Dashboards();

    [GeneratedRegex("rel=\"next\" href=\"([^\"]+)\"")]
    private static partial Regex NextPage();

    [GeneratedRegex("<th scope=\"row\"><a [^>]+><bdi>([^<]+)</bdi>")]
    private static partial Regex RowHeads();

    [GeneratedRegex("<a class=\"value\" href=\"([^\"]+)\"")]
    private static partial Regex Values();

    [GeneratedRegex("<span class=\"n\">([0-9,]+)<")]
    private static partial Regex Counts();

    [GeneratedRegex("<th scope=\"row\">[^<]+</th><td>([0-9,]+)</td>")]
    private static partial Regex TrendViews();
}
