using Bioscope.Core;

namespace Bioscope.Server.Dashboard;

/// <summary>The browser's preferred language among those whose numbers and dates we can write.</summary>
internal static class BrowserLanguage
{
    private const int MaxTags = 20;

    public static Language Of(HttpRequest request) => Language.Of(request.GetTypedHeaders().AcceptLanguage
        .Where(tag => tag.Quality is not 0)
        .OrderByDescending(tag => tag.Quality ?? 1)
        .Take(MaxTags)
        .Select(tag => tag.Value.ToString()));
}
