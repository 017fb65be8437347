using Bioscope.Engine.Auditing;
using Bioscope.Engine.Json;
using Bioscope.Engine.Storage;
using Bioscope.Server.Auditing;
using Bioscope.Server.Configuration;
using Bioscope.Server.Web;

namespace Bioscope.Server.Accounts;

/// <summary>
/// <c>PUT /api/v1/auth/password {currentPassword, newPassword}</c>: the caller's new password. It ends all of her sessions, and begins one
/// as a login does. A wrong current password counts like a failed login.
/// </summary>
internal static class PasswordEndpoint
{
    /// <summary>Why a user of another service changes nothing here.</summary>
    public static ApiError SignsInElsewhere { get; } = ApiError.Conflict("this account has no password here");

    public static void Map(IEndpointRouteBuilder auth, Settings settings) =>
        auth.MapPut("password", PutAsync).RequireAuthorization().WithMetadata(LoginEndpoint.Limit(settings));

    /// <summary>Checks the signed-in user's password; a wrong one counts like a failed login.</summary>
    /// <param name="http">The request.</param>
    /// <param name="user">The user.</param>
    /// <param name="password">The password as typed.</param>
    /// <param name="field">What the request calls the password.</param>
    /// <returns>The user's e-mail address, or why nothing may change.</returns>
    public static async Task<(string? Email, ApiError? Refusal)> VerifyAsync(
        HttpContext http, Guid user, string password, string field) => await EmailOfAsync(http, user) is not { } email
        ? (null, SignsInElsewhere)
        : await http.RequestServices.GetRequiredService<PasswordLogin>().ConfirmAsync(http, email, password, code: null) switch
        {
            SignInResult.Ok => (email, null),
            SignInResult.Overload => (null, ApiError.Unavailable),
            _ => (null, ApiError.Invalid($"{field} is wrong")),
        };

    /// <summary>The user's e-mail address; null where the user signs in elsewhere.</summary>
    public static async Task<string?> EmailOfAsync(HttpContext http, Guid user) =>
        (await http.RequestServices.GetRequiredService<EmailAddress>().OfUserAsync(user, http.RequestAborted))?.Email;

    /// <summary>Sets the password if the current one is right.</summary>
    /// <param name="http">The request, whose user is signed in.</param>
    /// <param name="user">The user.</param>
    /// <param name="change">Both passwords.</param>
    /// <returns>The only session's token; or why nothing changed.</returns>
    public static async Task<(RefreshToken? Token, ApiError? Refusal)> ChangeAsync(HttpContext http, Guid user, PasswordChange change)
    {
        var services = http.RequestServices;
        var (email, refusal) = await VerifyAsync(http, user, change.Current, "currentPassword");
        if (email is null)
        {
            return (null, refusal);
        }

        await NewPassword.SetAsync(
            services.GetRequiredService<MainDatabase>(), services.GetRequiredService<LoginAttempts>(), email, change.New, http.RequestAborted);
        await Audit.WriteAsync(http, AuditKind.Password, user);
        var token = await services.GetRequiredService<RefreshFamilies>().StartAsync(user, Session.ClientOf(http), http.RequestAborted);
        return token is null ? (null, ApiError.Unauthorized) : (token, null);
    }

    private static async Task PutAsync(HttpContext http)
    {
        var (change, refusal) = await JsonRequest.ReadAsync(http, PasswordChange.Read);
        RefreshToken? token = null;
        if (change is not null)
        {
            (token, refusal) = Sessions.UserOf(http) is { } user
                ? await ChangeAsync(http, user, change)
                : (null, SignsInElsewhere);
        }

        if (token is null)
        {
            await Errors.WriteAsync(http, refusal!);
            return;
        }

        RefreshCookie.Append(http, token);
        var services = http.RequestServices;
        var signedIn = SignedIn.Now(
            services.GetRequiredService<Settings>(), Sessions.UserOf(http)!.Value, services.GetRequiredService<TimeProvider>());
        await ApiResponse.OkAsync(http, signedIn, SignedInJson.Default.SuccessSignedIn);
    }
}

/// <summary>A current and a new password, as typed.</summary>
internal sealed record PasswordChange(string Current, string New)
{
    public static PasswordChange Read(JsonBody body)
    {
        var change = new PasswordChange(
            body.RequiredText("currentPassword", 1, Passwords.MaxChars), body.RequiredText("newPassword", Passwords.MinChars, Passwords.MaxChars));
        if (body.Problems.Count == 0 && Passwords.Problem(change.New) is { } problem)
        {
            body.Refuse("newPassword", problem);
        }

        return change;
    }
}
