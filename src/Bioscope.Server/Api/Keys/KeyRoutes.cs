using System.Text.Json.Serialization;
using Bioscope.Core;
using Bioscope.Engine.Auditing;
using Bioscope.Engine.Json;
using Bioscope.Server.Api.Bio;
using Bioscope.Server.Auditing;
using Bioscope.Server.Configuration;
using Bioscope.Server.Web;

namespace Bioscope.Server.Api.Keys;

/// <summary>
/// <c>/api/v1/creators/keys</c>: the page's API keys, oldest first; POST makes one that reads the page, whose text is in this answer
/// only, and <c>DELETE …/{id}</c> removes one. Only the page's owner may: a key opens the page to whoever has it. A key of another page
/// gets 404, like one that does not exist.
/// </summary>
internal static class KeyRoutes
{
    public static void Map(IEndpointRouteBuilder creators, Settings settings)
    {
        var keys = creators.MapGroup("keys").RequireAuthorization();
        keys.MapGet("", http => CallerPage.WithOwnAsync(http, page => ListAsync(http, page)))
            .WithMetadata(BioEditing.Reads("keys", settings));
        keys.MapPost("", http => CallerPage.WithOwnAsync(http, page => PostAsync(http, page)))
            .WithMetadata(BioEditing.Edits("key post", settings));
        keys.MapDelete("{id}", http => CallerPage.WithOwnAsync(http, page => DeleteAsync(http, page)))
            .WithMetadata(BioEditing.Edits("key delete", settings));
    }

    /// <summary>Makes a key that reads the page.</summary>
    public static async Task<(NewPageKey? Key, ApiError? Refusal)> AddAsync(HttpContext http, Guid page, string name)
    {
        NewPageKey? made = null;
        var refusal = await BioEditing.HoldingAsync(http, page, async (_, transaction) =>
        {
            if (await KeysOf(http).AddAsync(transaction, name, KeyScope.Read, page, http.RequestAborted) is not var (key, text))
            {
                return ApiError.Conflict($"a page has at most {ApiKey.Max} API keys");
            }

            made = new NewPageKey(key.Id, key.Name, key.Scope, key.CreatedAt, text.Text);
            return null;
        });
        if (refusal is not null)
        {
            return (null, refusal);
        }

        await Audit.WriteAsync(http, AuditKind.KeyMade, page: page, subject: made!.Id.ToString("D"));
        return (made, null);
    }

    /// <summary>Removes one of the page's keys.</summary>
    /// <returns>False when the page does not have it.</returns>
    public static async Task<bool> RemoveAsync(HttpContext http, Guid page, Guid id)
    {
        var isRemoved = await KeysOf(http).RemoveAsync(page, id, http.RequestAborted);
        if (isRemoved)
        {
            await Audit.WriteAsync(http, AuditKind.KeyRevoked, page: page, subject: id.ToString("D"));
        }

        return isRemoved;
    }

    /// <summary>The name in a body; empty where it is refused.</summary>
    public static string NameIn(JsonBody body) => DisplayText.RequiredLine(body, "name");

    private static async Task ListAsync(HttpContext http, Guid page)
    {
        var keys = await KeysOf(http).ReadAsync(page, http.RequestAborted);
        await ApiResponse.OkAsync(
            http, new PageKeys([.. keys.Select(key => new PageKey(key.Id, key.Name, key.Scope, key.CreatedAt, key.UsedAt))]),
            KeyJson.Default.SuccessPageKeys);
    }

    private static async Task PostAsync(HttpContext http, Guid page)
    {
        var (name, refusal) = await JsonRequest.ReadAsync(http, NameIn);
        NewPageKey? key = null;
        if (refusal is null)
        {
            (key, refusal) = await AddAsync(http, page, name!);
        }

        if (refusal is not null)
        {
            await Errors.WriteAsync(http, refusal);
            return;
        }

        http.Response.StatusCode = StatusCodes.Status201Created;
        await ApiResponse.OkAsync(http, key!, KeyJson.Default.SuccessNewPageKey);
    }

    private static async Task DeleteAsync(HttpContext http, Guid page) => await (
        Uuid.TryParse((string?)http.Request.RouteValues["id"], out var id) && await RemoveAsync(http, page, id)
            ? ApiResponse.AcknowledgeAsync(http)
            : Errors.WriteAsync(http, ApiError.KeyNotFound));

    private static ApiKeys KeysOf(HttpContext http) => http.RequestServices.GetRequiredService<ApiKeys>();
}

/// <summary>The page's keys.</summary>
internal sealed record PageKeys(IReadOnlyList<PageKey> Keys);

/// <summary>A key as the page's owner sees it.</summary>
internal sealed record PageKey(
    Guid Id, string Name, string Scope, DateTimeOffset CreatedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] DateTimeOffset? UsedAt);

/// <summary>A key that was just made, with its text, which is shown only here.</summary>
internal sealed record NewPageKey(Guid Id, string Name, string Scope, DateTimeOffset CreatedAt, string Key);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, Converters = [typeof(InstantConverter)])]
[JsonSerializable(typeof(Success<PageKeys>))]
[JsonSerializable(typeof(Success<NewPageKey>))]
internal sealed partial class KeyJson : JsonSerializerContext;
