using Deque.AxeCore.Playwright;
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
                var violations = (await visitor.Page.RunAxe()).Violations;
                Assert.Empty(
                    violations.Select(violation =>
                        $"{seen} {violation.Id}: {violation.Help} {string.Join(" ", violation.Nodes.Take(3).Select(node => node.Html))}"));
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

    private static Task<string[]> SmallTargetsAsync(Visitor visitor) => visitor.Page.EvaluateAsync<string[]>(
        "() => [...document.querySelectorAll('a, button, summary')].filter(e => e.offsetParent && e.getBoundingClientRect().height < " +
        "44).map(e => e.textContent)");
}
