using Bioscope.Server.Configuration;
using Bioscope.Server.Creators;
using Bioscope.Server.Http;
using Bioscope.Server.Storage;

namespace Bioscope.Server.Accounts;

/// <summary>
/// <c>POST /api/v1/auth/login {email, password}</c>: answers with an access token and a refresh cookie. Whatever is wrong, whether
/// the e-mail, the password or a lock, is answered with the same words after the same work.
/// </summary>
internal sealed partial class LoginEndpoint(
    Settings settings, MainDatabase main, Passwords passwords, LoginAttempts attempts, DeviceCookie devices, RefreshFamilies families,
    AccountMetrics metrics, TimeProvider clock, ILogger<LoginEndpoint> log)
{
    private static readonly ApiError InvalidCredentials =
        new(401, "AUTH_UNAUTHORIZED", "auth.login.invalid_credentials", "The e-mail or the password is wrong.");

    public static void Map(IEndpointRouteBuilder auth, Settings settings) => auth
        .MapPost("login", http => http.RequestServices.GetRequiredService<LoginEndpoint>().PostAsync(http))
        .WithMetadata(new ThrottlePolicy("login", settings.LoginsPerHour, TimeSpan.FromHours(1)));

    private async Task PostAsync(HttpContext http)
    {
        var (request, refusal) = await JsonBody.ReadAsync(http, Read);
        if (request is null)
        {
            await Errors.WriteAsync(http, refusal!);
            return;
        }

        if (!await passwords.TryEnterAsync(http.RequestAborted))
        {
            metrics.Login(SignInResult.Overload);
            http.Response.Headers.RetryAfter = "1";
            await Errors.WriteAsync(http, ApiError.Unavailable);
            return;
        }

        User? user;
        try
        {
            user = await SignInAsync(http, request);
        }
        finally
        {
            passwords.Leave();
        }

        await (user is null ? Errors.WriteAsync(http, InvalidCredentials) : Respond.OkAsync(http, SignedIn.Now(settings, user.Id, clock)));
    }

    private static LoginRequest Read(JsonBody body) => new(
        CreatorStore.NormalizeEmail(body.RequiredText("email", 1, CreatorStore.MostEmailChars)), body.RequiredText("password", 1, Passwords.MostChars));

    /// <summary>Signs in and sets the cookies. Until the password was verified every way through does the same.</summary>
    /// <returns>The user, or null when the login was refused.</returns>
    private async Task<User?> SignInAsync(HttpContext http, LoginRequest request)
    {
        var account = attempts.AccountOf(request.Email);
        var device = devices.Read(http, account);
        var found = await main.QueryAsync(
            """SELECT "id", "passwordHash" FROM "User" WHERE "email" = @email""",
            row => new User(main.Dialect.ReadGuid(row, 0), row.IsDBNull(1) ? null : row.GetString(1)),
            http.RequestAborted,
            ("@email", request.Email));
        var user = found.FirstOrDefault();
        var mayTry = await attempts.TakeAsync(account, device, http.RequestAborted);
        var (isRight, isWeak) = passwords.Verify(user?.PasswordHash, request.Password);
        if (!mayTry || !isRight)
        {
            return Refuse(mayTry ? SignInResult.Refused : SignInResult.Locked);
        }

        var hash = isWeak ? await RehashAsync(user!, request.Password, http.RequestAborted) : user!.PasswordHash!;
        if (await families.StartAsync(user!.Id, hash, http.RequestAborted) is not { } token)
        {
            return Refuse(SignInResult.Refused);
        }

        await attempts.ForgetAsync(account, device, http.RequestAborted);
        RefreshCookie.Append(http, token);
        devices.Append(http, account);
        metrics.Login(SignInResult.Ok);
        return user;
    }

    private User? Refuse(SignInResult reason)
    {
        metrics.Login(reason);
        Log.Refused(log, reason);
        return null;
    }

    private async Task<string> RehashAsync(User user, string password, CancellationToken cancellation)
    {
        var hash = Passwords.Hash(password);
        var changed = await main.ExecuteAsync(
            """UPDATE "User" SET "passwordHash" = @hash WHERE "id" = @id AND "passwordHash" = @old""",
            cancellation,
            ("@hash", hash), ("@id", user.Id), ("@old", user.PasswordHash));
        if (changed == 1)
        {
            return hash;
        }

        // Another login was faster, or the password is a new one by now: then no family is started.
        var current = await main.QueryAsync(
            """SELECT "passwordHash" FROM "User" WHERE "id" = @id AND "passwordHash" IS NOT NULL""", row => row.GetString(0), cancellation, ("@id", user.Id));
        return current is [var other] && passwords.Verify(other, password).IsRight ? other : hash;
    }

    private sealed record LoginRequest(string Email, string Password);

    private sealed record User(Guid Id, string? PasswordHash);

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "A login was refused: {Reason}")]
        public static partial void Refused(ILogger logger, SignInResult reason);
    }
}
