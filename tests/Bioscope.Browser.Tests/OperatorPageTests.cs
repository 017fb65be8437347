using Bioscope.Server.Accounts;
using Microsoft.Playwright;

namespace Bioscope.Browser.Tests;

/// <summary>The operator's pages on a phone: readable, and usable without a script.</summary>
public sealed class OperatorPageTests(Browser browser)
{
    [Theory]
    [InlineData("en-GB", ColorScheme.Light, true)]
    [InlineData("de-DE", ColorScheme.Dark, true)]
    [InlineData("ar-EG", ColorScheme.Light, false)]
    public async Task Pages_pass_axe_and_do_not_overflow(string locale, ColorScheme scheme, bool javaScript)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, ("Accounts:SignUp", "invite"));
        var anna = await DashboardDesk.AddCreatorAsync(app);
        var other = await app.AddCreatorAsync("a-long-address-of-somebody-with-a-long-name@a-long-domain.example");
        await Operators.AddAsync(app.Main, anna.UserId, app.Clock.GetUtcNow(), TestContext.Current.CancellationToken);
        await using var desk = await browser.NewVisitorAsync(DashboardDesk.Options(360, scheme, javaScript, locale));
        await desk.SignInAsync(app);

        foreach (var path in (string[])["", "/creators", "/creators?search=anna", $"/creators/{other.UserId}", "/audit"])
        {
            await desk.Page.GotoAsync(Site.Origin(app) + "/operator" + path);
            Assert.Equal((0, path), (await desk.Page.OverflowAsync(), path));
            Assert.True(await desk.Page.Locator("h1").IsVisibleAsync());
            if (javaScript)
            {
                Assert.Empty(await desk.Page.ViolationsAsync());
            }
        }

        desk.AssertNoComplaint();
    }

    [Fact]
    public async Task An_operator_suspends_invites_and_finds_it_in_the_audit_without_a_script()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, ("Accounts:SignUp", "invite"));
        var anna = await DashboardDesk.AddCreatorAsync(app);
        var other = await app.AddCreatorAsync("ben@example.com", DashboardDesk.Password);
        await Operators.AddAsync(app.Main, anna.UserId, app.Clock.GetUtcNow(), TestContext.Current.CancellationToken);
        await using var desk = await browser.NewVisitorAsync(DashboardDesk.Options(javaScript: false));
        await desk.SignInAsync(app);

        await desk.Page.GotoAsync(Site.Origin(app) + "/operator/creators?search=ben@");
        await desk.Page.ClickAsync("tbody a");
        await desk.Page.ClickAsync("button[value=suspend]");
        Assert.Contains("/operator/creators/" + other.UserId, desk.Page.Url, StringComparison.Ordinal);
        await desk.Page.GotoAsync(Site.Origin(app) + "/operator/creators");
        await desk.Page.FillAsync("input[type=email]", "carla@example.com");
        await desk.Page.ClickAsync(".zone button");
        Assert.Contains("/dashboard/join/", await desk.Page.TextContentAsync("code"), StringComparison.Ordinal);
        await desk.Page.GotoAsync(Site.Origin(app) + "/operator/audit");

        Assert.Equal(1, await desk.Page.Locator("tr[data-kind=invitation]").CountAsync());
        Assert.Equal(1, await desk.Page.Locator("tr[data-kind=suspended]").CountAsync());
        desk.AssertNoComplaint();
    }
}
