using Microsoft.Playwright;

namespace Bioscope.Browser.Tests;

/// <summary>A creator's links on a phone of 360 px, with and without JavaScript.</summary>
public sealed class DashboardLinksTests(Browser browser)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Links_are_added_moved_and_restored_on_a_phone(bool javaScript)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, ("Throttle:Enabled", "false"));
        var anna = await app.AddCreatorAsync(DashboardDesk.Email, DashboardDesk.Password);
        await using var desk = await browser.NewVisitorAsync(DashboardDesk.Options(360, javaScript: javaScript));
        await desk.SignInAsync(app);
        await desk.Page.ClickAsync("text=Add your links");
        await desk.Page.WaitForURLAsync("**/dashboard/links");

        (string Address, string Title)[] links =
            [("shop.example", "shop.example"), ("https://youtube.com/@anna", "YouTube"), ("news.example/anna", "news.example")];
        for (var i = 0; i < links.Length; i++)
        {
            await desk.Page.FillAsync(".paste [name=url]", links[i].Address);
            await desk.Page.ClickAsync(".paste button");
            await AssertOrderAsync(links.Take(i + 1).Select(link => link.Title));
        }

        await desk.Page.ClickAsync("[aria-label='Move news.example up']");
        await AssertOrderAsync("shop.example", "news.example", "YouTube");
        await desk.Page.ClickAsync("[aria-label='Move shop.example up']"); // is the first already
        await desk.Page.ClickAsync("[aria-label='Move shop.example down']");
        await AssertOrderAsync("news.example", "shop.example", "YouTube");

        await desk.Page.ClickAsync("[aria-label='Delete shop.example']");
        await desk.Page.ClickAsync("text=Undo");
        await AssertOrderAsync("news.example", "shop.example", "YouTube");
        await desk.Page.ClickAsync("[aria-label='Edit shop.example']");
        await desk.Page.FillAsync("details[open] [name=title]", "My shop");
        await desk.Page.FillAsync("details[open] [name=endsAt]", "2026-05-01T10:00");
        await desk.Page.ClickAsync("details[open] button");
        await desk.Page.WaitForSelectorAsync(".state >> text=Until 1 May, 10:00");
        await AssertOrderAsync("news.example", "My shop", "YouTube");
        desk.AssertNoComplaint();

        Task AssertOrderAsync(params IEnumerable<string> titles) => Patience.UntilAsync(async () =>
            titles.SequenceEqual(await desk.Page.Locator(".mine h2").AllTextContentsAsync())
            && titles.SequenceEqual(await app.LinkTitlesAsync(anna)));
    }

    [Fact]
    public async Task A_link_is_dragged_to_another_place()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, ("Throttle:Enabled", "false"));
        var anna = await DashboardDesk.AddCreatorAsync(app);
        await app.AddBioLinkAsync(anna, """{"title":"Last","url":"https://last.example/"}""");
        await using var desk = await browser.NewVisitorAsync(DashboardDesk.Options(360));
        await desk.SignInAsync(app);
        await desk.Page.GotoAsync(Site.Origin(app) + "/dashboard/links");
        var before = await desk.Page.TextsAsync(".mine h2");
        var (grip, top) = (
            await desk.Page.Locator(".grip").Last.BoundingBoxAsync(), await desk.Page.Locator(".mine li").First.BoundingBoxAsync());

        await desk.Page.Mouse.MoveAsync(grip!.X + 10, grip.Y + 10);
        await desk.Page.Mouse.DownAsync();
        await desk.Page.Mouse.MoveAsync(grip.X + 10, top!.Y + 5, new() { Steps = 20 });
        await desk.Page.Mouse.UpAsync();

        IEnumerable<string> after = [before[^1], .. before[..^1]];
        Assert.Equal(after, await desk.Page.TextsAsync(".mine h2"));
        await Patience.UntilAsync(async () => after.SequenceEqual(await app.LinkTitlesAsync(anna)));
        desk.AssertNoComplaint();
    }

    [Theory]
    [InlineData(320, ColorScheme.Light)]
    [InlineData(360, ColorScheme.Dark)]
    [InlineData(1280, ColorScheme.Light)]
    public async Task The_page_passes_axe_and_does_not_overflow(int width, ColorScheme scheme)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var anna = await DashboardDesk.AddCreatorAsync(app);
        await app.AddBioLinkAsync(anna, """{"title":"Music and other things","heading":true}""");
        await app.AddBioLinkAsync(
            anna,
            $$"""{"title":"{{new string('w', 100)}}","url":"https://{{new string('a', 60)}}.example/","active":false,"startsAt":"2026-05-01T00:00Z"}""");
        await app.AddBioLinkAsync(anna, """{"title":"Tour","url":"https://tour.example/","pinned":true,"endsAt":"2026-01-01T00:00Z"}""");
        var deleted = await app.AddBioLinkAsync(anna, """{"title":"Old","url":"https://old.example/"}""");
        await app.OkBioAsync(anna, "DELETE", $"/links/{deleted}");
        await using var desk = await browser.NewVisitorAsync(DashboardDesk.Options(width, scheme));
        await desk.SignInAsync(app);
        await desk.Page.GotoAsync($"{Site.Origin(app)}/dashboard/links?deleted={deleted}");
        await desk.Page.EvaluateAsync("() => document.querySelectorAll('details').forEach(details => details.open = true)");

        Assert.True(await desk.Page.OverflowAsync() <= 0);
        Assert.Empty(await desk.Page.ViolationsAsync());
        Assert.Empty(await desk.Page.EvaluateAsync<string[]>(
            "() => [...document.querySelectorAll('main button, main summary, main input:not([type=hidden]), .grip')].filter(e => " +
            "e.offsetParent && e.getBoundingClientRect().height < 40).map(e => e.outerHTML)"));
        await desk.Page.EvaluateAsync("() => document.documentElement.dir = 'rtl'");
        Assert.True(await desk.Page.OverflowAsync() <= 0);
        if (Environment.GetEnvironmentVariable("BIOSCOPE_LOOK") is { } folder)
        {
            await desk.Page.EvaluateAsync("() => document.documentElement.dir = ''");
            await desk.Page.ReloadAsync();
            await desk.Page.ScreenshotAsync(new() { Path = $"{folder}/links-{width}.png", FullPage = true });
            await desk.Page.GotoAsync(Site.Origin(app) + "/@anna");
            await desk.Page.ScreenshotAsync(new() { Path = $"{folder}/bio-{width}.png", FullPage = true });
        }

        desk.AssertNoComplaint();
    }
}
