using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Storage;
using Bioscope.Server.Configuration;
using Bioscope.Server.Web;

namespace Bioscope.Server.Accounts;

/// <summary>
/// The second factor of sign-ins: codes of an app by RFC 6238, and recovery codes. Each code works once, on any instance, because one
/// statement checks and uses it. While it is set up nothing is stored: the secret travels sealed in the form.
/// </summary>
internal sealed class SecondFactor(MainDatabase main, Settings settings, TimeProvider clock)
{
    private const string StateSql = """
        -- second factor of user
        SELECT CASE WHEN "secondFactor" IS NULL THEN 0 ELSE 1 END, (SELECT COUNT(*) FROM "RecoveryCode" WHERE "userId" = @user) FROM "User" WHERE "id" = @user
        """;

    private const string UseStepSql = """
        -- use code
        UPDATE "User" SET "secondFactorStep" = @step WHERE "id" = @user AND "secondFactor" IS NOT NULL AND "secondFactorStep" < @step
        """;

    private const string UseRecoveryCodeSql = """
        -- use recovery code
        DELETE FROM "RecoveryCode" WHERE "userId" = @user AND "hash" = @hash
        """;

    private const string TurnOnSql = """
        -- turn on second factor
        UPDATE "User" SET "secondFactor" = @secret, "secondFactorStep" = @step WHERE "id" = @user AND "secondFactor" IS NULL
        """;

    private const string TurnOffSql = """
        -- turn off second factor
        UPDATE "User" SET "secondFactor" = NULL, "secondFactorStep" = NULL WHERE "id" = @user
        """;

    private const string ForgetCodesSql = """
        -- forget recovery codes
        DELETE FROM "RecoveryCode" WHERE "userId" = @user
        """;

    private const string AddCodeSql = """
        -- add recovery code
        INSERT INTO "RecoveryCode" ("userId", "hash") VALUES (@user, @hash)
        """;

    private const string UserSql = """
        -- user with second factor
        SELECT "id" FROM "User" WHERE "email" = @email AND "secondFactor" IS NOT NULL
        """;

    // For a person who has to install an app first.
    private static readonly TimeSpan SetupLife = TimeSpan.FromHours(1);

    private readonly SealedBytes _stored = new(settings, "bioscope second factor");
    private readonly SealedBytes _setup = new(settings, "bioscope second factor setup");
    private readonly byte[] _codes = LoginAttempts.Key(settings, "bioscope recovery codes");

    /// <summary>Whether it is on, and how many recovery codes are left.</summary>
    public async Task<SecondFactorState> StateAsync(Guid user, CancellationToken cancellationToken) =>
        await main.QueryAsync(
            StateSql, row => new SecondFactorState(row.GetInt32(0) == 1, (int)row.GetInt64(1)), cancellationToken, ("@user", user)) is [var state]
            ? state
            : new SecondFactorState(false, 0);

    /// <summary>Uses a code.</summary>
    /// <param name="user">Who typed it.</param>
    /// <param name="secret">The user's stored secret.</param>
    /// <param name="text">The code as typed.</param>
    /// <param name="cancellationToken">Cancels writing.</param>
    /// <returns>False when it is wrong or was used before.</returns>
    public async Task<bool> UseAsync(Guid user, byte[] secret, string text, CancellationToken cancellationToken)
    {
        if (SecondFactorCode.Parse(text) is not { } code)
        {
            return false;
        }

        if (code.IsRecoveryCode)
        {
            return await main.ExecuteAsync(
                UseRecoveryCodeSql, cancellationToken, ("@user", user), ("@hash", HashOf(user, code.Digits))) == 1;
        }

        return _stored.Open(secret, user) is { } plain && code.StepOf(plain, clock.GetUtcNow()) is { } step
            && await main.ExecuteAsync(UseStepSql, cancellationToken, ("@user", user), ("@step", step)) == 1;
    }

    /// <summary>A new secret, for the user to put into an app.</summary>
    public SecondFactorSetup NewSetup(Guid user, string email, string issuer)
    {
        var secret = RandomNumberGenerator.GetBytes(SecondFactorCode.SecretBytes);
        var plain = new byte[8 + secret.Length];
        BinaryPrimitives.WriteInt64BigEndian(plain, (clock.GetUtcNow() + SetupLife).ToUnixTimeMilliseconds());
        secret.CopyTo(plain, 8);
        return SetupOf(secret, email, issuer, Base64Url.EncodeToString(_setup.Seal(plain, user)));
    }

    /// <summary>A setup that was shown before, to show it again.</summary>
    /// <returns>Null when it has expired or is not this user's.</returns>
    public SecondFactorSetup? SameSetup(Guid user, string email, string issuer, string setup) =>
        SecretOf(user, setup) is { } secret ? SetupOf(secret, email, issuer, setup) : null;

