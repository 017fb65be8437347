using Bioscope.Engine.Auditing;
using Bioscope.Engine.Storage;
using Bioscope.Server.Auditing;

namespace Bioscope.Server.Accounts;

/// <summary>The result of an attempt.</summary>
/// <param name="Result">The result.</param>
/// <param name="User">Who signed in, has to show the second factor, or was refused; none where nobody has the e-mail address.</param>
/// <param name="Token">The first token of the family, if successful.</param>
/// <param name="PasswordHash">That of the password that was right, if a code is missing.</param>
internal sealed record LoginOutcome(SignInResult Result, Guid User = default, RefreshToken? Token = null, string? PasswordHash = null);

/// <summary>
/// Signs a user in by e-mail and password, and a code where the user has a second factor, from the API or from the dashboard. Every path
/// does the same work until the password is verified, so that the response time reveals nothing. A wrong code counts like a wrong
/// password, and a locked account gets the same result whether the password was right or not.
/// </summary>
internal sealed partial class PasswordLogin(
    MainDatabase main, Passwords passwords, LoginAttempts attempts, DeviceCookie devices, RefreshFamilies families,
    SecondFactor secondFactor, AccountMetrics metrics, ILogger<PasswordLogin> log)
{
    private const string CurrentHashSql = """
        -- password of user
        SELECT "passwordHash" FROM "User" WHERE "id" = @id AND "passwordHash" IS NOT NULL
        """;

    private const string ByEmailSql = """
        -- password of email
        SELECT "id", "passwordHash", "secondFactor" FROM "User" WHERE "email" = @email
        """;

    private const string ByIdSql = """
        -- second step of user
        SELECT "id", "passwordHash", "secondFactor", "email" FROM "User" WHERE "id" = @id AND "email" IS NOT NULL
        """;

    /// <summary>Checks password and code, counts the attempt and, if successful, marks the browser as one that has signed in.</summary>
    /// <param name="http">The request, which may carry the browser's mark as a cookie.</param>
    /// <param name="email">In the form of <see cref="Engine.Creators.CreatorStore.NormalizeEmail"/>.</param>
    /// <param name="password">The password as typed.</param>
    /// <param name="code">The code as typed; null where none was asked for yet.</param>
    /// <param name="path">The path for which the browser sends its mark.</param>
    public Task<LoginOutcome> TryAsync(HttpContext http, string email, string password, string? code, string path) => InTurnAsync(
        http, () => TryNowAsync(http, email, password, code, path));

    /// <summary>The second step of a sign-in whose first one had <see cref="SignInResult.CodeMissing"/> as result.</summary>
    /// <param name="http">The request.</param>
    /// <param name="user">The user.</param>
    /// <param name="isSamePassword">Whether a hash is that of the password that was right.</param>
    /// <param name="code">The code as typed.</param>
    /// <param name="path">The path for which the browser sends its mark.</param>
    public async Task<LoginOutcome> TryCodeAsync(
        HttpContext http, Guid user, Func<string, bool> isSamePassword, string code, string path)
    {
        var found = await main.QueryAsync(
            ByIdSql, row => (Account: attempts.AccountOf(row.GetString(3)), User: Read(row)), http.RequestAborted, ("@id", user));
        if (found is not [var (account, one)])
        {
            return await CountedAsync(http, new LoginOutcome(SignInResult.Refused));
        }

        var device = devices.Read(http, account);
        var mayTry = await attempts.TakeAsync(account, device, http.RequestAborted);
        return await CountedAsync(
            http,
            !mayTry ? new LoginOutcome(SignInResult.Locked, user)
            : one.PasswordHash is not { } hash || !isSamePassword(hash) ? new LoginOutcome(SignInResult.Refused, user)
            : await FinishAsync(http, one, hash, code, account, device, path));
    }

    /// <summary>
    /// Checks the password of a user who is signed in, for a change that needs it, and counts the attempt. With a code, it checks and uses
    /// that too.
    /// </summary>
    public async Task<SignInResult> ConfirmAsync(HttpContext http, string email, string password, string? code) => (await InTurnAsync(
        http,
        async () =>
        {
            var (outcome, verified) = await VerifyAsync(http, email, password);
            if (verified is null)
            {
                return outcome;
            }

            var (user, _, account, device) = verified;
            if (code is not null
                && !(user.SecondFactor is { } secret && await secondFactor.UseAsync(user.Id, secret, code, http.RequestAborted)))
            {
                return new LoginOutcome(SignInResult.CodeWrong, user.Id);
            }

            // A right password alone does not pay for wrong codes.
            if (code is not null || user.SecondFactor is null)
            {
                await attempts.ForgetAsync(account, device, http.RequestAborted);
            }

            return outcome;
        })).Result;

    private async Task<LoginOutcome> InTurnAsync(HttpContext http, Func<Task<LoginOutcome>> attempt)
    {
        if (!await passwords.TryEnterAsync(http.RequestAborted))
        {
            metrics.Login(SignInResult.Overload);
            return new LoginOutcome(SignInResult.Overload);
        }

        LoginOutcome outcome;
        try
        {
            outcome = await attempt();
        }
        finally
        {
            passwords.Leave();
        }

        return await CountedAsync(http, outcome);
    }

    private async Task<LoginOutcome> CountedAsync(HttpContext http, LoginOutcome outcome)
    {
        metrics.Login(outcome.Result);
        if (outcome.Result is not (SignInResult.Ok or SignInResult.CodeMissing))
        {
            Log.Refused(log, outcome.Result);
            await Audit.WriteAsync(http, AuditKind.SignInRefused, outcome.User == default ? null : outcome.User);
        }

        return outcome;
    }

    private async Task<LoginOutcome> TryNowAsync(HttpContext http, string email, string password, string? code, string path)
    {
        var (outcome, verified) = await VerifyAsync(http, email, password);
        if (verified is null)
        {
            return outcome;
        }

        var (user, hash, account, device) = verified;
        return code is null && user.SecondFactor is not null
            ? new LoginOutcome(SignInResult.CodeMissing, user.Id, PasswordHash: hash)
            : await FinishAsync(http, user, hash, code ?? "", account, device, path);
    }

    /// <summary>Checks the code, if the user has a second factor, and starts the family.</summary>
    private async Task<LoginOutcome> FinishAsync(
        HttpContext http, User user, string hash, string code, string account, string? device, string path)
    {
        if (user.SecondFactor is { } secret && !await secondFactor.UseAsync(user.Id, secret, code, http.RequestAborted))
        {
            return new LoginOutcome(SignInResult.CodeWrong, user.Id);
        }

        if (await families.StartAsync(user.Id, hash, user.SecondFactor is not null, Session.ClientOf(http), http.RequestAborted)
            is not { } token)
        {
            return new LoginOutcome(SignInResult.Refused, user.Id);
        }

        await Audit.WriteAsync(http, KindOf(user, code), user.Id);
        await attempts.ForgetAsync(account, device, http.RequestAborted);
        devices.Append(http, account, path);
        return new LoginOutcome(SignInResult.Ok, user.Id, token);
    }

    /// <returns>The user if the password is right and the account not locked; otherwise why not.</returns>
    private async Task<(LoginOutcome Outcome, Verified? Verified)> VerifyAsync(HttpContext http, string email, string password)
    {
        var account = attempts.AccountOf(email);
        var device = devices.Read(http, account);
        var found = await main.QueryAsync(ByEmailSql, Read, http.RequestAborted, ("@email", email));
        var user = found.FirstOrDefault();
        var mayTry = await attempts.TakeAsync(account, device, http.RequestAborted);
        var (isRight, isWeak) = passwords.Verify(user?.PasswordHash, password);
        if (!mayTry || !isRight)
        {
            return (new LoginOutcome(mayTry ? SignInResult.Refused : SignInResult.Locked, user?.Id ?? default), null);
        }

        var hash = isWeak ? await RehashAsync(user!, password, http.RequestAborted) : user!.PasswordHash!;
        return (new LoginOutcome(SignInResult.Ok, user!.Id), new Verified(user, hash, account, device));
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

    private static string KindOf(User user, string code) => user.SecondFactor is null ? AuditKind.SignInPassword
        : SecondFactorCode.Parse(code)?.IsRecoveryCode == true ? AuditKind.SignInRecoveryCode
        : AuditKind.SignInCode;

    private User Read(System.Data.Common.DbDataReader row) => new(
        main.Dialect.ReadGuid(row, 0), row.IsDBNull(1) ? null : row.GetString(1), row.IsDBNull(2) ? null : row.GetFieldValue<byte[]>(2));

    private sealed record User(Guid Id, string? PasswordHash, byte[]? SecondFactor);

    /// <summary>A user whose password was right.</summary>
    private sealed record Verified(User User, string Hash, string Account, string? Device);

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "A login was refused: {Reason}")]
        public static partial void Refused(ILogger logger, SignInResult reason);
    }
}
