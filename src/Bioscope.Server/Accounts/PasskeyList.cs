using System.Text.Json.Serialization;
using Bioscope.Engine.Auditing;
using Bioscope.Server.Auditing;
using Bioscope.Server.Configuration;
using Bioscope.Server.Web;
using Fido2NetLib;

namespace Bioscope.Server.Accounts;

/// <summary>
/// <c>GET /api/v1/auth/passkeys</c>: the caller's passkeys, oldest first; <c>DELETE …/{id}</c> removes one. They are made and used only on
/// this server's own pages (decision 0024). One of another user gets 404, like one that does not exist.
/// </summary>
/// <param name="List">The passkeys.</param>
internal sealed record PasskeyList([property: JsonPropertyName("passkeys")] IReadOnlyList<Passkey> List)
{
    private static readonly ApiError NotFound = new(404, "PASSKEY_NOT_FOUND", "auth.passkey_not_found", "You have no such passkey.");

    public static void Map(IEndpointRouteBuilder auth, Settings settings)
    {
        auth.MapGet("passkeys", AnswerAsync).RequireAuthorization()
            .WithMetadata(new ThrottlePolicy("passkeys", settings.BioReadsPerMinute, TimeSpan.FromMinutes(1)));
        auth.MapDelete("passkeys/{id}", DeleteAsync).RequireAuthorization()
            .WithMetadata(new ThrottlePolicy("passkey delete", settings.BioEditsPerMinute, TimeSpan.FromMinutes(1)));
    }

    private static async Task AnswerAsync(HttpContext http)
    {
        var passkeys = Sessions.UserOf(http) is { } user ? await ServiceOf(http).ReadAsync(user, http.RequestAborted) : [];
        await ApiResponse.OkAsync(http, new PasskeyList(passkeys), PasskeyJson.Default.SuccessPasskeyList);
    }

    /// <summary>Removes one.</summary>
    /// <returns>False when the user does not have it.</returns>
    public static async Task<bool> RemoveAsync(HttpContext http, Guid user, string id)
    {
        if (!await ServiceOf(http).RemoveAsync(user, id, http.RequestAborted))
        {
            return false;
        }

        await Audit.WriteAsync(http, AuditKind.PasskeyRemoved, user);
        return true;
    }

    private static async Task DeleteAsync(HttpContext http) => await (
        Sessions.UserOf(http) is { } user && await RemoveAsync(http, user, (string)http.Request.RouteValues["id"]!)
            ? ApiResponse.AcknowledgeAsync(http)
            : Errors.WriteAsync(http, NotFound));

    private static Passkeys ServiceOf(HttpContext http) => http.RequestServices.GetRequiredService<Passkeys>();
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, Converters = [typeof(InstantConverter)])]
[JsonSerializable(typeof(Success<PasskeyList>))]
[JsonSerializable(typeof(AuthenticatorAttestationRawResponse))]
[JsonSerializable(typeof(AuthenticatorAssertionRawResponse))]
internal sealed partial class PasskeyJson : JsonSerializerContext;
