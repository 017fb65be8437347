using System.Text;
using Bioscope.Core;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Storage;
using Bioscope.Server.Api.Bio;
using Bioscope.Server.Configuration;
using Bioscope.Server.Web;

namespace Bioscope.Server.BioPages;

/// <summary><c>GET /@{handle}</c>: the page that a creator shares. Handles are lower case; other spellings redirect to it.</summary>
internal static class BioPageEndpoint
{
    /// <summary>
    /// How long caches may keep a page. A tracking token is valid in its own five minutes and the next, so one made in the last second of
    /// its bucket is still valid for <see cref="TrackingToken.Bucket"/>. A visitor who gets the oldest copy thus has at least four
    /// minutes to read the page and answer the banner.
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

        // One address per page, for caches and search engines. The redirect keeps the query (campaign, click id).
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
        // The client chooses the Host header. Only that client's browser may cache a page that repeats it, so that nobody can put a
        // foreign address into a shared cache.
        var (origin, kept) = settings.PublicUrl is { } known
            ? (known, "public")
            : ($"{http.Request.Scheme}://{http.Request.Host.Value}", "private");
        http.Response.Headers.CacheControl = $"{kept}, max-age={(int)MaxAge.TotalSeconds}";
        await HtmlAnswer.WriteAsync(
            http, BioPageHtml.Render(page, $"{origin}/@{handle}", token, settings.CountsAnonymously), BioPageStyle.Of(page.Id).Policy);
    }
}
