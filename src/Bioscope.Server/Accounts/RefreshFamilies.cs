using System.Data.Common;
using Bioscope.Engine.Storage;

namespace Bioscope.Server.Accounts;

/// <summary>The result of a refresh; if successful, with the user and the next token.</summary>
internal sealed record Rotation(SignInResult Result, Guid User = default, RefreshToken? Next = null);

/// <summary>
/// The refresh tokens: a login starts a family, of which one token is valid at a time. A family is one row, changed by one statement, so
/// that exactly one of several simultaneous refreshes with the same token succeeds, on any instance.
/// </summary>
internal sealed class RefreshFamilies(MainDatabase main, TimeProvider clock)
{
    private const string PasswordSql = """
        -- password of session
        SELECT "passwordHash" FROM "User" WHERE "id" = @user AND "passwordHash" IS NOT NULL
        """;

    private const string RevokeSql = """
        -- revoke refresh family
        UPDATE "RefreshFamily" SET "tokenHash" = NULL WHERE "id" = @family
        """;

    private const string DeleteExpiredSql = """
        -- remove expired refresh families
        DELETE FROM "RefreshFamily" WHERE "expiresAt" <= @now
        """;

    private const string DeleteSql = """
        -- remove refresh family
        DELETE FROM "RefreshFamily" WHERE "id" = @family RETURNING "userId"
        """;

    private const string DeleteAllSql = """
        -- remove refresh families
        DELETE FROM "RefreshFamily" WHERE "userId" = @user
        """;

    private const string DeleteOthersSql = """
        -- remove other refresh families
        DELETE FROM "RefreshFamily" WHERE "userId" = @user AND ("tokenHash" IS NULL OR "tokenHash" <> @kept)
        """;

    private const string UserSql = """
        -- session of user
        SELECT "userId", "usedAt" FROM "RefreshFamily"
        WHERE "id" = @family AND "tokenHash" = @token AND "expiresAt" > @now AND EXISTS (SELECT 1 FROM "User" WHERE "User"."id" = "RefreshFamily"."userId")
        """;

    private const string UsedSql = """
        -- session used
        UPDATE "RefreshFamily" SET "usedAt" = @now WHERE "id" = @family
        """;

    private static readonly TimeSpan UsedEvery = TimeSpan.FromHours(1);

    /// <summary>How long a login lasts, however often it is refreshed.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromDays(30);

    // The user's row is locked until the family is stored. So a password change at the same time, or a second factor that is turned on,
    // either ends this family, or the family is not started.
    private const string Start = """
        -- add refresh family
        INSERT INTO "RefreshFamily" ("id", "userId", "tokenHash", "expiresAt", "startedAt", "usedAt", "client")
        SELECT @family, "id", @token, @expires, @now, @now, @client FROM "User" WHERE "id" = @user AND "passwordHash" = @password
          AND ("secondFactor" IS NULL OR @passed = 1) AND "suspendedAt" IS NULL {forShare}
        """;

    // It may run twice if a connection breaks in between, so the new hash is accepted like the old one.
    private const string Rotate = """
        -- rotate refresh token
        UPDATE "RefreshFamily" SET "tokenHash" = @next, "usedAt" = @now
        WHERE "id" = @family AND "tokenHash" IN (@token, @next) AND "expiresAt" > @now
          AND EXISTS (SELECT 1 FROM "User" WHERE "User"."id" = "RefreshFamily"."userId")
        RETURNING "userId"
        """;

    private const string IsReused = """
        -- superseded token
        SELECT CASE WHEN "expiresAt" > @now AND ("tokenHash" IS NULL OR "tokenHash" <> @token) THEN 1 ELSE 0 END FROM "RefreshFamily" WHERE "id" = @family
        """;

    /// <summary>Starts a family after a login.</summary>
    /// <param name="user">Who signed in.</param>
    /// <param name="passwordHash">That of the password that was right.</param>
    /// <param name="passedSecondFactor">Whether the user has shown the second factor, if she has one.</param>
    /// <param name="client">The browser, as the user sees it later.</param>
    /// <param name="cancellationToken">Cancels writing.</param>
    /// <returns>The first token, or null if the user was deleted or suspended, or has a new password or a second factor that was not shown.</returns>
    public async Task<RefreshToken?> StartAsync(
        Guid user, string passwordHash, bool passedSecondFactor, string? client, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await main.ExecuteAsync(DeleteExpiredSql, cancellationToken, ("@now", now));
        var token = RefreshToken.New(Guid.NewGuid());
        var started = await main.ExecuteAsync(
            Start, cancellationToken, ("@family", token.Family), ("@token", token.Hash), ("@expires", now + Life), ("@user", user),
            ("@password", passwordHash), ("@passed", passedSecondFactor ? 1 : 0), ("@now", now), ("@client", client));
        return started == 1 ? token : null;
    }

