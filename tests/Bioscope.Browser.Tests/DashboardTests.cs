using System.Text.Json;
using Bioscope.Core;
using Bioscope.Server.Accounts;
using Bioscope.Server.Api.Team;
using Bioscope.Server.Dashboard.Mails;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace Bioscope.Browser.Tests;

/// <summary>The dashboard in a real browser, as creators use it.</summary>
public sealed class DashboardTests(Browser browser)
{
    // The list beside the map.
    private const int MaxCountries = 8;

    [Theory, Engines]
    public async Task The_page_shows_the_figures_of_the_api(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        // The published reports' days are 24 hours up to now, the dashboard's are local days: at the end of a day they are the same.
        app.Clock.Advance(TimeSpan.FromHours(12) - TimeSpan.FromMilliseconds(1));
        var creator = await DashboardDesk.AddCreatorAsync(app);
        await using var desk = await browser.NewVisitorAsync(DashboardDesk.Options());
        await desk.SignInAsync(app);

        foreach (var days in (string[])["7", "30", "90"])
        {
            await desk.Page.ClickAsync($".period a[href$='range={days}d']");
            await desk.Page.WaitForURLAsync($"**range={days}d");

            Assert.Equal(days + " days", await desk.Page.TextContentAsync(".period [aria-current=page]"));
            var overview = await DataAsync("overview");
            var figures = await desk.Page.TextsAsync(".figures dd");
            var (clicks, views) = (
                overview.GetProperty("totalClicks").GetInt64(),
                overview.GetProperty("totalViews").GetInt64() - overview.GetProperty("totalClicks").GetInt64());
            Assert.StartsWith(Written(views), figures[0], StringComparison.Ordinal);
            Assert.StartsWith(Number(overview, "uniqueVisitors"), figures[1], StringComparison.Ordinal);
            Assert.StartsWith(Number(overview, "totalClicks"), figures[2], StringComparison.Ordinal);
            Assert.StartsWith($"{Percentage.WithTwoDecimals(clicks, views):F2}%", figures[3], StringComparison.Ordinal);
            var sent = (await DataAsync("traffic")).GetProperty("sources").EnumerateArray()
                .Select(row => (Domain: row.GetProperty("source").GetString()!, Visits: row.GetProperty("visits").GetInt64())).ToArray();
            Assert.Equal(
                sent.GroupBy(row => row.Domain == "direct" ? "Direct" : SourceName.Of(row.Domain)?.Name ?? row.Domain, row => row.Visits)
                    .Select(source =>
                        Spaced($"{source.Key} {Written(source.Sum())} {(source.Sum() == 1 ? "visit" : "visits")}, {Percentage.Of(source.Sum(), sent.Sum(row => row.Visits))}%"))
                        .Order(StringComparer.Ordinal),
                (await desk.Page.TextsAsync("[data-source] .row")).Select(Spaced).Order(StringComparer.Ordinal));
            await AssertRowsAsync(
                "geo",
                "locations",
                row => $"{row.GetProperty("country").GetString()} {Number(row, "visits")} {(row.GetProperty("visits").GetInt64() == 1 ? "visit" : "visits")}, {row.GetProperty("percentage")}%",
                "[data-country]",
                MaxCountries);
            await AssertRowsAsync(
                "devices",
                "segments",
                row => $"{Device(row)} {Number(row, "count")} {(row.GetProperty("count").GetInt64() == 1 ? "visit" : "visits")}, {row.GetProperty("percentage")}%",
                "[data-device]");
            await AssertRowsAsync(
                "links",
                "links",
                row =>
                    $"{row.GetProperty("title").GetString()} shop.example {Number(row, "clicks")} {(row.GetProperty("clicks").GetInt64() == 1 ? "click" : "clicks")}, " +
                    $"{Percentage.WithTwoDecimals(row.GetProperty("clicks").GetInt64(), views):F2}%",
                "[data-link]");
            var sessions = await DataAsync("sessions");
            var quality = await desk.Page.TextsAsync(".quality dd:not(.what)");
            Assert.Equal(
                [Number(sessions, "totalSessions"), $"{sessions.GetProperty("bounceRate")}%", $"{sessions.GetProperty("avgDuration")} s",
                    $"{sessions.GetProperty("pagesPerSession").GetDouble():F1}"],
                quality);
            var shown = (await desk.Page.TextsAsync("tbody tr")).Where(row => !row.EndsWith("00", StringComparison.Ordinal)).ToArray();
            var daily = (await DataAsync("trend")).GetProperty("daily").EnumerateArray().ToArray();
            Assert.Equal(daily.Length, shown.Length);
            Assert.All(daily.Zip(shown), pair =>
                Assert.EndsWith(
                    Written(pair.First.GetProperty("views").GetInt64() - pair.First.GetProperty("clicks").GetInt64()) + Number(
                        pair.First, "clicks"),
                    pair.Second,
                    StringComparison.Ordinal));

            async Task<JsonElement> DataAsync(string report) =>
                JsonDocument.Parse(await app.ReportAsync(creator, $"{report}?days={days}")).RootElement;

            async Task AssertRowsAsync(string report, string list, Func<JsonElement, string> text, string selector, int max = int.MaxValue)
            {
                var rows = (await desk.Page.TextsAsync(selector)).Select(Spaced);
                Assert.Equal(
                    (await DataAsync(report)).GetProperty(list).EnumerateArray().Take(max).Select(row => Spaced(text(row))).Order(
                        StringComparer.Ordinal),
                    rows.Order(StringComparer.Ordinal));
            }
        }

        desk.AssertNoComplaint();

        static string Number(JsonElement row, string field) => Written(row.GetProperty(field).GetInt64());

        static string Written(long number) => number.ToString("N0", System.Globalization.CultureInfo.InvariantCulture);

        static string Spaced(string text) => text.Replace(" ", "", StringComparison.Ordinal);

        static string Device(JsonElement row) => row.GetProperty("name").GetString() switch
        {
            "mobile" => "Phone",
            "desktop" => "Computer",
            "tablet" => "Tablet",
            _ => "Unknown",
        };
    }

