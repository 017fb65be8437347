using Bioscope.Server.Accounts;
using Bioscope.Server.BioPages;
using Bioscope.Server.Dashboard.Blocks;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>
/// <c>/dashboard/account/second-factor</c>: turns the second factor on and off, and makes new recovery codes, with the rules of <see
/// cref="SecondFactorEndpoint"/>. Secrets and codes are shown once, in the answer to the form.
/// </summary>
internal static class SecondFactorPage
{
    private const string Path = "/dashboard/account/second-factor";

    public static async Task ShowAsync(HttpContext http)
    {
        if (await Desk.OfCallerAsync(http) is { } desk)
        {
            await WriteAsync(http, desk, new Answer(null));
        }
    }

    /// <summary>What the account page says about it.</summary>
    public static async Task<Html> SectionAsync(HttpContext http, Guid user)
    {
        var state = await StateAsync(http, user);
        return Html.Of($"""
            <section class="block" aria-labelledby="factor-title"><header><h2 id="factor-title">Second factor</h2></header>
            <p class="note">{(state.Enabled ? $"On: signing in takes a code of your app. {Left(state)}" : "Off. With one, somebody who has your password still cannot sign in.")}</p>
            <p class="back"><a href="{Path}">{(state.Enabled ? "Change it" : "Turn it on")}</a></p></section>
            """);
    }

    /// <summary><c>POST …</c>: shows a new secret, for who knows the password.</summary>
    public static Task BeginAsync(HttpContext http) => PostAsync(http, async (user, form) =>
    {
        var (setup, refusal) = await SecondFactorEndpoint.BeginAsync(http, user, form["password"].ToString());
        return new Answer(refusal) { Setup = setup };
    });

    /// <summary><c>POST …/on</c>: turns it on with a code. After a wrong one it shows the same secret again.</summary>
    public static Task TurnOnAsync(HttpContext http) => PostAsync(http, async (user, form) =>
    {
        var setup = form["setup"].ToString();
        var (codes, refusal) = await http.RequestServices.GetRequiredService<SecondFactor>().TurnOnAsync(
            user, setup, form["code"].ToString(), SessionCookie.Read(http), http.RequestAborted);
        return refusal is null
            ? new Answer(null) { Said = Codes(codes, "It is on. You are signed out everywhere else.") }
            : new Answer(refusal) { Setup = await SecondFactorEndpoint.SameSetupAsync(http, user, setup) };
    });

    /// <summary><c>POST …/codes</c>: makes new recovery codes.</summary>
    public static Task NewCodesAsync(HttpContext http) => PostAsync(http, async (user, form) =>
    {
        var (codes, refusal) = await SecondFactorEndpoint.NewCodesAsync(http, user, form["password"].ToString(), form["code"].ToString());
        return refusal is null ? new Answer(null) { Said = Codes(codes, "These replace your earlier recovery codes.") } : new Answer(refusal);
    });

    /// <summary><c>POST …/off</c>: turns it off.</summary>
    public static Task TurnOffAsync(HttpContext http) => PostAsync(http, async (user, form) =>
    {
        var refusal = await SecondFactorEndpoint.TurnOffAsync(http, user, form["password"].ToString(), form["code"].ToString());
        return refusal is null
            ? new Answer(null) { Said = Html.Of($"""<p class="said" role="status">It is off. Your password alone signs you in.</p>""") }
            : new Answer(refusal);
    });

    private static async Task PostAsync(HttpContext http, Func<Guid, IFormCollection, Task<Answer>> change)
    {
        if (await PostedForm.ReadAsync(http) is not { } form || await Desk.OfCallerAsync(http) is not { } desk)
        {
            return;
        }

        var answer = http.RequestServices.GetRequiredService<FormGuard>().IsOurs(http, form)
            ? await change(Sessions.UserOf(http)!.Value, form)
            : new Answer(FormGuard.NotOurs);
        if (answer.Refusal is { } refusal)
        {
            http.Response.StatusCode = refusal.Status;
        }

        await WriteAsync(http, desk, answer);
    }

    private static async Task WriteAsync(HttpContext http, Desk desk, Answer answer)
    {
        var user = Sessions.UserOf(http)!.Value;
        var (email, state) = (await PasswordEndpoint.EmailOfAsync(http, user), await StateAsync(http, user));
        var formField = http.RequestServices.GetRequiredService<FormGuard>().FieldFor(http);
        await PageFrame.WriteAsync(http, PageColour.Of(desk.Page.Id), $"{desk.Name}: second factor", Html.Of($"""
            {PageTop.Render(desk, formField, Path)}
            <main id="main" class="all-rows placements">
            <p class="back"><a href="/dashboard/account">Back to your account</a></p>
            <h1>Second factor</h1>
            {(answer.Problem is { } problem ? Html.Of($"""<p class="problem" role="alert">Not done: {problem}.</p>""") : Html.Nothing)}
            {answer.Said}
            {(email is null ? Html.Of($"""<p class="note">You sign in elsewhere, so a second factor belongs there.</p>""")
                : state.Enabled ? On(state, email, formField)
                : answer.Setup is { } setup ? Setup(setup, formField)
                : Off(email, formField))}
            </main>

            """));
    }

