using System.Globalization;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Storage;
using Bioscope.Server.Api.Bio;
using Bioscope.Server.Web;

namespace Bioscope.Server.BioPages;

/// <summary>
/// <c>GET /@{handle}/avatar-{hash}-{size}.webp</c>: the picture of a page that visitors see. Another picture has another address, so caches
/// keep it for ever.
/// </summary>
internal static class AvatarEndpoint
{
    public static void Map(IEndpointRouteBuilder app) =>
        app.MapRead("/@{handle}/avatar-{hash}-{size}.webp", AnswerAsync);

    /// <summary>The end of a picture's address, after that of its page.</summary>
    public static string NameOf(string hash, int size) => string.Create(CultureInfo.InvariantCulture, $"avatar-{hash}-{size}.webp");

    private static async Task AnswerAsync(HttpContext http)
    {
        string Value(string name) => (string)http.Request.RouteValues[name]!;
        var main = http.RequestServices.GetRequiredService<MainDatabase>();
        var size = Value("size");
        var page = size is "96" or "256" ? await BioPage.OfHandleAsync(main, Value("handle"), http.RequestAborted) : null;
        if (page is null or { Published: false } || page.Avatar != Value("hash")
            || await http.RequestServices.GetRequiredService<SuspendedCreators>().HasPageAsync(page.Id, http.RequestAborted)
            || await BioAvatar.ReadAsync(main, page.Id, page.Avatar, http.RequestAborted) is not { } image)
        {
            await Errors.WriteAsync(http, ApiError.ForStatus(StatusCodes.Status404NotFound));
            return;
        }

        var headers = http.Response.Headers;
        headers.CacheControl = "public, max-age=31536000, immutable";
        headers.ContentSecurityPolicy = "default-src 'none'";
        await ApiResponse.SendAsync(http, size == "96" ? image.Small : image.Large, "image/webp");
    }
}
