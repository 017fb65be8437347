namespace Bioscope.Server.Translations;

/// <summary>The languages that a browser prefers, from its <c>Accept-Language</c> header.</summary>
internal static class BrowserLanguage
{
    private const int MaxTags = 20;

    /// <summary>Tags of BCP 47, the preferred one first.</summary>
    public static IEnumerable<string> Tags(HttpRequest request) => request.GetTypedHeaders().AcceptLanguage
        .Where(tag => tag.Quality is not 0)
        .OrderByDescending(tag => tag.Quality ?? 1)
        .Take(MaxTags)
        .Select(tag => tag.Value.ToString());
}