    /// <summary>Turns it on, and ends the user's other sessions.</summary>
    /// <param name="user">The user.</param>
    /// <param name="setup">From <see cref="NewSetup"/>.</param>
    /// <param name="text">A code of the app, which shows that it has the secret.</param>
    /// <param name="kept">The session that goes on.</param>
    /// <param name="cancellationToken">Cancels writing.</param>
    /// <returns>The recovery codes, which are not stored; or why it is not on.</returns>
    public async Task<(IReadOnlyList<string> Codes, ApiError? Refusal)> TurnOnAsync(
        Guid user, string setup, string text, RefreshToken? kept, CancellationToken cancellationToken)
    {
        if (SecretOf(user, setup) is not { } secret)
        {
            return ([], ApiError.Invalid("setup has expired; please start again"));
        }

        if (SecondFactorCode.Parse(text)?.StepOf(secret, clock.GetUtcNow()) is not { } step)
        {
            return ([], ApiError.Invalid("code is wrong"));
        }

        IReadOnlyList<string> codes = [];
        var isOn = await main.TransactAsync(
            "turn on second factor",
            async transaction =>
            {
                // It locks the user's row: a sign-in without a code at the same time either is ended here, or does not begin.
                if (await main.Dialect.ExecuteAsync(
                    transaction, TurnOnSql, cancellationToken, ("@secret", _stored.Seal(secret, user)), ("@step", step), ("@user", user)) == 0)
                {
                    return false;
                }

                codes = await ReplaceCodesAsync(transaction, user, cancellationToken);
                await RefreshFamilies.EndOthersAsync(main.Dialect, transaction, user, kept, cancellationToken);
                return true;
            },
            cancellationToken);
        return isOn ? (codes, null) : ([], AlreadyOn);
    }

    /// <summary>Turns it off.</summary>
    public Task TurnOffAsync(Guid user, CancellationToken cancellationToken) => TurnOffAsync(main, user, cancellationToken);

    /// <summary>New recovery codes; the old ones end.</summary>
    public Task<IReadOnlyList<string>> NewCodesAsync(Guid user, CancellationToken cancellationToken) =>
        main.TransactAsync("new recovery codes", transaction => ReplaceCodesAsync(transaction, user, cancellationToken), cancellationToken);

    /// <summary>Turns it off for the operator.</summary>
    /// <returns>False when no user with that e-mail address has one.</returns>
    public static async Task<bool> TurnOffAsync(MainDatabase main, string email, CancellationToken cancellationToken)
    {
        var users = await main.QueryAsync(
            UserSql, row => main.Dialect.ReadGuid(row, 0), cancellationToken, ("@email", CreatorStore.NormalizeEmail(email)));
        if (users is not [var user])
        {
            return false;
        }

        await TurnOffAsync(main, user, cancellationToken);
        return true;
    }

    public static ApiError AlreadyOn { get; } = ApiError.Conflict("the second factor is on already");

    private static Task<int> TurnOffAsync(MainDatabase main, Guid user, CancellationToken cancellationToken) => main.TransactAsync(
        "turn off second factor",
        async transaction =>
        {
            await main.Dialect.ExecuteAsync(transaction, TurnOffSql, cancellationToken, ("@user", user));
            return await main.Dialect.ExecuteAsync(transaction, ForgetCodesSql, cancellationToken, ("@user", user));
        },
        cancellationToken);

    private async Task<IReadOnlyList<string>> ReplaceCodesAsync(DbTransaction transaction, Guid user, CancellationToken cancellationToken)
    {
        await main.Dialect.ExecuteAsync(transaction, ForgetCodesSql, cancellationToken, ("@user", user));
        var codes = new HashSet<string>(StringComparer.Ordinal);
        while (codes.Count < SecondFactorCode.RecoveryCodes)
        {
            codes.Add(SecondFactorCode.NewRecoveryCode());
        }

        await main.Dialect.ExecuteEachAsync(
            transaction, AddCodeSql,
            StatementValues.Of(codes, code => [("@user", user), ("@hash", HashOf(user, SecondFactorCode.Parse(code)!.Digits))]),
            cancellationToken);
        return [.. codes];
    }

    private byte[]? SecretOf(Guid user, string setup)
    {
        var bytes = new byte[Base64Url.GetMaxDecodedLength(setup.Length)];
        return Base64Url.DecodeFromChars(setup, bytes, out _, out var length) == OperationStatus.Done
            && _setup.Open(bytes.AsSpan(0, length), user) is { Length: 8 + SecondFactorCode.SecretBytes } plain
            && BinaryPrimitives.ReadInt64BigEndian(plain) > clock.GetUtcNow().ToUnixTimeMilliseconds()
            ? plain[8..]
            : null;
    }

    private string HashOf(Guid user, string digits) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(_codes, Encoding.ASCII.GetBytes($"{user:D} {digits}")));

    private static SecondFactorSetup SetupOf(byte[] secret, string email, string issuer, string setup) =>
        new(SecondFactorCode.TextOf(secret), SecondFactorCode.UriOf(secret, email, issuer), setup);
}

/// <summary>Whether a second factor is on, and how many recovery codes are left.</summary>
internal sealed record SecondFactorState(bool Enabled, int RecoveryCodesLeft);

/// <summary>A second factor that is being set up.</summary>
/// <param name="Secret">As people type it into an app.</param>
/// <param name="Uri">As apps read it from a QR code.</param>
/// <param name="Setup">Names it when it is turned on, within an hour.</param>
internal sealed record SecondFactorSetup(string Secret, string Uri, string Setup);
