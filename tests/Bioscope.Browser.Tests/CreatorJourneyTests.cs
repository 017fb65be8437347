using Bioscope.Server.Accounts;
using Bioscope.Server.Dashboard.Mails;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Playwright;
using SkiaSharp;

namespace Bioscope.Browser.Tests;

/// <summary>
/// From an invitation to a beautiful, counted page on a phone of 360 px, as a creator goes it: account, picture, ten links, a placement
/// link, a site, a shared view, a report by mail; and nothing of it by curl.
/// </summary>
public sealed class CreatorJourneyTests(Browser browser)
{
    private const string Public = "https://links.example";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task From_an_invitation_to_a_report_by_mail(bool javaScript)
    {
        await using var smtp = SmtpHost.Start();
        await using var app = await TestApp.StartAsync(
            EngineKind.Sqlite, [.. smtp.Settings, ("Accounts:SignUp", "invite"), ("Throttle:Enabled", "false")]);
        await using var desk = await browser.NewVisitorAsync(DashboardDesk.Options(360, javaScript: javaScript));
        var page = desk.Page;
        var (_, invitation) = await Invitations.AddAsync(
            app.Main, "anna@example.com", app.Clock.GetUtcNow(), TimeSpan.FromDays(7), TestContext.Current.CancellationToken);

        await page.GotoAsync($"{Site.Origin(app)}/dashboard/join/{invitation.Text}");
        await page.FillAsync("#title", "Anna Berg");
        await page.FillAsync("#handle", "anna");
        await page.FillAsync("#password", DashboardDesk.Password);
        await page.ClickAsync("text='Open my account'");
        await page.WaitForURLAsync("**/dashboard/page");

        await AddPictureAsync(page);
        await AddLinksAsync(page);
        await page.ClickAsync(".pages >> text=Share");
        await page.ClickAsync(".places >> text=Instagram bio");
        await page.WaitForSelectorAsync(".placed li");
        await page.GotoAsync(Site.Origin(app) + "/dashboard/sites");
        await page.FillAsync("[name=origin]", "shop.example");
        await page.ClickAsync("text='Add'");
        await page.WaitForSelectorAsync("[data-site]");
        await page.GotoAsync(Site.Origin(app) + "/dashboard/mails");
        await page.CheckAsync("[name=weekly]");
        await page.ClickAsync("text='Save'");
        await page.WaitForSelectorAsync(".said");

        await page.GotoAsync(Site.Origin(app) + "/dashboard/keys");
        await page.FillAsync("[name=name]", "Spreadsheet");
        await page.ClickAsync("text='Make the key'");
        using (var overview = await app.GetAsync("/api/v1/creators/analytics/overview", await page.TextContentAsync(".copy code")))
        {
            Assert.True(overview.IsSuccessStatusCode);
        }

        Assert.True(await page.OverflowAsync() <= 0);
        await VisitAsync(app);

        await page.GotoAsync(Site.Origin(app) + "/dashboard");
        Assert.StartsWith("Instagram", await page.TextContentAsync("h1"), StringComparison.Ordinal);
        await page.ClickAsync("text=Share this view");
        await page.FillAsync("[name=title]", "For my sponsor");
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForSelectorAsync("[data-shared]");
        var shared = (await page.TextContentAsync("[data-shared] code"))!;
        await using (var sponsor = await browser.NewVisitorAsync(DashboardDesk.Options(360, javaScript: javaScript)))
        {
            await sponsor.Page.GotoAsync(shared.Replace(Public, Site.Origin(app), StringComparison.Ordinal));
            Assert.Equal("For my sponsor", await sponsor.Page.TextContentAsync("h1"));
            Assert.True(await sponsor.Page.OverflowAsync() <= 0);
        }

        desk.AssertNoComplaint();
        var mail = await ReportAsync(app, smtp);
        Assert.Contains("1 visit last week", mail.Subject, StringComparison.Ordinal);
    }

    private static async Task AddPictureAsync(IPage page)
    {
        using var bitmap = new SKBitmap(1_200, 900);
        bitmap.Erase(SKColors.Coral);
        await page.SetInputFilesAsync(
            "[type=file]", new FilePayload { Name = "me.jpg", MimeType = "image/jpeg", Buffer = bitmap.Encode(SKEncodedImageFormat.Jpeg, 90).ToArray() });
        await page.ClickAsync("text='Upload'");
        await page.WaitForSelectorAsync("[alt='Your picture']");
        await page.CheckAsync("[value=night]");
        await page.ClickAsync("text='Save'");
    }

    private static async Task AddLinksAsync(IPage page)
    {
        await page.ClickAsync(".pages >> text=Your links");
        for (var i = 1; i <= 10; i++)
        {
            await page.FillAsync(".paste [name=url]", $"shop{i}.example");
            await page.ClickAsync(".paste button");
            await Patience.UntilAsync(async () => await page.Locator(".mine h2").CountAsync() == i);
        }
    }

    /// <summary>Somebody comes by the placement link and agrees to be counted.</summary>
    private async Task VisitAsync(TestApp app)
    {
        await using var visitor = await browser.NewVisitorAsync(DashboardDesk.Options(360));
        await visitor.Page.GotoAsync(Site.Origin(app) + "/@anna/instagram-bio");
        Assert.Equal(10, await visitor.Page.Locator("a[data-link]").CountAsync());
        await visitor.AcceptAsync();
        await app.AssertIngestedAsync("session 1, pageview 1");
    }

    private static async Task<MimeKit.MimeMessage> ReportAsync(TestApp app, SmtpHost smtp)
    {
        var monday = new DateTimeOffset(2026, 4, 20, 9, 0, 0, TimeSpan.Zero);
        app.Clock.Advance(monday - app.Clock.GetUtcNow());
        var scheduler = app.Services.GetServices<IHostedService>().OfType<MailScheduler>().Single();
        await Patience.UntilAsync(() =>
        {
            app.Clock.Advance(TimeSpan.FromSeconds(5));
            return scheduler.LookedAt >= monday;
        });
        return await smtp.NextAsync(1);
    }
}
