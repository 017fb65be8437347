using Bioscope.Server.Api.Team;
using Bioscope.Server.Mail;
using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Team;

/// <summary>
/// <c>/dashboard/team/join/{token}</c>: the link of an invitation to a page. Who is signed in accepts it by a button; others sign in first, and
/// then come back to it.
/// </summary>
internal static class TeamJoinPage
{
    private const string Cookie = "bioscope_join";

    // As long as it takes to sign in with a second factor, or to open an account.
    private static readonly TimeSpan MaxWait = TimeSpan.FromMinutes(30);

    public static async Task ShowAsync(HttpContext http)
    {
        http.Response.Cookies.Delete(Cookie, new CookieOptions { Path = SessionCookie.Path });
        if (await InvitedOrRefusalAsync(http) is not { } invited)
        {
            return;
        }

        if (await SessionCookie.SignInAsync(http))
        {
            await WriteAsync(http, invited, null);
            return;
        }

        http.Response.Cookies.Append(Cookie, TokenOf(http), new CookieOptions
        {
            HttpOnly = true,
            Secure = Tls.IsUsed(http),
            SameSite = SameSiteMode.Lax,
            Path = SessionCookie.Path,
            MaxAge = MaxWait,
        });
        var words = WordsOf(http);
        await PageFrame.WriteDoorAsync(http, words.Invitation, Html.Of($"""
            <h1>{words.YouAreInvited}</h1>
            <p>{Invites(http, invited)} {words.SignInFirst}</p>
            <p><a class="go" href="/dashboard/sign-in">{words.SignIn}</a></p>
            """), isSecretAddress: true);
    }

    public static async Task JoinAsync(HttpContext http)
    {
        if (await PostedForm.ReadAsync(http) is not { } form || await InvitedOrRefusalAsync(http) is not { } invited
            || await Desk.UserOfCallerAsync(http) is not { } user)
        {
            return;
        }

        var refusal = http.RequestServices.GetRequiredService<FormGuard>().IsOurs(http, form)
            ? (await TeamRoutes.JoinAsync(http, user, TokenOf(http))).Refusal
            : FormGuard.NotOurs;
        if (refusal is null)
        {
            ChosenPage.Append(http, invited.Page);
            SignInPage.GoTo(http, "/dashboard");
            return;
        }

        http.Response.StatusCode = refusal.Status;
        await WriteAsync(http, invited, Problems.Of(Words.Of(http), refusal));
    }

    /// <summary>Whether somebody has signed in to accept an invitation: then the browser is redirected to it.</summary>
    public static bool IsWaiting(HttpContext http)
    {
        if (http.Request.Cookies[Cookie] is not { Length: > 0 and <= 64 } token || SessionCookie.Read(http) is null)
        {
            return false;
        }

        http.Response.Headers.CacheControl = "no-store";
        SignInPage.GoTo(http, TeamLetter.Path + Uri.EscapeDataString(token));
        return true;
    }

    /// <returns>Null when the link does not work, and a page says so.</returns>
    private static async Task<InvitedTo?> InvitedOrRefusalAsync(HttpContext http)
    {
        var invited = await http.RequestServices.GetRequiredService<Members>().FindAsync(TokenOf(http), http.RequestAborted);
        if (invited is null)
        {
            http.Response.StatusCode = TeamRoutes.Unusable.Status;
            var words = WordsOf(http);
            await PageFrame.WriteDoorAsync(http, words.Invitation, Html.Of($"""
                <h1>{words.NotWorking}</h1>
                <p>{words.WhyNotWorking}</p>
                <p class="back"><a href="/dashboard">{words.ToDashboard}</a></p>
                """), isSecretAddress: true);
        }

        return invited;
    }

    private static string TokenOf(HttpContext http) => (string)http.Request.RouteValues["token"]!;

    private static Html Invites(HttpContext http, InvitedTo invited)
    {
        var name = Html.Of($"<b><bdi>{ShownText.Of(invited.Name ?? new LetterWords(Words.Of(http)).APage)}</bdi></b>");
        return invited.Role == MemberRole.Editor ? WordsOf(http).InvitesEditor(name) : WordsOf(http).InvitesViewer(name);
    }

    private static Task WriteAsync(HttpContext http, InvitedTo invited, string? problem)
    {
        var words = WordsOf(http);
        return PageFrame.WriteDoorAsync(http, words.Invitation, Html.Of($"""
            <h1>{words.YouAreInvited}</h1>
            {(problem is null ? Html.Nothing : Html.Of($"""<p class="problem" role="alert">{words.NotAccepted(problem)}</p>"""))}
            <p>{Invites(http, invited)} {words.OwnerSees}</p>
            <form method="post" action="{TeamLetter.Path}{TokenOf(http)}">{http.RequestServices.GetRequiredService<FormGuard>().FieldFor(http)}<button>{words.Accept}</button></form>
            <p class="back"><a href="/dashboard">{words.NotNow}</a></p>
            """), isSecretAddress: true);
    }

    private static TeamWords WordsOf(HttpContext http) => new(Words.Of(http));
}
