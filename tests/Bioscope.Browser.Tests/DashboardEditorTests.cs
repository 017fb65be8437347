using Bioscope.Core;
using Microsoft.Playwright;
using SkiaSharp;

namespace Bioscope.Browser.Tests;

/// <summary>The form of a creator's page on a phone of 360 px, with and without JavaScript, and every look of the page.</summary>
public sealed class DashboardEditorTests(Browser browser)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_preview_follows_the_form_and_saving_shows_the_page(bool javaScript)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, ("Throttle:Enabled", "false"));
        await DashboardDesk.AddCreatorAsync(app);
        await using var desk = await browser.NewVisitorAsync(DashboardDesk.Options(360, javaScript: javaScript));
        await desk.SignInAsync(app);
        await desk.Page.ClickAsync(".pages >> text=Your page");
        var preview = desk.Page.FrameLocator("[name=preview]");
        await preview.Locator("h1 >> text=Anna Berg").WaitForAsync();

        await desk.Page.FillAsync("[name=title]", "Anna B.");
        await desk.Page.CheckAsync("[value=night]");
        if (!javaScript)
        {
            await desk.Page.ClickAsync("text='Preview'");
        }

        await preview.Locator("h1 >> text=Anna B.").WaitForAsync();
        Assert.Equal("Anna B.", await desk.Page.InputValueAsync("[name=title]"));
        await desk.Page.ClickAsync("text='Save'");
        await desk.Page.ClickAsync("text=See your page");
        await desk.Page.WaitForSelectorAsync("h1 >> text=Anna B.");
        desk.AssertNoComplaint();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_uploaded_picture_is_on_the_page(bool javaScript)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, ("Throttle:Enabled", "false"));
        await DashboardDesk.AddCreatorAsync(app);
        await using var desk = await browser.NewVisitorAsync(DashboardDesk.Options(360, javaScript: javaScript));
        await desk.SignInAsync(app);
        await desk.Page.GotoAsync(Site.Origin(app) + "/dashboard/page");
        using var bitmap = new SKBitmap(1_500, 900);
        bitmap.Erase(SKColors.Teal);
        var picture = bitmap.Encode(SKEncodedImageFormat.Png, 90).ToArray();

        await desk.Page.SetInputFilesAsync("[type=file]", new FilePayload { Name = "me.png", MimeType = "image/png", Buffer = picture });
        if (javaScript)
        {
            // The browser has made it small.
            await desk.Page.WaitForFunctionAsync("() => document.querySelector('[type=file]').files[0].name === 'picture'");
        }

        await desk.Page.ClickAsync("text='Upload'");
        await desk.Page.WaitForSelectorAsync("[alt='Your picture']");
        await desk.Page.ClickAsync("text=See your page");
        var shown = desk.Page.Locator("img.face");
        await shown.WaitForAsync();
        Assert.Equal(256, await shown.EvaluateAsync<int>("image => image.decode().then(() => image.naturalWidth)"));
        await desk.Page.GotoAsync(Site.Origin(app) + "/dashboard/page");
        await desk.Page.ClickAsync("text='Remove'");
        await desk.Page.WaitForSelectorAsync("[alt='Your picture']", new() { State = WaitForSelectorState.Detached });
        desk.AssertNoComplaint();
    }

    [Theory]
    [InlineData(320, ColorScheme.Light)]
    [InlineData(360, ColorScheme.Dark)]
    [InlineData(1280, ColorScheme.Light)]
    public async Task The_form_and_every_look_pass_axe_and_do_not_overflow(int width, ColorScheme scheme)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, ("Throttle:Enabled", "false"));
        var anna = await DashboardDesk.AddCreatorAsync(app);
        await app.AddBioLinkAsync(anna, """{"title":"Music","heading":true}""");
        await app.AddBioLinkAsync(anna, """{"title":"Song","url":"https://song.example/","pinned":true}""");
        await using var desk = await browser.NewVisitorAsync(DashboardDesk.Options(width, scheme));
        await desk.SignInAsync(app);
        await AssertFineAsync("/dashboard/page", "editor");
        string[] colours = ["#ffe000", "#101010", "#3b6e9e", "#ff0066", "#f8f8f8", "#00a000"];
        for (var i = 0; i < PageTheme.All.Count; i++)
        {
            await app.OkBioAsync(
                anna, "PUT", "",
                $$"""{"title":"Anna Berg","description":"Short films.","theme":"{{PageTheme.All[i].Name}}","colour":"{{colours[i]}}","font":"{{PageFont.All[i % PageFont.All.Count].Name}}","icons":["https://instagram.com/anna","https://tiktok.com/@anna","https://anna.example"]}""");
            // Another address: the browser keeps the page for a minute.
            await AssertFineAsync("/@anna?look=" + i, PageTheme.All[i].Name);
        }

        desk.AssertNoComplaint();

        async Task AssertFineAsync(string path, string name)
        {
            await desk.Page.GotoAsync(Site.Origin(app) + path);
            Assert.True(await desk.Page.OverflowAsync() <= 0, name);
            Assert.Empty((await desk.Page.ViolationsAsync()).Select(violation => $"{name} {violation}"));
            Assert.Empty(await desk.Page.EvaluateAsync<string[]>(
                "() => [...document.querySelectorAll('main a, main button, main summary, main select, main textarea, main label')].filter(e => " +
                "e.offsetParent && e.getBoundingClientRect().height < 40 && !e.closest('.note, .problem')).map(e => e.outerHTML)"));
            if (Environment.GetEnvironmentVariable("BIOSCOPE_LOOK") is { } folder)
            {
                await desk.Page.ScreenshotAsync(new() { Path = $"{folder}/{name}-{width}.png", FullPage = true });
            }
        }
    }
}
