using Bioscope.Engine.Creators;
using Bioscope.Engine.Storage;

namespace Bioscope.Server.Accounts;

/// <summary>Changes passwords for the operator.</summary>
internal static class NewPassword
{
    private const string UserSql = """
        -- user of new password
        SELECT "id" FROM "User" WHERE "email" = @email
        """;

    private const string UpdateSql = """
        -- set password
        UPDATE "User" SET "passwordHash" = @hash WHERE "id" = @user
        """;

    /// <summary>Sets a new password for the user with an e-mail address; it ends all of the user's sessions and any lock.</summary>
    /// <returns>False if no user has that e-mail address.</returns>
    public static async Task<bool> SetAsync(
        MainDatabase main, LoginAttempts attempts, string email, string password, CancellationToken cancellationToken)
    {
        email = CreatorStore.NormalizeEmail(email);
        var users = await main.QueryAsync(UserSql, row => main.Dialect.ReadGuid(row, 0), cancellationToken, ("@email", email));
        if (users is not [var user])
        {
            return false;
        }

        // Hashing is slow, so it runs before anything is locked.
        var hash = Passwords.Hash(password);
        await main.TransactAsync(
            "new password",
            async transaction =>
            {
                await main.Dialect.ExecuteAsync(transaction, UpdateSql, cancellationToken, ("@hash", hash), ("@user", user));
                return await RefreshFamilies.EndAllAsync(main.Dialect, transaction, user, cancellationToken);
            },
            cancellationToken);
        await attempts.UnlockAsync(attempts.AccountOf(email), cancellationToken);
        return true;
    }
}
