using Bioscope.Engine.Creators;
using Bioscope.Engine.Json;
using Bioscope.Server.Configuration;
using Bioscope.Server.Web;

namespace Bioscope.Server.Accounts;

/// <summary>
/// <c>POST /api/v1/auth/login {email, password}</c>: returns an access token and a refresh cookie. A wrong e-mail address, a wrong
/// password and a locked account get the same response after the same work.
/// </summary>
internal static class LoginEndpoint
{
    private static readonly ApiError InvalidCredentials =
        new(401, "AUTH_UNAUTHORIZED", "auth.login.invalid_credentials", "The e-mail or the password is wrong.");

    /// <summary>How often a caller may try, on any route.</summary>
    public static ThrottlePolicy Limit(Settings settings) => new("login", settings.LoginsPerHour, TimeSpan.FromHours(1));

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
        var (result, user, token) = await services.GetRequiredService<PasswordLogin>().TryAsync(
            http, request.Email, request.Password, RefreshCookie.Path);
        switch (result)
        {
            case SignInResult.Ok:
                RefreshCookie.Append(http, token!);
                var signedIn = SignedIn.Now(services.GetRequiredService<Settings>(), user, services.GetRequiredService<TimeProvider>());
                await ApiResponse.OkAsync(http, signedIn, SignedInJson.Default.SuccessSignedIn);
                break;
            case SignInResult.Overload:
                http.Response.Headers.RetryAfter = "1";
                await Errors.WriteAsync(http, ApiError.Unavailable);
                break;
            default:
                await Errors.WriteAsync(http, InvalidCredentials);
                break;
        }
    }

    private static LoginRequest Read(JsonBody body) => new(
        CreatorStore.NormalizeEmail(body.RequiredText("email", 1, CreatorStore.MaxEmailChars)),
        body.RequiredText("password", 1, Passwords.MaxChars));

    private sealed record LoginRequest(string Email, string Password);
}
