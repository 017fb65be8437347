using Bioscope.Engine.Ingest;
using Bioscope.Server.Accounts;
using Bioscope.Server.Api.Data;
using Bioscope.Server.Api.Team;
using Bioscope.Server.Api.Webhooks;
using Bioscope.Server.Configuration;
using Bioscope.Server.Dashboard.Mails;
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
        string[] read = [HttpMethods.Get, HttpMethods.Head];
        // For people; the API's document does not describe these.
        var pages = app.MapGroup("").ExcludeFromDescription();
        pages.MapMethods("/", read, GoToDashboardAsync);
        var dashboard = pages.MapGroup(SessionCookie.Path);
        // Whatever is mapped on none of these three is for the owner only, or needs no page.
        // Compressed although an address may have text that a stranger chose: the only secret beside it is the field of forms, which is another
        // one in each answer (FormGuard).
        var figures = dashboard.MapGroup("").WithMetadata(PageAccess.Viewers).Compressed();
        var edited = dashboard.MapGroup("").WithMetadata(PageAccess.Editors);
        var account = dashboard.MapGroup("").WithMetadata(PageAccess.OwnPage);
        figures.MapMethods("", read, DashboardPage.AnswerAsync);
        figures.MapGet("export", DashboardPage.ExportAsync);
        figures.MapMethods("rows/{dimension}", read, RowsPage.AnswerAsync);
        var editors = edited.MapGroup("").Compressed(); // as above; shared views and webhooks show secrets
        editors.MapMethods("page", read, EditorPage.ShowAsync);
        editors.MapPost("page", EditorPage.SaveAsync);
        edited.MapPost("page/avatar", EditorPage.AvatarAsync);
        edited.MapMethods("page/preview", [.. read, HttpMethods.Post], EditorPage.PreviewAsync);
        editors.MapMethods("links", read, LinksPage.ShowAsync);
        editors.MapPost("links", LinksPage.AddAsync);
        edited.MapPost("links/{id}", LinksPage.ChangeAsync);
        editors.MapMethods("placements", read, PlacementsPage.ShowAsync);
        editors.MapPost("placements", PlacementsPage.AddAsync);
        edited.MapPost("placements/{id}", PlacementsPage.ChangeAsync);
        edited.MapGet("placements/{id}.svg", PlacementsPage.CodeAsync);
        editors.MapMethods("rules", read, RulesPage.ShowAsync);
        edited.MapPost("rules", SourceRulePage.StoreAsync);
        editors.MapMethods("rules/source", read, SourceRulePage.ShowAsync);
        editors.MapPost("rules/preview", SourceRulePage.PreviewAsync);
        edited.MapPost("rules/remove", RulesPage.RemoveAsync);
        edited.MapPost("rules/undo", RulesPage.UndoAsync);
        edited.MapPost("rules/spam", RulesPage.SpamAsync);
        account.MapMethods("account", read, AccountPage.ShowAsync);
        account.MapPost("account/password", AccountPage.ChangePasswordAsync).WithMetadata(LoginEndpoint.Limit(settings));
        account.MapPost("account/sessions", AccountPage.EndAsync);
        account.MapMethods("account/data", read, OwnDataPage.DownloadAsync).WithMetadata(DataRoutes.DownloadLimit(settings));
        account.MapPost("account/delete", OwnDataPage.DeleteAsync).WithMetadata(LoginEndpoint.Limit(settings));
        account.MapPost("account/email", EmailForm.SendAsync).WithMetadata(LoginEndpoint.Limit(settings));
        figures.MapMethods("mails", read, MailsPage.ShowAsync);
        figures.MapPost("mails", MailsPage.StoreAsync);
        edited.MapMethods("webhooks", read, WebhooksPage.ShowAsync);
        edited.MapPost("webhooks", WebhooksPage.AddAsync);
        edited.MapPost("webhooks/{id}", WebhooksPage.ChangeAsync);
        // Mail programs of many people may come from a few addresses.
        var unsubscribing = new ThrottlePolicy("unsubscribe", settings.QueriesPerMinute, TimeSpan.FromMinutes(1));
        dashboard.MapMethods("unsubscribe/{kind}/{token}", read, UnsubscribePage.ShowAsync).WithMetadata(unsubscribing);
        dashboard.MapPost("unsubscribe/{kind}/{token}", UnsubscribePage.AnswerAsync).WithMetadata(unsubscribing);
        dashboard.MapMethods("forgot", read, MailedLinkPages.ShowForgotAsync);
        dashboard.MapPost("forgot", MailedLinkPages.ForgotAsync).WithMetadata(PasswordReset.ForgotLimit(settings));
        dashboard.MapMethods("sign-up", read, MailedLinkPages.ShowSignUpAsync);
        dashboard.MapPost("sign-up", MailedLinkPages.SignUpAsync).WithMetadata(PasswordReset.ForgotLimit(settings));
        dashboard.MapMethods("reset/{token}", read, MailedLinkPages.ShowResetAsync).WithMetadata(LoginEndpoint.Limit(settings));
        dashboard.MapPost("reset/{token}", MailedLinkPages.ResetAsync).WithMetadata(LoginEndpoint.Limit(settings));
        dashboard.MapMethods("confirm/{token}", read, MailedLinkPages.ShowConfirmAsync).WithMetadata(LoginEndpoint.Limit(settings));
        dashboard.MapPost("confirm/{token}", MailedLinkPages.ConfirmAsync).WithMetadata(LoginEndpoint.Limit(settings));
        account.MapMethods("account/second-factor", read, SecondFactorPage.ShowAsync);
        account.MapPost("account/second-factor", SecondFactorPage.BeginAsync).WithMetadata(LoginEndpoint.Limit(settings));
        account.MapPost("account/second-factor/on", SecondFactorPage.TurnOnAsync).WithMetadata(LoginEndpoint.Limit(settings));
        account.MapPost("account/second-factor/codes", SecondFactorPage.NewCodesAsync).WithMetadata(LoginEndpoint.Limit(settings));
        account.MapPost("account/second-factor/off", SecondFactorPage.TurnOffAsync).WithMetadata(LoginEndpoint.Limit(settings));
        account.MapPost("account/passkeys/options", PasskeyPage.CreationOptionsAsync).WithMetadata(LoginEndpoint.Limit(settings));
        account.MapPost("account/passkeys", PasskeyPage.AddAsync);
        account.MapPost("account/passkeys/remove", PasskeyPage.RemoveAsync);
        editors.MapMethods("sites", read, SitesPage.ShowAsync);
        edited.MapPost("sites", SitesPage.AddAsync);
        edited.MapPost("sites/{id}", SitesPage.RemoveAsync);
        edited.MapMethods("shared", read, SharedPage.ShowAsync);
        edited.MapPost("shared", SharedPage.AddAsync);
        edited.MapPost("shared/{id}", SharedPage.ChangeAsync);
        edited.MapPost("zone", ZoneForm.AnswerAsync);
        figures.MapGet("live", LiveEndpoint.AnswerAsync);
        dashboard.MapMethods("team", read, TeamPage.ShowAsync);
        dashboard.MapPost("team", TeamPage.InviteAsync).WithMetadata(TeamRoutes.InviteLimit(settings));
        dashboard.MapPost("team/invitations/{id}", TeamPage.RevokeAsync);
        dashboard.MapPost("team/members/{id}", TeamPage.ChangeAsync);
        dashboard.MapMethods("team/join/{token}", read, TeamJoinPage.ShowAsync).WithMetadata(LoginEndpoint.Limit(settings));
        dashboard.MapPost("team/join/{token}", TeamJoinPage.JoinAsync).WithMetadata(LoginEndpoint.Limit(settings));
        dashboard.MapMethods("pages", read, PagesPage.ShowAsync);
        figures.MapPost("pages", PagesPage.ChooseAsync);
        dashboard.MapPost("pages/leave", PagesPage.LeaveAsync);
        dashboard.MapMethods("sign-in", read, SignInPage.ShowAsync).Compressed(); // as the figures
        dashboard.MapPost("sign-in", SignInPage.SignInAsync).WithMetadata(LoginEndpoint.Limit(settings));
        dashboard.MapMethods("join/{token}", read, JoinPage.ShowAsync);
        dashboard.MapPost("join/{token}", JoinPage.JoinAsync).WithMetadata(LoginEndpoint.Limit(settings));
        dashboard.MapPost("sign-in/passkey/options", PasskeySignIn.OptionsAsync).WithMetadata(LoginEndpoint.Limit(settings));
        dashboard.MapPost("sign-in/passkey", PasskeySignIn.SignInAsync).WithMetadata(LoginEndpoint.Limit(settings));
        dashboard.MapPost("sign-in/code", SecondStepPage.SignInAsync).WithMetadata(LoginEndpoint.Limit(settings));
        dashboard.MapPost("sign-out", SignInPage.SignOutAsync);
        dashboard.MapGet("demo/{handle}/{token}", DemoSignIn.AnswerAsync).WithMetadata(LoginEndpoint.Limit(settings));
        MapShared(pages, settings);
        DashboardAssets.Script.Map(pages);
        DashboardAssets.Passkeys.Map(pages);
        DashboardAssets.World.Map(pages);

        var live = app.Services.GetRequiredService<LiveFeed>();
        app.Services.GetRequiredService<IngestWriter>().Stored += live.Stored;
        // Before the web server waits for its connections to end.
        app.Lifetime.ApplicationStopping.Register(live.Stop);
    }

    /// <summary>What people see who are not signed in; limited by address, so that tokens cannot be tried out.</summary>
    private static void MapShared(IEndpointRouteBuilder pages, Settings settings)
    {
        string[] read = [HttpMethods.Get, HttpMethods.Head];
        var limit = new ThrottlePolicy("shared view", settings.ReportsPerMinute, TimeSpan.FromMinutes(1));
        var shared = pages.MapGroup("/s/{token}");
        // Compressed: who can have it made knows its address already, which is the only secret in it.
        shared.MapMethods("", read, SharedViewPage.AnswerAsync).WithMetadata(limit).Compressed();
        shared.MapMethods("proof.json", read, SharedViewPage.ProofAsync).WithMetadata(limit);
        shared.MapMethods("picture.png", read, SharedViewPage.PictureAsync).WithMetadata(limit);
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
