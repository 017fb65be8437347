using Bioscope.Engine.Storage;

namespace Bioscope.Server.Accounts;

/// <summary>The result of an attempt; if successful, with the user and the first token of the family.</summary>
internal sealed record LoginOutcome(SignInResult Result, Guid User = default, RefreshToken? Token = null);

/// <summary>
/// Signs a user in by e-mail and password, from the API or from the dashboard. Every path does the same work until the password is
/// verified, so that the response time reveals nothing.
/// </summary>
internal sealed partial class PasswordLogin(
    MainDatabase main, Passwords passwords, LoginAttempts attempts, DeviceCookie devices, RefreshFamilies families, AccountMetrics metrics,
    ILogger<PasswordLogin> log)
{
    private const string CurrentHashSql = """
        -- password of user
        SELECT "passwordHash" FROM "User" WHERE "id" = @id AND "passwordHash" IS NOT NULL
        """;

    /// <summary>Checks the password, counts the attempt and, if successful, marks the browser as one that has signed in.</summary>
    /// <param name="http">The request, which may carry the browser's mark as a cookie.</param>
    /// <param name="email">In the form of <see cref="Engine.Creators.CreatorStore.NormalizeEmail"/>.</param>
    /// <param name="password">The password as typed.</param>
    /// <param name="path">The path for which the browser sends its mark.</param>
    public async Task<LoginOutcome> TryAsync(HttpContext http, string email, string password, string path)
    {
        if (!await passwords.TryEnterAsync(http.RequestAborted))
        {
            metrics.Login(SignInResult.Overload);
            return new LoginOutcome(SignInResult.Overload);
        }

        LoginOutcome outcome;
        try
        {
            outcome = await TryNowAsync(http, email, password, path);
        }
        finally
        {
            passwords.Leave();
        }

        metrics.Login(outcome.Result);
        if (outcome.Result != SignInResult.Ok)
        {
            Log.Refused(log, outcome.Result);
        }

        return outcome;
    }

    private async Task<LoginOutcome> TryNowAsync(HttpContext http, string email, string password, string path)
    {
        var account = attempts.AccountOf(email);
        var device = devices.Read(http, account);
        var found = await main.QueryAsync(
            """
            -- password of email
            SELECT "id", "passwordHash" FROM "User" WHERE "email" = @email
            """,
            row => new User(main.Dialect.ReadGuid(row, 0), row.IsDBNull(1) ? null : row.GetString(1)),
            http.RequestAborted,
            ("@email", email));
        var user = found.FirstOrDefault();
        var mayTry = await attempts.TakeAsync(account, device, http.RequestAborted);
        var (isRight, isWeak) = passwords.Verify(user?.PasswordHash, password);
        if (!mayTry || !isRight)
        {
            return new LoginOutcome(mayTry ? SignInResult.Refused : SignInResult.Locked);
        }

        var hash = isWeak ? await RehashAsync(user!, password, http.RequestAborted) : user!.PasswordHash!;
        if (await families.StartAsync(user!.Id, hash, Session.ClientOf(http), http.RequestAborted) is not { } token)
        {
            return new LoginOutcome(SignInResult.Refused);
        }

        await attempts.ForgetAsync(account, device, http.RequestAborted);
        devices.Append(http, account, path);
        return new LoginOutcome(SignInResult.Ok, user.Id, token);
    }

    private async Task<string> RehashAsync(User user, string password, CancellationToken cancellationToken)
    {
        var hash = Passwords.Hash(password);
        var changed = await main.ExecuteAsync(
            """
            -- rehash password
            UPDATE "User" SET "passwordHash" = @hash WHERE "id" = @id AND "passwordHash" = @old
            """,
            cancellationToken,
            ("@hash", hash), ("@id", user.Id), ("@old", user.PasswordHash));
        if (changed == 1)
        {
            return hash;
        }

        // Another login has replaced the hash, or the password has changed. After a change of the password no family is started.
        var current = await main.QueryAsync(CurrentHashSql, row => row.GetString(0), cancellationToken, ("@id", user.Id));
        return current is [var other] && passwords.Verify(other, password).IsRight ? other : hash;
    }

    private sealed record User(Guid Id, string? PasswordHash);

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "A login was refused: {Reason}")]
        public static partial void Refused(ILogger logger, SignInResult reason);
    }
}
