using System.Text.Json.Nodes;
using Bioscope.Engine.Auditing;
using Bioscope.Server.Accounts;
using Bioscope.Server.Auditing;
using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>
/// The passkeys on the account page. Making one takes the password, and a code where there is a second factor, because it signs in without
/// either; and a script. Removing works without.
/// </summary>
internal static class PasskeyPage
{
    private const string Path = AccountPage.Path + "/passkeys";

    /// <summary>The list and its forms.</summary>
    public static async Task<Html> SectionAsync(HttpContext http, Desk desk, Guid user, Html formField)
    {
        var passkeys = await ServiceOf(http).ReadAsync(user, http.RequestAborted);
        if (PasskeySignIn.SiteOf(http).Id is null && passkeys.Count == 0)
        {
            return Html.Nothing;
        }

        var words = new PasskeyWords(desk.Words);
        var needsCode = (await http.RequestServices.GetRequiredService<SecondFactor>().StateAsync(user, http.RequestAborted)).Enabled;
        return Html.Of($"""
            <section class="block" aria-labelledby="passkeys-title"><header><h2 id="passkeys-title">{words.Heading}</h2></header>
            <p class="note">{words.What}</p>
            {(passkeys.Count == 0 ? Html.Of($"""<p class="none">{words.None}</p>""") : Html.Of($"""<ul class="placed">{passkeys.Select(passkey => Row(desk, words, passkey, formField))}</ul>"""))}
            {(PasskeySignIn.SiteOf(http).Id is null ? Html.Nothing : Add(desk.Words, words, needsCode, formField))}</section>
            """);
    }

    /// <summary><c>POST …/options</c>: what the browser needs to make one, as JSON; or why not.</summary>
    public static async Task CreationOptionsAsync(HttpContext http)
    {
        if (await PostedForm.ReadAsync(http) is not { } form || await Desk.OfCallerAsync(http) is null)
        {
            return;
        }

        var user = Sessions.UserOf(http)!.Value;
        var site = PasskeySignIn.SiteOf(http);
        var refusal = site.Id is null || !http.RequestServices.GetRequiredService<FormGuard>().IsOurs(http, form)
            ? FormGuard.NotOurs
            : await SecondFactorEndpoint.ConfirmAsync(http, user, form["password"].ToString(), form["code"].ToString());
        if (refusal is not null)
        {
            http.Response.StatusCode = refusal.Status;
            await PasskeySignIn.SendAsync(http, new JsonObject { ["problem"] = Problems.Of(Words.Of(http), refusal) }.ToJsonString());
            return;
        }

        var email = (await PasswordEndpoint.EmailOfAsync(http, user))!;
        await PasskeySignIn.SendAsync(http, await ServiceOf(http).CreationOptionsAsync(site, user, email, http.RequestAborted));
    }

    /// <summary><c>POST …</c>: adds the one that the browser made.</summary>
    public static Task AddAsync(HttpContext http) => PostAsync(http, async (user, form) =>
    {
        var refusal = PasskeySignIn.SiteOf(http) is { Id: not null } site
            ? await ServiceOf(http).AddAsync(site, user, form["passkey"].ToString(), Session.ClientOf(http), http.RequestAborted)
            : FormGuard.NotOurs;
        if (refusal is null)
        {
            await Audit.WriteAsync(http, AuditKind.PasskeyAdded, user);
        }

        return refusal;
    });

    /// <summary><c>POST …/remove</c>: removes one; removed already is as good.</summary>
    public static Task RemoveAsync(HttpContext http) => PostAsync(http, async (user, form) =>
    {
        await PasskeyList.RemoveAsync(http, user, form["id"].ToString());
        return null;
    });

    private static Task PostAsync(HttpContext http, Func<Guid, IFormCollection, Task<ApiError?>> change) => PostedChange.AnswerAsync(
        http,
        async (_, form) => (await change(Sessions.UserOf(http)!.Value, form), AccountPage.Path),
        (desk, _, problem) => AccountPage.WriteAsync(http, desk, null, problem));

    private static Html Add(Words texts, PasskeyWords words, bool needsCode, Html formField) => Html.Of($"""
        <noscript><p class="note">{words.NeedsScript}</p></noscript>
        <details class="zone" data-passkey="create"{PasskeySignIn.ScriptTexts(texts)} hidden><summary>{words.MakeHere}</summary><form method="post" action="{Path}">{formField}<input type="hidden" name="passkey"><p class="problem" role="alert" hidden></p>
        <label>{new AccountWords(texts).YourPassword} <input name="password" type="password" autocomplete="current-password" required maxlength="{Passwords.MaxChars}"></label>{(needsCode ? SecondFactorPage.Code(new SecondFactorWords(texts).CodeOfApp) : Html.Nothing)}<button>{words.Make}</button></form></details>
        <script defer src="{DashboardAssets.Passkeys.Url}"></script>
        """);

    private static Html Row(Desk desk, PasskeyWords words, Passkey passkey, Html formField) => Html.Of($"""
        <li data-passkey-id="{passkey.Id}"><h3>{(passkey.Client is { } client ? words.MadeWith(AccountPage.ClientOf(desk.Words, client)) : words.MadeWithUnknown)}</h3>
        <p class="note">{(passkey.UsedAt is { } used ? words.Used(desk.At(passkey.CreatedAt), desk.At(used)) : words.NotUsed(desk.At(passkey.CreatedAt)))}</p>
        <form method="post" action="{Path}/remove">{formField}<button class="quiet" name="id" value="{passkey.Id}">{new FormWords(desk.Words).Remove}</button></form></li>
        """);

    private static Passkeys ServiceOf(HttpContext http) => http.RequestServices.GetRequiredService<Passkeys>();
}
