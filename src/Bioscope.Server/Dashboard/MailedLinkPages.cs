using Bioscope.Engine.Creators;
using Bioscope.Server.Accounts;
using Bioscope.Server.BioPages;
using Bioscope.Server.Configuration;
using Bioscope.Server.Mail;
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

    private static readonly Html Ended = Html.Of($"""
        <h1>This link does not work any more.</h1>
        <p>Links in mails work once, for 30 minutes. <a href="{ForgotPath}">Ask for a new password</a>, or <a href="/dashboard/account">open your account</a> to confirm an address.</p>
        """);

    public static Task ShowForgotAsync(HttpContext http) => WriteForgotAsync(http, null);

    public static Task ForgotAsync(HttpContext http) => AskAsync(
        http,
        services => services.GetRequiredService<Mailer>().IsSet ? null : PasswordReset.NoMail.Details[0],
        email => http.RequestServices.GetRequiredService<PasswordReset>().AskAsync(email, http.RequestAborted),
        WriteForgotAsync,
        email => Html.Of($"""
            <p>If an account here has the address <b><bdi>{email}</bdi></b>, a link to choose a new password is on its way to it. It works for 30 minutes.</p>
            <p class="note">Nothing there after a few minutes? Look into the spam folder, or <a href="{ForgotPath}">try again</a>. Whoever has never confirmed the address asks the operator of this server.</p>
            """));

    public static Task ShowSignUpAsync(HttpContext http) => WriteSignUpAsync(http, null);

    public static Task SignUpAsync(HttpContext http) => AskAsync(
        http,
        services => services.GetRequiredService<Settings>().SignUpIsOpen ? null : OpenSignUp.Closed.Details[0],
        email => http.RequestServices.GetRequiredService<OpenSignUp>().AskAsync(email, http.RequestAborted),
        WriteSignUpAsync,
        email => Html.Of($"""
            <p>A link to open your account is on its way to <b><bdi>{email}</bdi></b>. It works for a day.</p>
            <p class="note">Nothing there after a few minutes? Look into the spam folder, or <a href="{SignUpPath}">try again</a>.</p>
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
        var problem = services.GetRequiredService<FormGuard>().IsOurs(http, form) ? AccountPage.ProblemOf(password) : FormGuard.NotOurs.Details[0];
        if (problem is not null)
        {
            http.Response.StatusCode = StatusCodes.Status400BadRequest;
            await WriteResetAsync(http, works: true, problem);
        }
        else if (await services.GetRequiredService<PasswordReset>().SetAsync(TokenOf(http), password, http.RequestAborted))
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
            await WriteConfirmAsync(http, await emails.OfLinkAsync(TokenOf(http), http.RequestAborted), FormGuard.NotOurs.Details[0]);
        }
        else if (await emails.ConfirmAsync(TokenOf(http), http.RequestAborted))
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
        HttpContext http, Func<IServiceProvider, string?> problemOf, Func<string, Task> ask, Func<HttpContext, string?, Task> show, Func<string, Html> sent)
    {
        if (await PostedForm.ReadAsync(http) is not { } form)
        {
            return;
        }

        var email = CreatorStore.NormalizeEmail(form["email"].ToString());
        var problem = !http.RequestServices.GetRequiredService<FormGuard>().IsOurs(http, form) ? FormGuard.NotOurs.Details[0]
            : !EmailRequest.IsAddress(email) ? "this is not an e-mail address"
            : problemOf(http.RequestServices);
        if (problem is not null)
        {
            http.Response.StatusCode = StatusCodes.Status400BadRequest;
            await show(http, problem);
            return;
        }

        await ask(email);
        await WriteAsync(http, "Look into your mail", Html.Of($"""
            <h1>Look into your mail.</h1>
            {sent(email)}
            """));
    }

    private static string TokenOf(HttpContext http) => http.Request.RouteValues["token"]?.ToString() ?? "";

    private static Task WriteForgotAsync(HttpContext http, string? problem) => WriteAsync(http, "New password", Html.Of($"""
        <h1>Forgot your password?</h1>
        {(http.RequestServices.GetRequiredService<Mailer>().IsSet ? Html.Of($"""
        <form method="post" action="{ForgotPath}">{FieldFor(http)}
        {Problem(problem)}
        <label for="email">Your e-mail address</label><input id="email" name="email" type="email" autocomplete="username" required maxlength="{CreatorStore.MaxEmailChars}">
        <button>Send me a link</button>
        </form>
        <p class="note"><a href="/dashboard/sign-in">Back to sign-in</a></p>
        """) : Html.Of($"""<p>This server sends no mail. Its operator can set a new password for you.</p><p class="note"><a href="/dashboard/sign-in">Back to sign-in</a></p>"""))}
        """));

    private static Task WriteSignUpAsync(HttpContext http, string? problem) => WriteAsync(http, "Open an account", Html.Of($"""
        <h1>Your page, and where its visitors come from.</h1>
        {(http.RequestServices.GetRequiredService<Settings>().SignUpIsOpen ? Html.Of($"""
        <form method="post" action="{SignUpPath}">{FieldFor(http)}
        {Problem(problem)}
        <label for="email">Your e-mail address</label><input id="email" name="email" type="email" autocomplete="email" required maxlength="{CreatorStore.MaxEmailChars}">
        <button>Send me a link</button>
        </form>
        """) : Html.Of($"""<p>Accounts of this server are opened by invitation. Its operator can send you one.</p>"""))}
        <p class="note"><a href="/dashboard/sign-in">Sign in to your account</a></p>
        """));

    private static Task WriteResetAsync(HttpContext http, bool works, string? problem) => WriteAsync(http, "New password", works ? Html.Of($"""
        <h1>Choose a new password.</h1>
        <form method="post">{FieldFor(http)}
        {Problem(problem)}
        <label for="new">New password</label><input id="new" name="new" type="password" autocomplete="new-password" required minlength="{Passwords.MinChars}" maxlength="{Passwords.MaxChars}">
        <button>Change it</button>
        </form>
        <p class="note">You are then signed out everywhere, and sign in with the new one.</p>
        """) : Ended, works ? StatusCodes.Status200OK : StatusCodes.Status404NotFound);

    private static Task WriteConfirmAsync(HttpContext http, string? email, string? problem) => WriteAsync(http, "Confirm your address", email is null ? Ended : Html.Of($"""
        <h1>Is this your address?</h1>
        <p><b><bdi>{email}</bdi></b></p>
        <form method="post">{FieldFor(http)}
        {Problem(problem)}
        <button>Confirm it</button>
        </form>
        """), email is null ? StatusCodes.Status404NotFound : StatusCodes.Status200OK);

    private static Html Problem(string? problem) =>
        problem is null ? Html.Nothing : Html.Of($"""<p class="problem" role="alert">Not done: {problem}.</p>""");

    private static Html FieldFor(HttpContext http) => http.RequestServices.GetRequiredService<FormGuard>().FieldFor(http);

    private static Task WriteAsync(HttpContext http, string title, Html content, int status = StatusCodes.Status200OK)
    {
        http.Response.StatusCode = http.Response.StatusCode == StatusCodes.Status200OK ? status : http.Response.StatusCode;
        // The address holds the token.
        return PageFrame.WriteAsync(http, PageColour.All[5], title, Html.Of($"""
            <main id="main" class="door">
            <p class="brand"><i></i>Bioscope</p>
            {content}
            </main>

            """), isSecretAddress: true);
    }
}