    /// <summary>Exchanges the token for a new one. A token that was exchanged before ends the family.</summary>
    public async Task<Rotation> RotateAsync(RefreshToken token, CancellationToken cancellationToken)
    {
        var next = RefreshToken.New(token.Family);
        (string, object?)[] presented = [("@family", token.Family), ("@token", token.Hash), ("@now", clock.GetUtcNow())];
        var users = await main.QueryAsync(
            Rotate, row => main.Dialect.ReadGuid(row, 0), cancellationToken, [.. presented, ("@next", next.Hash)]);
        if (users is [var user])
        {
            return new Rotation(SignInResult.Ok, user, next);
        }

        var found = await main.QueryAsync(IsReused, row => row.GetInt32(0) == 1, cancellationToken, presented);
        if (found is [true])
        {
            // The row stays until it expires, so that other tokens of the family get the same result.
            await main.ExecuteAsync(RevokeSql, cancellationToken, ("@family", token.Family));
            return new Rotation(SignInResult.Reused);
        }

        // The family has expired, or its user is deleted. Deleting the row keeps it invalid if the clock is set back.
        await EndAsync(token, cancellationToken);
        return new Rotation(SignInResult.Refused);
    }

    /// <summary>Starts a family for a user who was authenticated by something other than a password; no second factor is asked for.</summary>
    /// <returns>Null when the user does not exist, or cannot sign in.</returns>
    public async Task<RefreshToken?> StartAsync(Guid user, string? client, CancellationToken cancellationToken)
    {
        var hashes = await main.QueryAsync(PasswordSql, row => row.GetString(0), cancellationToken, ("@user", user));
        return hashes is [var hash] ? await StartAsync(user, hash, passedSecondFactor: true, client, cancellationToken) : null;
    }

    /// <returns>The user to whom the token was issued, if it is still valid; otherwise null.</returns>
    public async Task<Guid?> UserOfAsync(RefreshToken token, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var found = await main.QueryAsync(
            UserSql,
            row => (User: main.Dialect.ReadGuid(row, 0), UsedAt: row.IsDBNull(1) ? (DateTimeOffset?)null : main.Dialect.ReadInstant(row, 1)),
            cancellationToken,
            ("@family", token.Family), ("@token", token.Hash), ("@now", now));
        if (found is not [var session])
        {
            return null;
        }

        // Once an hour, so that looking at figures does not write.
        if (session.UsedAt is not { } usedAt || (now - usedAt).Duration() >= UsedEvery)
        {
            await main.ExecuteAsync(UsedSql, cancellationToken, ("@family", token.Family), ("@now", now));
        }

        return session.User;
    }

    /// <summary>Ends the family of a token.</summary>
    /// <returns>Whose it was; null when it had ended.</returns>
    public async Task<Guid?> EndAsync(RefreshToken token, CancellationToken cancellationToken) => await main.QueryAsync(
        DeleteSql, row => main.Dialect.ReadGuid(row, 0), cancellationToken, ("@family", token.Family)) is [var user] ? user : null;

    /// <summary>Ends all families of a user, within the transaction of another change.</summary>
    public static Task<int> EndAllAsync(SqlDialect dialect, DbTransaction transaction, Guid user, CancellationToken cancellationToken) =>
        dialect.ExecuteAsync(transaction, DeleteAllSql, cancellationToken, ("@user", user));

    /// <summary>Ends all families of a user but that of the kept token, within the transaction of another change.</summary>
    public static Task<int> EndOthersAsync(
        SqlDialect dialect, DbTransaction transaction, Guid user, RefreshToken? kept, CancellationToken cancellationToken) =>
        dialect.ExecuteAsync(transaction, DeleteOthersSql, cancellationToken, ("@user", user), ("@kept", kept?.Hash ?? ""));
}
