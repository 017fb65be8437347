using System.Data.Common;
using Bioscope.Engine.Ingest;
using Bioscope.Engine.Json;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Storage;
using Bioscope.Server.Configuration;
using Bioscope.Server.Web;

namespace Bioscope.Server.Api.Ingest;

/// <summary>
/// <c>POST /api/v1/analytics/pageview</c>: a page was loaded or, with <c>linkClicked</c>, a link on it was clicked. Returns <c>{id}</c>
/// once the page view is on disk and its session counts it, or <c>{id: null}</c> if the session is unknown or closed. A
/// <c>linkClicked</c> that is not a link of the page is ignored, and the row is a page view.
/// </summary>
internal static class PageViewEndpoint
{
    public const int MaxPathLength = 2048;
    public const int MaxTitleLength = 255;

    public static void Map(IEndpointRouteBuilder analytics, Settings settings) => analytics
        .MapPost("pageview", PostAsync)
        .WithMetadata(Ingestion.Limit("pageview", settings.PageViewsPerMinute, TimeSpan.FromMinutes(1)));

    private static async Task PostAsync(HttpContext http)
    {
        var (viewed, refusal) = await JsonRequest.ReadAsync(http, Read, orPlainText: true);
        if (viewed is null)
        {
            await Errors.WriteAsync(http, refusal!);
            return;
        }

        await ApiResponse.OkAsync(http, new StoredId(await WriteAsync(http, viewed)), StoredIdJson.Default.SuccessStoredId);
    }

    /// <summary>Stores a page view or a click, after looking up the page of the link.</summary>
    /// <returns>The id of its row; null when nothing was stored.</returns>
    public static async Task<Guid?> WriteAsync(HttpContext http, PageViewed viewed)
    {
        var services = http.RequestServices;
        if (viewed.Link is { } link)
        {
            try
            {
                var page = await services.GetRequiredService<LinkPages>().PageOfAsync(link.Id, http.RequestAborted);
                viewed = viewed with { Link = link with { Page = page } };
            }
            catch (DbException e) when (services.GetRequiredService<MainDatabase>().Dialect.IsUnavailable(e))
            {
                services.GetRequiredService<IngestMetrics>().Drop(DropReason.Storage);
                return null;
            }
        }

        return await services.GetRequiredService<IngestWriter>().WriteAsync(viewed);
    }

    private static PageViewed Read(JsonBody body) => new(
        body.RequiredUuid("sessionId"),
        body.OptionalText("path", MaxPathLength),
        body.OptionalText("title", MaxTitleLength),
        body.OptionalUuid("linkClicked") is { } link ? new ClickedLink(link, Page: null, OrPlainView: true) : null);
}
