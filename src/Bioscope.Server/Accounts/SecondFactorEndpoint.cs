using System.Text.Json.Serialization;
using Bioscope.Engine.Auditing;
using Bioscope.Engine.Json;
using Bioscope.Server.Auditing;
using Bioscope.Server.Configuration;
using Bioscope.Server.Web;

namespace Bioscope.Server.Accounts;

/// <summary>
/// <c>/api/v1/auth/second-factor</c>: <c>GET</c> says whether it is on; <c>POST {password}</c> makes a secret for an app, <c>PUT {setup,
/// code}</c> turns it on with a code of that app; <c>POST …/off</c> and <c>POST …/recovery-codes {password, code}</c> turn it off and
/// replace the recovery codes. A wrong password or code counts like a failed login.
/// </summary>
internal static class SecondFactorEndpoint
{
    // Our own is about a third of it.
    private const int MaxSetupChars = 400;

    // A code with the spaces and hyphens that people type.
    private const int MaxCodeChars = 30;

    private static readonly ApiError NoPassword = ApiError.Conflict("this account has no password here");

    public static void Map(IEndpointRouteBuilder auth, Settings settings)
    {
        var routes = auth.MapGroup("second-factor").RequireAuthorization();
        routes.MapGet("", GetAsync).WithMetadata(new ThrottlePolicy("second factor", settings.BioReadsPerMinute, TimeSpan.FromMinutes(1)));
        routes.MapPost("", PostAsync).WithMetadata(LoginEndpoint.Limit(settings));
        routes.MapPut("", PutAsync).WithMetadata(LoginEndpoint.Limit(settings));
        routes.MapPost("off", OffAsync).WithMetadata(LoginEndpoint.Limit(settings));
        routes.MapPost("recovery-codes", CodesAsync).WithMetadata(LoginEndpoint.Limit(settings));
    }

    /// <summary>The first step: a secret, for who knows the password.</summary>
    public static async Task<(SecondFactorSetup? Setup, ApiError? Refusal)> BeginAsync(HttpContext http, Guid user, string password)
    {
        if (await PasswordEndpoint.EmailOfAsync(http, user) is not { } email)
        {
            return (null, NoPassword);
        }

        if (await ConfirmAsync(http, email, password, null) is { } refusal)
        {
            return (null, refusal);
        }

        var secondFactor = ServiceOf(http);
        return (await secondFactor.StateAsync(user, http.RequestAborted)).Enabled
            ? (null, SecondFactor.AlreadyOn)
            : (secondFactor.NewSetup(user, email, IssuerOf(http)), null);
    }

    /// <summary>The setup that a form carries, to show it again.</summary>
    public static async Task<SecondFactorSetup?> SameSetupAsync(HttpContext http, Guid user, string setup) =>
        await PasswordEndpoint.EmailOfAsync(http, user) is { } email ? ServiceOf(http).SameSetup(user, email, IssuerOf(http), setup) : null;

    /// <summary>Turns it off, for who knows the password and a code.</summary>
    public static async Task<ApiError?> TurnOffAsync(HttpContext http, Guid user, string password, string code)
    {
        var refusal = await ConfirmBothAsync(http, user, password, code);
        if (refusal is null)
        {
            await ServiceOf(http).TurnOffAsync(user, http.RequestAborted);
            await Audit.WriteAsync(http, AuditKind.SecondFactorOff, user);
        }

        return refusal;
    }

    /// <summary>New recovery codes, for who knows the password and a code.</summary>
    public static async Task<(IReadOnlyList<string> Codes, ApiError? Refusal)> NewCodesAsync(
        HttpContext http, Guid user, string password, string code)
    {
        if (await ConfirmBothAsync(http, user, password, code) is { } refusal)
        {
            return ([], refusal);
        }

        var codes = await ServiceOf(http).NewCodesAsync(user, http.RequestAborted);
        await Audit.WriteAsync(http, AuditKind.RecoveryCodes, user);
        return (codes, null);
    }

    /// <summary>Turns it on with a code of the app.</summary>
    /// <returns>The recovery codes, or why it is not on.</returns>
    public static async Task<(IReadOnlyList<string> Codes, ApiError? Refusal)> TurnOnAsync(
        HttpContext http, Guid user, string setup, string code, RefreshToken? kept)
    {
        var (codes, refusal) = await ServiceOf(http).TurnOnAsync(user, setup, code, kept, http.RequestAborted);
        if (refusal is null)
        {
            await Audit.WriteAsync(http, AuditKind.SecondFactorOn, user);
        }

        return (codes, refusal);
    }

    /// <summary>Checks the password of a signed-in user, and a code if her second factor is on.</summary>
    /// <returns>Why she is not confirmed.</returns>
    public static async Task<ApiError?> ConfirmAsync(HttpContext http, Guid user, string password, string code) =>
        await PasswordEndpoint.EmailOfAsync(http, user) is { } email
            ? await ConfirmAsync(
                http, email, password, (await ServiceOf(http).StateAsync(user, http.RequestAborted)).Enabled ? code : null)
            : NoPassword;

