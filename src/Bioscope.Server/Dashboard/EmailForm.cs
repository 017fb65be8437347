using Bioscope.Engine.Creators;
using Bioscope.Server.Accounts;
using Bioscope.Server.Mail;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>The part of the account's page about the e-mail address, with the rules of <see cref="EmailAddress"/>.</summary>
internal static class EmailForm
{
    public static Task SendAsync(HttpContext http) => AccountPage.PostAsync(http, AccountPage.Path + "?done=mail", async (user, form) =>
    {
        var request = new EmailRequest(CreatorStore.NormalizeEmail(form["email"].ToString()), form["password"].ToString());
        if (!EmailRequest.IsAddress(request.Email))
        {
            return ApiError.Invalid("this is not an e-mail address");
        }

        if (request.Password.Length is 0 or > Passwords.MaxChars)
        {
            return ApiError.Invalid("the password is wrong");
        }

        var refusal = await EmailAddress.RequestAsync(http, user, request);
        return refusal?.Status == StatusCodes.Status400BadRequest ? ApiError.Invalid("the password is wrong") : refusal;
    });

    public static Html Render(HttpContext http, OwnEmail email, Html formField)
    {
        var sendsMail = http.RequestServices.GetRequiredService<Mailer>().IsSet;
        return Html.Of($"""
            <section class="block" aria-labelledby="email-title"><header><h2 id="email-title">E-mail</h2></header>
            <p>You sign in as <b><bdi>{email.Email}</bdi></b>{(email.IsConfirmed || !sendsMail ? "" : ", which is not confirmed yet")}.</p>
            {(!sendsMail
                ? Html.Of($"""<p class="note">This server sends no mail: its operator changes the address, and sets a new password if you forget yours.</p>""")
                : email.IsConfirmed
                    ? Html.Of($"""<details class="zone"><summary>Use another address</summary>{Form("", formField, "Send a link to it")}<p class="note">It changes when you open the link.</p></details>""")
                    : Html.Of($"""<div class="zone">{Form(email.Email, formField, "Send a link to confirm it")}</div><p class="note">Without it we cannot send you a new password or a report.</p>"""))}</section>
            """);
    }

    private static Html Form(string email, Html formField, string button) => Html.Of($"""
        <form method="post" action="{AccountPage.Path}/email">{formField}<label>E-mail address <input name="email" type="email" autocomplete="email" required maxlength="{CreatorStore.MaxEmailChars}" value="{email}"></label><label>Your password <input name="password" type="password" autocomplete="current-password" required maxlength="{Passwords.MaxChars}"></label><button>{button}</button></form>
        """);
}
