using Bioscope.Engine.Ingest;
using Bioscope.Server.Accounts;
using Bioscope.Server.Api.Data;
using Bioscope.Server.Api.Team;
using Bioscope.Server.Api.Webhooks;
using Bioscope.Server.Configuration;
using Bioscope.Server.Dashboard.Mails;
using Bioscope.Server.Dashboard.Operating;
using Bioscope.Server.Dashboard.Rules;
using Bioscope.Server.Dashboard.Sharing;
using Bioscope.Server.Dashboard.Team;
using Bioscope.Server.Dashboard.Webhooks;
using Bioscope.Server.Demo;
using Bioscope.Server.Mail;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>The dashboard's routes and their services.</summary>
internal static class DashboardRoutes
{
    public static void AddDashboard(this IServiceCollection services)
    {
        services.AddSingleton<FormGuard>();
        services.AddSingleton<SignInTicket>();
        services.AddSingleton<LiveFeed>();
        services.AddSingleton<LiveNotices>();
        services.AddHostedService(provider => provider.GetRequiredService<LiveNotices>());
        services.AddSingleton<DemoLogins>();
        services.AddSingleton<UnsubscribeLinks>();
        foreach (var kind in (string[])[ReportPeriod.Weekly, ReportPeriod.Monthly])
        {
            services.AddSingleton<ILetterKind>(provider => new ReportLetter(kind, provider));
        }

        foreach (var kind in (string[])[AlertLetter.Spike, AlertLetter.Drop])
        {
            services.AddSingleton<ILetterKind>(provider => new AlertLetter(kind, provider));
        }

        services.AddHostedService<MailScheduler>();
        services.AddSingleton<WebhookSigner>();
        services.AddSingleton<WebhookClient>();
        services.AddSingleton<WebhookBody>();
        services.AddHostedService<WebhookService>();
    }