    private static Html Off(string email, Html formField) => Html.Of($"""
        <section class="block" aria-labelledby="on-title"><header><h2 id="on-title">Turn it on</h2></header>
        <p class="note">Signing in then takes your password and a code that an app on your phone shows, such as Aegis, Google Authenticator or your password manager.</p>
        <div class="zone"><form method="post" action="{Path}">{formField}{Password(email)}<button>Continue</button></form></div></section>
        """);

    private static Html Setup(SecondFactorSetup setup, Html formField) => Html.Of($"""
        <section class="block" aria-labelledby="scan-title"><header><h2 id="scan-title">1. Scan this with the app</h2></header>
        {QrCode.Svg(setup.Uri, "QR code for your app")}
        <p class="note">Or <a href="{setup.Uri}">open it in an app on this device</a>, or type this secret into the app:</p>
        <div class="copy"><code tabindex="0">{Spaced(setup.Secret)}</code><button type="button" data-copy hidden aria-label="Copy the secret">Copy</button></div></section>
        <section class="block" aria-labelledby="code-title"><header><h2 id="code-title">2. Type the code that it shows</h2></header>
        <div class="zone"><form method="post" action="{Path}/on">{formField}<input type="hidden" name="setup" value="{setup.Setup}">{Code("Code")}<button>Turn on</button></form></div></section>
        """);

    private static Html Codes(IReadOnlyList<string> codes, string said) => Html.Of($"""
        <p class="said" role="status">{said}</p>
        <section class="block" aria-labelledby="codes-title"><header><h2 id="codes-title">Your recovery codes</h2></header>
        <p>Without your phone, each of these signs you in once, instead of a code of the app. Print them or write them down now: they are not shown again.</p>
        <div class="copy"><code tabindex="0">{string.Join('\n', codes)}</code><button type="button" data-copy hidden aria-label="Copy the codes">Copy</button></div></section>
        """);

    private static Html On(SecondFactorState state, string email, Html formField) => Html.Of($"""
        <section class="block" aria-labelledby="is-title"><header><h2 id="is-title">It is on</h2></header>
        <p class="note">{Left(state)}</p>
        <details class="zone"><summary>Make new recovery codes</summary><form method="post" action="{Path}/codes">{formField}{Password(email)}{Code("Code of your app")}<button>Make them</button></form></details>
        <details class="zone"><summary>Turn it off</summary><form method="post" action="{Path}/off">{formField}{Password(email)}{Code("Code of your app, or a recovery code")}<button>Turn off</button></form></details></section>
        """);

    private static Html Password(string email) => Html.Of($"""<input type="hidden" autocomplete="username" value="{email}"><label>Your password <input name="password" type="password" autocomplete="current-password" required maxlength="{Passwords.MaxChars}"></label>""");

    private static Html Code(string label) => Html.Of($"""<label>{label} <input name="code" inputmode="numeric" autocomplete="one-time-code" required maxlength="30"></label>""");

    private static string Left(SecondFactorState state) => state.RecoveryCodesLeft switch
    {
        0 => "You have no recovery codes left. Make new ones.",
        1 => "You have 1 recovery code left.",
        var left => $"You have {left} recovery codes left.",
    };

    private static string Spaced(string secret) => string.Join(' ', secret.Chunk(4).Select(four => new string(four)));

    private static Task<SecondFactorState> StateAsync(HttpContext http, Guid user) =>
        http.RequestServices.GetRequiredService<SecondFactor>().StateAsync(user, http.RequestAborted);

    /// <summary>What a form did.</summary>
    /// <param name="Refusal">Why it changed nothing.</param>
    private sealed record Answer(ApiError? Refusal)
    {
        /// <summary>A secret to show, which is not in use yet.</summary>
        public SecondFactorSetup? Setup { get; init; }

        /// <summary>What to say above the forms.</summary>
        public Html Said { get; init; }

        public string? Problem => Refusal is null ? null
            : Refusal.Details.Count == 0 ? Refusal.Message.TrimEnd('.') : string.Join("; ", Refusal.Details);
    }
}
