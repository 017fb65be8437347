using System.Collections.Concurrent;
using System.Security.Claims;
using Bioscope.Core;
using Bioscope.Engine.Creators;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;

namespace Bioscope.Server.Web;

/// <summary>
/// The tokens recently found valid. The same text is accepted again without checking its signature, from the token's start to its expiry
/// by the server's clock. Only tokens signed with our own key are cached, because it never changes while the server runs; an authority
/// may withdraw its keys. The most recent tokens are kept: at least <see cref="MaxRecent"/> and at most twice as many.
/// </summary>
internal sealed class ValidatedTokenCache(TimeProvider clock)
{
    /// <summary>About 1.5 KB each.</summary>
    public const int MaxRecent = 8_192;

    /// <summary>Longer headers are validated each time, so that they cannot fill the memory. Our own have 250 characters.</summary>
    public const int MaxChars = 1_024;

    private const string Subject = "sub";

    private ConcurrentDictionary<string, Known> _recent = new(StringComparer.Ordinal);
    private ConcurrentDictionary<string, Known> _older = new(StringComparer.Ordinal);
    private int _recentCount; // the dictionary's own count would lock all of it

    /// <summary>The number of cached tokens.</summary>
    public int Count => _recent.Count + _older.Count;

    /// <returns>The user; null when the token is not cached, or not valid now.</returns>
    public ClaimsPrincipal? Find(string authorization)
    {
        if (_recent.TryGetValue(authorization, out var known))
        {
            return known.IsValid(clock) ? known.User : null;
        }

        if (_older.TryGetValue(authorization, out known) && known.IsValid(clock))
        {
            Keep(authorization, known);
            return known.User;
        }

        return null;
    }

    /// <summary>Caches the subject of a token just found valid, and nothing else from it.</summary>
    public void Keep(string authorization, AuthenticateResult found)
    {
        if (authorization.Length <= MaxChars
            && found is
            {
                Ticket.AuthenticationScheme: JwtBearerDefaults.AuthenticationScheme,
                Properties: { ExpiresUtc: { } expires, IssuedUtc: var notBefore }
            }
            && found.Principal?.FindFirst(Subject)?.Value is { } subject)
        {
            var identity = new ClaimsIdentity([new Claim(Subject, subject)], JwtBearerDefaults.AuthenticationScheme);
            Keep(authorization, new Known(new ClaimsPrincipal(identity), notBefore ?? DateTimeOffset.MinValue, expires));
        }
    }

    private void Keep(string authorization, Known known)
    {
        if (_recent.TryAdd(authorization, known) && Interlocked.Increment(ref _recentCount) == MaxRecent)
        {
            _older = Interlocked.Exchange(ref _recent, new(StringComparer.Ordinal));
            Interlocked.Exchange(ref _recentCount, 0);
        }
    }

    private sealed record Known(ClaimsPrincipal User, DateTimeOffset NotBefore, DateTimeOffset Expires)
    {
        // The same rule as Bearer.Lifetime, for our own tokens.
        public bool IsValid(TimeProvider clock) =>
            clock.GetUtcNow().TruncateToMillisecond() is var now && Expires > now && NotBefore <= now;
    }
}

/// <summary>
/// Authenticates requests. The framework's own middleware creates several objects for every request before it checks whether there is a
/// token.
/// </summary>
internal sealed class AuthenticationMiddleware(RequestDelegate next, ValidatedTokenCache tokens, IServiceProvider services)
{
    // There are none where the databases are another service's.
    private readonly ApiKeys? _keys = services.GetService<ApiKeys>();
    private readonly SuspendedCreators? _suspended = services.GetService<SuspendedCreators>();

    public Task InvokeAsync(HttpContext http)
    {
        var header = http.Request.Headers.Authorization;
        if (header is [{ } authorization] && tokens.Find(authorization) is { } user)
        {
            http.User = user;
            return NextAsync(http);
        }

        return header.Count == 0 ? next(http)
            : header is [{ } key] && KeyText.IsIn(key) ? SignInAsync(http, key)
            : AuthenticateAsync(http);
    }

    private async Task SignInAsync(HttpContext http, string key)
    {
        if (_keys is not null)
        {
            await _keys.SignInAsync(http, key);
        }

        await next(http);
    }

    private async Task AuthenticateAsync(HttpContext http)
    {
        var found = await http.AuthenticateAsync();
        if (found.Principal is { } user)
        {
            http.User = user;
            if (http.Request.Headers.Authorization is [{ } authorization])
            {
                tokens.Keep(authorization, found);
            }
        }

        await NextAsync(http);
    }

    /// <summary>The token of a suspended user is as good as none.</summary>
    private Task NextAsync(HttpContext http)
    {
        if (_suspended is null || !Uuid.TryParse(http.User.FindFirst("sub")?.Value, out var user))
        {
            return next(http);
        }

        var isSuspended = _suspended.HasUserAsync(user, http.RequestAborted);
        return isSuspended is { IsCompletedSuccessfully: true, Result: false } ? next(http) : RefuseAsync(http, isSuspended);
    }

    private async Task RefuseAsync(HttpContext http, ValueTask<bool> isSuspended)
    {
        if (await isSuspended)
        {
            http.User = new ClaimsPrincipal(new ClaimsIdentity());
        }

        await next(http);
    }
}
