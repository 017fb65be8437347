using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Json;
using Bioscope.Engine.Rows;
using Bioscope.Server.Accounts;
using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>
/// <c>/dashboard/join/{token}</c>: the link of an invitation. Its form opens an account with the rules of <see cref="SignUp"/>, signs
/// in and leads to the page's editor. A refused form keeps what was typed, except the password.
/// </summary>
internal static class JoinPage
{
    private const string Path = "/dashboard/join/";

    /// <summary>What addresses of pages begin with, beside the field for the rest.</summary>
    public static Html HandlePrefix { get; } = Html.Trusted("""<bdi dir="ltr">/@</bdi>""");

    /// <summary>The path of an invitation's link.</summary>
    public static string AddressOf(OneTimeToken token) => Path + token.Text;

    public static async Task ShowAsync(HttpContext http)
    {
        if (await InvitationOrRefusalAsync(http) is { } invitation)
        {
            await WriteAsync(http, invitation, null, null);
        }
    }

    public static async Task JoinAsync(HttpContext http)
    {
        if (await PostedForm.ReadAsync(http) is not { } form || await InvitationOrRefusalAsync(http) is not { } invitation)
        {
            return;
        }

        var services = http.RequestServices;
        var (request, refusal) = services.GetRequiredService<FormGuard>().IsOurs(http, form) ? Read(http, form) : (null, FormGuard.NotOurs);
        RefreshToken? token = null;
        if (request is not null)
        {
            (_, token, refusal) = await services.GetRequiredService<SignUp>().AddAsync(http, request.Invitation, request.Account);
        }

        if (token is not null)
        {
            SessionCookie.Append(http, token);
            SignInPage.GoTo(http, EditorPage.Path);
            return;
        }

        // Someone else used it at the same time.
        if (refusal == SignUp.NoInvitation)
        {
            await InvitationOrRefusalAsync(http);
            return;
        }

        http.Response.StatusCode = refusal!.Status;
        await WriteAsync(http, invitation, form, Problems.Of(Words.Of(http), refusal));
    }

    /// <summary>The fields, read as the API's, so that they have the same rules.</summary>
    private static (SignUpRequest? Request, ApiError? Refusal) Read(HttpContext http, IFormCollection form)
    {
        var json = new JsonObject { ["invitation"] = TokenOf(http) };
        foreach (var field in (string[])["email", "password", "handle", "title"])
        {
            json[field] = form[field].ToString();
        }

        using var body = JsonBody.Parse(Encoding.UTF8.GetBytes(json.ToJsonString())).Body!;
        var request = SignUpRequest.Read(body);
        return JsonRequest.Refusal(body) is { } refusal ? (null, refusal) : (request, null);
    }

    /// <returns>Null when the invitation does not work, and a page says so.</returns>
    private static async Task<Invitation?> InvitationOrRefusalAsync(HttpContext http)
    {
        var invitation = await http.RequestServices.GetRequiredService<SignUp>().InvitationOfAsync(TokenOf(http), http.RequestAborted);
        if (invitation is null)
        {
            http.Response.StatusCode = SignUp.NoInvitation.Status;
            var words = new JoinWords(Words.Of(http));
            await PageFrame.WriteDoorAsync(http, words.Invitation, Html.Of($"""
                <h1>{words.NotWorking}</h1>
                <p>{words.WhyNotWorking}</p>
                <p class="back"><a href="/dashboard/sign-in">{words.ToSignIn}</a></p>
                """), isSecretAddress: true);
        }

        return invitation;
    }

    private static string TokenOf(HttpContext http) => (string)http.Request.RouteValues["token"]!;

    private static Task WriteAsync(HttpContext http, Invitation invitation, IFormCollection? form, string? problem)
    {
        var words = new JoinWords(Words.Of(http));
        return PageFrame.WriteDoorAsync(http, words.Title, Html.Of($"""
            <h1>{words.Heading}</h1>
            <form method="post" action="{Path}{TokenOf(http)}">
            {http.RequestServices.GetRequiredService<FormGuard>().FieldFor(http)}
            {(problem is null ? Html.Nothing : Html.Of($"""<p class="problem" role="alert">{words.NotOpened(problem)}</p>"""))}
            <label for="title">{words.PageName}</label><input id="title" name="title" autocomplete="name" required maxlength="{BioPageRow.MaxTitle}" value="{form?["title"].ToString()}">
            <label for="handle">{words.PageAddress(HandlePrefix)}</label><input id="handle" name="handle" autocomplete="off" autocapitalize="off" spellcheck="false" required maxlength="31" pattern="@?[A-Za-z0-9._\-]+" title="{words.AddressRule}" value="{form?["handle"].ToString()}">
            <label for="email">{words.Email}</label><input id="email" name="email" type="email" autocomplete="username" required maxlength="{CreatorStore.MaxEmailChars}" value="{invitation.Email ?? form?["email"].ToString()}"{(invitation.Email is null ? Html.Nothing : Html.Trusted(" readonly"))}>
            <label for="password">{words.Password}</label><input id="password" name="password" type="password" autocomplete="new-password" required minlength="{Passwords.MinChars}" maxlength="{Passwords.MaxChars}" aria-describedby="password-rule">
            <p class="note" id="password-rule">{words.PasswordRule(Passwords.MinChars.ToString(CultureInfo.InvariantCulture))}</p>
            <button>{words.Submit}</button>
            </form>
            """), isSecretAddress: true);
    }
}
