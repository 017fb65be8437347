using Bioscope.Server.Configuration;
using Bioscope.Server.Http;

namespace Bioscope.Server.Ingest;

/// <summary>
/// <c>POST /api/v1/analytics/pageview</c>: a page was loaded or, with <c>linkClicked</c>, a link on it was clicked. Answers <c>{id}</c>
/// once the page view is on disk and its session counts it, or <c>{id: null}</c> when the session is unknown or closed.
/// </summary>
internal static class PageViewEndpoint
{
    private const int MostPathLength = 2048;
    private const int MostTitleLength = 255;

    public static void Map(IEndpointRouteBuilder analytics, Settings settings) => analytics
        .MapPost("pageview", PostAsync)
        .WithMetadata(new ThrottlePolicy("pageview", settings.PageViewsPerMinute, TimeSpan.FromMinutes(1)));

    private static async Task PostAsync(HttpContext http)
    {
        var (viewed, refusal) = await JsonBody.ReadAsync(http, Read, orPlainText: true);
        if (viewed is null)
        {
            await Errors.WriteAsync(http, refusal!);
            return;
        }

        await Respond.OkAsync(http, new StoredId(await http.RequestServices.GetRequiredService<IngestWriter>().WriteAsync(viewed)));
    }

    private static PageViewed Read(JsonBody body) => new(
        body.RequiredUuid("sessionId"),
        body.OptionalText("path", MostPathLength),
        body.OptionalText("title", MostTitleLength),
        body.OptionalUuid("linkClicked"));
}
