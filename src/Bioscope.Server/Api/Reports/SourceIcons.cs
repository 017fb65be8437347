using System.Collections.Frozen;
using Bioscope.Core;
using Bioscope.Server.Web;

namespace Bioscope.Server.Api.Reports;

/// <summary>
/// <c>GET /api/v1/creators/analytics/icons/{key}.svg</c>: the marks of known sources, for front-ends on any origin. Needs no bearer, as
/// <c>img</c> elements send none.
/// </summary>
internal static class SourceIcons
{
    private const string Folder = "/api/v1/creators/analytics/icons/";

    private static readonly FrozenDictionary<string, (string Colour, string Path)> Marks = EmbeddedText.Lines(
        typeof(SourceIcons).Assembly, "marks.txt")
        .Select(line => line.Split(' ', 3)).ToFrozenDictionary(field => field[0], field => (field[1], field[2]), StringComparer.Ordinal);

    // A key has no capitals and no spaces: it is part of an address.
    private static readonly FrozenDictionary<string, KnownSource> ByKey = SourceName.All.ToFrozenDictionary(
        source => KeyOf(source.Name), StringComparer.Ordinal);

    public static void Map(IEndpointRouteBuilder reports) => reports.MapRead("icons/{key}.svg", AnswerAsync);

    /// <summary>
    /// What names a source in addresses: of a known one its name in lower case with <c>-</c> for all but letters and digits, of any other
    /// the name itself; <c>direct</c> where nothing is known.
    /// </summary>
    public static string KeyOf(string source) => source == AttributionLadder.NoSource ? "direct" : SourceName.Named(source) is { Name: var name }
        ? string.Join('-', new string([.. name.Select(c => char.IsLetterOrDigit(c) ? char.ToLowerInvariant(c) : ' ')])
            .Split(' ', StringSplitOptions.RemoveEmptyEntries))
        : source;

    /// <summary>The mark as an app icon of 48 × 48: what is inside of an <c>svg</c> element; null where there is none.</summary>
    public static string? Tile(string mark) => Marks.TryGetValue(mark, out var picture)
        ? $"""<rect width="48" height="48" rx="12" fill="#{picture.Colour}"/><path fill="{(IsBright(picture.Colour) ? "#000" : "#fff")}" transform="translate(11 11)scale(1.0833)" d="{picture.Path}"/>"""
        : null;

    /// <summary>The address of a source's icon; null where it has none.</summary>
    /// <param name="source">Its name.</param>
    /// <param name="publicUrl">Where browsers reach this server; null when that is not known: then the address has no host.</param>
    public static string? AddressOf(string source, string? publicUrl) => SourceName.Named(source)?.Mark is { } mark && Marks.ContainsKey(mark)
        ? $"{publicUrl?.TrimEnd('/')}{Folder}{Uri.EscapeDataString(KeyOf(source))}.svg"
        : null;

    private static async Task AnswerAsync(HttpContext http)
    {
        if (http.Request.RouteValues["key"] is not string key
            || !ByKey.TryGetValue(key, out var source) || source.Mark is not { } mark || Tile(mark) is not { } tile)
        {
            await Errors.WriteAsync(http, ApiError.ForStatus(StatusCodes.Status404NotFound));
            return;
        }

        var headers = http.Response.Headers;
        headers.CacheControl = "public, max-age=31536000, immutable";
        headers.AccessControlAllowOrigin = "*";
        headers["Cross-Origin-Resource-Policy"] = "cross-origin";
        headers.ContentSecurityPolicy = "default-src 'none'";
        headers.XContentTypeOptions = "nosniff";
        http.Response.ContentType = "image/svg+xml";
        await http.Response.WriteAsync(
            $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48">{tile}</svg>""", http.RequestAborted);
    }

    // Approximately W3C's relative luminance: white is not legible on yellow.
    private static bool IsBright(string colour)
    {
        var rgb = Convert.ToInt32(colour, 16);
        return (
            (0.2126 * Math.Pow((rgb >> 16) / 255.0, 2.2)) + (0.7152 * Math.Pow(((rgb >> 8) & 255) / 255.0, 2.2)) +
                (0.0722 * Math.Pow((rgb & 255) / 255.0, 2.2))) > 0.45;
    }
}
