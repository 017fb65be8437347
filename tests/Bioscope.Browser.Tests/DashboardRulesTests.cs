using Microsoft.Playwright;

namespace Bioscope.Browser.Tests;

/// <summary>Renaming and hiding a source on a phone.</summary>
public sealed class DashboardRulesTests(Browser browser)
{
    [Theory]
    [InlineData(320, ColorScheme.Dark, false)]
    [InlineData(390, ColorScheme.Light, true)]
    public async Task A_source_is_renamed_hidden_and_undone(int width, ColorScheme scheme, bool javaScript)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        await DashboardDesk.AddCreatorAsync(app);
        await using var desk = await browser.NewVisitorAsync(DashboardDesk.Options(width, scheme, javaScript));
        await desk.SignInAsync(app);
        await AssertFineAsync("[data-source] .out:is(a)");
        var page = desk.Page;

        await page.ClickAsync("[aria-label='Rename or hide Instagram']");
        await page.WaitForURLAsync("**/dashboard/rules/source?name=Instagram");
        await AssertFineAsync("main button, .facts label, main input:not([type]), main select");
        await page.UncheckAsync("text=l.instagram.com");
        await page.FillAsync("input[name=name]", "Summer & sons");
        await page.SelectOptionAsync("select", "Paid Social");
        await page.ClickAsync("button:has-text('See what changes')");
        await page.WaitForURLAsync("**/dashboard/rules/preview");
        Assert.StartsWith("This changes ", await page.TextContentAsync("h1"), StringComparison.Ordinal);
        Assert.StartsWith("Instagram ", (await page.TextsAsync(".changes li"))[0], StringComparison.Ordinal);
        await AssertFineAsync("main button");
        await page.ClickAsync("button:has-text('Back')");
        await page.WaitForSelectorAsync("input[name=name]");
        Assert.False(await page.IsCheckedAsync("text=l.instagram.com"));
        Assert.Equal("Summer & sons", await page.InputValueAsync("input[name=name]"));
        await page.ClickAsync("button:has-text('See what changes')");
        await page.ClickAsync("button:has-text('Do it')");
        await page.WaitForURLAsync("**/dashboard/rules?done=change");
        await AssertFineAsync("main button");
        await page.ClickAsync("text=Back to the dashboard");
        await page.WaitForURLAsync("**/dashboard");
        Assert.Contains("Summer & sons", await page.TextsAsync("[data-source] b"));

        await page.ClickAsync("[aria-label='Rename or hide TikTok']");
        await page.ClickAsync("button:has-text('See what would be hidden')");
        await page.ClickAsync("button:has-text('Do it')");
        await page.ClickAsync("text=Back to the dashboard");
        await page.WaitForURLAsync("**/dashboard");
        Assert.DoesNotContain("TikTok", await page.TextsAsync("[data-source] b"));
        await AssertFineAsync("[data-hidden] a");
        await page.ClickAsync("text=hidden by your rules");
        await page.ClickAsync("[data-rule='0'] button");
        await page.WaitForURLAsync("**/dashboard/rules?done=change");
        await page.ClickAsync("button:has-text('Undo')");
        await page.WaitForURLAsync("**/dashboard/rules?done=undo");
        Assert.Equal(2, await page.Locator("[data-rule]").CountAsync());
        desk.AssertNoComplaint();

        // The size of touch targets, and what axe finds; it needs scripts.
        async Task AssertFineAsync(string targets)
        {
            Assert.True(await desk.Page.OverflowAsync() <= 0, desk.Page.Url);
            var boxes = await desk.Page.Locator(targets).AllAsync();
            Assert.NotEmpty(boxes);
            foreach (var box in boxes)
            {
                Assert.True((await box.BoundingBoxAsync())!.Height >= 40, $"{desk.Page.Url} {await box.TextContentAsync()}");
            }

            Assert.Empty(javaScript ? await desk.Page.ViolationsAsync() : []);
        }
    }
}