    public static void Map(WebApplication app, Settings settings)
    {
        // For people; the API's document does not describe these.
        var pages = app.MapGroup("").ExcludeFromDescription();
        pages.MapRead("/", GoToDashboardAsync);
        var dashboard = pages.MapGroup(SessionCookie.Path);
        // Whatever is mapped on none of these three is for the owner only, or needs no page.
        // Compressed although an address may have text that a stranger chose: the only secret beside it is the field of forms, which is another
        // one in each answer (FormGuard).
        var figures = dashboard.MapGroup("").WithMetadata(PageAccess.Viewers).Compressed();
        var edited = dashboard.MapGroup("").WithMetadata(PageAccess.Editors);
        var account = dashboard.MapGroup("").WithMetadata(PageAccess.OwnPage);
        // Passwords, codes and links could be tried out here.
        var limited = dashboard.MapGroup("").WithMetadata(LoginEndpoint.Limit(settings));
        var limitedAccount = account.MapGroup("").WithMetadata(LoginEndpoint.Limit(settings));
        figures.MapRead("", DashboardPage.AnswerAsync);
        figures.MapGet("export", DashboardPage.ExportAsync);
        figures.MapRead("rows/{dimension}", RowsPage.AnswerAsync);
        var editors = edited.MapGroup("").Compressed(); // as above; shared views and webhooks show secrets
        editors.MapRead("page", EditorPage.ShowAsync);
        editors.MapPost("page", EditorPage.SaveAsync);
        edited.MapPost("page/avatar", EditorPage.AvatarAsync);
        edited.MapMethods("page/preview", [HttpMethods.Get, HttpMethods.Head, HttpMethods.Post], EditorPage.PreviewAsync);
        editors.MapRead("links", LinksPage.ShowAsync);
        editors.MapPost("links", LinksPage.AddAsync);
        edited.MapPost("links/{id}", LinksPage.ChangeAsync);
        editors.MapRead("placements", PlacementsPage.ShowAsync);
        editors.MapPost("placements", PlacementsPage.AddAsync);
        edited.MapPost("placements/{id}", PlacementsPage.ChangeAsync);
        edited.MapGet("placements/{id}.svg", PlacementsPage.CodeAsync);
        editors.MapRead("rules", RulesPage.ShowAsync);
        edited.MapPost("rules", SourceRulePage.StoreAsync);
        editors.MapRead("rules/source", SourceRulePage.ShowAsync);
        editors.MapPost("rules/preview", SourceRulePage.PreviewAsync);
        edited.MapPost("rules/remove", RulesPage.RemoveAsync);
        edited.MapPost("rules/undo", RulesPage.UndoAsync);
        edited.MapPost("rules/spam", RulesPage.SpamAsync);
        account.MapRead("account", AccountPage.ShowAsync);
        limitedAccount.MapPost("account/password", AccountPage.ChangePasswordAsync);
        account.MapPost("account/sessions", AccountPage.EndAsync);
        account.MapRead("account/data", OwnDataPage.DownloadAsync).WithMetadata(DataRoutes.DownloadLimit(settings));
        limitedAccount.MapPost("account/delete", OwnDataPage.DeleteAsync);
        limitedAccount.MapPost("account/email", EmailForm.SendAsync);
        figures.MapRead("mails", MailsPage.ShowAsync);
        figures.MapPost("mails", MailsPage.StoreAsync);
        edited.MapRead("webhooks", WebhooksPage.ShowAsync);
        edited.MapPost("webhooks", WebhooksPage.AddAsync);
        edited.MapPost("webhooks/{id}", WebhooksPage.ChangeAsync);
        // Mail programs of many people may come from a few addresses.
        var unsubscribing = new ThrottlePolicy("unsubscribe", settings.QueriesPerMinute, TimeSpan.FromMinutes(1));
        dashboard.MapRead("unsubscribe/{kind}/{token}", UnsubscribePage.ShowAsync).WithMetadata(unsubscribing);
        dashboard.MapPost("unsubscribe/{kind}/{token}", UnsubscribePage.AnswerAsync).WithMetadata(unsubscribing);
        dashboard.MapRead("forgot", MailedLinkPages.ShowForgotAsync);
        dashboard.MapPost("forgot", MailedLinkPages.ForgotAsync).WithMetadata(PasswordReset.ForgotLimit(settings));
        dashboard.MapRead("sign-up", MailedLinkPages.ShowSignUpAsync);
        dashboard.MapPost("sign-up", MailedLinkPages.SignUpAsync).WithMetadata(PasswordReset.ForgotLimit(settings));
        limited.MapRead("reset/{token}", MailedLinkPages.ShowResetAsync);
        limited.MapPost("reset/{token}", MailedLinkPages.ResetAsync);
        limited.MapRead("confirm/{token}", MailedLinkPages.ShowConfirmAsync);
        limited.MapPost("confirm/{token}", MailedLinkPages.ConfirmAsync);
        account.MapRead("account/second-factor", SecondFactorPage.ShowAsync);
        limitedAccount.MapPost("account/second-factor", SecondFactorPage.BeginAsync);
        limitedAccount.MapPost("account/second-factor/on", SecondFactorPage.TurnOnAsync);
        limitedAccount.MapPost("account/second-factor/codes", SecondFactorPage.NewCodesAsync);
        limitedAccount.MapPost("account/second-factor/off", SecondFactorPage.TurnOffAsync);
        limitedAccount.MapPost("account/passkeys/options", PasskeyPage.CreationOptionsAsync);
        account.MapPost("account/passkeys", PasskeyPage.AddAsync);
        account.MapPost("account/passkeys/remove", PasskeyPage.RemoveAsync);
        editors.MapRead("sites", SitesPage.ShowAsync);
        edited.MapPost("sites", SitesPage.AddAsync);
        edited.MapPost("sites/{id}", SitesPage.RemoveAsync);
        edited.MapRead("shared", SharedPage.ShowAsync);
        edited.MapPost("shared", SharedPage.AddAsync);
        edited.MapPost("shared/{id}", SharedPage.ChangeAsync);
        edited.MapPost("zone", ZoneForm.AnswerAsync);
        figures.MapGet("live", LiveEndpoint.AnswerAsync);
        dashboard.MapRead("team", TeamPage.ShowAsync);
        dashboard.MapPost("team", TeamPage.InviteAsync).WithMetadata(TeamRoutes.InviteLimit(settings));
        dashboard.MapPost("team/invitations/{id}", TeamPage.RevokeAsync);
        dashboard.MapPost("team/members/{id}", TeamPage.ChangeAsync);
        dashboard.MapRead("keys", KeysPage.ShowAsync);
        dashboard.MapPost("keys", KeysPage.AddAsync);
        dashboard.MapPost("keys/{id}", KeysPage.RemoveAsync);
        limited.MapRead("team/join/{token}", TeamJoinPage.ShowAsync);
        limited.MapPost("team/join/{token}", TeamJoinPage.JoinAsync);
        dashboard.MapRead("pages", PagesPage.ShowAsync);
        figures.MapPost("pages", PagesPage.ChooseAsync);
        dashboard.MapPost("pages/leave", PagesPage.LeaveAsync);
        dashboard.MapRead("sign-in", SignInPage.ShowAsync).Compressed(); // as the figures
        limited.MapPost("sign-in", SignInPage.SignInAsync);
        dashboard.MapRead("join/{token}", JoinPage.ShowAsync);
        limited.MapPost("join/{token}", JoinPage.JoinAsync);
        limited.MapPost("sign-in/passkey/options", PasskeySignIn.OptionsAsync);
        limited.MapPost("sign-in/passkey", PasskeySignIn.SignInAsync);
        limited.MapPost("sign-in/code", SecondStepPage.SignInAsync);
        dashboard.MapPost("sign-out", SignInPage.SignOutAsync);
        limited.MapGet("demo/{handle}/{token}", DemoSignIn.AnswerAsync);
        OperatorRoutes.Map(pages);
        MapShared(pages, settings);
        DashboardAssets.Script.Map(pages);
        DashboardAssets.Passkeys.Map(pages);
        DashboardAssets.World.Map(pages);

        var live = app.Services.GetRequiredService<LiveFeed>();
        var writer = app.Services.GetRequiredService<IngestWriter>();
        writer.Stored += live.Stored;
        writer.Stored += app.Services.GetRequiredService<LiveNotices>().Stored;
        // Before the web server waits for its connections to end.
        app.Lifetime.ApplicationStopping.Register(live.Stop);
    }

