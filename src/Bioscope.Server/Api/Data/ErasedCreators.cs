using Bioscope.Engine.Creators;
using Bioscope.Engine.Erasing;
using Bioscope.Engine.Storage;
using Bioscope.Server.Accounts;

namespace Bioscope.Server.Api.Data;

/// <summary>Finds what belongs to a user who is to be erased.</summary>
internal static class ErasedCreators
{
    private const string EmailSql = """
        -- e-mail of user to erase
        SELECT "email" FROM "User" WHERE "id" = @user AND "email" IS NOT NULL
        """;

    public static async Task<ErasedCreator> FindAsync(
        MainDatabase main, LoginAttempts attempts, Guid user, CancellationToken cancellationToken)
    {
        var email = (await main.QueryAsync(EmailSql, row => row.GetString(0), cancellationToken, ("@user", user))).SingleOrDefault();
        return new ErasedCreator(
            user, await CreatorStore.PageOfUserAsync(main, user, cancellationToken), email, email is null ? null : attempts.AccountOf(email));
    }
}
