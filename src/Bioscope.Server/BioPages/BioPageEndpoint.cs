using System.Text;
using Bioscope.Core;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Storage;
using Bioscope.Server.Api.Bio;
using Bioscope.Server.Configuration;
using Bioscope.Server.Web;

namespace Bioscope.Server.BioPages;

/// <summary><c>GET /@{handle}</c>: the page that a creator shares. Handles are lower case; other spellings lead to it.</summary>
internal static class BioPageEndpoint
{
    /// <summary>
    /// How long a page may be kept. A tracking token holds in its own five minutes and the next, so one made in the last second of
    /// its bucket still lives for <see cref="TrackingToken.Bucket"/>: whoever is served the oldest copy has four minutes left
    /// to read the page and answer whether the visit may be counted.
    /// </summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(1);

    public static void Map(IEndpointRouteBuilder app) => app.MapMethods("/@{handle}", ["GET", "HEAD"], AnswerAsync);

    private static async Task AnswerAsync(HttpContext http)
    {
        var handle = ((string)http.Request.RouteValues["handle"]!).ToLowerInvariant();
        if (!Handle.IsValid(handle))
        {
            await Errors.WriteAsync(http, ApiError.ForStatus(StatusCodes.Status404NotFound));
            return;
        }

        // One address a page, for caches and for search engines. What came with it (campaign, click id) goes along.
        if (http.Request.Path.Value != "/@" + handle)
        {
            http.Response.StatusCode = StatusCodes.Status308PermanentRedirect;
            http.Response.Headers.Location = "/@" + handle + http.Request.QueryString.Value;
            return;
        }

        var services = http.RequestServices;
        if (await BioPage.OfHandleAsync(services.GetRequiredService<MainDatabase>(), handle, http.RequestAborted) is not { } page)
        {
            await Errors.WriteAsync(http, ApiError.ForStatus(StatusCodes.Status404NotFound));
            return;
        }

        var settings = services.GetRequiredService<Settings>();
        var token = TrackingToken.Create(
            Encoding.UTF8.GetBytes(settings.HmacSecret), page.Id, services.GetRequiredService<TimeProvider>().GetUtcNow());
        // The Host header is the visitor's word. A page that repeats it is kept by that visitor's browser only, so nobody can
        // put a foreign address into a cache that others read.
        var (origin, kept) = settings.PublicUrl is { } known
            ? (known, "public")
            : ($"{http.Request.Scheme}://{http.Request.Host.Value}", "private");
        http.Response.Headers.CacheControl = $"{kept}, max-age={(int)MaxAge.TotalSeconds}";
        await HtmlAnswer.WriteAsync(http, BioPageHtml.Render(page, $"{origin}/@{handle}", token, settings.CountsAnonymously), BioPageStyle.Of(page.Id).Policy);
    }
}
