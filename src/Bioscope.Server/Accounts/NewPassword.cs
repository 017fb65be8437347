using System.Data.Common;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Storage;

namespace Bioscope.Server.Accounts;

/// <summary>Sets passwords, whoever may.</summary>
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

    /// <summary>
    /// Sets a new password for the user with an e-mail address; it ends all of the user's sessions, mailed links and any lock.
    /// </summary>
    /// <param name="main">The database of users.</param>
    /// <param name="attempts">Where locks are.</param>
    /// <param name="email">The e-mail address.</param>
    /// <param name="password">The new password, which obeys the rules.</param>
    /// <param name="cancellationToken">Cancels the change.</param>
    /// <param name="mayChange">Asked within the transaction, with the user; when it returns false, nothing changes.</param>
    /// <returns>False if no user has that e-mail address, or it may not be changed.</returns>
    public static async Task<bool> SetAsync(
        MainDatabase main, LoginAttempts attempts, string email, string password, CancellationToken cancellationToken,
        Func<DbTransaction, Guid, Task<bool>>? mayChange = null)
    {
        email = CreatorStore.NormalizeEmail(email);
        var users = await main.QueryAsync(UserSql, row => main.Dialect.ReadGuid(row, 0), cancellationToken, ("@email", email));
        if (users is not [var user])
        {
            return false;
        }

        // Hashing is slow, so it runs before anything is locked.
        var hash = Passwords.Hash(password);
        var isSet = await main.TransactAsync(
            "new password",
            async transaction =>
            {
                if (mayChange is not null && !await mayChange(transaction, user))
                {
                    return false;
                }

                await main.Dialect.ExecuteAsync(transaction, UpdateSql, cancellationToken, ("@hash", hash), ("@user", user));
                await MailedLinks.EndAllAsync(main.Dialect, transaction, user, cancellationToken);
                await RefreshFamilies.EndAllAsync(main.Dialect, transaction, user, cancellationToken);
                return true;
            },
            cancellationToken);
        if (!isSet)
        {
            return false;
        }

        await attempts.UnlockAsync(attempts.AccountOf(email), cancellationToken);
        return true;
    }
}
