using Bioscope.Server.Api.Team;
using Bioscope.Server.BioPages;
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

    private static readonly PageColour Colour = PageColour.All[5];

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
        await PageFrame.WriteAsync(http, Colour, "Invitation", Html.Of($"""
            <main id="main" class="door">
            <p class="brand"><i></i>Bioscope</p>
            <h1>You are invited.</h1>
            <p><b><bdi>{ShownText.Of(invited.Name)}</bdi></b> {Words(invited)} Sign in to accept; without an account here, open one first.</p>
            <p><a class="go" href="/dashboard/sign-in">Sign in</a></p>
            </main>

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
        await WriteAsync(http, invited, string.Join("; ", refusal.Details));
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
            await PageFrame.WriteAsync(http, Colour, "Invitation", Html.Of($"""
                <main id="main" class="door">
                <p class="brand"><i></i>Bioscope</p>
                <h1>This invitation does not work.</h1>
                <p>It was used, revoked or has expired, or the link is not complete. Whoever sent it can send you another one.</p>
                <p class="back"><a href="/dashboard">To the dashboard</a></p>
                </main>

                """), isSecretAddress: true);
        }

        return invited;
    }

    private static string TokenOf(HttpContext http) => (string)http.Request.RouteValues["token"]!;

    private static string Words(InvitedTo invited) => invited.Role == MemberRole.Editor
        ? "invites you to change a page and to see its figures."
        : "invites you to see the figures of a page.";

    private static Task WriteAsync(HttpContext http, InvitedTo invited, string? problem) => PageFrame.WriteAsync(http, Colour, "Invitation", Html.Of($"""
        <main id="main" class="door">
        <p class="brand"><i></i>Bioscope</p>
        <h1>You are invited.</h1>
        {(problem is null ? Html.Nothing : Html.Of($"""<p class="problem" role="alert">Not accepted: {problem}.</p>"""))}
        <p><b><bdi>{ShownText.Of(invited.Name)}</bdi></b> {Words(invited)} The owner sees the e-mail address of your account.</p>
        <form method="post" action="{TeamLetter.Path}{TokenOf(http)}">{http.RequestServices.GetRequiredService<FormGuard>().FieldFor(http)}<button>Accept</button></form>
        <p class="back"><a href="/dashboard">Not now</a></p>
        </main>

        """), isSecretAddress: true);
}
