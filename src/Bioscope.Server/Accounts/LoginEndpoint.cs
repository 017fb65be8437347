using Bioscope.Engine.Creators;
using Bioscope.Engine.Json;
using Bioscope.Server.Configuration;
using Bioscope.Server.Web;

namespace Bioscope.Server.Accounts;

/// <summary>
/// <c>POST /api/v1/auth/login {email, password, code?}</c>: returns an access token and a refresh cookie. A wrong e-mail address, a wrong
/// password and a locked account get the same response after the same work. The code is needed, and only then read, where the user has a
/// second factor: a right password without it is answered so that the client asks for it.
/// </summary>
internal static class LoginEndpoint
{
    private static readonly ApiError InvalidCredentials =
        new(401, "AUTH_UNAUTHORIZED", "auth.login.invalid_credentials", "The e-mail or the password is wrong.");

    private static readonly ApiError CodeMissing =
        new(401, "AUTH_UNAUTHORIZED", "auth.login.code_required", "A code of the second factor is required.");

    private static readonly ApiError CodeWrong =
        new(401, "AUTH_UNAUTHORIZED", "auth.login.invalid_code", "The code is wrong, or was used before.");

    // A code with the spaces and hyphens that people type.
    private const int MaxCodeChars = 30;

    /// <summary>How often a caller may try, on any route.</summary>
    public static ThrottlePolicy Limit(Settings settings) => new("login", settings.LoginsPerHour, TimeSpan.FromHours(1)) { IsExact = true };

    public static void Map(IEndpointRouteBuilder auth, Settings settings) => auth.MapPost("login", PostAsync).WithMetadata(Limit(settings));

    private static async Task PostAsync(HttpContext http)
    {
        var (request, refusal) = await JsonRequest.ReadAsync(http, Read);
        if (request is null)
        {
            await Errors.WriteAsync(http, refusal!);
            return;
        }

        var services = http.RequestServices;
        var (result, user, token, _) = await services.GetRequiredService<PasswordLogin>().TryAsync(
            http, request.Email, request.Password, request.Code, RefreshCookie.Path);
        switch (result)
        {
            case SignInResult.Ok:
                var signedIn = SignedIn.Now(services.GetRequiredService<Settings>(), user, services.GetRequiredService<TimeProvider>());
                if (ApiCors.IsAllowed(http))
                {
                    // Its browser would neither store the cookie nor show it to the page.
                    signedIn = signedIn with { RefreshToken = token!.Text };
                }
                else
                {
                    RefreshCookie.Append(http, token!);
                }

                await ApiResponse.OkAsync(http, signedIn, SignedInJson.Default.SuccessSignedIn);
                break;
            case SignInResult.Overload:
                http.Response.Headers.RetryAfter = "1";
                await Errors.WriteAsync(http, ApiError.Unavailable);
                break;
            case SignInResult.CodeMissing:
                await Errors.WriteAsync(http, CodeMissing);
                break;
            case SignInResult.CodeWrong:
                await Errors.WriteAsync(http, CodeWrong);
                break;
            default:
                await Errors.WriteAsync(http, InvalidCredentials);
                break;
        }
    }

    private static LoginRequest Read(JsonBody body) => new(
        CreatorStore.NormalizeEmail(body.RequiredText("email", 1, CreatorStore.MaxEmailChars)),
        body.RequiredText("password", 1, Passwords.MaxChars),
        body.OptionalText("code", MaxCodeChars) is { Length: > 0 } code ? code : null);

    private sealed record LoginRequest(string Email, string Password, string? Code);
}
