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

    public static Html Render(HttpContext http, AccountWords words, OwnEmail email, Html formField)
    {
        var sendsMail = http.RequestServices.GetRequiredService<Mailer>().IsSet;
        var address = Html.Of($"<b><bdi>{email.Email}</bdi></b>");
        return Html.Of($"""
            <section class="block" aria-labelledby="email-title"><header><h2 id="email-title">{words.Email}</h2></header>
            <p>{(email.IsConfirmed || !sendsMail ? words.SignInAs(address) : words.SignInAsUnconfirmed(address))}</p>
            {(!sendsMail
                ? Html.Of($"""<p class="note">{words.NoMail}</p>""")
                : email.IsConfirmed
                    ? Html.Of($"""<details class="zone"><summary>{words.OtherAddress}</summary>{Form(words, "", formField, words.SendLink)}<p class="note">{words.ChangesLater}</p></details>""")
                    : Html.Of($"""<div class="zone">{Form(words, email.Email, formField, words.SendConfirm)}</div><p class="note">{words.WithoutIt}</p>"""))}</section>
            """);
    }

    private static Html Form(AccountWords words, string email, Html formField, string button) => Html.Of($"""
        <form method="post" action="{AccountPage.Path}/email">{formField}<label>{words.EmailAddress} <input name="email" type="email" autocomplete="email" required maxlength="{CreatorStore.MaxEmailChars}" value="{email}"></label><label>{words.YourPassword} <input name="password" type="password" autocomplete="current-password" required maxlength="{Passwords.MaxChars}"></label><button>{button}</button></form>
        """);
}
