using System.Text;
using Bioscope.Core;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Storage;
using Bioscope.Server.Api.Bio;
using Bioscope.Server.Configuration;
using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.BioPages;

/// <summary>
/// <c>GET /@{handle}</c>: the page that a creator shares. <c>GET /@{handle}/{slug}</c> is the same page, counted as a visit by that
/// placement link; a slug that the page does not have leads to the page. Both are lower case; other spellings redirect to it, as does a
/// handle that the page had before.
/// </summary>
internal static class BioPageEndpoint
{
    /// <summary>
    /// How long caches may keep a page. A tracking token is valid in its own five minutes and the next, so one made in the last second of
    /// its bucket is still valid for <see cref="TrackingToken.Bucket"/>. A visitor who gets the oldest copy thus has at least four
    /// minutes to read the page and answer the banner.
    /// </summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(1);

    public static void Map(IEndpointRouteBuilder app)
    {
        // The tracking token is no secret: every visitor gets it. Nothing of the request is in the page but its language.
        var pages = app.MapGroup("").Compressed();
        pages.MapRead("/@{handle}", AnswerAsync);
        pages.MapRead("/@{handle}/{slug}", AnswerAsync);
    }

    private static async Task AnswerAsync(HttpContext http)
    {
        var handle = ((string)http.Request.RouteValues["handle"]!).ToLowerInvariant();
        if (!Handle.IsValid(handle))
        {
            await Errors.WriteAsync(http, ApiError.ForStatus(StatusCodes.Status404NotFound));
            return;
        }

        // One address per page and place, for caches and search engines. No page has a slug that is not valid.
        var pageAddress = "/@" + handle;
        var slug = ((string?)http.Request.RouteValues["slug"])?.ToLowerInvariant();
        var address = slug is null ? pageAddress : $"{pageAddress}/{slug}";
        if (http.Request.Path.Value != address && (slug is null || Slug.IsValid(slug)))
        {
            Redirect(http, StatusCodes.Status308PermanentRedirect, address);
            return;
        }

        var services = http.RequestServices;
        var main = services.GetRequiredService<MainDatabase>();
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        var page = await BioPage.OfHandleAsync(main, handle, http.RequestAborted);
        if (page is null && await OldHandles.LeadsToAsync(main, handle, now, http.RequestAborted) is { } present)
        {
            Redirect(http, StatusCodes.Status302Found, slug is not null && Slug.IsValid(slug) ? $"/@{present}/{slug}" : "/@" + present);
            return;
        }

        if (page is null or { Published: false }
            || await services.GetRequiredService<SuspendedCreators>().HasPageAsync(page.Id, http.RequestAborted))
        {
            await Errors.WriteAsync(http, ApiError.ForStatus(StatusCodes.Status404NotFound));
            return;
        }

        if (slug is not null && await BioPlacements.IdOfAsync(main, page.Id, slug, http.RequestAborted) is null)
        {
            Redirect(http, StatusCodes.Status302Found, pageAddress);
            return;
        }

        var settings = services.GetRequiredService<Settings>();
        var token = TrackingToken.Create(Encoding.UTF8.GetBytes(settings.HmacSecret), page.Id, now);
        // The client chooses the Host header. Only that client's browser may cache a page that repeats it, so that nobody can put a
        // foreign address into a shared cache.
        var (origin, kept) = settings.PublicUrl is { } known
            ? (known, "public")
            : (ServerUrl.OfRequest(http.Request), "private");
        http.Response.Headers.CacheControl = $"{kept}, max-age={MaxAgeOf(page, now)}";
        var style = BioPageStyle.Of(page);
        await HtmlAnswer.WriteAsync(
            http,
            BioPageHtml.Render(page, style, origin + pageAddress, token, settings.CountsAnonymously, slug, now, Words.Of(http)),
            style.Policy);
    }

    /// <summary>In seconds; less than <see cref="MaxAge"/> when the page begins or ends to show a link before.</summary>
    private static int MaxAgeOf(BioPage page, DateTimeOffset now)
    {
        var changes = page.Links.SelectMany(link => (DateTimeOffset?[])[link.StartsAt, link.EndsAt]).Where(change => change > now);
        return (int)Math.Min(MaxAge.TotalSeconds, ((changes.Min() ?? DateTimeOffset.MaxValue) - now).TotalSeconds);
    }

    /// <summary>Redirects and keeps the query (campaign, click id).</summary>
    private static void Redirect(HttpContext http, int status, string address)
    {
        http.Response.StatusCode = status;
        http.Response.Headers.Location = address + http.Request.QueryString.Value;
    }
}
