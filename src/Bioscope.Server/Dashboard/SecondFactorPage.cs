using Bioscope.Server.Accounts;
using Bioscope.Server.BioPages;
using Bioscope.Server.Dashboard.Blocks;
using Bioscope.Server.Translations;
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
    public static async Task<Html> SectionAsync(HttpContext http, Desk desk, Guid user)
    {
        var (state, words) = (await StateAsync(http, user), new SecondFactorWords(desk.Words));
        return Html.Of($"""
            <section class="block" aria-labelledby="factor-title"><header><h2 id="factor-title">{words.Heading}</h2></header>
            <p class="note">{(state.Enabled ? words.On(Left(words, state)) : words.Off)}</p>
            <p class="back"><a href="{Path}">{(state.Enabled ? words.ChangeIt : words.TurnItOn)}</a></p></section>
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
        var (codes, refusal) = await SecondFactorEndpoint.TurnOnAsync(
            http, user, setup, form["code"].ToString(), SessionCookie.Read(http));
        return refusal is null
            ? new Answer(null) { Said = Codes(WordsOf(http), new FormWords(Words.Of(http)).Copy, codes, WordsOf(http).IsOnNow) }
            : new Answer(refusal) { Setup = await SecondFactorEndpoint.SameSetupAsync(http, user, setup) };
    });

    /// <summary><c>POST …/codes</c>: makes new recovery codes.</summary>
    public static Task NewCodesAsync(HttpContext http) => PostAsync(http, async (user, form) =>
    {
        var (codes, refusal) = await SecondFactorEndpoint.NewCodesAsync(http, user, form["password"].ToString(), form["code"].ToString());
        return refusal is null
            ? new Answer(null) { Said = Codes(WordsOf(http), new FormWords(Words.Of(http)).Copy, codes, WordsOf(http).CodesReplaced) }
            : new Answer(refusal);
    });

    /// <summary><c>POST …/off</c>: turns it off.</summary>
    public static Task TurnOffAsync(HttpContext http) => PostAsync(http, async (user, form) =>
    {
        var refusal = await SecondFactorEndpoint.TurnOffAsync(http, user, form["password"].ToString(), form["code"].ToString());
        return refusal is null
            ? new Answer(null) { Said = Html.Of($"""<p class="said" role="status">{WordsOf(http).IsOffNow}</p>""") }
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
        var words = new SecondFactorWords(desk.Words);
        await PageFrame.WriteAsync(http, PageColour.Of(desk.Page.Id), words.Title(desk.Name), Html.Of($"""
            {PageTop.Render(desk, formField, Path)}
            <main id="main" class="all-rows placements">
            <p class="back"><a href="/dashboard/account">{words.BackToAccount}</a></p>
            <h1>{words.Heading}</h1>
            {(answer.Refusal is { } refusal ? Html.Of($"""<p class="problem" role="alert">{new FormWords(desk.Words).NotDone(Problems.Of(desk.Words, refusal))}</p>""") : Html.Nothing)}
            {answer.Said}
            {(email is null ? Html.Of($"""<p class="note">{words.Elsewhere}</p>""")
                : state.Enabled ? On(words, state, email, formField)
                : answer.Setup is { } setup ? Setup(words, new FormWords(desk.Words).Copy, setup, formField)
                : Off(words, email, formField))}
            </main>

            """));
    }

    private static Html Off(SecondFactorWords words, string email, Html formField) => Html.Of($"""
        <section class="block" aria-labelledby="on-title"><header><h2 id="on-title">{words.TurnItOn}</h2></header>
        <p class="note">{words.What}</p>
        <div class="zone"><form method="post" action="{Path}">{formField}{Password(words, email)}<button>{words.Continue}</button></form></div></section>
        """);

    private static Html Setup(SecondFactorWords words, string copy, SecondFactorSetup setup, Html formField) => Html.Of($"""
        <section class="block" aria-labelledby="scan-title"><header><h2 id="scan-title">{words.ScanTitle}</h2></header>
        {QrCode.Svg(setup.Uri, words.QrCode)}
        <p class="note">{words.OrType(Html.Of($"""<a href="{setup.Uri}">{words.OpenHere}</a>"""))}</p>
        <div class="copy"><code tabindex="0">{Spaced(setup.Secret)}</code><button type="button" data-copy hidden aria-label="{words.CopySecret}">{copy}</button></div></section>
        <section class="block" aria-labelledby="code-title"><header><h2 id="code-title">{words.CodeTitle}</h2></header>
        <div class="zone"><form method="post" action="{Path}/on">{formField}<input type="hidden" name="setup" value="{setup.Setup}">{Code(words.Code)}<button>{words.TurnOn}</button></form></div></section>
        """);

    private static Html Codes(SecondFactorWords words, string copy, IReadOnlyList<string> codes, string said) => Html.Of($"""
        <p class="said" role="status">{said}</p>
        <section class="block" aria-labelledby="codes-title"><header><h2 id="codes-title">{words.CodesTitle}</h2></header>
        <p>{words.CodesWhat}</p>
        <div class="copy"><code tabindex="0">{string.Join('\n', codes)}</code><button type="button" data-copy hidden aria-label="{words.CopyCodes}">{copy}</button></div></section>
        """);

    private static Html On(SecondFactorWords words, SecondFactorState state, string email, Html formField) => Html.Of($"""
        <section class="block" aria-labelledby="is-title"><header><h2 id="is-title">{words.IsOn}</h2></header>
        <p class="note">{Left(words, state)}</p>
        <details class="zone"><summary>{words.MakeCodes}</summary><form method="post" action="{Path}/codes">{formField}{Password(words, email)}{Code(words.CodeOfApp)}<button>{words.MakeThem}</button></form></details>
        <details class="zone"><summary>{words.TurnItOff}</summary><form method="post" action="{Path}/off">{formField}{Password(words, email)}{Code(words.CodeOrRecovery)}<button>{words.TurnOff}</button></form></details></section>
        """);

    private static Html Password(SecondFactorWords words, string email) => Html.Of($"""<input type="hidden" autocomplete="username" value="{email}"><label>{words.YourPassword} <input name="password" type="password" autocomplete="current-password" required maxlength="{Passwords.MaxChars}"></label>""");

    /// <summary>The field of a code.</summary>
    public static Html Code(string label) => Html.Of($"""<label>{label} <input name="code" inputmode="numeric" autocomplete="one-time-code" required maxlength="30"></label>""");

    private static string Left(SecondFactorWords words, SecondFactorState state) =>
        state.RecoveryCodesLeft == 0 ? words.NoCodesLeft : words.CodesLeft(state.RecoveryCodesLeft);

    private static SecondFactorWords WordsOf(HttpContext http) => new(Words.Of(http));

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
    }
}
