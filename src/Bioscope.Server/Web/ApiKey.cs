using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;

namespace Bioscope.Server.Web;

/// <summary>A key by which a program calls the API. It is no user: it has its scope and its page, and nothing else.</summary>
/// <param name="Id">Names it; it opens nothing.</param>
/// <param name="Name">Whose it is, in words of the one who made it.</param>
/// <param name="Scope">One of <see cref="KeyScope.All"/>.</param>
/// <param name="BioPageId">The one page that it is for; null for all pages.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="UsedAt">When it was last used, to the minute; null until then.</param>
internal sealed record ApiKey(Guid Id, string Name, string Scope, Guid? BioPageId, DateTimeOffset CreatedAt, DateTimeOffset? UsedAt)
{
    /// <summary>The maximum of keys that a page has: enough for each program, and few enough for one list.</summary>
    public const int Max = 20;

    public const int MaxNameLength = 100;

    /// <summary>The key of the request; null for every other caller.</summary>
    public static ApiKey? Of(HttpContext http) => (http.User.Identity as KeyIdentity)?.Key;

    /// <summary>Whether it is for a page.</summary>
    public bool IsFor(Guid page) => BioPageId is null || BioPageId == page;
}

/// <summary>What keys may do, as it is stored and sent.</summary>
internal static class KeyScope
{
    /// <summary>Reads the figures of a page and what their values are called, as a viewer does.</summary>
    public const string Read = "read";

    /// <summary>Reports visits on behalf of visitors.</summary>
    public const string Ingest = "ingest";

    public static IReadOnlyList<string> All { get; } = [Read, Ingest];
}

/// <summary>The caller of a request with a valid key.</summary>
/// <param name="key">The key.</param>
/// <param name="visitor">The address of the visitor on whose behalf a key of <see cref="KeyScope.Ingest"/> reports.</param>
internal sealed class KeyIdentity(ApiKey key, IPAddress? visitor) : ClaimsIdentity("key")
{
    public ApiKey Key => key;

    public IPAddress? Visitor => visitor;
}

/// <summary>
/// On a route: which scope of a key it takes. A route for signed-in users without it is closed to all keys, so that a route that was
/// forgotten is closed. Public routes ignore keys, except those where a key speaks for visitors.
/// </summary>
/// <param name="Scope">The scope.</param>
internal sealed record KeyAccess(string Scope)
{
    /// <summary>Where the back-end tells the visitor's address. The rest of a visitor's headers it sends as it got them.</summary>
    public const string VisitorHeader = "X-Visitor-Address";

    public static KeyAccess Read { get; } = new(KeyScope.Read);

    public static KeyAccess Ingest { get; } = new(KeyScope.Ingest);

    /// <summary>Whether a key matters to the route of the request.</summary>
    public static bool IsAsked(HttpContext http) => http.GetEndpoint()?.Metadata is { } route
        && (route.GetMetadata<IAuthorizeData>() is not null || Of(route) is { Scope: KeyScope.Ingest });

    /// <summary>Whether the route of the request is open to the key.</summary>
    public static bool Allows(HttpContext http, ApiKey key) =>
        http.GetEndpoint() is { Metadata: var route } && Of(route)?.Scope == key.Scope;

    private static KeyAccess? Of(EndpointMetadataCollection route) => route.GetMetadata<KeyAccess>();
}
