using Bioscope.Engine.Creators;
using Bioscope.Server.Accounts;
using Bioscope.Server.Configuration;
using Bioscope.Server.Mail;
using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>
/// The pages of links in mails, for people who are not signed in: <c>/dashboard/forgot</c> and <c>/dashboard/sign-up</c> ask for a link, <c>/dashboard/reset/{token}</c>
/// sets a new password, <c>/dashboard/confirm/{token}</c> confirms an address. Opening a link changes nothing, because programs that
/// check mail open links too; its button does.
/// </summary>
internal static class MailedLinkPages
{
    /// <summary>Where somebody who has no account asks for a link to open one.</summary>
    public const string SignUpPath = "/dashboard/sign-up";

    /// <summary>Where somebody who forgot the password asks for a link.</summary>
    public const string ForgotPath = "/dashboard/forgot";

    public static Task ShowForgotAsync(HttpContext http) => WriteForgotAsync(http, null);

    public static Task ForgotAsync(HttpContext http) => AskAsync(
        http,
        services => services.GetRequiredService<Mailer>().IsSet ? null : PasswordReset.NoMail,
        email => http.RequestServices.GetRequiredService<PasswordReset>().AskAsync(email, Words.Of(http), http.RequestAborted),
        WriteForgotAsync,
        (words, email) => Html.Of($"""
            <p>{words.PasswordSent(email)}</p>
            <p class="note">{words.NoPasswordMail(Link(ForgotPath, words.TryAgain))}</p>
            """));

    public static Task ShowSignUpAsync(HttpContext http) => WriteSignUpAsync(http, null);

    public static Task SignUpAsync(HttpContext http) => AskAsync(
        http,
        services => services.GetRequiredService<Settings>().SignUpIsOpen ? null : OpenSignUp.Closed,
        email => http.RequestServices.GetRequiredService<OpenSignUp>().AskAsync(email, Words.Of(http), http.RequestAborted),
        WriteSignUpAsync,
        (words, email) => Html.Of($"""
            <p>{words.AccountSent(email)}</p>
            <p class="note">{words.NoAccountMail(Link(SignUpPath, words.TryAgain))}</p>
            """));

    public static async Task ShowResetAsync(HttpContext http)
    {
        var links = http.RequestServices.GetRequiredService<MailedLinks>();
        await WriteResetAsync(http, await links.FindAsync(PasswordReset.Name, TokenOf(http), http.RequestAborted) is not null, null);
    }

    public static async Task ResetAsync(HttpContext http)
    {
        if (await PostedForm.ReadAsync(http) is not { } form)
        {
            return;
        }

        var services = http.RequestServices;
        var password = form["new"].ToString();
        var refusal = !services.GetRequiredService<FormGuard>().IsOurs(http, form) ? FormGuard.NotOurs
            : AccountPage.ProblemOf(password) is { } problem ? ApiError.Invalid(problem)
            : null;
        if (refusal is not null)
        {
            http.Response.StatusCode = StatusCodes.Status400BadRequest;
            await WriteResetAsync(http, works: true, refusal);
        }
        else if (await services.GetRequiredService<PasswordReset>().SetAsync(http, TokenOf(http), password))
        {
            SessionCookie.Clear(http);
            SignInPage.GoTo(http, "/dashboard/sign-in?done=password");
        }
        else
        {
            await WriteResetAsync(http, works: false, null);
        }
    }

    public static async Task ShowConfirmAsync(HttpContext http)
    {
        var email = await http.RequestServices.GetRequiredService<EmailAddress>().OfLinkAsync(TokenOf(http), http.RequestAborted);
        await WriteConfirmAsync(http, email, null);
    }

    public static async Task ConfirmAsync(HttpContext http)
    {
        if (await PostedForm.ReadAsync(http) is not { } form)
        {
            return;
        }

        var emails = http.RequestServices.GetRequiredService<EmailAddress>();
        if (!http.RequestServices.GetRequiredService<FormGuard>().IsOurs(http, form))
        {
            http.Response.StatusCode = StatusCodes.Status400BadRequest;
            await WriteConfirmAsync(http, await emails.OfLinkAsync(TokenOf(http), http.RequestAborted), FormGuard.NotOurs);
        }
        else if (await emails.ConfirmAsync(http, TokenOf(http)))
        {
            SignInPage.GoTo(http, "/dashboard/account?done=email");
        }
        else
        {
            await WriteConfirmAsync(http, null, null);
        }
    }