    [Fact]
    public async Task Everything_is_reachable_by_keyboard()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        await DashboardDesk.AddCreatorAsync(app);
        await using var desk = await browser.NewVisitorAsync(DashboardDesk.Options(1440));
        var keyboard = desk.Page.Keyboard;
        await desk.Page.GotoAsync(Site.Origin(app) + "/dashboard");
        await TabToAsync("#email");
        await keyboard.TypeAsync(DashboardDesk.Email);
        await TabToAsync("#password");
        await keyboard.TypeAsync(DashboardDesk.Password);
        await keyboard.PressAsync("Enter");
        await desk.Page.WaitForURLAsync("**/dashboard");

        await TabToAsync(".skip");
        Assert.True((await desk.Page.Locator(".skip").BoundingBoxAsync())!.X >= 0);
        await TabToAsync(".period a[href$='range=7d']");
        await keyboard.PressAsync("Enter");
        await desk.Page.WaitForURLAsync("**range=7d");
        await TabToAsync(".chart");
        var summary = await desk.Page.TextContentAsync(".read");
        await keyboard.PressAsync("ArrowRight");
        Assert.StartsWith("Wed, 15 Apr 2026 (so far): ", await desk.Page.TextContentAsync(".read"), StringComparison.Ordinal);
        await keyboard.PressAsync("ArrowLeft");
        Assert.StartsWith("Tue, 14 Apr 2026: ", await desk.Page.TextContentAsync(".read"), StringComparison.Ordinal);
        await keyboard.PressAsync("Home");
        Assert.StartsWith("Thu, 9 Apr 2026: ", await desk.Page.TextContentAsync(".read"), StringComparison.Ordinal);
        await keyboard.PressAsync("Escape");
        Assert.Equal(summary, await desk.Page.TextContentAsync(".read"));
        await TabToAsync(".other summary");
        await keyboard.PressAsync("Enter");
        Assert.True(await desk.Page.IsVisibleAsync(".panel [name=from]"));
        await keyboard.PressAsync("Enter");
        await TabToAsync("[data-source=Instagram] a");
        await keyboard.PressAsync("Enter");
        await desk.Page.WaitForURLAsync("**filter=is:source:Instagram");
        Assert.True(await desk.Page.IsVisibleAsync("[data-domain='l.instagram.com']"));
        await TabToAsync("#links .csv");
        await TabToAsync(".top button");
        await keyboard.PressAsync("Enter");
        await desk.Page.WaitForURLAsync("**/dashboard/sign-in");
        await desk.Page.GotoAsync(Site.Origin(app) + "/dashboard");
        Assert.EndsWith("/dashboard/sign-in", desk.Page.Url, StringComparison.Ordinal);
        desk.AssertNoComplaint();

