using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Playwright;

namespace Bioscope.Browser.Tests;

/// <summary>Shared views in a real browser: made on a phone, opened by others, embedded where their creator said.</summary>
public sealed class SharedViewTests(Browser browser)
{
    [Theory]
    [InlineData(360, ColorScheme.Light)]
    [InlineData(360, ColorScheme.Dark)]
    [InlineData(1440, ColorScheme.Light)]
    [InlineData(1440, ColorScheme.Dark)]
    public async Task Pages_pass_axe_and_do_not_overflow(int width, ColorScheme scheme)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        await DashboardDesk.AddCreatorAsync(app);
        await using var desk = await browser.NewVisitorAsync(DashboardDesk.Options(width, scheme));
        await desk.SignInAsync(app);
        var everything = await ShareAsync(
            desk, app, "A rather long title for figures of all kinds, donaudampfschifffahrtsgesellschaft", "https://blog.example");
        await AssertFineAsync(desk.Page);
        var secret = await ShareAsync(desk, app, "Secret", "", "a long shared secret");

        await using var viewer = await browser.NewVisitorAsync(DashboardDesk.Options(width, scheme));
        await viewer.Page.GotoAsync(everything);
        Assert.Equal(9, await viewer.Page.EvaluateAsync<int>("() => document.querySelectorAll('.live,.figures,#not-counted,main>.block').length"));
        await AssertFineAsync(viewer.Page);
        await viewer.Page.GotoAsync(secret);
        await AssertFineAsync(viewer.Page);
        await viewer.Page.FillAsync("#password", "a long shared secret");
        await viewer.Page.Keyboard.PressAsync("Enter");
        await viewer.Page.WaitForSelectorAsync(".figures");
        Assert.Equal("Secret", await viewer.Page.TextContentAsync("h1"));
        viewer.AssertNoComplaint();
        desk.AssertNoComplaint();

        static async Task AssertFineAsync(IPage page)
        {
            await page.EvaluateAsync("() => document.querySelectorAll('details').forEach(details => details.open = true)");
            Assert.True(await page.OverflowAsync() <= 0, page.Url);
            Assert.Empty(await page.ViolationsAsync());
        }
    }

    [Fact]
    public async Task A_view_is_shared_and_opened_by_keyboard_without_scripts()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        await DashboardDesk.AddCreatorAsync(app);
        await using var desk = await browser.NewVisitorAsync(DashboardDesk.Options(javaScript: false));
        await desk.SignInAsync(app);
        await desk.Page.ClickAsync("text=Share this view");
        await desk.Page.FocusAsync("[name=title]");
        await desk.Page.Keyboard.TypeAsync("By keyboard");
        await desk.Page.Keyboard.PressAsync("Enter");
        await desk.Page.WaitForSelectorAsync("[data-shared]");

        await desk.Page.GotoAsync((await desk.Page.TextContentAsync("[data-shared] code"))!);

        Assert.Equal("By keyboard", await desk.Page.TextContentAsync("h1"));
        Assert.True(await desk.Page.IsVisibleAsync(".figures"));
    }

    [Fact]
    public async Task A_view_is_embedded_only_where_its_creator_said()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        await DashboardDesk.AddCreatorAsync(app);
        await using var desk = await browser.NewVisitorAsync(DashboardDesk.Options());
        await desk.SignInAsync(app);
        var link = "";
        await using var blog = await StartBlogAsync(() => link);
        await using var other = await StartBlogAsync(() => link);
        link = await ShareAsync(desk, app, "Embedded", blog.Urls.First());

        await using var reader = await browser.NewVisitorAsync(DashboardDesk.Options());
        await reader.Page.GotoAsync(blog.Urls.First());
        await reader.Page.FrameLocator("iframe").Locator("h1").WaitForAsync();
        Assert.Equal("Embedded", await reader.Page.FrameLocator("iframe").Locator("h1").TextContentAsync());
        reader.AssertNoComplaint();

        await using var stranger = await browser.NewVisitorAsync(DashboardDesk.Options());
        await stranger.Page.GotoAsync(other.Urls.First());
        await stranger.Page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        Assert.Equal(0, await stranger.Page.FrameLocator("iframe").Locator("h1:has-text('Embedded')").CountAsync());
    }

    /// <summary>Shares everything by the form, and returns the link.</summary>
    private static async Task<string> ShareAsync(Visitor desk, TestApp app, string title, string origins, string password = "")
    {
        var page = desk.Page;
        await page.GotoAsync(Site.Origin(app) + "/dashboard/shared");
        var form = page.Locator("form.fields").First;
        await form.Locator("[name=title]").FillAsync(title);
        foreach (var box in await form.Locator("[name=blocks]").AllAsync())
        {
            await box.CheckAsync();
        }

        await form.Locator("summary").ClickAsync();
        await form.Locator("[name=origins]").FillAsync(origins);
        await form.Locator("[name=password]").FillAsync(password);
        await form.Locator("[name=named]").CheckAsync();
        await form.Locator("button").ClickAsync();
        await page.WaitForSelectorAsync($"[data-shared] h3:has-text('{title}')");
        return await page.Locator($"[data-shared]:has(h3:has-text('{title}')) > .copy code").InnerTextAsync();
    }

    /// <summary>A site of another origin, whose every page frames an address.</summary>
    private static async Task<WebApplication> StartBlogAsync(Func<string> framed)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(http =>
        {
            http.Response.ContentType = "text/html; charset=utf-8";
            return http.Response.WriteAsync(
                $"<!doctype html><html lang=en><title>Blog</title><link rel=icon href=data:,><iframe src='{framed()}' title='Figures'></iframe>",
                http.RequestAborted);
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }
}
