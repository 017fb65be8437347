namespace Bioscope.Browser.Tests;

/// <summary>Choosing a period, a comparison, filters and a time zone in a real browser.</summary>
public sealed class DashboardChoiceTests(Browser browser)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Dates_and_comparison_can_be_chosen(bool javaScript)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        await DashboardDesk.AddCreatorAsync(app);
        await using var desk = await browser.NewVisitorAsync(DashboardDesk.Options(javaScript: javaScript));
        await desk.SignInAsync(app);
        await desk.Page.ClickAsync("[data-device=Phone] a");
        await desk.Page.WaitForURLAsync("**filter=is:device:mobile");

        await desk.Page.ClickAsync(".other summary");
        await desk.Page.FillAsync("[name=from]", "2026-03-01");
        await desk.Page.FillAsync("[name=until]", "2026-03-10");
        await desk.Page.ClickAsync("text=Show");
        await desk.Page.WaitForURLAsync("**/dashboard?from=2026-03-01&until=2026-03-10&filter=is%3Adevice%3Amobile");
        Assert.Equal(10, await desk.Page.Locator("#trend tbody tr").CountAsync());
        await desk.Page.ClickAsync(".other summary");
        Assert.Equal("2026-03-10", await desk.Page.InputValueAsync("[name=until]"));
        await desk.Page.SelectOptionAsync("[name=compare]", "lastYear");
        await desk.Page.ClickAsync(".panel button:has-text('Compare')");
        await desk.Page.WaitForURLAsync("**/dashboard?compare=lastYear&from=2026-03-01&until=2026-03-10&filter=is%3Adevice%3Amobile");
        Assert.Equal("Device is Phone", (await desk.Page.TextsAsync(".chip"))[0]["Remove the filter ".Length..]);
        await desk.Page.ClickAsync(".other summary");
        await desk.Page.ClickAsync("text=Last month");
        await desk.Page.WaitForURLAsync("**/dashboard?range=lastMonth&compare=lastYear&filter=is:device:mobile");
        Assert.Equal("Last month", (await desk.Page.TextContentAsync(".panel [aria-current=page]"))!.Trim());
        desk.AssertNoComplaint();
    }

    [Theory]
    [InlineData(320, true)]
    [InlineData(390, false)]
    public async Task A_click_on_a_row_filters_and_fits_a_phone(int width, bool javaScript)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        await DashboardDesk.AddCreatorAsync(app);
        await using var desk = await browser.NewVisitorAsync(DashboardDesk.Options(width, javaScript: javaScript));
        await desk.SignInAsync(app);
        Assert.Equal(["Today", "7 days", "30 days", "90 days"], await desk.Page.TextsAsync(".period > ul > li > a"));

        foreach (var row in (string[])["[data-source=Instagram] a", "[data-domain='l.instagram.com'] a", "[data-country] a",
            "[data-device] a"])
        {
            await desk.Page.ClickAsync(row);
        }

        Assert.Equal(4, await desk.Page.Locator(".chip").CountAsync());
        Assert.True(await desk.Page.OverflowAsync() <= 0);
        // The size of touch targets: WCAG 2.5.8 requires 24 pixels.
        foreach (var box in await desk.Page.Locator(".chip, .clear, .period > ul > li > a, .switch a, a.row:visible, .out:is(a)").AllAsync())
        {
            Assert.True((await box.BoundingBoxAsync())!.Height >= 40, await box.TextContentAsync());
        }

        await desk.Page.ClickAsync(".chip >> nth=3");
        await Patience.UntilAsync(async () => await desk.Page.Locator(".chip").CountAsync() == 3);
        await desk.Page.ClickAsync(".clear");
        await desk.Page.WaitForURLAsync("**/dashboard?range=30d");
        Assert.Equal(0, await desk.Page.Locator(".chip").CountAsync());
        desk.AssertNoComplaint();
    }

    [Fact]
    public async Task Channels_and_clues_are_shown_and_filtered_without_scripts()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        await DashboardDesk.AddCreatorAsync(app);
        await using var desk = await browser.NewVisitorAsync(DashboardDesk.Options(javaScript: false));
        await desk.SignInAsync(app);

        await desk.Page.ClickAsync(".switch >> text=Channels");
        await desk.Page.WaitForURLAsync("**/dashboard?range=30d&sources=channel#sources");
        Assert.Equal("Channels", await desk.Page.TextContentAsync(".switch [aria-current]"));
        await desk.Page.ClickAsync("[data-channel='Organic Social'] a");
        await desk.Page.WaitForURLAsync("**sources=channel&filter=is:channel:Organic%20Social");
        Assert.True(await desk.Page.IsVisibleAsync("[data-source=Instagram]"));
        await desk.Page.ClickAsync("text=How they are known");
        await desk.Page.ClickAsync("[data-rung=referrer] a");
        await desk.Page.WaitForURLAsync("**filter=is:channel:Organic%20Social&filter=is:rung:referrer");
        Assert.Equal("Clue is Referrer", (await desk.Page.TextsAsync(".chip"))[1]["Remove the filter ".Length..]);
        desk.AssertNoComplaint();
    }

    [Fact]
    public async Task Clicks_by_source_are_two_clicks_away()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var creator = await DashboardDesk.AddCreatorAsync(app);
        var session = (await app.PostSessionAsync(creator, ("referrer", "https://www.tiktok.com/")))!.Value;
        await app.PostPageViewAsync(session);
        await app.PostPageViewAsync(
            session,
            (await app.Main.QueryAsync("""SELECT "id" FROM "BioLink" WHERE "title" = 'Shop'""", row => app.Main.Dialect.ReadGuid(row, 0), TestContext.Current.CancellationToken))[0]);
        await using var desk = await browser.NewVisitorAsync(DashboardDesk.Options(javaScript: false));
        await desk.SignInAsync(app);

        await desk.Page.ClickAsync("text=Clicks by source and link");
        await desk.Page.WaitForURLAsync("**/dashboard/rows/source?**");
        Assert.Contains("TikTokShop111", await desk.Page.TextsAsync("tbody tr"));
        await desk.Page.ClickAsync("tbody >> text=TikTok");
        await desk.Page.WaitForURLAsync("**filter=is:source:TikTok");
        Assert.Contains("Clicks by visitors from TikTok.", await desk.Page.TextContentAsync("#links"), StringComparison.Ordinal);
        Assert.Equal(["Shop shop.example1 click, 100.00%"], await desk.Page.TextsAsync("[data-link]"));
        desk.AssertNoComplaint();
    }

    [Fact]
    public async Task The_browsers_time_zone_is_stored_once()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        await DashboardDesk.AddCreatorAsync(app);
        await app.Main.ExecuteAsync("""UPDATE "BioPage" SET "timeZone" = NULL""", TestContext.Current.CancellationToken);
        var options = DashboardDesk.Options();
        options.TimezoneId = "America/Sao_Paulo";
        await using var desk = await browser.NewVisitorAsync(options);
        var posts = 0;
        desk.Context.Request += (_, request) => posts += request.Url.EndsWith("/dashboard/zone", StringComparison.Ordinal) ? 1 : 0;
        await desk.SignInAsync(app);

        await desk.Page.WaitForSelectorAsync("footer b:has-text('America/Sao_Paulo')");
        await desk.Page.ClickAsync(".period a[href$='range=today']");
        await desk.Page.WaitForURLAsync("**range=today");
        Assert.Equal(24, await desk.Page.Locator("#trend tbody tr").CountAsync());
        Assert.Equal("9:00 (so far)", await desk.Page.TextContentAsync("#trend tbody tr:nth-child(10) th"));
        await desk.Page.FocusAsync(".chart");
        await desk.Page.Keyboard.PressAsync("End");
        Assert.Equal("23:00: still to come", await desk.Page.TextContentAsync(".read"));
        Assert.Equal(1, posts);

        // She can choose another zone herself, and is not asked again.
        await desk.Page.ClickAsync(".zone summary");
        await desk.Page.FocusAsync("[name=zone]");
        Assert.True(await desk.Page.Locator("#zones option").CountAsync() > 100);
        await desk.Page.FillAsync("[name=zone]", "Europe/Berlin");
        await desk.Page.ClickAsync(".zone button");
        await desk.Page.WaitForSelectorAsync("footer b:has-text('Europe/Berlin')");
        Assert.EndsWith("/dashboard?range=today", desk.Page.Url, StringComparison.Ordinal);
        Assert.Equal(2, posts);
        desk.AssertNoComplaint();
    }
}
