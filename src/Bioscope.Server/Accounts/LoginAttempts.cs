using System.Security.Cryptography;
using System.Text;
using Bioscope.Engine.Storage;
using Bioscope.Server.Configuration;

namespace Bioscope.Server.Accounts;

/// <summary>
/// Counts logins per account in the database, so that neither a restart nor another instance forgets them. After <see
/// cref="MaxAttempts"/> failed attempts the account is locked for <see cref="Lock"/>. Unknown e-mail addresses are counted in the same
/// way, so that a lock does not reveal an account. Browsers that signed in before (<see cref="DeviceCookie"/>) are counted separately, so
/// that strangers cannot lock them out.
/// </summary>
internal sealed class LoginAttempts(MainDatabase main, Settings settings, TimeProvider clock)
{
    private const string DeleteExpiredSql = """
        -- remove old login attempts
        DELETE FROM "LoginAttempt" WHERE "until" <= @now OR "until" > @latest
        """;

    private const string ForgetSql = """
        -- forget login attempts
        DELETE FROM "LoginAttempt" WHERE "account" = @account AND "device" = @device
        """;

    private const string UnlockSql = """
        -- unlock account
        DELETE FROM "LoginAttempt" WHERE "account" = @account
        """;

    public const int MaxAttempts = 10;

    public static readonly TimeSpan Lock = TimeSpan.FromMinutes(15);

    // Counts before the password is checked, in one statement, so that simultaneous guesses cannot exceed the limit. An end that is too
    // far away was written before the clock was set back, and would lock the account for too long.
    private const string Count = """
        -- count login attempt
        INSERT INTO "LoginAttempt" ("account", "device", "count", "until") VALUES (@account, @device, 1, @until)
        ON CONFLICT ("account", "device") DO UPDATE SET
          "count" = CASE
            WHEN "LoginAttempt"."until" <= @now OR "LoginAttempt"."until" > @latest THEN 1
            WHEN "LoginAttempt"."count" > @max THEN "LoginAttempt"."count"
            ELSE "LoginAttempt"."count" + 1 END,
          "until" = CASE
            WHEN "LoginAttempt"."count" >= @max AND "LoginAttempt"."until" > @now AND "LoginAttempt"."until" <= @latest THEN "LoginAttempt"."until"
            ELSE @until END
        RETURNING "count"
        """;

    private readonly byte[] _key = Key(settings, "bioscope login attempts");

    /// <summary>A key for one purpose, so that nothing made with it can pass for an access token.</summary>
    public static byte[] Key(Settings settings, string purpose) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(settings.JwtSecret), 32, info: Encoding.UTF8.GetBytes(purpose));

    /// <summary>The stored form of an e-mail address: hashed, because people also type other things by mistake.</summary>
    public string AccountOf(string email) => Convert.ToHexStringLower(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(email)));

    /// <summary>Counts an attempt and returns whether it is allowed.</summary>
    public async Task<bool> TakeAsync(string account, string? device, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        // Twice, because the clocks of several instances differ.
        (string, object?)[] times = [("@now", now), ("@latest", now + (2 * Lock))];
        await main.ExecuteAsync(DeleteExpiredSql, cancellationToken, times);
        // In a transaction, which is not retried when it is unknown whether the attempt was counted.
        var counts = await main.TransactAsync(
            "login attempt",
            transaction => main.Dialect.QueryAsync(
                transaction, Count, row => row.GetInt32(0), cancellationToken,
                [("@account", account), ("@device", device ?? ""), ("@until", now + Lock), ("@max", MaxAttempts), .. times]),
            cancellationToken);
        return counts is [<= MaxAttempts];
    }

    /// <summary>Resets the count after a successful login.</summary>
    public Task ForgetAsync(string account, string? device, CancellationToken cancellationToken) =>
        main.ExecuteAsync(ForgetSql, cancellationToken, ("@account", account), ("@device", device ?? ""));

    /// <summary>Ends every lock of the account.</summary>
    public Task UnlockAsync(string account, CancellationToken cancellationToken) =>
        main.ExecuteAsync(UnlockSql, cancellationToken, ("@account", account));
}
