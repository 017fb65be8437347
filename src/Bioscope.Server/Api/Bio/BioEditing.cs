using System.Data.Common;
using Bioscope.Engine.Storage;
using Bioscope.Server.Configuration;
using Bioscope.Server.Web;

namespace Bioscope.Server.Api.Bio;

/// <summary>
/// <c>GET</c> and <c>PUT /api/v1/creators/bio</c>: the caller's own page. PUT sets title and description, and removes them when they are
/// absent; what else is absent is left unchanged.
/// </summary>
internal static class BioEditing
{
    // Adding and ordering lock the page's row, so that simultaneous edits see each other's result.
    private const string LockSql = """
        -- hold page
        SELECT "id" FROM "BioPage" WHERE "id" = @page {forUpdate}
        """;

    public static void Map(IEndpointRouteBuilder creators, Settings settings)
    {
        creators.MapGet("bio", http => CallerPage.WithOwnAsync(http, page => AnswerAsync(http, page)))
            .RequireAuthorization().WithMetadata(Reads("bio", settings), KeyAccess.Read);
        creators.MapPut("bio", http => CallerPage.WithOwnAsync(http, page => PutAsync(http, page)))
            .RequireAuthorization().WithMetadata(Edits("bio put", settings));
    }

    public static ThrottlePolicy Reads(string route, Settings settings) => new(route, settings.BioReadsPerMinute, TimeSpan.FromMinutes(1));

    public static ThrottlePolicy Edits(string route, Settings settings) => new(route, settings.BioEditsPerMinute, TimeSpan.FromMinutes(1));

    /// <summary>Does the work in a transaction that excludes other edits to the lists of the page.</summary>
    public static async Task<ApiError?> HoldingAsync(HttpContext http, Guid page, Func<MainDatabase, DbTransaction, Task<ApiError?>> work)
    {
        var main = http.RequestServices.GetRequiredService<MainDatabase>();
        // A refused request has not changed anything yet.
        return await main.TransactAsync(
            "edit lists of page",
            async transaction => await main.Dialect.QueryAsync(transaction, LockSql, _ => true, http.RequestAborted, ("@page", page)) is []
                ? ApiError.BioPageNotFound
                : await work(main, transaction),
            http.RequestAborted);
    }

    private static async Task PutAsync(HttpContext http, Guid page)
    {
        var (fields, refusal) = await JsonRequest.ReadAsync(http, PageFields.Read);
        refusal ??= await PageStore.UpdateAsync(http, page, fields!);
        await (refusal is null ? AnswerAsync(http, page) : Errors.WriteAsync(http, refusal));
    }

    /// <summary>Sends the page.</summary>
    public static async Task AnswerAsync(HttpContext http, Guid page)
    {
        var found = await BioPage.OfIdAsync(http.RequestServices.GetRequiredService<MainDatabase>(), page, http.RequestAborted);
        await (found is null
            ? Errors.WriteAsync(http, ApiError.BioPageNotFound)
            : ApiResponse.OkAsync(http, found, BioJson.Default.SuccessBioPage));
    }
}