    /// <summary>What people see who are not signed in; limited by address, so that tokens cannot be tried out.</summary>
    private static void MapShared(IEndpointRouteBuilder pages, Settings settings)
    {
        var limit = new ThrottlePolicy("shared view", settings.ReportsPerMinute, TimeSpan.FromMinutes(1));
        var shared = pages.MapGroup("/s/{token}");
        // Compressed: who can have it made knows its address already, which is the only secret in it.
        shared.MapRead("", SharedViewPage.AnswerAsync).WithMetadata(limit).Compressed();
        shared.MapRead("proof.json", SharedViewPage.ProofAsync).WithMetadata(limit);
        shared.MapRead("picture.png", SharedViewPage.PictureAsync).WithMetadata(limit);
        shared.MapPost("", SharedViewPage.UnlockAsync).WithMetadata(LoginEndpoint.Limit(settings));
    }

    /// <summary>A person who types the server's address is redirected to the dashboard; programs get 404.</summary>
    private static Task GoToDashboardAsync(HttpContext http)
    {
        if (!Errors.WantsPage(http.Request))
        {
            return Errors.WriteAsync(http, ApiError.ForStatus(StatusCodes.Status404NotFound));
        }

        http.Response.Headers.Vary = "Accept";
        http.Response.Redirect("/dashboard");
        return Task.CompletedTask;
    }
}
