using System.Text.Json.Serialization;
using Bioscope.Core;
using Bioscope.Server.Api.Bio;
using Bioscope.Server.Configuration;
using Bioscope.Server.Web;

namespace Bioscope.Server.Api.Sharing;

/// <summary>
/// <c>/api/v1/creators/analytics/shared-views</c>: the links by which others see figures of the caller's own page, newest first. A view of
/// another page gets 404, like one that does not exist.
/// </summary>
internal static class SharedViewRoutes
{
    public static void Map(IEndpointRouteBuilder reports, Settings settings)
    {
        var views = reports.MapGroup("shared-views").RequireAuthorization();
        views.MapGet("", http => CallerPage.WithOwnAsync(http, page => ListAsync(http, page)))
            .WithMetadata(BioEditing.Reads("shared views", settings));
        views.MapPost("", http => CallerPage.WithOwnAsync(http, page => PostAsync(http, page)))
            .WithMetadata(BioEditing.Edits("shared view post", settings));
        views.MapDelete("{id}", http => CallerPage.WithOwnAsync(http, page => DeleteAsync(http, page)))
            .WithMetadata(BioEditing.Edits("shared view delete", settings));
    }

    private static async Task ListAsync(HttpContext http, Guid page) => await ApiResponse.OkAsync(
        http, new SharedViewList(await SharedView.ReadAsync(http, page)), SharedViewJson.Default.SuccessSharedViewList);

    private static async Task PostAsync(HttpContext http, Guid page)
    {
        var services = http.RequestServices;
        var zone = await services.GetRequiredService<PageZone>().FindAsync(page, http.RequestAborted);
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        var (fields, refusal) = await JsonRequest.ReadAsync(http, body => SharedViewFields.Read(body, zone, now));
        SharedView? view = null;
        if (fields is not null)
        {
            (view, refusal) = await SharedView.AddAsync(http, page, fields);
        }

        if (view is null)
        {
            await Errors.WriteAsync(http, refusal!);
            return;
        }

        http.Response.StatusCode = StatusCodes.Status201Created;
        await ApiResponse.OkAsync(http, view, SharedViewJson.Default.SuccessSharedView);
    }

    private static async Task DeleteAsync(HttpContext http, Guid page) => await (
        Uuid.TryParse((string?)http.Request.RouteValues["id"], out var id) && await SharedView.RemoveAsync(http, page, id)
            ? ApiResponse.AcknowledgeAsync(http)
            : Errors.WriteAsync(http, ApiError.SharedViewNotFound));
}

/// <summary>The shared views of a page, newest first.</summary>
internal sealed record SharedViewList(IReadOnlyList<SharedView> SharedViews);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Success<SharedView>))]
[JsonSerializable(typeof(Success<SharedViewList>))]
internal sealed partial class SharedViewJson : JsonSerializerContext;
