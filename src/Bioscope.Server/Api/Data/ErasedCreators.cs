using Bioscope.Engine.Erasing;
using Bioscope.Engine.Storage;
using Bioscope.Server.Accounts;

namespace Bioscope.Server.Api.Data;

/// <summary>Finds what belongs to a user who is to be erased.</summary>
internal static class ErasedCreators
{
    private const string Sql = """
        -- creator to erase
        SELECT account."email", (SELECT page."id" FROM "BioPage" page JOIN "CreatorProfile" creator ON creator."id" = page."creatorId"
          WHERE creator."userId" = @user) AS "page"
        FROM (SELECT 1 AS "one") AS "single" LEFT JOIN "User" account ON account."id" = @user
        """;

    public static async Task<ErasedCreator> FindAsync(
        MainDatabase main, LoginAttempts attempts, Guid user, CancellationToken cancellationToken)
    {
        var (email, page) = (await main.QueryAsync(
            Sql,
            row => (row.IsDBNull(0) ? null : row.GetString(0), row.IsDBNull(1) ? (Guid?)null : main.Dialect.ReadGuid(row, 1)),
            cancellationToken,
            ("@user", user)))[0];
        return new ErasedCreator(user, page, email, email is null ? null : attempts.AccountOf(email));
    }
}
