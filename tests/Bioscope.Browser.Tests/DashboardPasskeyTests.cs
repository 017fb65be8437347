using Microsoft.Playwright;

namespace Bioscope.Browser.Tests;

/// <summary>Passkeys with the authenticator that Chromium has for tests.</summary>
public sealed class DashboardPasskeyTests(Browser browser)
{
    [Theory, Engines]
    public async Task A_passkey_is_made_signs_in_and_is_removed(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        await DashboardDesk.AddCreatorAsync(app);
        await using var desk = await browser.NewVisitorAsync(DashboardDesk.Options());
        var page = desk.Page;
        await PlugInAsync(page);
        // Browsers make no passkeys for addresses.
        var origin = Site.Origin(app).Replace("127.0.0.1", "localhost", StringComparison.Ordinal);
        await page.GotoAsync(origin + "/dashboard/sign-in");
        await SignInAsync(page);

        await page.GotoAsync(origin + "/dashboard/account");
        await page.ClickAsync("text=Make a passkey on this device");
        await page.FillAsync("[data-passkey] [name=password]", "wrong");
        await page.ClickAsync("text=Make it");
        await page.WaitForSelectorAsync("text=Not done: password is wrong.");
        await AssertAccessibleAsync(page);
        await page.FillAsync("[data-passkey] [name=password]", DashboardDesk.Password);
        await page.ClickAsync("text=Make it");
        await page.WaitForSelectorAsync("[data-passkey-id]");
        Assert.Contains("not used yet", await page.TextContentAsync("[data-passkey-id]"), StringComparison.Ordinal);
        await AssertAccessibleAsync(page);

        await page.ClickAsync("text=Sign out >> nth=0");
        await page.WaitForURLAsync("**/sign-in");
        await AssertAccessibleAsync(page);
        await page.ClickAsync("text=Sign in with a passkey");
        await page.WaitForURLAsync("**/dashboard");
        await page.GotoAsync(origin + "/dashboard/account");
        Assert.Contains("last used", await page.TextContentAsync("[data-passkey-id]"), StringComparison.Ordinal);

        await page.ClickAsync("[data-passkey-id] button");
        await page.WaitForSelectorAsync("text=None yet.");
        await page.ClickAsync("text=Sign out >> nth=0");
        await page.WaitForURLAsync("**/sign-in");
        await page.ClickAsync("text=Sign in with a passkey");
        await page.WaitForSelectorAsync("text=This passkey is not known here");
    }

    [Fact]
    public async Task Without_scripts_passkeys_are_not_offered()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        await DashboardDesk.AddCreatorAsync(app);
        await using var desk = await browser.NewVisitorAsync(DashboardDesk.Options(javaScript: false));
        var origin = Site.Origin(app).Replace("127.0.0.1", "localhost", StringComparison.Ordinal);
        await desk.Page.GotoAsync(origin + "/dashboard/sign-in");
        Assert.False(await desk.Page.IsVisibleAsync("text=Sign in with a passkey"));
        await SignInAsync(desk.Page);
        await desk.Page.GotoAsync(origin + "/dashboard/account");
        Assert.False(await desk.Page.IsVisibleAsync("text=Make a passkey on this device"));
        Assert.True(await desk.Page.IsVisibleAsync("noscript .note"));
        desk.AssertNoComplaint();
    }

    private static async Task SignInAsync(IPage page)
    {
        await page.FillAsync("#email", DashboardDesk.Email);
        await page.FillAsync("#password", DashboardDesk.Password);
        await page.ClickAsync("button >> nth=0");
        await page.WaitForURLAsync("**/dashboard");
    }

    private static async Task PlugInAsync(IPage page)
    {
        var devTools = await page.Context.NewCDPSessionAsync(page);
        await devTools.SendAsync("WebAuthn.enable");
        await devTools.SendAsync("WebAuthn.addVirtualAuthenticator", new()
        {
            ["options"] = new Dictionary<string, object>
            {
                ["protocol"] = "ctap2",
                ["transport"] = "internal",
                ["hasResidentKey"] = true,
                ["hasUserVerification"] = true,
                ["isUserVerified"] = true,
                ["automaticPresenceSimulation"] = true,
            },
        });
    }

    private static async Task AssertAccessibleAsync(IPage page)
    {
        Assert.True(await page.OverflowAsync() <= 0, page.Url);
        Assert.Empty(await page.ViolationsAsync());
    }
}
