using Bioscope.Engine.Ingest;
using Bioscope.Server.Accounts;
using Bioscope.Server.Api.Webhooks;
using Bioscope.Server.Configuration;
using Bioscope.Server.Dashboard.Mails;
using Bioscope.Server.Dashboard.Rules;
using Bioscope.Server.Dashboard.Sharing;
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
        dashboard.MapMethods("", read, DashboardPage.AnswerAsync);
        dashboard.MapGet("export", DashboardPage.ExportAsync);
        dashboard.MapMethods("rows/{dimension}", read, RowsPage.AnswerAsync);
        dashboard.MapMethods("page", read, EditorPage.ShowAsync);
        dashboard.MapPost("page", EditorPage.SaveAsync);
        dashboard.MapPost("page/avatar", EditorPage.AvatarAsync);
        dashboard.MapMethods("page/preview", [.. read, HttpMethods.Post], EditorPage.PreviewAsync);
        dashboard.MapMethods("links", read, LinksPage.ShowAsync);
        dashboard.MapPost("links", LinksPage.AddAsync);
        dashboard.MapPost("links/{id}", LinksPage.ChangeAsync);
        dashboard.MapMethods("placements", read, PlacementsPage.ShowAsync);
        dashboard.MapPost("placements", PlacementsPage.AddAsync);
        dashboard.MapPost("placements/{id}", PlacementsPage.ChangeAsync);
        dashboard.MapGet("placements/{id}.svg", PlacementsPage.CodeAsync);
        dashboard.MapMethods("rules", read, RulesPage.ShowAsync);
        dashboard.MapPost("rules", SourceRulePage.StoreAsync);
        dashboard.MapMethods("rules/source", read, SourceRulePage.ShowAsync);
        dashboard.MapPost("rules/preview", SourceRulePage.PreviewAsync);
        dashboard.MapPost("rules/remove", RulesPage.RemoveAsync);
        dashboard.MapPost("rules/undo", RulesPage.UndoAsync);
        dashboard.MapPost("rules/spam", RulesPage.SpamAsync);
        dashboard.MapMethods("account", read, AccountPage.ShowAsync);
        dashboard.MapPost("account/password", AccountPage.ChangePasswordAsync).WithMetadata(LoginEndpoint.Limit(settings));
        dashboard.MapPost("account/sessions", AccountPage.EndAsync);
        dashboard.MapPost("account/email", EmailForm.SendAsync).WithMetadata(LoginEndpoint.Limit(settings));
        dashboard.MapMethods("mails", read, MailsPage.ShowAsync);
        dashboard.MapPost("mails", MailsPage.StoreAsync);
        dashboard.MapMethods("webhooks", read, WebhooksPage.ShowAsync);
        dashboard.MapPost("webhooks", WebhooksPage.AddAsync);
        dashboard.MapPost("webhooks/{id}", WebhooksPage.ChangeAsync);
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
        dashboard.MapMethods("account/second-factor", read, SecondFactorPage.ShowAsync);
        dashboard.MapPost("account/second-factor", SecondFactorPage.BeginAsync).WithMetadata(LoginEndpoint.Limit(settings));
        dashboard.MapPost("account/second-factor/on", SecondFactorPage.TurnOnAsync).WithMetadata(LoginEndpoint.Limit(settings));
        dashboard.MapPost("account/second-factor/codes", SecondFactorPage.NewCodesAsync).WithMetadata(LoginEndpoint.Limit(settings));
        dashboard.MapPost("account/second-factor/off", SecondFactorPage.TurnOffAsync).WithMetadata(LoginEndpoint.Limit(settings));
        dashboard.MapPost("account/passkeys/options", PasskeyPage.CreationOptionsAsync).WithMetadata(LoginEndpoint.Limit(settings));
        dashboard.MapPost("account/passkeys", PasskeyPage.AddAsync);
        dashboard.MapPost("account/passkeys/remove", PasskeyPage.RemoveAsync);
        dashboard.MapMethods("sites", read, SitesPage.ShowAsync);
        dashboard.MapPost("sites", SitesPage.AddAsync);
        dashboard.MapPost("sites/{id}", SitesPage.RemoveAsync);
        dashboard.MapMethods("shared", read, SharedPage.ShowAsync);
        dashboard.MapPost("shared", SharedPage.AddAsync);
        dashboard.MapPost("shared/{id}", SharedPage.ChangeAsync);
        dashboard.MapPost("zone", ZoneForm.AnswerAsync);
        dashboard.MapGet("live", LiveEndpoint.AnswerAsync);
        dashboard.MapMethods("sign-in", read, SignInPage.ShowAsync);
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
        shared.MapMethods("", read, SharedViewPage.AnswerAsync).WithMetadata(limit);
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
