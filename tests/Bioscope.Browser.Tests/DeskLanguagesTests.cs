using Bioscope.Engine.Creators;
using Bioscope.Engine.Rows;
using Bioscope.Server.Accounts;
using Bioscope.Server.Api.Team;
using Bioscope.Server.Dashboard.Mails;
using Bioscope.Server.Web;
using Microsoft.Extensions.DependencyInjection;

namespace Bioscope.Browser.Tests;

/// <summary>Sign-in, account, page editor, links, sites, team, mails, webhooks and keys in other languages, on the narrowest phone.</summary>
public sealed class DeskLanguagesTests(Browser browser)
{
    /// <summary>Texts of more than three words that people read or hear; text of code and of the creator is the same in every language.</summary>
    private const string Sentences = """
        () => {
          const texts = [document.title];
          const nodes = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          while (nodes.nextNode()) if (!nodes.currentNode.parentElement.closest('code, script, style, bdi')) texts.push(nodes.currentNode.data);
          for (const name of ['aria-label', 'title', 'placeholder', 'alt'])
            for (const element of document.querySelectorAll(`[${name}]`)) texts.push(element.getAttribute(name));
          return texts.map(text => text.replace(/\s+/g, ' ').trim()).filter(text => text.split(' ').length > 3);
        }
        """;

    [Theory]
    [InlineData("de-DE", true)]
    [InlineData("ar-EG", false)]
    public async Task Pages_fit_pass_axe_and_keep_no_English_sentence(string locale, bool javaScript)
    {
        await using var smtp = SmtpHost.Start();
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, [.. smtp.Settings, ("Accounts:SignUp", "open"), ("Throttle:Enabled", "false")]);
        var creator = await DashboardDesk.AddCreatorAsync(app);
        var (outside, inside) = await PathsAsync(app, creator);
        await using var english = await browser.NewVisitorAsync(DashboardDesk.Options(360, locale: "en-GB"));
        await using var desk = await browser.NewVisitorAsync(DashboardDesk.Options(360, javaScript: javaScript, locale: locale));

        foreach (var path in outside)
        {
            await AssertFineAsync(path);
        }

        foreach (var visitor in (Visitor[])[english, desk])
        {
            // The invitation to a page would lead back to itself.
            await visitor.Page.Context.ClearCookiesAsync();
            await visitor.SignInAsync(app);
        }

        foreach (var path in inside)
        {
            await AssertFineAsync(path);
        }

        async Task AssertFineAsync(string path)
        {
            foreach (var visitor in (Visitor[])[english, desk])
            {
                await visitor.Page.GotoAsync(Site.Origin(app) + "/dashboard" + path);
                await visitor.Page.EvaluateAsync("() => document.querySelectorAll('details').forEach(details => details.open = true)");
            }

            Assert.All(
                await desk.Page.EvaluateAsync<string[]>("() => [...document.querySelectorAll('.copy code')].map(code => getComputedStyle(code).direction)"),
                direction => Assert.Equal("ltr", direction));
            var both = (await desk.Page.EvaluateAsync<string[]>(Sentences)).Intersect(await english.Page.EvaluateAsync<string[]>(Sentences));
            Assert.True(!both.Any(), $"{locale} {path}: {string.Join(" | ", both)}");
            Assert.True(await desk.Page.OverflowAsync() <= 0, $"{locale} {path}");
            // The rules run as a script of the page, which a page without scripts refuses.
            if (javaScript)
            {
                Assert.Empty((await desk.Page.ViolationsAsync()).Select(violation => $"{locale} {violation}"));
            }
        }
    }

    /// <summary>The paths of pages for people who are not signed in, and of the desk, where something is on each.</summary>
    private static async Task<(string[] Outside, string[] Inside)> PathsAsync(TestApp app, Creator creator)
    {
        var (now, cancelled) = (app.Clock.GetUtcNow(), TestContext.Current.CancellationToken);
        await app.Main.InsertAsync(SiteRow.Table, [new(Guid.NewGuid(), creator.BioPageId, "https://shop.example", now)], cancelled);
        await app.Main.ExecuteAsync(
            """
            INSERT INTO "Webhook" ("id", "bioPageId", "url", "events", "createdAt") VALUES (@id, @page, 'https://hooks.example/', 'visits.spike', @now)
            """,
            cancelled, ("@id", creator.BioPageId), ("@page", creator.BioPageId), ("@now", now));
        await app.Main.ExecuteAsync(
            """
            INSERT INTO "WebhookDelivery" ("id", "webhookId", "messageId", "event", "at", "attempt", "status", "problem")
            VALUES (@page, @page, 'msg_1', 'visits.spike', @now, 2, 500, 'it answered 500')
            """,
            cancelled, ("@page", creator.BioPageId), ("@now", now));
        await app.Services.GetRequiredService<ApiKeys>().AddAsync("Shop", KeyScope.Ingest, creator.BioPageId, cancelled);
        var other = await app.AddCreatorAsync("new@example.com", DashboardDesk.Password);
        await app.Main.ExecuteAsync(
            """
            INSERT INTO "PageMember" ("bioPageId", "userId", "role", "createdAt") VALUES (@page, @other, 'editor', @now), (@theirs, @user, 'viewer', @now)
            """,
            cancelled, ("@page", creator.BioPageId), ("@other", other.UserId), ("@theirs", other.BioPageId), ("@user", creator.UserId), ("@now", now));
        var invited = Guid.NewGuid();
        await app.Main.ExecuteAsync(
            """
            INSERT INTO "MemberInvitation" ("id", "bioPageId", "email", "role", "createdAt", "expiresAt")
            VALUES (@id, @page, 'eva@example.com', 'viewer', @now, @until)
            """,
            cancelled, ("@id", invited), ("@page", creator.BioPageId), ("@now", now), ("@until", now.AddDays(7)));
        var links = app.Services.GetRequiredService<MailedLinks>();
        var reset = await links.MakeAsync(
            new(Guid.NewGuid(), PasswordReset.Name, creator.UserId, DashboardDesk.Email, now.AddMinutes(30)), cancelled);
        var confirm = await links.MakeAsync(
            new(Guid.NewGuid(), EmailAddress.Name, creator.UserId, DashboardDesk.Email, now.AddMinutes(30)), cancelled);
        var unsubscribe = app.Services.GetRequiredService<UnsubscribeLinks>().UrlOf(creator.BioPageId, creator.UserId, "weekly");
        var (_, invitation) = await Invitations.AddAsync(app.Main, null, now, TimeSpan.FromDays(1), cancelled);
        return (
            [
                "/sign-in", "/sign-in?done=password", "/forgot", "/sign-up", $"/reset/{reset}", "/reset/gone", $"/confirm/{confirm}",
                "/join/" + invitation.Text, "/join/gone", "/team/join/" + app.Services.GetRequiredService<Members>().TokenOf(invited), "/team/join/gone",
                unsubscribe["https://links.example/dashboard".Length..], "/unsubscribe/weekly/gone",
            ],
            [
                "/account?done=password", "/account/second-factor", "/page?saved=1", "/links", "/sites", "/team", "/pages?left=1", "/mails?done=1",
                "/webhooks", "/keys",
            ]);
    }
}
