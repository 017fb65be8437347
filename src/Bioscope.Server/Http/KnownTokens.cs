using System.Collections.Concurrent;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Bioscope.Core;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;

namespace Bioscope.Server.Http;

/// <summary>
/// The tokens that were found valid lately: whoever comes with the very same text again is known without the signature being checked
/// anew, from the token's start to its end by our clock. Only for our own key, which never changes while the server runs; an
/// authority may take its keys back. At most twice <see cref="Most"/> are kept, those that came last.
/// </summary>
internal sealed class KnownTokens(TimeProvider clock)
{
    /// <summary>About 1.5 KB each.</summary>
    public const int Most = 8_192;

    private const string Subject = "sub";

    // Longer ones are valid too, and are checked each time: nobody fills the memory with them.
    private const int MostChars = 1_024;

    private ConcurrentDictionary<string, Known> _recent = new(StringComparer.Ordinal);
    private ConcurrentDictionary<string, Known> _older = new(StringComparer.Ordinal);
    private int _recentCount; // the dictionary's own count would lock all of it

    /// <summary>How many are kept.</summary>
    public int Count => _recent.Count + _older.Count;

    /// <returns>Null when the token is not known, or not valid now.</returns>
    public AuthenticateResult? Find(string authorization)
    {
        if (_recent.TryGetValue(authorization, out var known))
        {
            return known.IsValid(clock) ? known.Result : null;
        }

        if (_older.TryGetValue(authorization, out known) && known.IsValid(clock))
        {
            Keep(authorization, known);
            return known.Result;
        }

        return null;
    }

    /// <summary>Keeps what the handler found, of a token that is valid: its subject, and nothing else that it says.</summary>
    public void Keep(string authorization, AuthenticateResult result)
    {
        if (authorization.Length <= MostChars
            && result is { Succeeded: true, Ticket.AuthenticationScheme: var scheme, Properties: { ExpiresUtc: { } expires, IssuedUtc: var notBefore } }
            && result.Principal.FindFirst(Subject)?.Value is { } subject)
        {
            var identity = new ClaimsIdentity([new Claim(Subject, subject)], scheme);
            var lean = AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), scheme));
            Keep(authorization, new Known(lean, notBefore ?? DateTimeOffset.MinValue, expires));
        }
    }

    private void Keep(string authorization, Known known)
    {
        if (!_recent.TryAdd(authorization, known))
        {
            return;
        }

        if (Interlocked.Increment(ref _recentCount) == Most)
        {
            Interlocked.Exchange(ref _recentCount, 0);
            _older = Interlocked.Exchange(ref _recent, new(StringComparer.Ordinal));
        }
    }

    private sealed record Known(AuthenticateResult Result, DateTimeOffset NotBefore, DateTimeOffset Expires)
    {
        // As Bearer.Lifetime says of our own.
        public bool IsValid(TimeProvider clock) =>
            clock.GetUtcNow().TruncateToMillisecond() is var now && Expires > now && !(NotBefore > now);
    }
}

/// <summary>Checks tokens of our own key, each once.</summary>
internal sealed class KnownBearerHandler(IOptionsMonitor<JwtBearerOptions> options, ILoggerFactory logs, UrlEncoder encoder, KnownTokens tokens)
    : JwtBearerHandler(options, logs, encoder)
{
    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Request.Headers.Authorization is not [{ } authorization])
        {
            return await base.HandleAuthenticateAsync();
        }

        if (tokens.Find(authorization) is { } known)
        {
            return known;
        }

        var result = await base.HandleAuthenticateAsync();
        tokens.Keep(authorization, result);
        return result;
    }
}
