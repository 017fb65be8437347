using System.Text;
using Bioscope.Server.Accounts;
using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>
/// Signing in with a passkey, on the sign-in page: the browser asks for a challenge, and posts what the device signed. It needs a script by
/// nature, so without one the form stays hidden.
/// </summary>
internal static class PasskeySignIn
{
    private const string Path = "/dashboard/sign-in/passkey";

    /// <summary>The site of this server's pages.</summary>
    public static PasskeySite SiteOf(HttpContext http) => new(ServerUrl.OriginOf(http));

    /// <summary>The form and its script; nothing where browsers make no passkeys.</summary>
    public static Html Form(HttpContext http, SignInWords words, Html formField) => SiteOf(http).Id is null ? Html.Nothing : Html.Of($"""
        <form method="post" action="{Path}" data-passkey="get"{ScriptTexts(Words.Of(http))} hidden>
        {formField}<input type="hidden" name="passkey">
        <p class="problem" role="alert" hidden></p>
        <button class="other">{words.WithPasskey}</button>
        </form>
        <script defer src="{DashboardAssets.Passkeys.Url}"></script>
        """);

    /// <summary>What the script says, as attributes of the element that it works on.</summary>
    public static Html ScriptTexts(Words words)
    {
        var (texts, form) = (new PasskeyWords(words), new FormWords(words));
        return Html.Of(
            $""" data-busy="{texts.Busy}" data-not-done="{form.NotDone("{problem}")}" data-load-again="{texts.LoadAgain}" data-known="{texts.Known}" data-cancelled="{texts.Cancelled}" """);
    }

    public static async Task OptionsAsync(HttpContext http)
    {
        if (await PostedForm.ReadAsync(http) is { } form && await IsOursAsync(http, form))
        {
            await SendAsync(http, http.RequestServices.GetRequiredService<Passkeys>().RequestOptions(SiteOf(http)));
        }
    }

    public static async Task SignInAsync(HttpContext http)
    {
        if (await PostedForm.ReadAsync(http) is not { } form || !await IsOursAsync(http, form))
        {
            return;
        }

        var token = await http.RequestServices.GetRequiredService<Passkeys>().SignInAsync(http, SiteOf(http), form["passkey"].ToString());
        if (token is null)
        {
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
            await SignInPage.WriteAsync(http, "", new SignInWords(Words.Of(http)).PasskeyUnknown);
            return;
        }

        SessionCookie.Append(http, token);
        SignInPage.GoTo(http, "/dashboard");
    }

    /// <summary>Sends JSON to our own script.</summary>
    public static Task SendAsync(HttpContext http, string json) =>
        ApiResponse.SendAsync(http, Encoding.UTF8.GetBytes(json), "application/json; charset=utf-8");

    private static async Task<bool> IsOursAsync(HttpContext http, IFormCollection form)
    {
        if (SiteOf(http).Id is not null && http.RequestServices.GetRequiredService<FormGuard>().IsOurs(http, form))
        {
            return true;
        }

        await Errors.WriteAsync(http, FormGuard.NotOurs);
        return false;
    }
}
