using System.Globalization;
using Bioscope.Core;
using Bioscope.Server.Accounts;
using Bioscope.Server.BioPages;
using Bioscope.Server.Dashboard.Blocks;
using Bioscope.Server.Dashboard.Team;
using Bioscope.Server.Translations;
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

    public static async Task ShowAsync(HttpContext http)
    {
        if (await Desk.OfCallerAsync(http) is { } desk)
        {
            await WriteAsync(http, desk, DoneOf(new AccountWords(desk.Words), http.Request.Query["done"].ToString()), null);
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

    /// <summary>What is said after a form, by the address that it leads to.</summary>
    private static string? DoneOf(AccountWords words, string done) => done switch
    {
        "password" => words.PasswordChanged,
        "mail" => words.LinkSent,
        "email" => words.EmailConfirmed,
        _ => null,
    };

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
        var secondFactor = email is null ? Html.Nothing : await SecondFactorPage.SectionAsync(http, desk, user);
        var (words, form) = (new AccountWords(desk.Words), new FormWords(desk.Words));
        var passkeys = email is null ? Html.Nothing : await PasskeyPage.SectionAsync(http, desk, user, formField);
        var own = SessionCookie.Read(http)!.Family;
        await PageFrame.WriteAsync(http, PageColour.Of(desk.Page.Id), words.Title(desk.Name), Html.Of($"""
            {PageTop.Render(desk, formField, Path)}
            <main id="main" class="all-rows placements">
            <p class="back"><a href="/dashboard">{form.BackToDashboard}</a></p>
            <h1>{words.Heading}</h1>
            {(done is null ? Html.Nothing : Html.Of($"""<p class="said" role="status">{done}</p>"""))}
            {(problem is null ? Html.Nothing : Html.Of($"""<p class="problem" role="alert">{form.NotSaved(problem)}</p>"""))}
            {(email is null ? Html.Nothing : EmailForm.Render(http, words, email, formField))}
            {(email is null ? Html.Nothing : Password(words, email.Email, formField))}
            {secondFactor}
            {passkeys}
            <section class="block" aria-labelledby="team-title"><header><h2 id="team-title">{words.Team}</h2></header>
            <p class="note">{words.TeamWhat}</p>
            <p class="back"><a href="{TeamPage.Path}">{words.Team}</a></p></section>
            <section class="block" aria-labelledby="keys-title"><header><h2 id="keys-title">{words.Keys}</h2></header>
            <p class="note">{words.KeysWhat}</p>
            <p class="back"><a href="{KeysPage.Path}">{words.Keys}</a></p></section>
            <section class="block" aria-labelledby="where-title"><header><h2 id="where-title">{words.WhereTitle}</h2></header>
            <ul class="placed">{sessions.Select(session => Row(desk, words, session, session.Id == own, formField))}</ul>
            {(sessions.Count > 1 ? Html.Of($"""<form method="post" action="{Path}/sessions">{formField}<button class="quiet" name="others" value="1">{words.SignOutOthers}</button></form>""") : Html.Nothing)}
            <p class="note">{words.NotYours}</p></section>
            {OwnDataPage.Section(desk.Words, user, email is not null, formField)}
            </main>

            """));
    }

    /// <summary>A browser and its system, which are kept as <see cref="Session.ClientOf"/> writes them.</summary>
    public static string ClientOf(Words words, string client) =>
        client.Split(" on ", 2) is [var browser, var system] ? new AccountWords(words).Client(browser, system) : client;

    private static Html Password(AccountWords words, string email, Html formField) => Html.Of($"""
        <section class="block" aria-labelledby="password-title"><header><h2 id="password-title">{words.Password}</h2></header>
        <details class="zone"><summary>{words.ChooseNew}</summary><form method="post" action="{Path}/password">{formField}<input type="hidden" autocomplete="username" value="{email}"><label>{words.CurrentPassword} <input name="current" type="password" autocomplete="current-password" required maxlength="{Passwords.MaxChars}"></label><label>{words.NewPassword} <input name="new" type="password" autocomplete="new-password" required minlength="{Passwords.MinChars}" maxlength="{Passwords.MaxChars}"></label><button>{words.Change}</button></form>
        <p class="note">{words.PasswordRule(Passwords.MinChars.ToString(CultureInfo.InvariantCulture))}</p></details></section>
        """);

    private static Html Row(Desk desk, AccountWords words, Session session, bool isOwn, Html formField) => Html.Of($"""
        <li data-session="{session.Id}"><h3>{(session.Client is { } client ? ClientOf(desk.Words, client) : words.UnknownBrowser)}{(isOwn ? Html.Of($" <small>{words.ThisBrowser}</small>") : Html.Nothing)}</h3>
        <p class="note">{Times(desk, words, session)}</p>
        {(isOwn ? Html.Nothing : Html.Of($"""<form method="post" action="{Path}/sessions">{formField}<button class="quiet" name="id" value="{session.Id}">{words.SignOut}</button></form>"""))}</li>
        """);

    private static string Times(Desk desk, AccountWords words, Session session) => (session.StartedAt, session.UsedAt) switch
    {
        ({ } start, { } used) => words.SignedInUsed(desk.At(start), desk.At(used)),
        ({ } start, null) => words.SignedIn(desk.At(start)),
        (null, { } used) => words.SignedInAgoUsed(desk.At(used)),
        _ => words.SignedInAgo,
    };
}
