using Bioscope.Core;
using Bioscope.Engine.Storage;
using Bioscope.Server.Configuration;
using Microsoft.Extensions.Caching.Memory;

namespace Bioscope.Server.Web;

/// <summary>
/// Finds the one page whose figures a caller may see and that it may edit: its own, by the subject of its token. A page never changes its
/// creator, so the result is cached for one minute, except where another service writes the tables.
/// </summary>
internal sealed class CallerPage(MainDatabase main, Settings settings) : IDisposable
{
    private const int MaxKnown = 10_000; // about 2 MB
    private static readonly TimeSpan KnownFor = TimeSpan.FromMinutes(1);

    private const string PageOfUser = """
        -- page of user
        SELECT page."id"
        FROM "CreatorProfile" creator LEFT JOIN "BioPage" page ON page."creatorId" = creator."id"
        WHERE creator."userId" = @user
        """;

    private readonly MemoryCache _known = new(new MemoryCacheOptions { SizeLimit = MaxKnown });

    /// <returns>The page's id, or why there is none.</returns>
    public static Task<(Guid? BioPageId, ApiError? Refusal)> OfCallerAsync(HttpContext http) =>
        http.RequestServices.GetRequiredService<CallerPage>().FindAsync(http);

    /// <summary>Finds the caller's page and calls the handler with it, or responds with the reason why there is none.</summary>
    public static async Task WithOwnAsync(HttpContext http, Func<Guid, Task> answer)
    {
        var (page, refusal) = await OfCallerAsync(http);
        await (page is { } own ? answer(own) : Errors.WriteAsync(http, refusal!));
    }

    public void Dispose() => _known.Dispose();

    private async Task<(Guid? BioPageId, ApiError? Refusal)> FindAsync(HttpContext http)
    {
        if (http.User.FindFirst("sub") is not { Value: { Length: > 0 } subject })
        {
            return (null, ApiError.Unauthorized);
        }

        // Our users' ids are UUIDs, so any other subject has no profile here.
        if (!Uuid.TryParse(subject, out var user))
        {
            return (null, ApiError.CreatorNotFound);
        }

        if (_known.TryGetValue(user, out Guid known))
        {
            return (known, null);
        }

        var found = await main.QueryAsync(
            PageOfUser,
            row => row.IsDBNull(0) ? (Guid?)null : main.Dialect.ReadGuid(row, 0),
            http.RequestAborted,
            ("@user", user));
        return found switch
        {
            [] => (null, ApiError.CreatorNotFound),
            [null, ..] => (null, ApiError.BioPageNotFound),
            [{ } page, ..] => (Remember(user, page), null),
        };
    }

    private Guid Remember(Guid user, Guid page)
    {
        if (!settings.SharedOwnership)
        {
            _known.Set(user, page, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = KnownFor });
        }

        return page;
    }
}