        async Task TabToAsync(string selector)
        {
            for (var presses = 0; presses < 120; presses++)
            {
                if (await desk.Page.EvaluateAsync<bool>("selector => document.activeElement.matches(selector)", selector))
                {
                    // The focus is visible on every focused element.
                    Assert.True(
                        await desk.Page.EvaluateAsync<bool>(
                            "() => getComputedStyle(document.activeElement).outlineStyle != 'none' || " +
                            "document.activeElement.matches('input')"));
                    return;
                }

                await keyboard.PressAsync("Tab");
            }

            Assert.Fail($"The keyboard does not get to {selector}.");
        }
    }

    [Theory, Engines]
    public async Task A_new_visitor_appears_without_a_reload(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await DashboardDesk.AddCreatorAsync(app);
        await using var desk = await browser.NewVisitorAsync(DashboardDesk.Options());
        await desk.SignInAsync(app);
        Assert.Contains("0 visits in the last 30 minutes", await desk.Page.TextContentAsync("#live"), StringComparison.Ordinal);
        await desk.Page.EvaluateAsync("() => window.stays = true");
        await using var visitor = await browser.NewVisitorAsync();

        await visitor.Page.GotoAsync(Site.Origin(app) + "/@anna", new() { Referer = "https://www.reddit.com/" });
        await visitor.AcceptAsync();
        await app.AssertIngestedAsync("session 1, pageview 1");

        await desk.Page.WaitForFunctionAsync(
            "() => document.getElementById('live').textContent.includes('1 visit in the last 30 minutes')");
        Assert.StartsWith("Reddit", (await desk.Page.TextsAsync("#live li span:not(.tile)"))[0], StringComparison.Ordinal);
        Assert.True(await desk.Page.EvaluateAsync<bool>("() => window.stays"));
        Assert.False(await desk.Page.IsVisibleAsync(".again"));
        desk.AssertNoComplaint();
    }

    [Fact]
    public async Task The_first_visit_replaces_the_next_steps_by_figures()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var creator = await app.AddCreatorAsync(DashboardDesk.Email, DashboardDesk.Password);
        await using var desk = await browser.NewVisitorAsync(DashboardDesk.Options());
        await desk.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        await desk.SignInAsync(app);
        await desk.Page.ClickAsync("[aria-label='Copy the line']");
        Assert.StartsWith(
            "<script defer src=\"" + Site.Origin(app),
            await desk.Page.EvaluateAsync<string>("() => navigator.clipboard.readText()"),
            StringComparison.Ordinal);

        await app.PostSessionAsync(creator, ("referrer", "https://www.tiktok.com/"));

        await desk.Page.WaitForSelectorAsync("#sources [data-source=TikTok]");
        desk.AssertNoComplaint();
    }

    [Fact]
    public async Task A_refused_live_connection_shows_a_link()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        await DashboardDesk.AddCreatorAsync(app);
        await using var desk = await browser.NewVisitorAsync(DashboardDesk.Options());
        await desk.Context.RouteAsync("**/dashboard/live", route => route.FulfillAsync(new() { Status = 204 }));

        await desk.SignInAsync(app);

        await desk.Page.ClickAsync("text=Refresh the live visits");
        await desk.Page.WaitForURLAsync("**/dashboard?range=30d#live");
    }

    [Fact]
    public async Task A_block_can_be_downloaded_as_a_file()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var creator = await DashboardDesk.AddCreatorAsync(app);
        await using var desk = await browser.NewVisitorAsync(DashboardDesk.Options());
        await desk.SignInAsync(app);

        var download = await desk.Page.RunAndWaitForDownloadAsync(() => desk.Page.ClickAsync("#sources .csv"));

        Assert.Equal("bioscope-analytics-source-2026-04-15.csv", download.SuggestedFilename);
        using var file = new StreamReader(await download.CreateReadStreamAsync());
        var rows = (await file.ReadToEndAsync(TestContext.Current.CancellationToken)).Split(
            "\r\n", StringSplitOptions.RemoveEmptyEntries)[1..].Select(row => row.Split(','));
        using var answer = await app.QueryAsync("""{"metrics":["visits"],"dimensions":["source"]}""", app.Token(creator));
        var asked =
            JsonDocument.Parse(
                await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement.GetProperty("data")
            .GetProperty("rows");
        Assert.Equal(
            asked.EnumerateArray().Select(row => $"{row.GetProperty("dimensions")[0]} {row.GetProperty("metrics")[0]}"),
            rows.Where(row => row[1] != "0").Select(row => $"{row[0]} {row[1]}"));
    }

    [Theory]
    [InlineData("/dashboard?range=7d")]
    [InlineData("/dashboard?range=365d")]
    public async Task Pointing_and_tapping_read_a_days_values(string path)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        await DashboardDesk.AddCreatorAsync(app);
        await using var desk = await browser.NewVisitorAsync(DashboardDesk.Options());
        await desk.SignInAsync(app);
        await desk.Page.GotoAsync(Site.Origin(app) + path);
        var summary = await desk.Page.TextContentAsync(".read");
        await desk.Page.Locator(".plot").ScrollIntoViewIfNeededAsync();
        var box = (await desk.Page.Locator(".plot").BoundingBoxAsync())!;

        await desk.Page.Mouse.MoveAsync(box.X + 0.1f, box.Y + (box.Height / 2));
        var first = (await desk.Page.Locator("tbody tr").First.Locator("th, td").AllTextContentsAsync()).ToArray();
        Assert.Equal($"{first[0]}: {first[1]} views, {first[2]} clicks", await desk.Page.TextContentAsync(".read"));
        await desk.Page.Mouse.ClickAsync(box.X + box.Width - 0.1f, box.Y + (box.Height / 2));
        var last = (await desk.Page.Locator("tbody tr").Last.Locator("th, td").AllTextContentsAsync()).ToArray();
        Assert.Equal($"{last[0]}: {last[1]} views, {last[2]} clicks", await desk.Page.TextContentAsync(".read"));
        await desk.Page.Mouse.MoveAsync(1, 1);
        Assert.Equal(summary, await desk.Page.TextContentAsync(".read"));
        desk.AssertNoComplaint();
    }

    [Fact]
    public async Task Everything_is_readable_without_scripts()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        await DashboardDesk.AddCreatorAsync(app);
        await using var desk = await browser.NewVisitorAsync(DashboardDesk.Options(javaScript: false));
        await desk.SignInAsync(app);

        Assert.True(await desk.Page.Locator("text=Refresh the live visits").First.IsVisibleAsync());
        await desk.Page.ClickAsync(".period a[href$='range=90d']");
        await desk.Page.WaitForURLAsync("**range=90d");
        await desk.Page.ClickAsync("text=visits were not counted");
        Assert.True(await desk.Page.IsVisibleAsync("[data-drop=consent] dd"));
        await desk.Page.ClickAsync("text=All values as a table");
        Assert.Equal(90, await desk.Page.Locator("tbody tr:visible").CountAsync());
        Assert.True(await desk.Page.Locator(".plot .clicks").First.IsVisibleAsync());
        await desk.Page.ClickAsync("text=Sign out");
        await desk.Page.WaitForURLAsync("**/dashboard/sign-in");
        desk.AssertNoComplaint();
    }

    [Theory]
    [InlineData(320, ColorScheme.Light)]
    [InlineData(360, ColorScheme.Dark)]
    [InlineData(1440, ColorScheme.Light)]
    [InlineData(1440, ColorScheme.Dark)]
    public async Task Pages_pass_axe_and_do_not_overflow(int width, ColorScheme scheme)
    {
        await using var smtp = SmtpHost.Start();
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, [.. smtp.Settings, ("Accounts:SignUp", "invite")]);
        var creator = await DashboardDesk.AddCreatorAsync(app);
        await app.AddPlacementAsync(creator, "a-rather-long-slug-of-forty-characters00", "Instagram", "Story");
        await app.Main.InsertAsync(
            Engine.Rows.SiteRow.Table,
            [new(Guid.NewGuid(), creator.BioPageId, "https://a-rather-long-shop-with-many-words-in-its-name.example", app.Clock.GetUtcNow())],
            TestContext.Current.CancellationToken);
        await app.Main.ExecuteAsync(
            """
            INSERT INTO "Webhook" ("id", "bioPageId", "url", "events", "createdAt")
            VALUES (@id, @page, 'https://hooks.example/a-rather-long-address-without-a-single-space-in-it', 'visits.spike', @now)
            """,
            TestContext.Current.CancellationToken, ("@id", Guid.NewGuid()), ("@page", creator.BioPageId), ("@now", app.Clock.GetUtcNow()));
        var member = await app.AddCreatorAsync("new@example.com", DashboardDesk.Password);
        var invited = Guid.NewGuid();
        await app.Main.ExecuteAsync(
            """INSERT INTO "PageMember" ("bioPageId", "userId", "role", "createdAt") VALUES (@page, @user, 'editor', @now)""",
            TestContext.Current.CancellationToken, ("@page", creator.BioPageId), ("@user", member.UserId), ("@now", app.Clock.GetUtcNow()));
        await app.Main.ExecuteAsync(
            """
            INSERT INTO "MemberInvitation" ("id", "bioPageId", "email", "role", "createdAt", "expiresAt")
            VALUES (@id, @page, 'a-rather-long-address-without-a-space@of-an-agency.example', 'viewer', @now, @until)
            """,
            TestContext.Current.CancellationToken, ("@id", invited), ("@page", creator.BioPageId), ("@now", app.Clock.GetUtcNow()),
            ("@until", app.Clock.GetUtcNow().AddDays(7)));
        var team = "/team/join/" + app.Services.GetRequiredService<Members>().TokenOf(invited);
        await using var desk = await browser.NewVisitorAsync(DashboardDesk.Options(width, scheme));
        var links = app.Services.GetRequiredService<MailedLinks>();
        var token = await links.MakeAsync(
            new(Guid.NewGuid(), PasswordReset.Name, creator.UserId, "anna@example.com", app.Clock.GetUtcNow().AddMinutes(30)),
            TestContext.Current.CancellationToken);
        var confirmation = await links.MakeAsync(
            new(Guid.NewGuid(), EmailAddress.Name, creator.UserId, "anna@example.com", app.Clock.GetUtcNow().AddMinutes(30)),
            TestContext.Current.CancellationToken);
        var unsubscribe = app.Services.GetRequiredService<UnsubscribeLinks>().UrlOf(creator.BioPageId, creator.UserId, "weekly");
        var (_, invitation) = await Invitations.AddAsync(
            app.Main, null, app.Clock.GetUtcNow(), TimeSpan.FromDays(1), TestContext.Current.CancellationToken);
        foreach (var path in (string[])["/join/" + invitation.Text, team, "/sign-in", "/forgot", $"/reset/{token}", $"/confirm/{confirmation}", unsubscribe["https://links.example/dashboard".Length..]])
        {
            await desk.Page.GotoAsync($"{Site.Origin(app)}/dashboard{path}");
            await AssertFineAsync();
        }

        // The invitation to a page would lead back to itself.
        await desk.Page.Context.ClearCookiesAsync();
        await desk.SignInAsync(app);
        string[] addresses =
        [
            "?range=today", "?range=7d&sources=channel", "?range=365d",
            "?range=month&compare=lastYear&filter=is:source:Instagram&filter=isNot:device:desktop&filter=isNull:language&days=nonsense&zone=nowhere",
            "/rows/source?by=link", "/rows/referrer?range=all&filter=is:device:mobile", "/rows/source", "/placements",
            "/rules", "/rules/source?name=Instagram", "/sites", "/account?done=password", "/mails?done=1", "/webhooks", "/team", "/pages",
            "/account/second-factor",
            "/shared",
        ];
        foreach (var address in addresses)
        {
            await desk.Page.GotoAsync($"{Site.Origin(app)}/dashboard{address}");
            await desk.Page.EvaluateAsync("() => document.querySelectorAll('details').forEach(details => details.open = true)");
            await AssertFineAsync();
        }

        var ground = await desk.Page.EvaluateAsync<string>("() => getComputedStyle(document.body).backgroundColor");
        var brightness = ground[4..^1].Split(',').Average(part => double.Parse(part, System.Globalization.CultureInfo.InvariantCulture));
        Assert.True(scheme == ColorScheme.Dark ? brightness < 40 : brightness > 220, ground);
        // It is not wider from right to left.
        await desk.Page.EvaluateAsync("() => document.documentElement.dir = 'rtl'");
        Assert.True(await desk.Page.OverflowAsync() <= 0);
        await desk.Page.ClickAsync(".top button");
        await desk.Page.FillAsync("#email", "new@example.com");
        await desk.Page.FillAsync("#password", DashboardDesk.Password);
        await desk.Page.Keyboard.PressAsync("Enter");
        await desk.Page.WaitForSelectorAsync(".steps");
        await AssertFineAsync();
        desk.AssertNoComplaint();

        async Task AssertFineAsync()
        {
            Assert.True(await desk.Page.OverflowAsync() <= 0, desk.Page.Url);
            Assert.Empty(await desk.Page.ViolationsAsync());
        }
    }

    [Theory]
    [InlineData("/dashboard")]
    [InlineData("/dashboard?range=365d")]
    public async Task The_first_view_is_under_60_KB_without_layout_shifts(string path)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        await DashboardDesk.AddCreatorAsync(app);
        await using var desk = await browser.NewVisitorAsync(DashboardDesk.Options());
        await desk.SignInAsync(app);

        var view = await FirstView.OfAsync(desk, Site.Origin(app) + path);

        TestContext.Current.SendDiagnosticMessage($"{path}: {view.Bytes} bytes in {view.Requests} requests");
        Assert.InRange(view.Bytes, 10_000, 60_000);
        Assert.Equal(3, view.Requests);
        Assert.Equal(0, view.LayoutShift);
        desk.AssertNoComplaint();
    }
}
