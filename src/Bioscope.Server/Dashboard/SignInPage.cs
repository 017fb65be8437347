using Bioscope.Engine.Auditing;
using Bioscope.Engine.Creators;
using Bioscope.Server.Accounts;
using Bioscope.Server.Auditing;
using Bioscope.Server.Configuration;
using Bioscope.Server.Mail;
using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>
/// <c>/dashboard/sign-in</c>: a form with the accounts, limits and lock of <c>POST /api/v1/auth/login</c>; and <c>POST
/// /dashboard/sign-out</c>. Every failed sign-in gets the same message.
/// </summary>
internal static class SignInPage
{
    public const string Path = "/dashboard/sign-in";

    public static async Task ShowAsync(HttpContext http)
    {
        if (await SessionCookie.SignInAsync(http))
        {
            http.Response.Headers.CacheControl = "no-store";
            GoTo(http, "/dashboard");
            return;
        }

        await WriteAsync(http, "", null, http.Request.Query["done"] == "password" ? WordsOf(http).PasswordChanged : null);
    }

    public static async Task SignInAsync(HttpContext http)
    {
        if (await PostedForm.ReadAsync(http) is not { } form)
        {
            return;
        }

        var email = CreatorStore.NormalizeEmail(form["email"].ToString());
        if (!http.RequestServices.GetRequiredService<FormGuard>().IsOurs(http, form))
        {
            http.Response.StatusCode = StatusCodes.Status400BadRequest;
            await WriteAsync(http, email, WordsOf(http).FormTooOld);
            return;
        }

        var password = form["password"].ToString();
        var outcome = email.Length is 0 or > CreatorStore.MaxEmailChars || password.Length is 0 or > Passwords.MaxChars
            ? new LoginOutcome(SignInResult.Refused)
            : await http.RequestServices.GetRequiredService<PasswordLogin>().TryAsync(
                http, email, password, code: null, SessionCookie.Path);
        if (outcome.Result == SignInResult.Ok)
        {
            SessionCookie.Append(http, outcome.Token!);
            GoTo(http, "/dashboard");
            return;
        }

        if (outcome.Result == SignInResult.CodeMissing)
        {
            await SecondStepPage.AskAsync(http, outcome);
            return;
        }

        var isBusy = outcome.Result == SignInResult.Overload;
        http.Response.StatusCode = isBusy ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status401Unauthorized;
        await WriteAsync(http, email, isBusy ? WordsOf(http).Busy : WordsOf(http).Wrong);
    }

    public static async Task SignOutAsync(HttpContext http)
    {
        if (await PostedForm.ReadAsync(http) is not { } form)
        {
            return;
        }

        if (http.RequestServices.GetRequiredService<FormGuard>().IsOurs(http, form))
        {
            if (SessionCookie.Read(http) is { } token
                && await http.RequestServices.GetRequiredService<RefreshFamilies>().EndAsync(token, http.RequestAborted) is { } user)
            {
                await Audit.WriteAsync(http, AuditKind.SignOut, user);
            }

            SessionCookie.Clear(http);
            ChosenPage.Clear(http);
        }

        GoTo(http, Path);
    }

    /// <summary>Redirects the browser; the posted form is not sent again.</summary>
    public static void GoTo(HttpContext http, string address)
    {
        http.Response.StatusCode = StatusCodes.Status303SeeOther;
        http.Response.Headers.Location = address;
    }

    public static Task WriteAsync(HttpContext http, string email, string? problem, string? done = null)
    {
        var words = WordsOf(http);
        var formField = http.RequestServices.GetRequiredService<FormGuard>().FieldFor(http);
        var openAccount = Html.Of($"""<a href="{MailedLinkPages.SignUpPath}">{words.OpenAccount}</a>""");
        return PageFrame.WriteDoorAsync(http, words.SignIn, Html.Of($"""
            <h1>{words.Heading}</h1>
            <form method="post" action="/dashboard/sign-in">
            {formField}
            {(done is null ? Html.Nothing : Html.Of($"""<p class="said" role="status">{done}</p>"""))}
            {(problem is null ? Html.Nothing : Html.Of($"""<p class="problem" role="alert">{problem}</p>"""))}
            <label for="email">{words.Email}</label><input id="email" name="email" type="email" autocomplete="username" required maxlength="{CreatorStore.MaxEmailChars}" value="{email}">
            <label for="password">{words.Password}</label><input id="password" name="password" type="password" autocomplete="current-password" required maxlength="{Passwords.MaxChars}">
            <button>{words.SignIn}</button>
            </form>
            {PasskeySignIn.Form(http, words, formField)}
            <p class="note">{(http.RequestServices.GetRequiredService<Mailer>().IsSet ? Html.Of($"""<a href="{MailedLinkPages.ForgotPath}">{words.Forgot}</a>""") : Html.Of($"{words.ForgotNoMail}"))}</p>
            {(http.RequestServices.GetRequiredService<Settings>().SignUpIsOpen ? Html.Of($"""<p class="note">{words.NewHere(openAccount)}</p>""") : Html.Nothing)}
            """));
    }

    private static SignInWords WordsOf(HttpContext http) => new(Words.Of(http));
}
