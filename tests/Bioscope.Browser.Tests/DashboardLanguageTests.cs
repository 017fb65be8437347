using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace Bioscope.Browser.Tests;

/// <summary>The pages of figures in other languages on a small phone: nothing sticks out, and nothing is left in English.</summary>
public sealed partial class DashboardLanguageTests(Browser browser)
{
    private const string Filtered =
        "/dashboard?range=month&compare=lastYear&filter=is:source:Instagram&filter=isNot:device:desktop&filter=isNull:language&days=nonsense"
        + "&zone=nowhere";

    private static readonly string[] Paths =
    [
        "/dashboard", "/dashboard?range=today", "/dashboard?range=all&sources=channel", Filtered, "/dashboard/rows/source?by=link",
        "/dashboard/rows/country?range=365d&page=7", "/dashboard/placements", "/dashboard/rules", "/dashboard/rules?done=change",
        "/dashboard/rules/source?name=Instagram", "/dashboard/rules/source?name=nobody", "/dashboard/shared?range=7d&filter=is:country:DE",
    ];

    /// <summary>German has the longest words, and Arabic runs from right to left. That every language has every text is for WordsTests.</summary>
    [Theory]
    [InlineData("ar-EG", ColorScheme.Dark)]
    [InlineData("de-DE", ColorScheme.Light, false)]
    public async Task Pages_are_in_the_readers_language_and_do_not_overflow(string locale, ColorScheme scheme, bool javaScript = true)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var creator = await DashboardDesk.AddCreatorAsync(app);
        await app.AddPlacementAsync(creator, "a-rather-long-slug-of-forty-characters00", "Instagram", "Story");
        // The dashboard's clock stands, so that both see the same figures.
        await using var english = await browser.NewVisitorAsync(DashboardDesk.Options(360));
        await using var desk = await browser.NewVisitorAsync(DashboardDesk.Options(360, scheme, javaScript, locale));
        await AddRuleAsync(english, app);
        var (shared, secret) = await ShareAsync(english, app);
        await desk.SignInAsync(app);

        foreach (var path in (string[])[.. Paths, shared, secret])
        {
            await english.Page.GotoAsync(Site.Origin(app) + path);
            await desk.Page.GotoAsync(Site.Origin(app) + path);
            await AssertTranslatedAsync(english.Page, desk.Page, locale[..2]);
            if (javaScript)
            {
                Assert.Empty(await desk.Page.ViolationsAsync());
            }
        }

        desk.AssertNoComplaint();
    }

    [Theory]
    [InlineData("de-DE", "Aufrufe", "Kopiert")]
    [InlineData("ar-EG", "المشاهدات", "تم النسخ")]
    public async Task The_script_speaks_the_readers_language(string locale, string views, string copied)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var creator = await DashboardDesk.AddCreatorAsync(app);
        await app.AddPlacementAsync(creator, "story", "Instagram", "Story");
        await using var desk = await browser.NewVisitorAsync(DashboardDesk.Options(360, locale: locale));
        await desk.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        await desk.SignInAsync(app);

        await desk.Page.Locator(".chart").FocusAsync();
        await desk.Page.Keyboard.PressAsync("Home");
        Assert.Contains(views, await desk.Page.TextContentAsync(".read"), StringComparison.Ordinal);
        Assert.DoesNotMatch("[{}]", await desk.Page.TextContentAsync(".read"));
        await desk.Page.GotoAsync(Site.Origin(app) + "/dashboard/placements");
        await desk.Page.ClickAsync("[data-copy]");
        await desk.Page.WaitForFunctionAsync($"() => document.querySelector('[data-copy]').textContent == '{copied}'");
        desk.AssertNoComplaint();
    }

    [Fact]
    public async Task A_new_creators_page_is_in_her_language()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        await app.AddCreatorAsync(DashboardDesk.Email, DashboardDesk.Password);
        await using var english = await browser.NewVisitorAsync(DashboardDesk.Options(360));
        await using var desk = await browser.NewVisitorAsync(DashboardDesk.Options(360, locale: "ar-EG"));
        await english.SignInAsync(app);
        await desk.SignInAsync(app);

        await AssertTranslatedAsync(english.Page, desk.Page, "ar");
        Assert.Empty(await desk.Page.ViolationsAsync());
    }

    private static async Task AssertTranslatedAsync(IPage english, IPage page, string language)
    {
        Assert.Equal(
            [language, language == "ar" ? "rtl" : "ltr"],
            await page.EvaluateAsync<string[]>("() => [document.documentElement.lang, document.documentElement.dir]"));
        await page.EvaluateAsync("() => document.querySelectorAll('details').forEach(details => details.open = true)");
        Assert.True(await page.OverflowAsync() <= 0, $"{page.Url} overflows in {language}");
        var left = (await SentencesAsync(english)).Intersect(await SentencesAsync(page));
        Assert.True(!left.Any(), $"{page.Url} has in English: {string.Join(" | ", left)}");
    }

    /// <summary>Every text of at least three words that people see or hear, but names, addresses and what is marked as another language.</summary>
    private static async Task<IEnumerable<string>> SentencesAsync(IPage page) => (await page.EvaluateAsync<string[]>(
        """
        () => {
          const texts = [document.title], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          for (let node; node = walker.nextNode();) if (!node.parentElement.closest('bdi,code,datalist,script,[lang=en]:not(html)')) texts.push(node.data);
          for (const element of document.querySelectorAll('[aria-label],[title],[placeholder],[alt]'))
            for (const name of ['aria-label', 'title', 'placeholder', 'alt']) texts.push(element.getAttribute(name) ?? '');
          return texts;
        }
        """)).Select(text => text.Trim()).Where(text => ThreeWords().IsMatch(text) && !text.StartsWith("https://", StringComparison.Ordinal));

    private static async Task AddRuleAsync(Visitor desk, TestApp app)
    {
        await desk.SignInAsync(app);
        await desk.Page.GotoAsync(Site.Origin(app) + "/dashboard/rules/source?name=TikTok");
        await desk.Page.FillAsync("[name=name]", "My ads");
        await desk.Page.ClickAsync("[name=act][value=rename]");
        await desk.Page.ClickAsync(".do");
        await desk.Page.WaitForURLAsync("**/dashboard/rules?done=change");
    }

    /// <summary>A view with every block, and one with a password; returns their paths.</summary>
    private static async Task<(string Shared, string Secret)> ShareAsync(Visitor desk, TestApp app)
    {
        return (await MakeAsync("Everything", ""), await MakeAsync("Secret", "a long shared secret"));

        async Task<string> MakeAsync(string title, string password)
        {
            await desk.Page.GotoAsync(Site.Origin(app) + "/dashboard/shared?range=30d");
            await desk.Page.EvaluateAsync("() => document.querySelectorAll('details').forEach(details => details.open = true)");
            var form = desk.Page.Locator("form.fields").First;
            await form.Locator("[name=title]").FillAsync(title);
            await form.Locator("[name=password]").FillAsync(password);
            foreach (var box in await form.Locator("[name=blocks]").AllAsync())
            {
                await box.CheckAsync();
            }

            await form.Locator("button.go").ClickAsync();
            await desk.Page.WaitForURLAsync("**#list-title");
            return new Uri((await desk.Page.Locator("[data-shared] code").First.TextContentAsync())!).AbsolutePath;
        }
    }

    [GeneratedRegex(@"\p{L}+\P{L}+\p{L}+\P{L}+\p{L}+")]
    private static partial Regex ThreeWords();
}
