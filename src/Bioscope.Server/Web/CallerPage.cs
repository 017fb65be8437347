using Bioscope.Core;
using Bioscope.Engine.Storage;
using Bioscope.Server.Configuration;
using Microsoft.Extensions.Caching.Memory;

namespace Bioscope.Server.Web;

/// <summary>
/// Finds the page that a request is about, and whether its caller may do that: the caller's own, by the subject of its token, or the one
/// that it chose, of which it is a member; for a key, the one that the key is for. A page never changes its creator, so the own page is
/// cached for one minute, except where another service writes the tables. A membership is read for every request: who was removed is out at
/// once, on every instance.
/// </summary>
internal sealed class CallerPage(MainDatabase main, Settings settings) : IDisposable
{
    /// <summary>Chooses another page than the caller's own, on routes that are open to members.</summary>
    public const string Header = "X-Bio-Page";

    private const int MaxKnown = 10_000; // about 2 MB
    private static readonly TimeSpan KnownFor = TimeSpan.FromMinutes(1);

    private const string PageOfUser = """
        -- page of user
        SELECT page."id"
        FROM "CreatorProfile" creator LEFT JOIN "BioPage" page ON page."creatorId" = creator."id"
        WHERE creator."userId" = @user
        """;

    private const string RoleOfMember = """
        -- role of member
        SELECT "role" FROM "PageMember" WHERE "bioPageId" = @page AND "userId" = @user
        """;

    private const string PageExists = """
        -- does page exist
        SELECT 1 FROM "BioPage" WHERE "id" = @page
        """;

    private static readonly ApiError NotChosen = ApiError.Invalid($"{Header} must name the page, because this key is for all pages");

    private readonly MemoryCache _known = new(new MemoryCacheOptions { SizeLimit = MaxKnown });

    /// <returns>The page's id, or why there is none.</returns>
    public static Task<(Guid? BioPageId, ApiError? Refusal)> OfCallerAsync(HttpContext http) =>
        OfCallerAsync(http, http.Request.Headers.TryGetValue(Header, out var chosen) ? chosen.ToString() : null);

    /// <summary>As <see cref="OfCallerAsync(HttpContext)"/>, for a page that was chosen in another way; null for the own page.</summary>
    public static Task<(Guid? BioPageId, ApiError? Refusal)> OfCallerAsync(HttpContext http, string? chosen) =>
        http.RequestServices.GetRequiredService<CallerPage>().FindAsync(http, chosen);

    /// <summary>The caller's role on the page that was found.</summary>
    public static PageRole RoleOf(HttpContext http) => http.Items[typeof(PageRole)] as PageRole? ?? PageRole.Owner;

    /// <summary>Finds the caller's page and calls the handler with it, or responds with the reason why there is none.</summary>
    public static async Task WithOwnAsync(HttpContext http, Func<Guid, Task> answer)
    {
        var (page, refusal) = await OfCallerAsync(http);
        await (page is { } own ? answer(own) : Errors.WriteAsync(http, refusal!));
    }

    /// <summary>Looks the user's page up again, because it is erased.</summary>
    public void Forget(Guid user) => _known.Remove(user);

    public void Dispose() => _known.Dispose();

    private async Task<(Guid? BioPageId, ApiError? Refusal)> FindAsync(HttpContext http, string? chosen)
    {
        if (ApiKey.Of(http) is { } key)
        {
            return await FindAsync(http, key, chosen);
        }

        if (http.User.FindFirst("sub") is not { Value: { Length: > 0 } subject })
        {
            return (null, ApiError.Unauthorized);
        }

        // Our users' ids are UUIDs, so any other subject has no profile here.
        if (!Uuid.TryParse(subject, out var user))
        {
            return (null, ApiError.CreatorNotFound);
        }

        var access = http.GetEndpoint()?.Metadata.GetMetadata<PageAccess>();
        if (chosen is null || access?.IgnoresChoice == true)
        {
            return await FindOwnAsync(user, http.RequestAborted);
        }

        if (!Uuid.TryParse(chosen, out var page))
        {
            return (null, ApiError.BioPageNotFound);
        }

        if ((await FindOwnAsync(user, http.RequestAborted)).BioPageId == page)
        {
            return (page, null);
        }

        // A page of others and one that does not exist are the same to who is no member.
        if (await RoleOfAsync(user, page, http.RequestAborted) is not { } role)
        {
            return (null, ApiError.BioPageNotFound);
        }

        http.Items[typeof(PageRole)] = role;
        return role >= (access?.Least ?? PageRole.Owner) ? (page, null) : (null, ApiError.Forbidden);
    }

    /// <summary>A key of one page needs no choice; one of all pages always does.</summary>
    private async Task<(Guid? BioPageId, ApiError? Refusal)> FindAsync(HttpContext http, ApiKey key, string? chosen)
    {
        http.Items[typeof(PageRole)] = PageRole.Viewer;
        if (!KeyAccess.Allows(http, key))
        {
            return (null, ApiError.KeyForbidden);
        }

        if (chosen is null)
        {
            return key.BioPageId is { } own ? (own, null) : (null, NotChosen);
        }

        // A page that the key does not open and one that does not exist are the same to it.
        return Uuid.TryParse(chosen, out var page)
            && await http.RequestServices.GetRequiredService<ApiKeys>().OpensAsync(key, page, http.RequestAborted)
            && await ExistsAsync(page, http.RequestAborted)
            ? (page, null)
            : (null, ApiError.BioPageNotFound);
    }

    /// <summary>Whether there is such a page.</summary>
    public async Task<bool> ExistsAsync(Guid page, CancellationToken cancellationToken) =>
        await main.QueryAsync(PageExists, _ => true, cancellationToken, ("@page", page)) is [_];

    private async Task<PageRole?> RoleOfAsync(Guid user, Guid page, CancellationToken cancellationToken)
    {
        if (settings.SharedOwnership)
        {
            return null;
        }

        var roles = await main.QueryAsync(
            RoleOfMember, row => MemberRole.Read(row.GetString(0)), cancellationToken, ("@page", page), ("@user", user));
        return roles is [var role] ? role : null;
    }

    private async Task<(Guid? BioPageId, ApiError? Refusal)> FindOwnAsync(Guid user, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue(user, out Guid known))
        {
            return (known, null);
        }

        var found = await main.QueryAsync(
            PageOfUser,
            row => row.IsDBNull(0) ? (Guid?)null : main.Dialect.ReadGuid(row, 0),
            cancellationToken,
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
