using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Bioscope.Core;
using Bioscope.Engine.Rows;

namespace Bioscope.Engine.Import.From;

/// <summary>
/// Visits to Shlink's short links: the CSV of its command line or of its web client, or the JSON of its API
/// (https://shlink.io/documentation).
/// </summary>
internal static class ShlinkExport
{
    private static readonly string[] Orphans = ["invalid_short_url", "base_url", "regular_404"];

    public static bool Reads(ExportPart part) => IsJson(part)
        ? part.Head.Contains("\"userAgent\"", StringComparison.Ordinal) && part.Head.Contains("\"referer\"", StringComparison.Ordinal)
        : CsvTable.ColumnsOf(part.Head).IsSupersetOf(["date", "referer", "useragent"]);

    public static async IAsyncEnumerable<ImportItem> Read(
        ExportPart part, ImportTarget target, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var visits = target.Visits("shlink");
        var occurrences = new Dictionary<Guid, int>();
        await foreach (var (line, visit) in IsJson(part) ? OfJson(part, cancellationToken) : OfCsv(part).ToAsyncEnumerable())
        {
            target.RowRead();
            if (target.InstantOf(visit.Date) is not { } at)
            {
                yield return new ImportItem(line, null, "the visit has no date");
                continue;
            }

            foreach (var item in HitsOf(visit, at, target, occurrences).SelectMany(hit => visits.Add(line, hit)))
            {
                yield return item;
            }
        }
    }

    private static bool IsJson(ExportPart part) => part.Head.TrimStart() is ['[' or '{', ..];

    private static IEnumerable<(long Line, Visit Visit)> OfCsv(ExportPart part)
    {
        using var table = CsvTable.Open(part);
        while (table.Next() is { } row)
        {
            yield return (row.Line, new Visit(
                row["date"], row["useragent"], row["referer"], null, Known(row["country"]), Known(row["region"]), Known(row["city"]),
                Known(row["visitedurl"]), Known(row["redirecturl"]), row["type"])
            {
                IsBot = row["potentialbot"] is "true" or "1" or "Potential bot",
            });
        }
    }

    private static async IAsyncEnumerable<(long Line, Visit Visit)> OfJson(
        ExportPart part, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var root = ToolJson.Parse(await part.ReadAllAsync(cancellationToken));
        var list = root.ValueKind == JsonValueKind.Array ? root
            : root.Part("visits") is { ValueKind: JsonValueKind.Array } direct ? direct : root.Part("visits").Part("data");
        var number = 0L;
        foreach (var visit in list.Items())
        {
            var place = visit.Part("visitLocation");
            yield return (++number, new Visit(
                visit.Text("date"), visit.Text("userAgent"), visit.Text("referer"), place.Text("countryCode"), place.Text("countryName"),
                place.Text("regionName"), place.Text("cityName"), visit.Text("visitedUrl"),
                visit.Text("redirectUrl") ?? visit.Part("visitedShortUrl").Text("longUrl"), visit.Text("type"))
            {
                IsBot = visit.Part("potentialBot").ValueKind == JsonValueKind.True,
            });
        }
    }

    private static string? Known(string? text) => text is "Unknown" ? null : text;

    private static IEnumerable<Hit> HitsOf(Visit visit, DateTimeOffset at, ImportTarget target, Dictionary<Guid, int> occurrences)
    {
        if (visit.IsBot || UserAgent.IsBot(visit.Agent))
        {
            target.DropBot(at);
            yield break;
        }

        if (Orphans.Contains(visit.Type))
        {
            target.LeaveOut("visits that did not reach a link");
            yield break;
        }

        // Nothing tells visitors apart, so each visit is one of its own.
        var content = $"{visit.Date}\0{visit.Agent}\0{visit.Referer}\0{visit.VisitedUrl}\0{visit.City}";
        var count = occurrences[Uuid.Named(content)] = occurrences.GetValueOrDefault(Uuid.Named(content)) + 1;
        var key = string.Create(CultureInfo.InvariantCulture, $"{content}\0{count}");
        var page = new Hit(key, key, at, row => Facts(row, visit, target))
        {
            Path = SiteOrigin.PathOf(visit.VisitedUrl, int.MaxValue),
        };
        yield return page;
        if ((target.LinkOf(visit.RedirectUrl) ?? target.LinkOf(visit.VisitedUrl)) is { } link)
        {
            yield return page with { Link = link };
        }
    }

    private static SessionRow Facts(SessionRow row, Visit visit, ImportTarget target)
    {
        row = row with
        {
            Region = ImportTarget.Cut(visit.Region),
            City = ImportTarget.Cut(visit.City),
            Attribution = Attribution.Of(visit.VisitedUrl),
        };
        row = visit.Agent is { } agent ? ImportTarget.WithUserAgent(row, agent) : row;
        row = ImportTarget.WithCountry(row, visit.CountryCode, visit.Country);
        // The web client exports only the host, and "Direct" where there is none.
        return visit.Referer is null or "Direct" ? row : target.WithReferrer(
            row, visit.Referer.Contains("://", StringComparison.Ordinal) ? visit.Referer : "https://" + visit.Referer);
    }

    private sealed record Visit(
        string? Date, string? Agent, string? Referer, string? CountryCode, string? Country, string? Region, string? City, string? VisitedUrl,
        string? RedirectUrl, string? Type)
    {
        public bool IsBot { get; init; }
    }
}
