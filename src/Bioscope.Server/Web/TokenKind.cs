using Microsoft.IdentityModel.JsonWebTokens;

namespace Bioscope.Server.Web;

/// <summary>
/// Whether a token with a valid signature is an access token. A service that shares the secret also signs other tokens with it: refresh
/// tokens, ID tokens, links that confirm an e-mail address or reset a password. They differ only in their headers and claims.
/// </summary>
internal static class TokenKind
{
    // RFC 9068, 2.1, and plain JWT, which most services use.
    private static readonly HashSet<string> HeaderTypes = new(StringComparer.OrdinalIgnoreCase) { "JWT", "at+jwt", "application/at+jwt" };

    // Where each states the kind: typ Keycloak; type Flask-JWT-Extended; token_type Django's Simple JWT; token_use Cognito; use and
    // purpose services that sign links. A token without any of them is an access token, like those of the published API.
    private static readonly string[] KindClaims = ["typ", "type", "token_type", "tokenType", "token_use", "tokenUse", "use", "purpose"];

    private static readonly HashSet<string> AccessKinds =
        new(StringComparer.OrdinalIgnoreCase) { "access", "access_token", "access-token", "accessToken", "Bearer", "JWT", "at+jwt",
            "application/at+jwt" };

    // Only ID tokens have hashes of the tokens issued with them (OpenID Connect Core 3.3.2.11); only security events and logout tokens
    // have events (RFC 8417).
    private static readonly string[] ClaimsOfOthers = ["at_hash", "c_hash", "s_hash", "events"];

    /// <returns>Null for an access token, otherwise what contradicts it: <c>header typ</c> or the name of a claim. Its value may be
    /// anything.</returns>
    public static string? Contradiction(JsonWebToken token)
    {
        if (token.TryGetHeaderValue<object>("typ", out var type) && !IsOneOf(HeaderTypes, type))
        {
            return "header typ";
        }

        return Array.Find(KindClaims, claim => token.TryGetPayloadValue<object>(claim, out var kind) && !IsOneOf(AccessKinds, kind))
            ?? Array.Find(ClaimsOfOthers, claim => token.TryGetPayloadValue<object>(claim, out _));
    }

    private static bool IsOneOf(HashSet<string> kinds, object? value) => value is string text && kinds.Contains(text);
}
