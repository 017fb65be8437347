using Bioscope.Engine.Creators;
using Bioscope.Engine.Json;
using Bioscope.Server.Configuration;
using Bioscope.Server.Web;

namespace Bioscope.Server.Accounts;

/// <summary>
/// <c>POST /api/v1/auth/sign-up {invitation, email?, password, handle, title?}</c>: opens an account with a page, and signs in as a login
/// does. The e-mail may be absent where the invitation names it.
/// </summary>
internal static class SignUpEndpoint
{
    public static void Map(IEndpointRouteBuilder auth, Settings settings) =>
        auth.MapPost("sign-up", PostAsync).WithMetadata(LoginEndpoint.Limit(settings));

    private static async Task PostAsync(HttpContext http)
    {
        var (request, refusal) = await JsonRequest.ReadAsync(http, SignUpRequest.Read);
        if (request is null)
        {
            await Errors.WriteAsync(http, refusal!);
            return;
        }

        var services = http.RequestServices;
        (var user, var token, refusal) = await services.GetRequiredService<SignUp>().AddAsync(http, request.Invitation, request.Account);
        if (token is null)
        {
            await Errors.WriteAsync(http, refusal!);
            return;
        }

        RefreshCookie.Append(http, token);
        var signedIn = SignedIn.Now(services.GetRequiredService<Settings>(), user, services.GetRequiredService<TimeProvider>());
        http.Response.StatusCode = StatusCodes.Status201Created;
        await ApiResponse.OkAsync(http, signedIn, SignedInJson.Default.SuccessSignedIn);
    }
}

/// <summary>The fields of a new account, of a body or of a form.</summary>
internal sealed record SignUpRequest(string Invitation, NewAccount Account)
{
    // Longer texts are not ours, and are not hashed.
    private const int MaxTokenChars = 200;

    public static SignUpRequest Read(JsonBody body)
    {
        var invitation = body.RequiredText("invitation", 1, MaxTokenChars);
        var email = CreatorStore.NormalizeEmail(body.OptionalText("email", int.MaxValue) ?? "");
        var password = body.RequiredText("password", Passwords.MinChars, Passwords.MaxChars);
        var handle = Handle.Normalize(body.RequiredText("handle", 1, int.MaxValue));
        var title = DisplayText.Line(body, "title");
        if (handle.Length > 0 && !Handle.IsValid(handle))
        {
            body.Refuse("handle", "must be " + Handle.Rule);
        }

        if (body.Problems.Count == 0 && Passwords.Problem(password) is { } problem)
        {
            body.Refuse("password", problem);
        }

        return new SignUpRequest(invitation, new NewAccount(email, password, handle, title));
    }
}
