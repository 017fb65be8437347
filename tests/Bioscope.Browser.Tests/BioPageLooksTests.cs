using Microsoft.Playwright;

namespace Bioscope.Browser.Tests;

/// <summary>How the bio page looks and what it shows, on phones and desktops, in light and dark mode.</summary>
public sealed class BioPageLooksTests(Browser browser)
{
    [Theory]
    [InlineData("consent")]
    [InlineData("anonymous")]
    public async Task Pages_pass_axe_and_do_not_overflow(string mode)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, ("Counting:Mode", mode));
        var creator = await BioPageVisitTests.AddAnnaAsync(app);
        await app.AddLinkAsync(creator, "Shop", "https://shop.example/");
        foreach (var scheme in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
        {
            foreach (var (width, remembered) in ((int, string)[])[(320, ""), (390, "ignore=1"), (390, "ignore=0"), (390, "consent=denied"),
                (1280, "ignore=1"), (1280, "")])
            {
                await using var visitor = await browser.NewVisitorAsync(DashboardDesk.Options(width, scheme));
                await visitor.Context.AddInitScriptAsync(
                    $"for (const pair of '{remembered}'.split(' ').filter(Boolean)) localStorage['bioscope-' + pair.split('=')[0]] = " +
                    "pair.split('=')[1]");
                await visitor.Page.GotoAsync(Site.Origin(app) + "/@anna");
                if (mode == "anonymous")
                {
                    await visitor.Page.ClickAsync("summary");
                }

                var seen = $"{mode} {scheme} {width} {remembered}";
                Assert.True(await visitor.Page.OverflowAsync() <= 0, seen);
                Assert.Empty((await visitor.Page.ViolationsAsync()).Select(violation => $"{seen} {violation}"));
                Assert.All(await SmallTargetsAsync(visitor), text => Assert.Fail($"{seen}: {text} is too small for a finger."));
                visitor.AssertNoComplaint();
            }
        }
    }

    [Fact]
    public async Task The_owners_notes_are_reachable_by_keyboard()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        await BioPageVisitTests.AddAnnaAsync(app);
        await using var owner = await browser.NewVisitorAsync();
        await owner.Context.AddInitScriptAsync("localStorage['bioscope-ignore'] ??= '1'");
        await owner.Page.GotoAsync(Site.Origin(app) + "/@anna");

        await owner.Page.Keyboard.PressAsync("Tab");
        await owner.Page.Keyboard.PressAsync("Enter");
        Assert.True(await owner.Page.IsVisibleAsync("text=Your own visits are counted in this browser."));
        await owner.Page.Keyboard.PressAsync("Tab");
        await owner.Page.Keyboard.PressAsync("Enter");

        Assert.True(await owner.Page.IsVisibleAsync("text=Your own visits are not counted in this browser."));
    }

    /// <summary>German has the longest words; the others have other scripts, and Arabic runs from right to left.</summary>
    [Theory]
    [InlineData("de-DE", "consent")]
    [InlineData("de-DE", "anonymous")]
    [InlineData("fr-FR", "consent")]
    [InlineData("tr-TR", "anonymous")]
    [InlineData("ja-JP", "consent")]
    [InlineData("ja-JP", "anonymous")]
    [InlineData("hi-IN", "consent")]
    [InlineData("hi-IN", "anonymous")]
    [InlineData("ar-EG", "consent")]
    [InlineData("ar-EG", "anonymous")]
    public async Task Every_language_passes_axe_and_does_not_overflow(string locale, string mode)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, ("Counting:Mode", mode));
        await app.AddLinkAsync(await BioPageVisitTests.AddAnnaAsync(app), "Shop", "https://shop.example/");
        foreach (var (script, remembered) in ((bool, string)[])[(true, ""), (true, "ignore=1"), (true, "consent=denied"), (false, "")])
        {
            await using var visitor = await browser.NewVisitorAsync(DashboardDesk.Options(360, javaScript: script, locale: locale));
            await visitor.Context.AddInitScriptAsync(
                $"if ('{remembered}') localStorage['bioscope-' + '{remembered}'.split('=')[0]] = '{remembered}'.split('=')[1]");
            foreach (var path in (string[])["/@anna", "/@nobody"])
            {
                await visitor.Page.GotoAsync(Site.Origin(app) + path);
                if (mode == "anonymous" && path == "/@anna")
                {
                    await visitor.Page.ClickAsync("summary");
                }

                var seen = $"{locale} {mode} {script} {remembered} {path}";
                Assert.Equal(locale[..2], await visitor.Page.GetAttributeAsync("html", "lang"));
                Assert.True(await visitor.Page.OverflowAsync() <= 0, seen);
                // The rules run as a script of the page, which a page without scripts refuses.
                if (script)
                {
                    Assert.Empty((await visitor.Page.ViolationsAsync()).Select(violation => $"{seen} {violation}"));
                    Assert.All(await SmallTargetsAsync(visitor), text => Assert.Fail($"{seen}: {text} is too small for a finger."));
                }
            }
        }
    }

    [Fact]
    public async Task Arabic_runs_from_right_to_left_around_the_creators_own_text()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        await BioPageVisitTests.AddAnnaAsync(app);
        await using var visitor = await browser.NewVisitorAsync(DashboardDesk.Options(locale: "ar"));
        await visitor.Page.GotoAsync(Site.Origin(app) + "/@anna");

        string Centre(string selector) => $"(box => box.left + box.width / 2)(document.querySelector('{selector}').getBoundingClientRect())";
        Assert.True(await visitor.Page.EvaluateAsync<bool>($"{Centre("footer span")} > innerWidth / 2"));
        // Her name is Latin, so her part of the page begins at the left.
        Assert.True(await visitor.Page.EvaluateAsync<bool>($"{Centre(".face")} < innerWidth / 2"));
    }

    private static Task<string[]> SmallTargetsAsync(Visitor visitor) => visitor.Page.EvaluateAsync<string[]>(
        "() => [...document.querySelectorAll('a, button, summary')].filter(e => e.offsetParent && e.getBoundingClientRect().height < " +
        "44).map(e => e.textContent)");
}
