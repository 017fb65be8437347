using Bioscope.Core;
using Bioscope.Engine.Storage;
using Bioscope.Server.Configuration;
using Bioscope.Server.Web;

namespace Bioscope.Server.Api.Bio;

/// <summary>
/// <c>/api/v1/creators/bio/links</c>: the links of the caller's own page. A link of another page gets 404, like one that does not exist.
/// </summary>
internal sealed record BioLinks(IReadOnlyList<BioLink> Links)
{
    public static void Map(IEndpointRouteBuilder creators, Settings settings)
    {
        var links = creators.MapGroup("bio/links").RequireAuthorization();
        links.MapGet("", Own(ListAsync)).WithMetadata(BioEditing.Reads("bio links", settings), KeyAccess.Read);
        links.MapPost("", Own(PostAsync)).WithMetadata(BioEditing.Edits("bio link post", settings));
        links.MapPut("order", Own(OrderAsync)).WithMetadata(BioEditing.Edits("bio links order", settings));
        links.MapGet("deleted", Own(ListDeletedAsync)).WithMetadata(BioEditing.Reads("bio links deleted", settings));
        links.MapGet("{id}", OwnLink(AnswerAsync)).WithMetadata(BioEditing.Reads("bio link", settings), KeyAccess.Read);
        links.MapPut("{id}", OwnLink(PutAsync)).WithMetadata(BioEditing.Edits("bio link put", settings));
        links.MapDelete("{id}", OwnLink(DeleteAsync)).WithMetadata(BioEditing.Edits("bio link delete", settings));
        links.MapPost("{id}/restore", OwnLink(RestoreAsync)).WithMetadata(BioEditing.Edits("bio link restore", settings));

        static RequestDelegate Own(Func<HttpContext, Guid, Task> answer) =>
            http => CallerPage.WithOwnAsync(http, page => answer(http, page));

        static RequestDelegate OwnLink(Func<HttpContext, Guid, Guid, Task> answer) =>
            Own((http, page) => Uuid.TryParse((string?)http.Request.RouteValues["id"], out var link)
                ? answer(http, page, link)
                : Errors.WriteAsync(http, ApiError.LinkNotFound));
    }

    private static async Task ListAsync(HttpContext http, Guid page) =>
        await ApiResponse.OkAsync(http, new BioLinks(await LinksAsync(http, page)), BioJson.Default.SuccessBioLinks);

    private static async Task ListDeletedAsync(HttpContext http, Guid page) =>
        await ApiResponse.OkAsync(http, new BioLinks(await LinkStore.DeletedAsync(http, page)), BioJson.Default.SuccessBioLinks);

    private static async Task AnswerAsync(HttpContext http, Guid page, Guid link)
    {
        var found = (await LinksAsync(http, page)).FirstOrDefault(other => other.Id == link);
        await (found is null
            ? Errors.WriteAsync(http, ApiError.LinkNotFound)
            : ApiResponse.OkAsync(http, found, BioJson.Default.SuccessBioLink));
    }

    private static async Task PostAsync(HttpContext http, Guid page)
    {
        var (fields, refusal) = await JsonRequest.ReadAsync(http, LinkFields.Read);
        var id = Guid.CreateVersion7(http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow());
        refusal ??= await LinkStore.AddAsync(http, page, id, fields!);
        if (refusal is not null)
        {
            await Errors.WriteAsync(http, refusal);
            return;
        }

        http.Response.StatusCode = StatusCodes.Status201Created;
        http.Response.Headers.Location = $"{http.Request.Path.Value!.TrimEnd('/')}/{id:D}";
        await AnswerAsync(http, page, id);
    }

    private static async Task PutAsync(HttpContext http, Guid page, Guid link)
    {
        var (fields, refusal) = await JsonRequest.ReadAsync(http, LinkFields.Read);
        refusal ??= await LinkStore.UpdateAsync(http, page, link, fields!);
        await (refusal is null ? AnswerAsync(http, page, link) : Errors.WriteAsync(http, refusal));
    }

    private static async Task DeleteAsync(HttpContext http, Guid page, Guid link)
    {
        var refusal = await LinkStore.DeleteAsync(http, page, link);
        await (refusal is null ? ApiResponse.AcknowledgeAsync(http) : Errors.WriteAsync(http, refusal));
    }

    private static async Task RestoreAsync(HttpContext http, Guid page, Guid link)
    {
        var refusal = await LinkStore.RestoreAsync(http, page, link);
        await (refusal is null ? AnswerAsync(http, page, link) : Errors.WriteAsync(http, refusal));
    }

    private static async Task OrderAsync(HttpContext http, Guid page)
    {
        var (ids, refusal) = await JsonRequest.ReadAsync(http, body => body.RequiredUuids("ids"));
        refusal ??= await LinkStore.OrderAsync(http, page, ids!);
        await (refusal is null ? ListAsync(http, page) : Errors.WriteAsync(http, refusal));
    }

    private static async Task<IReadOnlyList<BioLink>> LinksAsync(HttpContext http, Guid page) =>
        (await BioPage.OfIdAsync(http.RequestServices.GetRequiredService<MainDatabase>(), page, http.RequestAborted))?.Links ?? [];
}
