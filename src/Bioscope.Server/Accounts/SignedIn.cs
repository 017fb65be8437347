using System.Text.Json.Serialization;
using Bioscope.Server.Configuration;
using Bioscope.Server.Web;

namespace Bioscope.Server.Accounts;

/// <summary>
/// An access token and its validity in seconds. The refresh token is in the cookie. It is included here only for callers that sent theirs
/// in the body because they have no cookies, and for front-ends of <c>Cors:Origins</c>; other pages' scripts must not see it.
/// </summary>
internal sealed record SignedIn(string AccessToken, int ExpiresIn)
{
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(900);

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? RefreshToken { get; init; }

    /// <summary>A new access token for the user.</summary>
    public static SignedIn Now(Settings settings, Guid user, TimeProvider clock) =>
        new(Bearer.Issue(settings, user.ToString("D"), clock.GetUtcNow(), Life), (int)Life.TotalSeconds);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Success<SignedIn>))]
internal sealed partial class SignedInJson : JsonSerializerContext;
