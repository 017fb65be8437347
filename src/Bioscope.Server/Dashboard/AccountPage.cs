using Bioscope.Core;
using Bioscope.Server.Accounts;
using Bioscope.Server.BioPages;
using Bioscope.Server.Dashboard.Blocks;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>
/// <c>/dashboard/account</c>: the creator's password, and where she is signed in, with the rules of <see cref="PasswordEndpoint"/> and
/// <see cref="Sessions"/>.
/// </summary>
internal static class AccountPage
{
    public const string Path = "/dashboard/account";

    private const string WrongPassword = "the current password is wrong";

    // What is said after a form, by the address that it leads to.
    private static readonly Dictionary<string, string> Done = new(StringComparer.Ordinal)
    {
        ["password"] = "Your password is changed. You are signed out everywhere else.",
        ["mail"] = "A link is on its way. It works for 30 minutes. If nothing comes, look into the spam folder.",
        ["email"] = "Your address is confirmed.",
    };

    public static async Task ShowAsync(HttpContext http)
    {
        if (await Desk.OfCallerAsync(http) is { } desk)
        {
            await WriteAsync(http, desk, Done.GetValueOrDefault(http.Request.Query["done"].ToString()), null);
        }
    }

    public static Task ChangePasswordAsync(HttpContext http) => PostAsync(http, Path + "?done=password", async (user, form) =>
    {
        var change = new PasswordChange(form["current"].ToString(), form["new"].ToString());
        if (ProblemOf(change) is { } problem)
        {
            return ApiError.Invalid(problem);
        }

        var (token, refusal) = await PasswordEndpoint.ChangeAsync(http, user, change);
        if (token is not null)
        {
            SessionCookie.Append(http, token);
        }

        // In the form's words.
        return refusal?.Status == StatusCodes.Status400BadRequest ? ApiError.Invalid(WrongPassword) : refusal;
    });

    public static Task EndAsync(HttpContext http) => PostAsync(http, Path, async (user, form) =>
    {
        if (form["others"] == "1")
        {
            await Sessions.EndOthersAsync(http, user, SessionCookie.Read(http)!.Family);
        }
        else if (Uuid.TryParse(form["id"].ToString(), out var id))
        {
            await Sessions.EndAsync(http, user, id); // ended already is as good
        }

        return null;
    });

    private static string? ProblemOf(PasswordChange change) =>
        change.Current.Length is 0 or > Passwords.MaxChars ? WrongPassword
        : ProblemOf(change.New);

    /// <summary>Why a text cannot be a new password, or null.</summary>
    public static string? ProblemOf(string password) =>
        password.Length is < Passwords.MinChars or > Passwords.MaxChars
            ? $"the new password must have {Passwords.MinChars} to {Passwords.MaxChars} characters"
        : Passwords.Problem(password) is { } problem ? "the new password " + problem
        : null;

    /// <summary>Makes a change for the user of a posted form and shows the account's page, with the reason when there is no change.</summary>
    public static Task PostAsync(HttpContext http, string next, Func<Guid, IFormCollection, Task<ApiError?>> change) => PostedChange.AnswerAsync(
        http, async (_, form) => (await change(Sessions.UserOf(http)!.Value, form), next), (desk, _, problem) => WriteAsync(http, desk, null, problem));

    public static async Task WriteAsync(HttpContext http, Desk desk, string? done, string? problem)
    {
        var user = Sessions.UserOf(http)!.Value;
        var (email, sessions) = (
            await http.RequestServices.GetRequiredService<EmailAddress>().OfUserAsync(user, http.RequestAborted), await Sessions.ReadAsync(http, user));
        var formField = http.RequestServices.GetRequiredService<FormGuard>().FieldFor(http);
        var secondFactor = email is null ? Html.Nothing : await SecondFactorPage.SectionAsync(http, user);
        var passkeys = email is null ? Html.Nothing : await PasskeyPage.SectionAsync(http, desk, user, formField);
        var own = SessionCookie.Read(http)!.Family;
        await PageFrame.WriteAsync(http, PageColour.Of(desk.Page.Id), $"{desk.Name}: account", Html.Of($"""
            {PageTop.Render(desk, formField, Path)}
            <main id="main" class="all-rows placements">
            <p class="back"><a href="/dashboard">Back to the dashboard</a></p>
            <h1>Your account</h1>
            {(done is null ? Html.Nothing : Html.Of($"""<p class="said" role="status">{done}</p>"""))}
            {(problem is null ? Html.Nothing : Html.Of($"""<p class="problem" role="alert">Not saved: {problem}.</p>"""))}
            {(email is null ? Html.Nothing : EmailForm.Render(http, email, formField))}
            {(email is null ? Html.Nothing : Password(email.Email, formField))}
            {secondFactor}
            {passkeys}
            <section class="block" aria-labelledby="where-title"><header><h2 id="where-title">Where you are signed in</h2></header>
            <ul class="placed">{sessions.Select(session => Row(desk, session, session.Id == own, formField))}</ul>
            {(sessions.Count > 1 ? Html.Of($"""<form method="post" action="{Path}/sessions">{formField}<button class="quiet" name="others" value="1">Sign out everywhere else</button></form>""") : Html.Nothing)}
            <p class="note">If something here is not yours, sign it out and choose a new password.</p></section>
            {OwnDataPage.Section(desk.Words, user, email is not null, formField)}
            </main>

            """));
    }

    private static Html Password(string email, Html formField) => Html.Of($"""
        <section class="block" aria-labelledby="password-title"><header><h2 id="password-title">Password</h2></header>
        <details class="zone"><summary>Choose a new password</summary><form method="post" action="{Path}/password">{formField}<input type="hidden" autocomplete="username" value="{email}"><label>Current password <input name="current" type="password" autocomplete="current-password" required maxlength="{Passwords.MaxChars}"></label><label>New password <input name="new" type="password" autocomplete="new-password" required minlength="{Passwords.MinChars}" maxlength="{Passwords.MaxChars}"></label><button>Change</button></form>
        <p class="note">At least {Passwords.MinChars} characters. A few words in a row are easier to remember, and harder to guess, than one with signs in it.</p></details></section>
        """);

    private static Html Row(Desk desk, Session session, bool isOwn, Html formField) => Html.Of($"""
        <li data-session="{session.Id}"><h3>{session.Client ?? "Unknown browser"}{(isOwn ? Html.Of($""" <small>this browser</small>""") : Html.Nothing)}</h3>
        <p class="note">{(session.StartedAt is { } start ? $"Signed in {desk.At(start)}" : "Signed in a while ago")}{(session.UsedAt is { } used ? $", last used {desk.At(used)}" : "")}.</p>
        {(isOwn ? Html.Nothing : Html.Of($"""<form method="post" action="{Path}/sessions">{formField}<button class="quiet" name="id" value="{session.Id}">Sign out</button></form>"""))}</li>
        """);
}
