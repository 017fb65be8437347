using System.Text.Json.Serialization;
using Bioscope.Core;
using Bioscope.Engine.Ingest;
using Bioscope.Engine.Json;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Storage;
using Bioscope.Server.Configuration;
using Bioscope.Server.Web;

namespace Bioscope.Server.Api.Bio;

/// <summary>
/// <c>/api/v1/creators/bio/sites</c>: the sites that the caller counts beside her page, oldest first. Visits that come from their origin
/// are hers without a tracking token. A site of another page gets 404, like one that does not exist.
/// </summary>
internal sealed record BioSites(IReadOnlyList<BioSite> Sites)
{
    /// <summary>The maximum of sites that a page has: each visit from a site looks through them.</summary>
    public const int Max = 20;

    private const string ListSql = """
        -- sites
        SELECT "id", "origin" FROM "Site" WHERE "bioPageId" = @page ORDER BY "createdAt", "id"
        """;

    private const string RemoveSql = """
        -- remove site
        DELETE FROM "Site" WHERE "id" = @id AND "bioPageId" = @page
        """;

    public static void Map(IEndpointRouteBuilder creators, Settings settings)
    {
        var sites = creators.MapGroup("bio/sites").RequireAuthorization();
        sites.MapGet("", http => CallerPage.WithOwnAsync(http, page => ListAsync(http, page))).WithMetadata(BioEditing.Reads("bio sites", settings), KeyAccess.Read);
        sites.MapPost("", http => CallerPage.WithOwnAsync(http, page => PostAsync(http, page)))
            .WithMetadata(BioEditing.Edits("bio site post", settings));
        sites.MapDelete("{id}", http => CallerPage.WithOwnAsync(http, page => DeleteAsync(http, page)))
            .WithMetadata(BioEditing.Edits("bio site delete", settings));
    }

    /// <summary>The page's sites, oldest first.</summary>
    public static Task<List<BioSite>> ReadAsync(MainDatabase main, Guid page, CancellationToken cancellationToken) => main.QueryAsync(
        ListSql, row => new BioSite(main.Dialect.ReadGuid(row, 0), row.GetString(1)), cancellationToken, ("@page", page));

    /// <summary>Adds a site, or returns why the page cannot have it.</summary>
    public static async Task<ApiError?> AddAsync(HttpContext http, Guid page, BioSite site)
    {
        var refusal = await BioEditing.HoldingAsync(http, page, async (main, transaction) =>
        {
            var origins = await main.Dialect.QueryAsync(
                transaction, ListSql, row => row.GetString(1), http.RequestAborted, ("@page", page));
            if (origins.Find(origin => SiteOrigin.SiteOf(origin) == SiteOrigin.SiteOf(site.Origin)) is { } known)
            {
                return ApiError.Conflict($"{known} is counted already");
            }

            if (origins.Count >= Max)
            {
                return ApiError.Conflict($"a page has at most {Max} sites");
            }

            var now = http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
            await main.Dialect.InsertAsync(transaction, SiteRow.Table, [new SiteRow(site.Id, page, site.Origin, now)], http.RequestAborted);
            return null;
        });
        http.RequestServices.GetRequiredService<PageSites>().Forget(page);
        return refusal;
    }

    /// <summary>Removes a site: its visits stay, later ones are not counted.</summary>
    /// <returns>False when the page does not have it.</returns>
    public static async Task<bool> RemoveAsync(HttpContext http, Guid page, Guid id)
    {
        var removed = await MainOf(http).ExecuteAsync(RemoveSql, http.RequestAborted, ("@id", id), ("@page", page));
        http.RequestServices.GetRequiredService<PageSites>().Forget(page);
        return removed == 1;
    }

    /// <summary>Reads the origin of a body, from any address of the site; empty where it is refused.</summary>
    public static string OriginOf(JsonBody body)
    {
        var text = body.RequiredText("origin", 1, int.MaxValue);
        if (text.Length > 0 && SiteOrigin.Of(text) is null)
        {
            body.Refuse("origin", "must be the address of a web site, such as https://shop.example");
        }

        return SiteOrigin.Of(text) ?? "";
    }

    private static async Task ListAsync(HttpContext http, Guid page) => await ApiResponse.OkAsync(
        http, new BioSites(await ReadAsync(MainOf(http), page, http.RequestAborted)), SiteJson.Default.SuccessBioSites);

    private static async Task PostAsync(HttpContext http, Guid page)
    {
        var id = Guid.CreateVersion7(http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow());
        var (site, refusal) = await JsonRequest.ReadAsync(http, body => new BioSite(id, OriginOf(body)));
        refusal ??= await AddAsync(http, page, site!);
        if (refusal is not null)
        {
            await Errors.WriteAsync(http, refusal);
            return;
        }

        http.Response.StatusCode = StatusCodes.Status201Created;
        await ApiResponse.OkAsync(http, site!, SiteJson.Default.SuccessBioSite);
    }

    private static async Task DeleteAsync(HttpContext http, Guid page) => await (
        Uuid.TryParse((string?)http.Request.RouteValues["id"], out var id) && await RemoveAsync(http, page, id)
            ? ApiResponse.AcknowledgeAsync(http)
            : Errors.WriteAsync(http, ApiError.SiteNotFound));

    private static MainDatabase MainOf(HttpContext http) => http.RequestServices.GetRequiredService<MainDatabase>();
}

/// <summary>A site: its origin, such as <c>https://shop.example</c>.</summary>
internal sealed record BioSite(Guid Id, string Origin);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Success<BioSite>))]
[JsonSerializable(typeof(Success<BioSites>))]
internal sealed partial class SiteJson : JsonSerializerContext;
