using Bioscope.Core;
using Bioscope.Server.Http;
using Bioscope.Server.Storage;

namespace Bioscope.Server.Creators;

/// <summary>Finds the one page that a caller may see the figures of and edit: its own, by the subject of its token.</summary>
internal static class OwnPage
{
    private const string PageOfUser = """
        -- page of user
        SELECT page."id"
        FROM "CreatorProfile" creator LEFT JOIN "BioPage" page ON page."creatorId" = creator."id"
        WHERE creator."userId" = @user
        """;

    /// <returns>The page's id, or why there is none.</returns>
    public static async Task<(Guid? BioPageId, ApiError? Refusal)> OfCallerAsync(HttpContext http)
    {
        if (http.User.FindFirst("sub") is not { Value: { Length: > 0 } subject })
        {
            return (null, ApiError.Unauthorized);
        }

        // Our users' ids are UUIDs; a subject that is none belongs to somebody else's user.
        if (!Uuid.TryParse(subject, out var user))
        {
            return (null, ApiError.CreatorNotFound);
        }

        var main = http.RequestServices.GetRequiredService<MainDatabase>();
        var found = await main.QueryAsync(
            PageOfUser,
            row => row.IsDBNull(0) ? (Guid?)null : main.Dialect.ReadGuid(row, 0),
            http.RequestAborted,
            ("@user", user));
        return found switch
        {
            [] => (null, ApiError.CreatorNotFound),
            [null, ..] => (null, ApiError.BioPageNotFound),
            [var page, ..] => (page, null),
        };
    }
}