    /// <summary>Like <see cref="ConfirmAsync(HttpContext, Guid, string, string)"/>, refused if it is off.</summary>
    private static async Task<ApiError?> ConfirmBothAsync(HttpContext http, Guid user, string password, string code) =>
        await PasswordEndpoint.EmailOfAsync(http, user) is { } email ? await ConfirmAsync(http, email, password, code) : NoPassword;

    private static async Task<ApiError?> ConfirmAsync(HttpContext http, string email, string password, string? code) =>
        await http.RequestServices.GetRequiredService<PasswordLogin>().ConfirmAsync(http, email, password, code) switch
        {
            SignInResult.Ok => null,
            SignInResult.Overload => ApiError.Unavailable,
            _ => ApiError.Invalid(code is null ? "password is wrong" : "password or code is wrong"),
        };

    private static async Task GetAsync(HttpContext http) => await ApiResponse.OkAsync(
        http,
        Sessions.UserOf(http) is { } user ? await ServiceOf(http).StateAsync(user, http.RequestAborted) : new SecondFactorState(false, 0),
        SecondFactorJson.Default.SuccessSecondFactorState);

    private static Task PostAsync(HttpContext http) => AnswerAsync(
        http,
        body => new Proof(body.RequiredText("password", 1, Passwords.MaxChars), ""),
        async (user, proof) =>
        {
            var (setup, refusal) = await BeginAsync(http, user, proof.Password);
            return (refusal, () => ApiResponse.OkAsync(http, setup!, SecondFactorJson.Default.SuccessSecondFactorSetup));
        });

    private static Task PutAsync(HttpContext http) => AnswerAsync(
        http,
        body => new Confirmation(body.RequiredText("setup", 1, MaxSetupChars), body.RequiredText("code", 1, MaxCodeChars)),
        async (user, confirmation) =>
        {
            if (await PasswordEndpoint.EmailOfAsync(http, user) is null)
            {
                return (NoPassword, () => Task.CompletedTask);
            }

            var (codes, refusal) = await TurnOnAsync(
                http, user, confirmation.Setup, confirmation.Code, RefreshToken.Parse(RefreshCookie.Read(http)));
            return (refusal, () => WriteAsync(http, codes));
        });

    private static Task OffAsync(HttpContext http) => AnswerAsync(http, ReadProof, async (user, proof) =>
        (await TurnOffAsync(http, user, proof.Password, proof.Code), () => ApiResponse.AcknowledgeAsync(http)));

    private static Task CodesAsync(HttpContext http) => AnswerAsync(http, ReadProof, async (user, proof) =>
    {
        var (codes, refusal) = await NewCodesAsync(http, user, proof.Password, proof.Code);
        return (refusal, () => WriteAsync(http, codes));
    });

    private static Proof ReadProof(JsonBody body) => new(
        body.RequiredText("password", 1, Passwords.MaxChars), body.RequiredText("code", 1, MaxCodeChars));

    private static async Task AnswerAsync<T>(
        HttpContext http, Func<JsonBody, T> read, Func<Guid, T, Task<(ApiError? Refusal, Func<Task> Answer)>> change)
        where T : class
    {
        var (request, refusal) = await JsonRequest.ReadAsync(http, read);
        Func<Task>? answer = null;
        if (request is not null)
        {
            (refusal, answer) = Sessions.UserOf(http) is { } user ? await change(user, request) : (NoPassword, null);
        }

        await (refusal is null ? answer!() : Errors.WriteAsync(http, refusal));
    }

    private static Task WriteAsync(HttpContext http, IReadOnlyList<string> codes) =>
        ApiResponse.OkAsync(http, new RecoveryCodes(codes), SecondFactorJson.Default.SuccessRecoveryCodes);

    /// <summary>What an app calls this server: the host that its users know.</summary>
    private static string IssuerOf(HttpContext http) =>
        http.RequestServices.GetRequiredService<Settings>().PublicUrl is { } url ? new Uri(url).Host : http.Request.Host.Host;

    private static SecondFactor ServiceOf(HttpContext http) => http.RequestServices.GetRequiredService<SecondFactor>();

    private sealed record Proof(string Password, string Code);

    private sealed record Confirmation(string Setup, string Code);
}

/// <summary>Codes that each replace one code of the app.</summary>
/// <param name="Codes">They are shown once.</param>
internal sealed record RecoveryCodes([property: JsonPropertyName("recoveryCodes")] IReadOnlyList<string> Codes);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Success<SecondFactorState>))]
[JsonSerializable(typeof(Success<SecondFactorSetup>))]
[JsonSerializable(typeof(Success<RecoveryCodes>))]
internal sealed partial class SecondFactorJson : JsonSerializerContext;