    /// <summary>A form that has a link sent to the address in it.</summary>
    private static async Task AskAsync(
        HttpContext http, Func<IServiceProvider, ApiError?> refusalOf, Func<string, Task> ask, Func<HttpContext, ApiError?, Task> show,
        Func<MailedLinkWords, Html, Html> sent)
    {
        if (await PostedForm.ReadAsync(http) is not { } form)
        {
            return;
        }

        var email = CreatorStore.NormalizeEmail(form["email"].ToString());
        var refusal = !http.RequestServices.GetRequiredService<FormGuard>().IsOurs(http, form) ? FormGuard.NotOurs
            : !EmailRequest.IsAddress(email) ? ApiError.Invalid("this is not an e-mail address")
            : refusalOf(http.RequestServices);
        if (refusal is not null)
        {
            http.Response.StatusCode = StatusCodes.Status400BadRequest;
            await show(http, refusal);
            return;
        }

        await ask(email);
        var words = WordsOf(http);
        await WriteAsync(http, words.LookTitle, Html.Of($"""
            <h1>{words.LookHeading}</h1>
            {sent(words, Html.Of($"<b><bdi>{email}</bdi></b>"))}
            """));
    }

    private static string TokenOf(HttpContext http) => http.Request.RouteValues["token"]?.ToString() ?? "";

    private static Task WriteForgotAsync(HttpContext http, ApiError? refusal)
    {
        var words = WordsOf(http);
        return WriteAsync(http, words.NewPassword, Html.Of($"""
            <h1>{words.ForgotHeading}</h1>
            {(http.RequestServices.GetRequiredService<Mailer>().IsSet ? AskForm(http, words, ForgotPath, "username", refusal) : Html.Of($"<p>{words.NoMail}</p>"))}
            <p class="note"><a href="/dashboard/sign-in">{words.BackToSignIn}</a></p>
            """));
    }

    private static Task WriteSignUpAsync(HttpContext http, ApiError? refusal)
    {
        var words = WordsOf(http);
        return WriteAsync(http, words.SignUpTitle, Html.Of($"""
            <h1>{words.SignUpHeading}</h1>
            {(http.RequestServices.GetRequiredService<Settings>().SignUpIsOpen ? AskForm(http, words, SignUpPath, "email", refusal) : Html.Of($"<p>{words.InvitationOnly}</p>"))}
            <p class="note"><a href="/dashboard/sign-in">{words.ToSignIn}</a></p>
            """));
    }

    private static Html AskForm(HttpContext http, MailedLinkWords words, string path, string autocomplete, ApiError? refusal) => Html.Of($"""
        <form method="post" action="{path}">{FieldFor(http)}
        {Problem(http, refusal)}
        <label for="email">{words.Email}</label><input id="email" name="email" type="email" autocomplete="{autocomplete}" required maxlength="{CreatorStore.MaxEmailChars}">
        <button>{words.Send}</button>
        </form>
        """);

    private static Task WriteResetAsync(HttpContext http, bool works, ApiError? refusal)
    {
        var words = WordsOf(http);
        return WriteAsync(http, words.NewPassword, works ? Html.Of($"""
            <h1>{words.ResetHeading}</h1>
            <form method="post">{FieldFor(http)}
            {Problem(http, refusal)}
            <label for="new">{words.NewPassword}</label><input id="new" name="new" type="password" autocomplete="new-password" required minlength="{Passwords.MinChars}" maxlength="{Passwords.MaxChars}">
            <button>{words.Change}</button>
            </form>
            <p class="note">{words.AfterReset}</p>
            """) : Ended(words), works ? StatusCodes.Status200OK : StatusCodes.Status404NotFound);
    }

    private static Task WriteConfirmAsync(HttpContext http, string? email, ApiError? refusal)
    {
        var words = WordsOf(http);
        return WriteAsync(http, words.ConfirmTitle, email is null ? Ended(words) : Html.Of($"""
            <h1>{words.ConfirmHeading}</h1>
            <p><b><bdi>{email}</bdi></b></p>
            <form method="post">{FieldFor(http)}
            {Problem(http, refusal)}
            <button>{words.Confirm}</button>
            </form>
            """), email is null ? StatusCodes.Status404NotFound : StatusCodes.Status200OK);
    }

    private static Html Ended(MailedLinkWords words) => Html.Of($"""
        <h1>{words.Ended}</h1>
        <p>{words.WhyEnded(Link(ForgotPath, words.AskForPassword), Link(AccountPage.Path, words.OpenYourAccount))}</p>
        """);

    private static Html Link(string path, string text) => Html.Of($"""<a href="{path}">{text}</a>""");

    private static Html Problem(HttpContext http, ApiError? refusal) => refusal is null
        ? Html.Nothing
        : Html.Of($"""<p class="problem" role="alert">{new FormWords(Words.Of(http)).NotDone(Problems.Of(Words.Of(http), refusal))}</p>""");

    private static MailedLinkWords WordsOf(HttpContext http) => new(Words.Of(http));

    private static Html FieldFor(HttpContext http) => http.RequestServices.GetRequiredService<FormGuard>().FieldFor(http);

    private static Task WriteAsync(HttpContext http, string title, Html content, int status = StatusCodes.Status200OK)
    {
        http.Response.StatusCode = http.Response.StatusCode == StatusCodes.Status200OK ? status : http.Response.StatusCode;
        // The address holds the token.
        return PageFrame.WriteDoorAsync(http, title, content, isSecretAddress: true);
    }
}
