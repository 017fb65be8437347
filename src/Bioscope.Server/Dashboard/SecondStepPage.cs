using Bioscope.Server.Accounts;
using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>
/// The second step of signing in, for who has a second factor: <c>POST /dashboard/sign-in/code</c>. The page has no address of its own,
/// because it answers a right password.
/// </summary>
internal static class SecondStepPage
{
    /// <summary>Asks for the code after a right password.</summary>
    public static Task AskAsync(HttpContext http, LoginOutcome firstStep) => WriteAsync(
        http, http.RequestServices.GetRequiredService<SignInTicket>().New(firstStep.User, firstStep.PasswordHash!), null);

    public static async Task SignInAsync(HttpContext http)
    {
        if (await PostedForm.ReadAsync(http) is not { } form)
        {
            return;
        }

        var services = http.RequestServices;
        var text = form["ticket"].ToString();
        if (!services.GetRequiredService<FormGuard>().IsOurs(http, form)
            || services.GetRequiredService<SignInTicket>().Open(text) is not { } ticket)
        {
            http.Response.StatusCode = StatusCodes.Status400BadRequest;
            await SignInPage.WriteAsync(http, "", WordsOf(http).CodeFormTooOld);
            return;
        }

        var outcome = await services.GetRequiredService<PasswordLogin>().TryCodeAsync(
            http, ticket.User, ticket.IsSamePassword, form["code"].ToString(), SessionCookie.Path);
        if (outcome.Result == SignInResult.Ok)
        {
            SessionCookie.Append(http, outcome.Token!);
            SignInPage.GoTo(http, "/dashboard");
            return;
        }

        http.Response.StatusCode = StatusCodes.Status401Unauthorized;
        await WriteAsync(http, text, WordsOf(http).CodeWrong);
    }

    private static Task WriteAsync(HttpContext http, string ticket, string? problem)
    {
        var words = WordsOf(http);
        return PageFrame.WriteDoorAsync(http, words.CodeTitle, Html.Of($"""
            <h1>{words.OneMoreStep}</h1>
            <form method="post" action="/dashboard/sign-in/code">
            {http.RequestServices.GetRequiredService<FormGuard>().FieldFor(http)}
            <input type="hidden" name="ticket" value="{ticket}">
            {(problem is null ? Html.Nothing : Html.Of($"""<p class="problem" role="alert">{problem}</p>"""))}
            <label for="code">{words.CodeLabel}</label><input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" required maxlength="30" autofocus>
            <button>{words.SignIn}</button>
            </form>
            <p class="note">{words.WithoutPhone}</p>
            <p class="back"><a href="/dashboard/sign-in">{words.SomebodyElse}</a></p>
            """));
    }

    private static SignInWords WordsOf(HttpContext http) => new(Words.Of(http));
}
